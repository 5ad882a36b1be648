"""A bare repository with many stages, and what the App is told of it."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random

from github_app.github.facts import BranchFacts, RepositoryFacts
from plugin.artifact import Repository
from plugin.pipeline import Direct, InDirectory, Line, Project, Stage, Warehouse
from plugin.subscriptions import ImageSubscription

STAGES = 2000
IMAGE = Repository("ghcr.io", "acme/web-000")
_MANIFESTS = 10
_IMAGES = 20
# So many that one of them is in about 290 of 2,000 stages with 20 images each.
_ALL_IMAGES = 138
_MANIFEST = """apiVersion: apps/v1
kind: Deployment
metadata:
  name: app-{number}
  namespace: team-{stage}
spec:
  replicas: 2
  selector:
    matchLabels:
      app.kubernetes.io/name: app-{number}
  template:
    metadata:
      labels:
        app.kubernetes.io/name: app-{number}
    spec:
      initContainers:
        - name: migrate
          image: ghcr.io/acme/{first}:1.{stage}.{number}@sha256:{digest}
          args: ["migrate", "--database", "postgres://db-{stage}.example.com/{number}"]
      containers:
        - name: main
          image: ghcr.io/acme/{second}:1.{stage}.{number}@sha256:{digest}
          ports:
            - containerPort: 8080
          env:
            - name: LEVEL
              value: info # as in every stage
            - name: GREETING
              value: hello from {stage}
          resources:
            requests: {{cpu: 100m, memory: 128Mi}}
            limits: {{memory: 256Mi}}
          livenessProbe:
            httpGet: {{path: /healthz, port: 8080}}
"""
_KUSTOMIZATION = """apiVersion: kustomize.config.k8s.io/v1beta1
kind: Kustomization
namespace: team-{stage}
resources:
{resources}
"""


@dataclass(frozen=True, slots=True)
class Monorepo:
    """A bare repository of 2,000 stages with 20 images in 10 manifests each: 22,000 files."""

    directory: Path
    commit: str
    holders: tuple[str, ...]

    @classmethod
    def founded(cls, directory: Path) -> Monorepo:
        """The repository, made anew; `holders` are the stages in which `IMAGE` runs."""
        git("init", "--quiet", "--bare", str(directory))
        files, holders = dict[str, str](), list[str]()
        chance = Random(1)  # noqa: S311 a seed
        for number in range(STAGES):
            images = chance.sample(range(_ALL_IMAGES), _IMAGES)
            files |= _stage_files(number, images)
            if 0 in images:
                holders.append(place_of(number))
        return cls(directory, committed(directory, files, "Found"), tuple(holders))


def _stage_files(stage: int, images: Sequence[int]) -> Mapping[str, str]:
    """The manifests, two images in each, and the kustomization over them."""
    names = [f"manifest-{number}.yaml" for number in range(_MANIFESTS)]
    listed = "\n".join(f"  - {name}" for name in names)
    files = {"kustomization.yaml": _KUSTOMIZATION.format(stage=stage, resources=listed)}
    for number, name in enumerate(names):
        first, second = (f"web-{image:03d}" for image in images[2 * number : 2 * number + 2])
        digest = f"{stage * _MANIFESTS + number:064x}"
        files[name] = _MANIFEST.format(
            stage=stage, number=number, first=first, second=second, digest=digest
        )
    return {f"{place_of(stage)}/{name}": text for name, text in files.items()}


def place_of(stage: int) -> str:
    """The directory of the stage with this number."""
    return f"stages/s{stage}"


def project(places: Sequence[str]) -> Project:
    """A pipeline that brings `IMAGE` to each of the places."""
    warehouse = Warehouse("web", (ImageSubscription("web", IMAGE),))
    lines = (Line("web", Direct()),)
    stages = tuple(Stage(one.replace("/", "-"), InDirectory(one), lines) for one in places)
    return Project("fleet", "towline.yaml", (warehouse,), stages)


def facts(commit: str) -> RepositoryFacts:
    """GitHub's word on a repository without pull requests."""
    return RepositoryFacts(
        node="R_1",
        name="acme/fleet",
        url="https://github.com/acme/fleet",
        default_branch="main",
        default_oid=commit,
        default_check=None,
        ledger=(),
        heads={},
        branches={"main": BranchFacts(commit, (), ())},
        open=(),
        last={},
        merge_method="MERGE",
        labels={},
    )


def committed(directory: Path, files: Mapping[str, str], message: str, on: str = "") -> str:
    """The commit that writes the files, on top of commit `on`, by one `git fast-import`."""
    given = b"".join(_import(files, message, on))
    git("--git-dir", str(directory), "fast-import", "--quiet", "--force", given=given)
    return git("--git-dir", str(directory), "rev-parse", f"refs/heads/{message}").decode().strip()


def _import(files: Mapping[str, str], message: str, on: str) -> Iterator[bytes]:
    """One commit as https://git-scm.com/docs/git-fast-import reads it."""
    yield f"commit refs/heads/{message}\ncommitter A <a@example.com> 1700000000 +0000\n".encode()
    yield f"data {len(message)}\n{message}\n".encode()
    if on:
        yield f"from {on}\n".encode()
    for path, text in files.items():
        content = text.encode()
        yield f"M 100644 inline {path}\ndata {len(content)}\n".encode() + content + b"\n"


def git(*arguments: str, given: bytes = b"") -> bytes:
    """What git prints."""
    done = subprocess.run(["git", *arguments], input=given, check=True, capture_output=True)
    return done.stdout
