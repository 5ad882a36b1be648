"""A real API server on etcd, and Argo CD's application-controller that syncs into it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import yaml
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from tests.argocd import resources
from tests.argocd.api import APPLICATION, Api
from tests.argocd.applications import Application
from tests.argocd.processes import Process, Processes, free_ports, listens, until
from tests.argocd.programs import argocd_files, program, require
from tests.argocd.repo_server import PATH, RepoServer

Object = dict[str, Any]

TOKEN = "administrator"
REFRESH = "argocd.argoproj.io/refresh"


class Cluster:
    """etcd and kube-apiserver with Argo CD's objects in it; no controllers, nodes or pods.

    Nothing collects garbage or empties namespaces, and no Deployment ever becomes healthy.
    """

    def __init__(self, root: Path) -> None:
        require("argocd", "etcd", "kube-apiserver")
        files = argocd_files()
        self.root = root.resolve()
        self.processes = Processes(self.root)
        self.etcd_port, peer, self.port = free_ports(3)
        self.api = Api(f"https://127.0.0.1:{self.port}", TOKEN, self.root / "apiserver.crt")
        try:
            self.etcd = self._start_etcd(peer)
            self.apiserver = self._start_apiserver()
            self.api.apply(*resources.argocd(files), *resources.virtualization())
        except BaseException:
            self.stop()
            raise

    @classmethod
    def start(cls, root: Path) -> Self:
        """The cluster, ready and filled."""
        return cls(root)

    def run_controller(
        self, repo_server: RepoServer, environment: Mapping[str, str] | None = None
    ) -> Process:
        """The application-controller, which asks this repo-server."""
        (metrics,) = free_ports(1)
        return self.processes.start(
            "application-controller",
            [
                *(program("argocd"), "--namespace", resources.NAMESPACE),
                *("--kubeconfig", self.kubeconfig(), "--metrics-port", str(metrics)),
                *("--redis", f"127.0.0.1:{repo_server.redis_port}"),
                *("--repo-server", repo_server.address, "--repo-server-plaintext"),
                *("--loglevel", "debug"),
            ],
            self._environment("argocd-application-controller") | dict(environment or {}),
            lambda: listens(metrics),
        )

    def run_notifications(
        self, repo_server: RepoServer, settings: Mapping[str, str], secrets: Mapping[str, str]
    ) -> Process:
        """The notifications-controller with this `argocd-notifications-cm` and its Secret."""
        self.api.apply(
            _notifications("ConfigMap", "argocd-notifications-cm", data=dict(settings)),
            _notifications("Secret", "argocd-notifications-secret", stringData=dict(secrets)),
        )
        (metrics,) = free_ports(1)
        return self.processes.start(
            "notifications-controller",
            [
                *(program("argocd"), "--namespace", resources.NAMESPACE),
                *("--kubeconfig", self.kubeconfig(), "--metrics-port", str(metrics)),
                *("--argocd-repo-server", repo_server.address, "--argocd-repo-server-plaintext"),
                *("--loglevel", "debug"),
            ],
            self._environment("argocd-notifications"),
            lambda: listens(metrics),
        )

    def kubeconfig(self) -> Path:
        """A kubectl configuration of the administrator."""
        path = self.root / "kubeconfig"
        cluster = {"server": self.api.url, "certificate-authority": str(self.api.certificate)}
        context = {"cluster": "here", "user": "here", "namespace": resources.NAMESPACE}
        config = {
            "apiVersion": "v1",
            "kind": "Config",
            "current-context": "here",
            "clusters": [{"name": "here", "cluster": cluster}],
            "users": [{"name": "here", "user": {"token": TOKEN}}],
            "contexts": [{"name": "here", "context": context}],
        }
        path.write_text(yaml.safe_dump(config), encoding="utf-8")
        return path

    def create(self, application: Application, *, automated: bool = True) -> None:
        """The Application, and the Secret of its repository where that asks for credentials."""
        if application.credentials is not None:
            self.api.apply(application.repository_secret())
        self.api.apply(application.resource(automated=automated))

    def application(self, name: str) -> Object:
        """The Application as it is now."""
        found = self.api.get(APPLICATION, name, resources.NAMESPACE)
        assert found is not None, f"there is no Application {name}"
        return found

    def refresh(self, name: str, *, hard: bool = False) -> None:
        """Ask for a comparison now, as a push's webhook does, and wait until it has taken place."""
        annotations = {REFRESH: "hard" if hard else "normal"}
        change: Object = {"metadata": {"annotations": annotations}}
        self.api.patch(APPLICATION, name, resources.NAMESPACE, change)
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
        """Stop all."""
        self.processes.stop()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    def _annotations(self, name: str) -> Object:
        annotations: Object = self.application(name)["metadata"].get("annotations") or {}
        return annotations

    def _environment(self, name: str) -> dict[str, str]:
        # The destination https://kubernetes.default.svc is the cluster of KUBECONFIG.
        return {
            "ARGOCD_BINARY_NAME": name,
            "ARGOCD_FAKE_IN_CLUSTER": "true",
            "ARGOCD_RECONCILIATION_TIMEOUT": "10s",
            "ARGOCD_RECONCILIATION_JITTER": "0",
            "ARGOCD_TLS_DATA_PATH": str(self.root / "tls"),
            "ARGOCD_SSH_DATA_PATH": str(self.root / "ssh"),
            "HOME": str(self.root),
            "HOSTNAME": "controller-0",
            "KUBECONFIG": str(self.root / "kubeconfig"),
            "PATH": PATH,
        }

    def _start_etcd(self, peer: int) -> Process:
        client = f"http://127.0.0.1:{self.etcd_port}"
        mine = f"http://127.0.0.1:{peer}"
        return self.processes.start(
            "etcd",
            [
                *(program("etcd"), "--data-dir", self.root / "etcd", "--unsafe-no-fsync"),
                *("--listen-client-urls", client, "--advertise-client-urls", client),
                *("--listen-peer-urls", mine, "--initial-advertise-peer-urls", mine),
                *("--initial-cluster", f"default={mine}"),
            ],
            {"PATH": PATH},
            lambda: listens(self.etcd_port),
        )

    def _start_apiserver(self) -> Process:
        key, tokens = self.root / "service-accounts.key", self.root / "tokens.csv"
        key.write_bytes(_private_key())
        tokens.write_text(f'{TOKEN},admin,admin,"system:masters"\n', encoding="utf-8")
        return self.processes.start(
            "kube-apiserver",
            [
                *(
                    program("kube-apiserver"),
                    "--etcd-servers",
                    f"http://127.0.0.1:{self.etcd_port}",
                ),
                *("--bind-address", "127.0.0.1", "--advertise-address", "127.0.0.1"),
                *("--secure-port", str(self.port), "--cert-dir", self.root),
                *("--service-cluster-ip-range", "10.0.0.0/24"),
                *("--service-account-issuer", "https://kubernetes.default.svc"),
                *("--service-account-key-file", key, "--service-account-signing-key-file", key),
                *("--token-auth-file", tokens, "--authorization-mode", "RBAC"),
                *("--disable-admission-plugins", "ServiceAccount"),
                *("--endpoint-reconciler-type", "none"),
            ],
            {"PATH": PATH, "HOME": str(self.root)},
            lambda: self.api.certificate.exists() and self.api.ready(),
        )


def _private_key() -> bytes:
    return rsa.generate_private_key(public_exponent=65537, key_size=2048).private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.TraditionalOpenSSL,
        serialization.NoEncryption(),
    )


def _notifications(kind: str, name: str, **content: object) -> Object:
    metadata = {"name": name, "namespace": resources.NAMESPACE}
    return {"apiVersion": "v1", "kind": kind, "metadata": metadata} | content
