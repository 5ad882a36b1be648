"""Stages with a machine on an imported disk, and what stories read of them."""

from __future__ import annotations

import subprocess
from collections.abc import Iterable, Iterator
from pathlib import Path

from github_app.sandbox.state import PullRequest
from plugin.artifact import Repository
from plugin.holding import Managed, holding
from plugin.pipeline import Warehouse
from plugin.subscriptions import ImageSubscription
from tests.contracts.kubevirt.schemas import known, mistakes, objects
from tests.story.world import REPOSITORY, Story, digest

FEDORA = "harbor.lan/vm/fedora"
# The names of disks end in the first twelve digits of their digests.
FIRST, SECOND, THIRD = (int(one.ljust(64, "7"), 16) for one in ("aa1", "bb2", "cc3"))
OLD, NEW, NEWEST = (f"web-root-{one.ljust(12, '7')}" for one in ("aa1", "bb2", "cc3"))
PIPELINE = """\
project: shop
warehouses:
  vm: [{image: harbor.lan/vm/fedora}]
stages:
  dev:  {warehouses: [vm], path: stages/dev, merge: auto, verify: none}
  prod: {after: [dev], path: stages/prod}
"""
DISKS = f"""\
# the disks of web, newest first
---
apiVersion: cdi.kubevirt.io/v1beta1
kind: DataVolume
metadata:
  name: {OLD}
  annotations: {{towline.dev/version: 1.0.0}}
spec:
  source:
    registry: {{url: "docker://{FEDORA}@{digest(FIRST)}"}}
  storage:
    resources: {{requests: {{storage: 20Gi}}}}
---
apiVersion: cdi.kubevirt.io/v1beta1
kind: DataVolume
metadata: {{name: web-data}}
spec:
  source: {{blank: {{}}}}
  storage: {{resources: {{requests: {{storage: 50Gi}}}}}}
"""
MACHINE = f"""\
apiVersion: kubevirt.io/v1
kind: VirtualMachine
metadata:
  name: web
  annotations: {{towline.dev/disk-policy: replace}}  # nothing on it matters
spec:
  runStrategy: Always
  template:
    spec:
      domain:
        devices:
          disks: [{{name: root, disk: {{bus: virtio}}}}, {{name: data, disk: {{bus: virtio}}}}]
        memory: {{guest: 1Gi}}
      volumes:
        - name: root
          dataVolume: {{name: {OLD}}}
        - name: data
          dataVolume: {{name: web-data}}
"""
STAGE = {
    "kustomization.yaml": "resources: [disks.yaml, machine.yaml]\nnamespace: web\n",
    "disks.yaml": DISKS,
    "machine.yaml": MACHINE,
}
STATEFUL = {**STAGE, "machine.yaml": MACHINE.replace("disk-policy: replace", "team: web")}


def files(
    pipeline: str = PIPELINE, stages: Iterable[str] = ("dev", "prod"), **other: dict[str, str]
) -> dict[str, str]:
    """A repository with such stages; `other` are those that are not the usual one."""
    return {"towline.yaml": pipeline} | {
        f"stages/{stage}/{name}": text
        for stage in stages
        for name, text in other.get(stage, STAGE).items()
    }


def imported(story: Story, stage: str, ref: str = "main") -> list[str]:
    """The DataVolumes that are imported from an image, as they stand in the file."""
    lines = story.text(f"stages/{stage}/disks.yaml", ref).splitlines()
    return [one.partition("name: ")[2] for one in lines if one.startswith("  name: ")]


def used(story: Story, stage: str, ref: str = "main") -> str:
    """The DataVolume that the machine's root is."""
    text = story.text(f"stages/{stage}/machine.yaml", ref)
    return text.partition("name: root\n")[2].partition("{name: ")[2].partition("}")[0]


def texts(story: Story) -> Iterator[tuple[str, str]]:
    """Every file of the default branch."""
    return ((path, story.text(path)) for path in story.stand_in.paths(REPOSITORY, "main"))


def body(pull: PullRequest) -> str:
    """What a pull request says."""
    return pull.body or ""


def red(story: Story, stage: str = "prod") -> str:
    """What the red check of a stage's promotion says."""
    check = story.check(story.open_pull(stage))
    assert check.conclusion == "action_required"
    return f"{check.title}\n{check.summary}"


def agrees(story: Story, stage: str, tag: str) -> bool:
    """Whether the record of the stage names `tag`, and its pins say the same."""
    subscription = ImageSubscription("fedora", Repository.parse(FEDORA))
    found = holding(f"stages/{stage}", Warehouse("vm", (subscription,)), dict(texts(story)))
    return isinstance(found, Managed) and found.record.freight.tags() == tag


def faults(story: Story, stage: str, directory: Path, kustomize: Path) -> list[str]:
    """What the cluster would not take of what kustomize renders of the stage."""
    for path, text in texts(story):
        (directory / path).parent.mkdir(parents=True, exist_ok=True)
        (directory / path).write_text(text)
    build = subprocess.run(
        [kustomize, "build", directory / "stages" / stage], capture_output=True, check=True
    )
    found = list(objects(build.stdout.decode()))
    assert len(found) > 1
    return [fault for one in found if known(one) for fault in mistakes(one)]


def landed(story: Story, tag: str, number: int) -> dict[str, str | None]:
    """Bring a version into prod; what a revert of the merge would write."""
    story.push(tag, number, FEDORA)
    pull = story.open_pull("prod")
    paths = [one.path for one in story.stand_in.files(REPOSITORY, pull.number)]
    there = dict(texts(story))
    before = {path: there.get(path) for path in paths}
    story.merge(pull)
    return before
