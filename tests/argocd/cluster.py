"""A real API server on etcd, with what must be in it for Argo CD."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from tests.argocd import resources
from tests.argocd.api import Api
from tests.argocd.processes import Process, Processes, Stopped, free_ports, listens
from tests.argocd.programs import PATH, argocd_files, program, require

Object = dict[str, Any]

TOKEN = "administrator"


class Cluster(Stopped):
    """etcd and kube-apiserver with Argo CD's objects in it; no controllers, nodes or pods.

    Nothing collects garbage or empties namespaces, and no Deployment ever becomes healthy.
    """

    def __init__(self, root: Path) -> None:
        require("etcd", "kube-apiserver")
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

    def stop(self) -> None:
        """Stop all."""
        self.processes.stop()

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
