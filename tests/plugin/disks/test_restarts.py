"""Which machines need a restart to run another image."""

from __future__ import annotations

from plugin.artifact import Image, Repository
from plugin.bumping import bumps
from plugin.disks.policy import Restart
from plugin.disks.restarts import restarting
from plugin.pins.sources import Sources
from tests.plugin.disks.test_faults import DIGEST, vm

FEDORA = Repository.parse("harbor.lan/vm/fedora")
WANTED = Image(FEDORA, "2", DIGEST)
BOOT = "{name: root, containerDisk: {image: 'harbor.lan/vm/fedora:1'}}"


def told(files: dict[str, str]) -> list[tuple[str, str, Restart, bool]]:
    sources = Sources(files)
    found = restarting(sources, bumps(sources, [WANTED]).changes)
    assert all(one.artifact == WANTED for one in found)
    return [(one.vm, one.namespace, one.restart, one.pool) for one in found]


def test_each_machine_is_told_once_with_its_annotation_and_namespace() -> None:
    files = {
        "kustomization.yaml": "namespace: edge\nresources: [a.yaml, list.json]\n",
        "a.yaml": vm(
            "a", BOOT, BOOT.replace("root", "tools"), annotations="towline.dev/restart: auto"
        ),
        "list.json": (
            '{"apiVersion": "v1", "kind": "List", "items": ['
            '{"apiVersion": "kubevirt.io/v1", "kind": "VirtualMachine",'
            ' "metadata": {"name": "b", "namespace": "own"}, "spec": {"template": {"spec":'
            ' {"volumes": [{"name": "root", "containerDisk": {"image": "harbor.lan/vm/fedora:1"}}'
            "]}}}}]}\n"
        ),
    }
    assert told(files) == [("a", "edge", Restart.AUTO, False), ("b", "edge", Restart.MANUAL, False)]


def test_an_image_behind_an_anchor_is_that_of_every_machine_in_the_file() -> None:
    anchored = vm("a", BOOT.replace("'harbor", "&image 'harbor")).replace("---\n", "")
    alias = "{name: tools, containerDisk: {image: *image}}"
    text = anchored.replace("}}]\n", f"}}}}, {alias}]\n")
    assert told({"a.yaml": text}) == [("a", "", Restart.MANUAL, False)]


def test_a_word_that_means_nothing_is_the_usual_one() -> None:
    said = vm("a", BOOT, annotations="towline.dev/restart: sometimes")
    assert told({"a.yaml": said}) == [("a", "", Restart.MANUAL, False)]


def test_what_is_no_machine_and_what_is_imported_is_not_told() -> None:
    pod = (
        "apiVersion: v1\nkind: Pod\nmetadata: {name: p}\n"
        "spec: {containers: [{name: a, image: 'harbor.lan/vm/fedora:1'}]}\n---\n"
    )
    bare = vm("a", BOOT).replace("kind: VirtualMachine", "kind: VirtualMachineInstance")
    assert told({"a.yaml": pod + bare + vm("", BOOT)}) == []
    assert told({"a.yaml": vm("a", BOOT.replace("fedora", "debian"))}) == []
