"""The whole chain: a registry, GitHub, the App, Argo CD with the sidecar, and a cluster."""

from __future__ import annotations

import json
import random
import time
import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

import yaml

from github_app.sandbox.demo.gitops import PERSON, REPOSITORY
from github_app.sandbox.demo.servers import SLUG, Plot, Servers, running
from github_app.sandbox.images import Pusher, image
from github_app.sandbox.state import Protection, PullRequest, Status
from github_app.surroundings import Surroundings
from plugin.artifact import Image, Repository
from tests.argocd.api import APPLICATION, Kind
from tests.argocd.applications import Application, Plugin
from tests.argocd.controllers import ArgoCd
from tests.argocd.processes import until
from tests.argocd.resources import NAMESPACE
from tests.argocd.watching import Sidecar
from tests.plugin.shop import ROOT
from tests.story.registries import key_pair

Object = dict[str, Any]
T = TypeVar("T")

SECONDS = 120
SETTINGS = ROOT / "manifests" / "bootstrap" / "argocd" / "notifications" / "settings.yaml"
SUBSCRIBED = {"notifications.argoproj.io/subscribe.towline.github": ""}
PATH = {"PATH": "/usr/local/bin:/usr/bin:/bin", "DOCKER_CONFIG": "/nonexistent"}


@dataclass(frozen=True, slots=True)
class Chain:
    """Everything that runs. A test pushes images and plays people, KubeVirt and the scheduler."""

    servers: Servers
    argo: ArgoCd

    def repository(self, path: str) -> Repository:
        """An image repository at the registry."""
        return Repository(self.servers.registry.host, path)

    def push(self, path: str, version: str) -> Image:
        """A new image, pushed as a container build does."""
        place = self.repository(path)
        built = image({"version": version.encode()})
        Pusher(self.servers.registry.url).push_image(path, version, built)
        return Image(place, version, built.manifest.digest)

    def commit(self, files: Mapping[str, str | None]) -> str:
        """The id of a person's commit on the default branch."""
        return self.servers.stand_in.commit(REPOSITORY, "main", files, "Change it", PERSON)

    def tip(self) -> str:
        """Where the default branch is."""
        return self.servers.stand_in.branches(REPOSITORY)["main"]

    def create(self, stage: str) -> None:
        """The stage's Application, in a namespace of its own, subscribed to the notifications."""
        name = application(stage)
        one = Application(
            f"{self.servers.stand_in.url}/{REPOSITORY}.git",
            f"stages/{stage}",
            Plugin("towline-v1"),
            name=name,
            namespace=name,
        )
        self.argo.api.apply(one.resource(annotations=SUBSCRIBED))

    def live(self, kind: Kind, name: str, stage: str) -> Object:
        """The object as the cluster has it, as soon as it has it."""
        api = self.argo.api
        found = partial(api.get, kind, name, application(stage))
        return self.until(lambda: found() or {}, f"{kind.kind} {name} in {stage}")

    def until(self, found: Callable[[], T], what: str) -> T:
        """The first true value; when there never is one, what Argo CD says of its Applications."""
        try:
            return until(found, what, SECONDS)
        except AssertionError as error:
            every = self.argo.api.all_of(APPLICATION, NAMESPACE)
            said = {one["metadata"]["name"]: one.get("status") for one in every}
            log = self.argo.cluster.root / "argocd-notifications.log"
            tail = "\n".join(log.read_text(encoding="utf-8").splitlines()[-20:])
            raise AssertionError(f"{error}\n{yaml.safe_dump(said)}\n{tail}") from None

    def pulls(self, stage: str) -> list[PullRequest]:
        """The stage's promotion pull requests, newest first."""
        every = self.servers.stand_in.pull_requests(REPOSITORY)
        return [one for one in every if one.head_ref.startswith(f"towline/shop/{stage}/")]

    def promotion(self, stage: str, carried: Image) -> PullRequest:
        """The stage's pull request that carries this version, as soon as there is one."""

        def found() -> PullRequest | None:
            return next((one for one in self.pulls(stage) if self.carries(one, carried)), None)

        pull = self.until(found, f"{carried} to be proposed to {stage}")
        assert pull is not None
        return pull

    def merged(self, stage: str, carried: Image) -> PullRequest:
        """The same, once it is merged."""
        what = f"{carried} to be merged into {stage}"
        self.until(lambda: self.promotion(stage, carried).merged, what)
        return self.promotion(stage, carried)

    def merge(self, pull: PullRequest) -> None:
        """A person presses Merge."""
        self.servers.stand_in.merge(REPOSITORY, pull.number, PERSON)

    def said(self, stage: str, commit: str) -> list[str]:
        """What Argo CD said of the stage's Application at a commit, oldest first."""
        told = [
            json.loads(one.request_body)
            for one in self.servers.stand_in.deliveries(SLUG)
            if one.event == "status"
        ]
        context = f"continuous-delivery/{application(stage)}"
        return [one["state"] for one in told if (one["sha"], one["context"]) == (commit, context)]

    def status(self, stage: str) -> Status:
        """The last of it, at the tip."""
        every = self.servers.stand_in.statuses(REPOSITORY, self.tip())
        context = f"continuous-delivery/{application(stage)}"
        (found,) = (one for one in every if one.context == context)
        return found

    def idle(self) -> None:
        """Nothing, once all webhooks are sent and the App has nothing left to do."""
        self.until(self.servers.settled, "the App to be idle")

    def carries(self, pull: PullRequest, carried: Image) -> bool:
        """Whether a pull request brings this version."""
        stage, warehouse = pull.head_ref.split("/")[2:]
        path = f"stages/{stage}/.freight/{warehouse}.yaml"
        record = self.servers.stand_in.file(REPOSITORY, pull.head_sha, path) or b""
        freight = record.decode().partition("artifacts:")[2].partition("promotion:")[0]
        return carried.digest in freight.partition("previousDisks:")[0]


def application(stage: str) -> str:
    """The Application of a stage; its namespace is called like it."""
    return f"shop-{stage}"


@contextmanager
def chained(
    place: Path, registry: Path, kustomize: Path, argo: ArgoCd, url: str
) -> Iterator[Chain]:
    """The chain, with Argo CD told of pushes and telling GitHub what runs; `url` is its own."""
    with running(Plot(place, registry), _around()) as servers:
        # People of these stories push to main themselves, which the demo's protection is against.
        servers.stand_in.protect(REPOSITORY, "main", Protection())
        sidecar = Sidecar.installed(place / "image", kustomize)
        plugin = argo.repo_server.run_plugin(
            ROOT / "plugin",
            str(sidecar.script.parent),
            sidecar.environment(servers.stand_in.url),
        )
        secrets = _registered(servers, argo)
        argo.api.apply(_reading(servers, secrets))
        context = {"context": f"argocdUrl: {url}\n"}
        notifications = argo.run_notifications(settings() | context, secrets)
        try:
            yield Chain(servers, argo)
        finally:
            for one in argo.api.all_of(APPLICATION, NAMESPACE):
                if one["metadata"]["name"].startswith(application("")):
                    argo.api.delete(APPLICATION, one["metadata"]["name"], NAMESPACE)
            argo.processes.stop_one(notifications)
            argo.repo_server.stop_plugin(plugin)


def settings() -> dict[str, str]:
    """The settings that users are given."""
    read: Object = yaml.safe_load(SETTINGS.read_text(encoding="utf-8"))
    data: dict[str, str] = read["data"]
    return data


def _registered(servers: Servers, argo: ArgoCd) -> dict[str, str]:
    """The secrets of Argo CD's own GitHub App, which is told of pushes, too."""
    private, public = key_pair()
    app = servers.stand_in.register_app(
        "argocd",
        public_key=public,
        webhook_url=f"{argo.run_server('s3cret')}/api/webhook",
        webhook_secret="s3cret",
        permissions={"contents": "read", "metadata": "read", "statuses": "write"},
        events=("push",),
    )
    installation = servers.stand_in.install("argocd", "acme", ["shop"])
    return {
        "github-app-id": str(app.id),
        "github-installation-id": str(installation.id),
        "github-api-url": f"{servers.stand_in.url}/api/v3",
        "github-private-key": private,
    }


def _reading(servers: Servers, secrets: Mapping[str, str]) -> Object:
    """The repository as Argo CD reads it, by the same App.

    https://argo-cd.readthedocs.io/en/stable/user-guide/private-repositories/#github-app-credential
    """
    return {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {
            "name": "repository-shop",
            "namespace": NAMESPACE,
            "labels": {"argocd.argoproj.io/secret-type": "repository"},
        },
        "stringData": {
            "type": "git",
            "url": f"{servers.stand_in.url}/{REPOSITORY}.git",
            "githubAppID": secrets["github-app-id"],
            "githubAppInstallationID": secrets["github-installation-id"],
            "githubAppPrivateKey": secrets["github-private-key"],
            "githubAppEnterpriseBaseUrl": secrets["github-api-url"],
        },
    }


def _around() -> Surroundings:
    return Surroundings(
        PATH,
        lambda: datetime.now(UTC),
        time.sleep,
        lambda: uuid.UUID(int=random.getrandbits(128)).hex,
    )
