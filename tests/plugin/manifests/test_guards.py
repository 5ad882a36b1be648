"""Disks that would be lost or ignored are refused with what to do; all others are let through."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from plugin.errors import Refusal
from plugin.manifests.guards import guarded
from plugin.stage_policy import Guard
from tests.plugin.manifests.test_applied import (
    PARTS,
    SUFFIXED,
    build,
    data_volume,
    digest,
    disk,
    machine,
    record,
    source,
    template,
)

NEW = f"root-{digest(2)[7:19]}"
RECORD = record(disk(2))
DATED = "root-202607121200"


def using(vm: str, name: str, templates: str = "") -> str:
    return machine(vm, f"{{name: root, dataVolume: {{name: {name}}}}}", templates=templates)


SOUND = {
    "disks.yaml": data_volume(NEW, digest(2)),
    "vm.yaml": using("db", NEW),
}


def nobody() -> frozenset[Guard]:
    raise AssertionError("asked without a fault")


def allowing(*guards: Guard) -> Callable[[], frozenset[Guard]]:
    return lambda: frozenset(guards)


@pytest.fixture
def rendered(tmp_path: Path, kustomize: Path) -> Callable[[dict[str, str]], bytes]:
    def made(files: dict[str, str]) -> bytes:
        text = f"resources: [{', '.join(files)}]\n"
        return build(files | {"kustomization.yaml": text}, tmp_path, kustomize)

    return made


Rendered = Callable[[dict[str, str]], bytes]


def pointing(name: str, kind: str = "dataVolume: {name: %s}") -> str:
    return machine("other", f"{{name: root, {kind % name}}}")


CLAIM = "persistentVolumeClaim: {claimName: %s}"
FAULTS: dict[str, tuple[Guard, dict[str, str], str]] = {
    "mismatched": (
        Guard.MISMATCHED,
        {"disks.yaml": data_volume(SUFFIXED, digest(2)), "vm.yaml": pointing(SUFFIXED)},
        f"DataVolume '{SUFFIXED}' would be filled from sha256:22f3.*; call it '{NEW}'",
    ),
    "mismatched-template": (
        Guard.MISMATCHED,
        {"vm.yaml": using("t", SUFFIXED, template(SUFFIXED, digest(2)))},
        f"template '{SUFFIXED}' of VirtualMachine 't' would be filled",
    ),
    "shared": (
        Guard.SHARED,
        SOUND | {"other.yaml": pointing(NEW)},
        f"DataVolume '{NEW}' is a disk of VirtualMachine 'db' and of VirtualMachine 'other': ",
    ),
    "shared-by-claim": (
        Guard.SHARED,
        SOUND | {"other.yaml": pointing(NEW, CLAIM)},
        "is a disk of VirtualMachine 'db' and of VirtualMachine 'other': ",
    ),
    "missing": (
        Guard.MISSING,
        SOUND | {"other.yaml": pointing(SUFFIXED)},
        f"of VirtualMachine 'other' names DataVolume '{SUFFIXED}', .*; name '{NEW}' there, or add",
    ),
    "missing-without-a-sister": (
        Guard.MISSING,
        {"other.yaml": pointing(NEW)},
        f"names DataVolume '{NEW}', which this stage does not render: .*; add the",
    ),
    "missing-not-moved": (
        Guard.MISSING,
        SOUND | {"other.yaml": pointing("root")},
        "volume 'root' of VirtualMachine 'other' names DataVolume 'root', which",
    ),
    "missing-of-a-source": (
        Guard.MISSING,
        SOUND | {"source.yaml": source(SUFFIXED)},
        f"DataSource 'golden' names PersistentVolumeClaim '{SUFFIXED}', which",
    ),
    "missing-by-claim": (
        Guard.MISSING,
        SOUND | {"other.yaml": pointing(SUFFIXED, CLAIM)},
        f"volume 'root' of VirtualMachine 'other' names PersistentVolumeClaim '{SUFFIXED}', which",
    ),
}


@pytest.mark.parametrize("case", FAULTS)
def test_a_fault_is_refused_unless_the_stage_allows_it(case: str, rendered: Rendered) -> None:
    guard, files, said = FAULTS[case]
    manifests = rendered(files)
    with pytest.raises(Refusal, match=f"^stages/vm: .*{said}") as caught:
        guarded(manifests, (RECORD,), "stages/vm", allowing())
    assert f"write 'disks: {{allow: [{guard.value}]}}' at the stage in towline.yaml" in str(
        caught.value
    )
    guarded(manifests, (RECORD,), "stages/vm", allowing(guard))
    with pytest.raises(Refusal):
        guarded(manifests, (RECORD,), "stages/vm", allowing(*(set(Guard) - {guard})))


def test_a_previous_disk_that_is_gone_is_refused(rendered: Rendered) -> None:
    manifests = rendered(SOUND)
    kept = record(disk(2), previous=(disk(1),))
    with pytest.raises(Refusal) as caught:
        guarded(manifests, (kept,), "stages/vm", allowing())
    said = str(caught.value)
    assert said.startswith(f"stages/vm: no DataVolume of {disk(1).repository}:43-1.1 is rendered")
    assert "though stages/vm/.freight/web.yaml keeps that disk" in said
    guarded(manifests, (kept,), "stages/vm", allowing(Guard.PRUNED))
    guarded(rendered(SOUND | {"old.yaml": PARTS["disks.yaml"]}), (kept,), "stages/vm", nobody)


@pytest.mark.parametrize(
    "files",
    [
        SOUND,
        SOUND | {"blank.yaml": PARTS["aaa-disk.yaml"]},
        {"vm.yaml": pointing("from-elsewhere")},
        {"vm.yaml": pointing("made-by-hand-202607121200")},
        {"vm.yaml": pointing("pvc-0a1b2c3d4e5f", CLAIM)},
        {"vm.yaml": pointing("golden-0a1b2c3d4e5f")},
        SOUND | {"other.yaml": pointing("golden-0a1b2c3d4e5f")},
        SOUND | {"other.yaml": pointing("root", CLAIM)},
        SOUND | {"other.yaml": pointing("root-202607121200")},
        {"disks.yaml": data_volume(DATED, digest(2)), "vm.yaml": pointing(DATED)},
        {"disks.yaml": data_volume(SUFFIXED, digest(2)).replace("vm/fedora", "vm/other")},
        SOUND | {"source.yaml": source(NEW)},
        SOUND | {"other.yaml": using("db", NEW).replace("name: db", "name: db, namespace: other")},
        {"disks.yaml": data_volume(NEW, digest(2))},
    ],
)
def test_what_is_sound_or_of_somebody_else_asks_nobody(
    files: dict[str, str], rendered: Rendered
) -> None:
    guarded(rendered(files), (RECORD,), "stages/vm", nobody)


def test_a_stage_without_machines_is_not_read() -> None:
    guarded(b"kind: [broken\n" * 100, (RECORD,), "stages/vm", nobody)


def test_every_fault_is_told_at_once(rendered: Rendered) -> None:
    files = FAULTS["mismatched"][1] | {"more.yaml": using("third", SUFFIXED)}
    with pytest.raises(Refusal) as caught:
        guarded(rendered(files), (RECORD,), "stages/vm", allowing())
    *told, way_out = str(caught.value).split("\n")
    assert len(told) == 2
    assert all(one.startswith("stages/vm: ") for one in told)
    assert "'disks: {allow: [mismatched, shared]}'" in way_out


def test_the_way_out_is_one_that_there_is(rendered: Rendered) -> None:
    files = FAULTS["mismatched"][1] | {"more.yaml": using("third", SUFFIXED)}
    with pytest.raises(Refusal) as caught:
        guarded(rendered(files), (RECORD,), "", allowing(Guard.SHARED))
    fault, way_out = str(caught.value).split("\n")
    assert fault.startswith(".: DataVolume ")
    assert "'disks: {allow: [mismatched, shared]}'" in way_out
    assert "has to be among the files that Argo CD sends" in way_out
    assert "a stage on a branch can leave no guard out" in way_out


def test_of_many_faults_some_are_told(rendered: Rendered) -> None:
    files = {f"{one}.yaml": using(f"vm-{one}", f"root-{one:08d}abcd") for one in range(25)}
    with pytest.raises(Refusal) as caught:
        guarded(rendered(SOUND | files), (RECORD,), "stages/vm", allowing())
    *told, more, _ = str(caught.value).split("\n")
    assert (len(told), more) == (20, "... and 5 more like these")


BROKEN = (
    b"apiVersion: kubevirt.io/v1\nkind: VirtualMachine\nmetadata:\n  name: db\n"
    b"spec:\n  dataVolume: [\n"
)


def test_one_document_that_cannot_be_judged_is_named(rendered: Rendered) -> None:
    manifests = rendered(SOUND) + b"---\n" + BROKEN
    said = "^stages/vm: the disks of VirtualMachine 'db' cannot be judged, because it is not YAML: "
    with pytest.raises(Refusal, match=said) as caught:
        guarded(manifests, (RECORD,), "stages/vm", allowing(Guard.SHARED))
    assert "allow: [mismatched, missing, pruned, shared]" in str(caught.value)
    guarded(manifests, (RECORD,), "stages/vm", allowing(*Guard))
