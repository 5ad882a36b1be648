"""The whole chain: what is pushed to a registry runs in a cluster, stage after stage."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from plugin.artifact import Image
from tests.argocd.api import Kind
from tests.argocd.chain import Chain, Object, chained
from tests.argocd.controllers import ArgoCd

ARGOCD = "https://argocd.example.com"
DEPLOYMENT = Kind("apps/v1", "Deployment")
DATA_VOLUME = Kind("cdi.kubevirt.io/v1beta1", "DataVolume")
MACHINE = Kind("kubevirt.io/v1", "VirtualMachine")
PIPELINE = """\
project: shop
warehouses:
  web: [{{image: {host}/acme/web, constraint: ^1.0}}]
  vm: [{{image: {host}/vm/fedora}}]
stages:
  dev:
    warehouses: [web]
    path: stages/dev
    merge: auto
    rollback: manual
    verify: [{{argocd: shop-dev}}]
  staging:  {{after: [dev], path: stages/staging, write: record}}
  prod:     {{after: [staging], path: stages/prod}}
"""

STAGES = """\
  machines:
    warehouses: [vm]
    path: stages/machines
    merge: auto
    verify: [{argocd: shop-machines}]
  spare: {after: [machines], path: stages/spare}
"""
DISKS = """\
apiVersion: cdi.kubevirt.io/v1beta1
kind: DataVolume
metadata:
  name: {name}
  annotations:
    argocd.argoproj.io/sync-wave: "1"
    argocd.argoproj.io/sync-options: PruneLast=true
spec:
  source: {{registry: {{url: "docker://{image}"}}}}
  storage: {{resources: {{requests: {{storage: 20Gi}}}}}}
---
apiVersion: cdi.kubevirt.io/v1beta1
kind: DataVolume
metadata:
  name: web-data
  annotations:
    argocd.argoproj.io/sync-wave: "1"
    argocd.argoproj.io/sync-options: Prune=false,Delete=false
spec:
  source: {{blank: {{}}}}
  storage: {{resources: {{requests: {{storage: 50Gi}}}}}}
"""
VM = """\
apiVersion: kubevirt.io/v1
kind: VirtualMachine
metadata:
  name: web
  annotations: {{argocd.argoproj.io/sync-wave: "2", towline.dev/disk-policy: replace}}
spec:
  runStrategy: Always
  template:
    spec:
      domain: {{devices: {{disks: [{{name: root}}, {{name: data}}]}}, memory: {{guest: 1Gi}}}}
      volumes:
        - {{name: root, dataVolume: {{name: {name}}}}}
        - {{name: data, dataVolume: {{name: web-data}}}}
"""
MACHINES = {
    "kustomization.yaml": "resources: [disks.yaml, machine.yaml]\n",
    "disks.yaml": DISKS,
    "machine.yaml": VM,
}


@pytest.fixture(scope="module")
def chain(
    tmp_path_factory: pytest.TempPathFactory,
    registry_binary: Path,
    kustomize: Path,
    argo: ArgoCd,
) -> Iterator[Chain]:
    place = tmp_path_factory.mktemp("chain")
    with chained(place, registry_binary, kustomize, argo, ARGOCD) as chain:
        chain.commit({"towline.yaml": PIPELINE.format(host=chain.servers.registry.host)})
        yield chain


def image(chain: Chain, stage: str) -> str:
    """What the cluster is told to run."""
    (container,) = chain.live(DEPLOYMENT, "web", stage)["spec"]["template"]["spec"]["containers"]
    text: str = container["image"]
    return text


def runs(chain: Chain, stage: str, pushed: Image) -> Object:
    """The metadata of the Deployment, once the cluster is told to run this."""
    chain.until(lambda: image(chain, stage) == str(pushed), f"{stage} to run {pushed}")
    metadata: Object = chain.live(DEPLOYMENT, "web", stage)["metadata"]
    return metadata


def pods(chain: Chain, stage: str, *, ready: bool) -> None:
    """Say what the controllers of a cluster with nodes would: all pods run, or never will."""
    web = chain.live(DEPLOYMENT, "web", stage)
    names = ("replicas", "updatedReplicas", "readyReplicas", "availableReplicas")
    status: Object = dict.fromkeys(names, web["spec"]["replicas"])
    late = {"type": "Progressing", "status": "False", "reason": "ProgressDeadlineExceeded"}
    status["observedGeneration"] = web["metadata"]["generation"]
    status["conditions"] = [] if ready else [late]
    namespace = web["metadata"]["namespace"]
    chain.argo.api.patch(DEPLOYMENT, "web", namespace, {"status": status}, "status")


def test_an_image_travels_from_the_registry_into_the_cluster(chain: Chain) -> None:
    for stage in ("dev", "staging"):
        chain.create(stage)
        assert image(chain, stage).endswith("/acme/web:0.9.0")
    pushed = chain.push("acme/web", "1.0.0")
    pull = chain.merged("dev", pushed)
    notes = runs(chain, "dev", pushed)["annotations"]
    assert notes["towline.dev/stage"] == "dev"
    assert notes["towline.dev/alias"] in pull.title + (pull.body or "")
    page = requests.get(notes["link.argocd.argoproj.io/towline"], timeout=30).text
    assert f"/pull/{pull.number}" in page

    chain.idle()
    commit = chain.tip()
    assert (chain.pulls("staging"), chain.said("dev", commit)) == ([], []), "dev is not healthy yet"
    pods(chain, "dev", ready=True)
    proposed = chain.promotion("staging", pushed)
    assert chain.said("dev", commit) == ["success"]
    status = chain.status("dev")
    assert (status.state, status.creator) == ("success", "argocd[bot]")
    assert status.target_url == f"{ARGOCD}/applications/argocd/shop-dev"

    chain.merge(proposed)
    notes = runs(chain, "staging", pushed)["annotations"]
    assert notes["towline.dev/stage"] == "staging"
    assert chain.promotion("prod", pushed).open


def test_what_never_gets_ready_stays_where_it_is(chain: Chain) -> None:
    pushed = chain.push("acme/web", "1.1.0")
    merged = chain.merged("dev", pushed).merge_sha or ""
    runs(chain, "dev", pushed)
    pods(chain, "dev", ready=False)
    chain.until(lambda: chain.said("dev", merged), "the failure to be said")
    chain.idle()
    assert chain.said("dev", merged) == ["failure"]
    assert not any(chain.carries(one, pushed) for one in chain.pulls("staging"))

    later = chain.commit({"README.md": "Nothing of this is applied.\n"})
    pods(chain, "dev", ready=True)
    assert chain.promotion("staging", pushed).open
    assert chain.said("dev", later)[-1] == "success"


def disk(pushed: Image) -> str:
    """How a DataVolume of this image is called."""
    return f"web-root-{pushed.digest.removeprefix('sha256:')[:12]}"


def disks(chain: Chain) -> set[str]:
    """The DataVolumes of the cluster."""
    found = chain.argo.api.all_of(DATA_VOLUME, "shop-machines")
    return {one["metadata"]["name"] for one in found}


def imported(chain: Chain, name: str) -> None:
    """Say what CDI would: the disk is filled."""
    chain.live(DATA_VOLUME, name, "machines")
    status: Object = {"status": {"phase": "Succeeded"}}
    chain.argo.api.patch(DATA_VOLUME, name, "shop-machines", status, "status")


def root(chain: Chain) -> str:
    """The disk that the machine is told to start from."""
    machine = chain.live(MACHINE, "web", "machines")
    volumes = machine["spec"]["template"]["spec"]["volumes"]
    (name,) = (one["dataVolume"]["name"] for one in volumes if one["name"] == "root")
    assert isinstance(name, str)
    return name


def moved(chain: Chain, pushed: Image) -> None:
    """The machine starts from this disk, which is imported while it still runs on the former."""
    before = root(chain)
    chain.merged("machines", pushed)
    chain.live(DATA_VOLUME, disk(pushed), "machines")
    assert root(chain) == before
    imported(chain, disk(pushed))
    chain.until(lambda: root(chain) == disk(pushed), "the machine to point at the new disk")


def test_a_disk_of_a_machine_moves_and_one_is_kept(chain: Chain) -> None:
    first = chain.push("vm/fedora", "1.0.0")
    files = {
        f"stages/{stage}/{name}": text.format(
            name=disk(first), image=f"{first.repository}@{first.digest}"
        )
        for stage in ("machines", "spare")
        for name, text in MACHINES.items()
    }
    pipeline = PIPELINE.format(host=chain.servers.registry.host)
    chain.commit({**files, "towline.yaml": pipeline + STAGES})
    chain.create("machines")
    imported(chain, disk(first))
    imported(chain, "web-data")
    running: Object = {"conditions": [{"type": "Ready", "status": "True"}]}
    chain.live(MACHINE, "web", "machines")
    chain.argo.api.patch(MACHINE, "web", "shop-machines", {"status": running}, "status")

    second = chain.push("vm/fedora", "1.1.0")
    moved(chain, second)
    assert disks(chain) == {disk(second), disk(first), "web-data"}
    assert chain.promotion("spare", second).open
    third = chain.push("vm/fedora", "1.2.0")
    moved(chain, third)
    chain.until(lambda: disk(first) not in disks(chain), "the oldest disk to be pruned")
    assert disks(chain) == {disk(third), disk(second), "web-data"}
