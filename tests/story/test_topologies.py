"""Every shape of a pipeline, walked from push to prod where each branch is protected.

Each branch a stage lives on demands the checks `towline` and, where something is rendered,
`towline/diff`, and nobody may push past them. A person merges what is green and nothing else.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

from github_app.sandbox.stand_in import StandIn
from github_app.sandbox.state import Protection, PullRequest, RequiredCheck, Settings
from tests.story.world import KUSTOMIZATION, REPOSITORY, Story, told

WAREHOUSE = "project: shop\nwarehouses:\n  web: [{image: ghcr.io/acme/web}]\nstages:\n"
AUTO = "merge: auto, verify: none"
BASE = {"base/kustomization.yaml": "resources: [deployment.yaml]\n"}
DEPLOYMENT = """\
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec: {template: {spec: {containers: [{name: web, image: web}]}}}
"""


@dataclass(frozen=True, slots=True)
class Topology:
    """A pipeline, the branches it begins with, and where each stage must arrive, in which turns."""

    stages: str
    branches: Mapping[str, str]
    arrives: Mapping[str, tuple[str, str]]
    turns: tuple[frozenset[str], ...]
    directories: tuple[str, ...] = ()
    elsewhere: frozenset[str] = frozenset()


def _directories(*names: str) -> dict[str, tuple[str, str]]:
    return {name: ("main", f"stages/{name}/kustomization.yaml") for name in names}


def _turns(*turns: str) -> tuple[frozenset[str], ...]:
    return tuple(frozenset(one.split()) for one in turns)


DIRECTORIES = Topology(
    stages=f"""\
  dev:     {{warehouses: [web], path: stages/dev, {AUTO}}}
  staging: {{after: [dev], path: stages/staging}}
  prod:    {{after: [staging], path: stages/prod}}
""",
    branches={},
    arrives=_directories("dev", "staging", "prod"),
    turns=_turns("staging", "prod"),
    directories=("dev", "staging", "prod"),
)
BRANCHES = Topology(
    stages=f"""\
  dev:  {{warehouses: [web], branch: env/dev, {AUTO}}}
  prod: {{after: [dev], branch: env/prod}}
""",
    branches={"env/dev": "kustomization.yaml", "env/prod": "kustomization.yaml"},
    arrives={
        "dev": ("env/dev", "kustomization.yaml"),
        "prod": ("env/prod", "kustomization.yaml"),
    },
    turns=_turns("prod"),
)
MIXED = Topology(
    stages=f"""\
  dev:     {{warehouses: [web], path: stages/dev, {AUTO}}}
  staging: {{after: [dev], branch: env/staging, path: stages/staging}}
  prod:    {{after: [staging], branch: env/prod}}
""",
    branches={"env/prod": "kustomization.yaml"},
    arrives={
        "dev": ("main", "stages/dev/kustomization.yaml"),
        "staging": ("env/staging", "stages/staging/kustomization.yaml"),
        "prod": ("env/prod", "kustomization.yaml"),
    },
    turns=_turns("staging", "prod"),
    directories=("dev", "staging"),
)
RENDERED = Topology(
    stages=f"""\
  dev:  {{warehouses: [web], branch: env/dev, path: stages/dev, render: true, {AUTO}}}
  prod: {{after: [dev], branch: env/prod, path: stages/prod, render: true}}
""",
    branches={},
    arrives={
        "dev": ("env/dev", "stages/dev/deployment.apps_web.yaml"),
        "prod": ("env/prod", "stages/prod/deployment.apps_web.yaml"),
    },
    turns=_turns("prod"),
    directories=("dev", "prod"),
)
FAN_OUT = Topology(
    stages=f"""\
  dev:  {{warehouses: [web], path: stages/dev, {AUTO}}}
  eu:   {{after: [dev], path: stages/eu}}
  us:   {{after: [dev], path: stages/us}}
""",
    branches={},
    arrives=_directories("dev", "eu", "us"),
    turns=_turns("eu us"),
    directories=("dev", "eu", "us"),
)
FAN_IN = Topology(
    stages="""\
  eu:   {warehouses: [web], path: stages/eu}
  us:   {warehouses: [web], path: stages/us}
  both: {after: [eu, us], availability: all}
  prod: {after: [both], path: stages/prod}
""",
    branches={},
    arrives=_directories("eu", "us", "prod"),
    turns=_turns("eu us", "prod"),
    directories=("eu", "us", "prod"),
)
SKIP_STAGE = Topology(
    stages=f"""\
  dev:     {{warehouses: [web], path: stages/dev, {AUTO}}}
  staging: {{after: [dev], path: stages/staging}}
  prod:    {{after: [dev], path: stages/prod}}
""",
    branches={},
    arrives=_directories("dev", "prod"),
    turns=_turns("prod"),
    directories=("dev", "staging", "prod"),
)
OTHER_REPOSITORY = Topology(
    stages=f"""\
  dev:     {{warehouses: [web], path: stages/dev, {AUTO}}}
  staging: {{after: [dev], repo: acme/config, path: staging/web}}
  prod:    {{after: [staging], repo: acme/config, branch: env/prod}}
""",
    branches={"main": "staging/web/kustomization.yaml", "env/prod": "kustomization.yaml"},
    arrives={
        "dev": ("main", "stages/dev/kustomization.yaml"),
        "staging": ("main", "staging/web/kustomization.yaml"),
        "prod": ("env/prod", "kustomization.yaml"),
    },
    turns=_turns("staging", "prod"),
    directories=("dev",),
    elsewhere=frozenset({"staging", "prod"}),
)
CONFIG = "acme/config"
TOPOLOGIES = {
    "directories": DIRECTORIES,
    "branches": BRANCHES,
    "mixed": MIXED,
    "rendered branches": RENDERED,
    "fan-out": FAN_OUT,
    "fan-in": FAN_IN,
    "skip-stage": SKIP_STAGE,
    "other repository": OTHER_REPOSITORY,
}


def _files(topology: Topology) -> dict[str, str]:
    overlays = {f"stages/{one}/kustomization.yaml": KUSTOMIZATION for one in topology.directories}
    declared = {"towline.yaml": WAREHOUSE + topology.stages}
    return {**declared, **BASE, "base/deployment.yaml": DEPLOYMENT, **overlays}


def _protected(topology: Topology) -> Callable[[StandIn], None]:
    """Every branch is there, and takes nothing that is not green."""

    def prepare(stand_in: StandIn) -> None:
        home = CONFIG if topology.elsewhere else REPOSITORY
        if topology.elsewhere:
            stand_in.create_repository("acme", "config", {"README.md": "Begun\n"})
            stand_in.add_collaborator(CONFIG, "alice", "write")
        for repository in {REPOSITORY, home}:
            stand_in.configure(repository, Settings(auto_merge=True))
        for branch, path in topology.branches.items():
            pin = KUSTOMIZATION.replace("resources: [../../base]\n", "")
            stand_in.commit(home, branch, {path: pin}, "Begin", "alice")
        required = (RequiredCheck("towline"), RequiredCheck("towline/diff"))
        for stage, (branch, _) in topology.arrives.items():
            repository = _home(topology, stage)
            stand_in.protect(repository, branch, Protection(required_checks=required))

    return prepare


def _home(topology: Topology, stage: str) -> str:
    return CONFIG if stage in topology.elsewhere else REPOSITORY


def _stage(pull: PullRequest) -> str:
    return pull.head_ref.split("/")[2]


def _walk(story: Story, topology: Topology) -> None:
    """A person merges, turn by turn, exactly the promotions that are open and green."""
    for turn in topology.turns:
        assert turn <= set(_green(story, topology))
        for stage in sorted(turn):
            home, number = _home(topology, stage), _green(story, topology)[stage].number
            story.stand_in.merge(home, number, "alice")
            story.settle()


def _green(story: Story, topology: Topology) -> dict[str, PullRequest]:
    """The open promotions, each in its stage's own repository, that may be merged."""
    return {
        _stage(one): one
        for repository in {REPOSITORY, *(_home(topology, stage) for stage in topology.arrives)}
        for one in story.stand_in.pull_requests(repository)
        if one.state == "open" and _home(topology, _stage(one)) == repository
        if story.stand_in.mergeability(repository, one.number).state == "clean"
    }


@pytest.mark.parametrize("name", TOPOLOGIES)
def test_freight_walks_from_push_to_prod(tmp_path: Path, kustomize: Path, name: str) -> None:
    topology = TOPOLOGIES[name]
    protected = _protected(topology)
    with told(tmp_path, _files(topology), protected, kustomize=kustomize) as story:
        for tag, number in (("1.0.0", 1), ("1.1.0", 2)):
            story.push(tag, number)
            _walk(story, topology)
            for stage, (branch, path) in topology.arrives.items():
                text = story.stand_in.file(_home(topology, stage), branch, path)
                assert text is not None
                assert tag in text.decode()


def test_a_skipped_stage_may_follow_later(tmp_path: Path, kustomize: Path) -> None:
    protected = _protected(SKIP_STAGE)
    with told(tmp_path, _files(SKIP_STAGE), protected, kustomize=kustomize) as story:
        story.push("1.0.0", 1)
        _walk(story, SKIP_STAGE)
        assert story.holds("staging") == "0.9.0"
        story.merge(story.open_pull("staging"))
        assert story.holds("staging") == "1.0.0"
