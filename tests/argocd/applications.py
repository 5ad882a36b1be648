"""An Application as a test describes it, and what Argo CD's parts are told of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

Object = dict[str, Any]

IN_CLUSTER = "https://kubernetes.default.svc"
GENERATE_PATHS = "argocd.argoproj.io/manifest-generate-paths"
# Argo CD deletes in the foreground unless told otherwise, and that needs the garbage collector of
# kube-controller-manager, which the cluster of the tests has not.
SYNC_OPTIONS = ("CreateNamespace=true", "PrunePropagationPolicy=background")
# What the controller says of the cluster, cut short.
KUBE_VERSION = "1.34.2"
API_VERSIONS = ("v1", "v1/ConfigMap", "apps/v1", "apps/v1/Deployment")


@dataclass(frozen=True, slots=True)
class Plugin:
    """`spec.source.plugin`; a parameter is `{name, string | array | map}`."""

    name: str
    env: Mapping[str, str] = field(default_factory=dict)
    parameters: Sequence[Object] = ()

    def spec(self) -> Object:
        """As it stands in the Application; without parameters the key is absent."""
        env = [{"name": name, "value": value} for name, value in self.env.items()]
        spec: Object = {"name": self.name}
        return spec | ({"env": env} if env else {}) | self._parameters()

    def _parameters(self) -> Object:
        return {"parameters": list(self.parameters)} if self.parameters else {}


@dataclass(frozen=True, slots=True)
class Credentials:
    """Basic authentication at the repository."""

    username: str
    password: str


@dataclass(frozen=True, slots=True)
class Application:
    """One source, rendered by a plugin (or found out by Argo CD where there is none)."""

    repo_url: str
    path: str
    plugin: Plugin | None = None
    name: str = "shop"
    revision: str = "main"
    namespace: str = "default"
    project: str = "default"
    generate_paths: str = ""
    credentials: Credentials | None = None

    def source(self) -> Object:
        """`spec.source`."""
        spec: Object = {
            "repoURL": self.repo_url,
            "path": self.path,
            "targetRevision": self.revision,
        }
        return spec | ({"plugin": self.plugin.spec()} if self.plugin else {})

    def repository(self) -> Object:
        """What Argo CD knows of the repository."""
        known: Object = {"repo": self.repo_url, "type": "git"}
        if self.credentials is None:
            return known
        who = self.credentials
        return known | {"username": who.username, "password": who.password}

    def manifest_request(self, *, hard: bool = False, fresh: bool = True) -> Object:
        """The controller's question for manifests; `hard` is a hard refresh.

        `fresh` looks the branch up anew, as any refresh that is asked for does.

        Without a label's key the repo-server adds nothing of Argo CD's own to the manifests.
        https://github.com/argoproj/argo-cd/blob/v3.2.11/controller/state.go
        """
        return {
            "repo": self.repository(),
            "repos": [self.repository()],
            "revision": self.revision,
            "noCache": hard,
            "noRevisionCache": fresh,
            "appName": self.name,
            "namespace": self.namespace,
            "applicationSource": self.source(),
            "kubeVersion": KUBE_VERSION,
            "apiVersions": list(API_VERSIONS),
            "projectName": self.project,
            "projectSourceRepos": ["*"],
            "annotationManifestGeneratePaths": self.generate_paths,
        }

    def details_query(self, *, hard: bool = False) -> Object:
        """The web interface's question for the parameters."""
        return {
            "repo": self.repository(),
            "source": self.source(),
            "appName": self.name,
            "noCache": hard,
        }

    def resource(self, *, automated: bool = True, annotations: Mapping[str, str] = {}) -> Object:
        """The Application as an object of the cluster."""
        own = {GENERATE_PATHS: self.generate_paths} if self.generate_paths else {}
        policy: Object = {"syncOptions": list(SYNC_OPTIONS)}
        if automated:
            policy["automated"] = {"prune": True, "selfHeal": True}
        return {
            "apiVersion": "argoproj.io/v1alpha1",
            "kind": "Application",
            "metadata": {
                "name": self.name,
                "namespace": "argocd",
                "annotations": own | dict(annotations),
            },
            "spec": {
                "project": self.project,
                "source": self.source(),
                "destination": {"server": IN_CLUSTER, "namespace": self.namespace},
                "syncPolicy": policy,
            },
        }

    def repository_secret(self) -> Object:
        """The Secret through which Argo CD knows the repository."""
        return {
            "apiVersion": "v1",
            "kind": "Secret",
            "metadata": {
                "name": f"repository-{self.name}",
                "namespace": "argocd",
                "labels": {"argocd.argoproj.io/secret-type": "repository"},
            },
            "stringData": {
                "url" if key == "repo" else key: value for key, value in self.repository().items()
            },
        }
