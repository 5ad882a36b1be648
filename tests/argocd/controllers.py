"""Argo CD's controllers on a cluster: Applications are synced, shown, and told of."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import yaml

from tests.argocd.api import APPLICATION, SECRET
from tests.argocd.applications import Application
from tests.argocd.cluster import Cluster
from tests.argocd.processes import Process, Processes, Stopped, free_ports, listens, until
from tests.argocd.programs import PATH, program, require
from tests.argocd.repo_server import RepoServer
from tests.argocd.resources import NAMESPACE

Object = dict[str, Any]

REFRESH = "argocd.argoproj.io/refresh"


class ArgoCd(Stopped):
    """The application-controller, and beside it what a test asks for.

    It shares the directory of the cluster; its destination https://kubernetes.default.svc is it.
    It looks again only when it is told to, so that no test passes because time does.
    """

    def __init__(
        self,
        cluster: Cluster,
        repo_server: RepoServer,
        environment: Mapping[str, str] | None = None,
    ) -> None:
        require("argocd")
        self.cluster, self.repo_server = cluster, repo_server
        self.api = cluster.api
        self.processes = Processes(cluster.root)
        try:
            self.controller = self._start(
                "application-controller",
                [*("--redis", self._redis), *self._asking("--repo-server")],
                environment,
            )
        except BaseException:
            self.stop()
            raise

    def run_notifications(self, settings: Mapping[str, str], secrets: Mapping[str, str]) -> Process:
        """The notifications-controller with this `argocd-notifications-cm` and its Secret."""
        self.api.apply(
            _notifications("ConfigMap", "argocd-notifications-cm", data=dict(settings)),
            _notifications("Secret", "argocd-notifications-secret", stringData=dict(secrets)),
        )
        return self._start("notifications", self._asking("--argocd-repo-server"))

    def run_server(self, webhook_secret: str) -> str:
        """The address of argocd-server, open to everybody; GitHub's pushes go to /api/webhook."""
        secret: Object = {"stringData": {"webhook.github.secret": webhook_secret}}
        self.api.patch(SECRET, "argocd-secret", NAMESPACE, secret)
        (port,) = free_ports(1)
        address = ("--address", "127.0.0.1", "--port", str(port))
        redis = ("--redis", self._redis, "--metrics-address", "127.0.0.1")
        options = ("--insecure", "--disable-auth", *self._asking("--repo-server"))
        self._start("server", [*address, *redis, *options])
        until(lambda: listens(port), "argocd-server to listen")
        return f"http://127.0.0.1:{port}"

    def create(self, application: Application, *, automated: bool = True) -> None:
        """The Application, and the Secret of its repository where that asks for credentials."""
        if application.credentials is not None:
            self.api.apply(application.repository_secret())
        self.api.apply(application.resource(automated=automated))

    def application(self, name: str) -> Object:
        """The Application as it is now."""
        found = self.api.get(APPLICATION, name, NAMESPACE)
        assert found is not None, f"there is no Application {name}"
        return found

    def refresh(self, name: str, *, hard: bool = False) -> None:
        """Ask for a comparison now, as a push's webhook does, and wait until it has taken place."""
        annotations = {REFRESH: "hard" if hard else "normal"}
        change: Object = {"metadata": {"annotations": annotations}}
        self.api.patch(APPLICATION, name, NAMESPACE, change)
        until(lambda: REFRESH not in self._annotations(name), f"{name} to be refreshed", 120)

    def synced(self, name: str, revision: str, seconds: float = 120) -> Object:
        """The Application once this commit is synced and its operation is over."""

        def found() -> bool:
            status = self.application(name).get("status", {})
            sync, operation = status.get("sync", {}), status.get("operationState", {})
            here = (sync.get("status"), sync.get("revision")) == ("Synced", revision)
            return here and operation.get("phase") == "Succeeded"

        try:
            until(found, f"{name} to be synced to {revision}", seconds)
        except AssertionError as error:
            raise AssertionError(f"{error}\n{yaml.safe_dump(self.application(name))}") from None
        return self.application(name)

    def conditions(self, name: str) -> list[str]:
        """What Argo CD complains of on the Application's page."""
        status = self.application(name).get("status", {})
        return [one["message"] for one in status.get("conditions", ())]

    def health(self, name: str) -> str:
        """Healthy, Progressing, Degraded, Suspended, Missing or Unknown."""
        status = self.application(name).get("status", {})
        text: str = status.get("health", {}).get("status", "Unknown")
        return text

    def stop(self) -> None:
        """Stop all but the cluster and the repo-server."""
        self.processes.stop()

    def _annotations(self, name: str) -> Object:
        annotations: Object = self.application(name)["metadata"].get("annotations") or {}
        return annotations

    @property
    def _redis(self) -> str:
        return f"127.0.0.1:{self.repo_server.redis_port}"

    def _asking(self, option: str) -> list[str]:
        return [option, self.repo_server.address, f"{option}-plaintext"]

    def _start(
        self, name: str, options: Sequence[str], environment: Mapping[str, str] | None = None
    ) -> Process:
        (metrics,) = free_ports(1)
        common = ("--namespace", NAMESPACE, "--kubeconfig", self.cluster.kubeconfig())
        return self.processes.start(
            f"argocd-{name}",
            [
                *(program("argocd"), *common, "--metrics-port", str(metrics)),
                *("--loglevel", "debug", *options),
            ],
            self._environment(f"argocd-{name}") | dict(environment or {}),
            lambda: listens(metrics),
        )

    def _environment(self, name: str) -> dict[str, str]:
        root = self.cluster.root
        return {
            "ARGOCD_BINARY_NAME": name,
            "ARGOCD_FAKE_IN_CLUSTER": "true",
            "ARGOCD_RECONCILIATION_TIMEOUT": "600s",
            "ARGOCD_RECONCILIATION_JITTER": "0",
            "ARGOCD_TLS_DATA_PATH": str(root / "tls"),
            "ARGOCD_SSH_DATA_PATH": str(root / "ssh"),
            "HOME": str(root),
            "HOSTNAME": "controller-0",
            "KUBECONFIG": str(self.cluster.kubeconfig()),
            "PATH": PATH,
        }


def _notifications(kind: str, name: str, **content: object) -> Object:
    metadata = {"name": name, "namespace": NAMESPACE}
    return {"apiVersion": "v1", "kind": kind, "metadata": metadata} | content
