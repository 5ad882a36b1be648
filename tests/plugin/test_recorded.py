"""The disks that a record says, on files that stand for any version."""

from __future__ import annotations

from dataclasses import replace

from plugin.artifact import Image
from plugin.disks.move import Replaced
from plugin.disks.policy import Loss, Restart
from plugin.freight import Freight
from plugin.pipeline import Warehouse
from plugin.promotion import Changes, promote
from plugin.record import Record, read_record, write_record
from plugin.recorded import as_recorded, restarts_of, with_previous_disks
from plugin.stage_files import sources_of
from plugin.stage_policy import Write
from plugin.subscriptions import ImageSubscription
from tests.plugin.disks.stages import FEDORA, GOLDEN, NEW, OLD, fedora, texts

THIRD = "sha256:" + "5" * 64


def record(digest: str = NEW, *previous: Image) -> Record:
    freight = Freight("vm", (fedora(digest),))
    return Record(freight, "acme/shop", "towline/shop/prod/vm", previous_disks=previous)


def blue_green() -> dict[str, str]:
    return texts(GOLDEN / "blue-green" / "before")


def names(files: dict[str, str]) -> list[str]:
    lines = files["disks.yaml"].splitlines()
    return [one.strip().removeprefix("name: ") for one in lines if "name: web-root-" in one]


def test_a_disk_takes_the_place_of_the_one_in_the_files() -> None:
    sources = sources_of("", blue_green())
    made = dict(as_recorded(sources, record()).texts)
    assert names(made) == ["web-root-4f3c0a9b1d2e"]
    assert "web-root-4f3c0a9b1d2e" in made["machine.yaml"]
    assert OLD not in made["disks.yaml"]


def test_previous_disks_stand_beside_it_the_newest_first() -> None:
    previous = (fedora(OLD), fedora(THIRD))
    made = as_recorded(sources_of("", blue_green()), record(NEW, *previous))
    assert names(dict(made.texts)) == [
        "web-root-4f3c0a9b1d2e",
        "web-root-0d1e2f3a4b5c",
        "web-root-555555555555",
    ]


def test_files_that_say_it_already_stay_as_they_are() -> None:
    sources = sources_of("", blue_green())
    assert as_recorded(sources, record(OLD)) is sources


def replaced(*, kept: bool = True) -> Replaced:
    restart = Restart.MANUAL
    old, new = "web-root-0d1e2f3a4b5c", "web-root-4f3c0a9b1d2e"
    wanted = fedora(NEW)
    return Replaced("web", "", "root", old, new, wanted, restart, Loss.NOTHING, True, kept)


def previous(keep: int, before: Record, *disks: Replaced, new: str = NEW) -> list[str | None]:
    held = before.freight.artifacts
    made = with_previous_disks(record(new), before, held, disks, keep)
    return [one.digest for one in made.previous_disks]


def test_what_a_disk_was_is_remembered_as_long_as_the_stage_keeps_it() -> None:
    before = record(OLD, fedora(THIRD))
    assert previous(1, before, replaced()) == [OLD]
    assert previous(2, before, replaced()) == [OLD, THIRD]


def test_the_version_that_comes_back_is_no_previous_one() -> None:
    before = record(OLD, fedora(NEW), fedora(THIRD))
    assert previous(5, before, replaced()) == [OLD, THIRD]


def test_without_a_disk_that_stays_nothing_is_added() -> None:
    before = record(OLD, fedora(THIRD))
    assert previous(5, before) == [THIRD]
    assert previous(5, before, replaced(kept=False)) == [THIRD]
    assert previous(5, replace(before, previous_disks=())) == []


def test_of_an_applied_record_the_old_disk_stays_though_nobody_sees_it() -> None:
    before, new = record(OLD, fedora(THIRD)), replace(record(), write=Write.RECORD)
    held = before.freight.artifacts
    made = with_previous_disks(new, before, held, (), 2)
    assert [one.digest for one in made.previous_disks] == [OLD, THIRD]
    other = replace(before, previous_disks=())
    assert with_previous_disks(new, other, held, (), 2).previous_disks == ()


def test_only_an_image_that_changes_restarts_a_machine() -> None:
    machine = (
        "apiVersion: kubevirt.io/v1\nkind: VirtualMachine\nmetadata: {name: web}\n"
        "spec: {template: {spec: {volumes: [{name: root, containerDisk: "
        f"{{image: '{FEDORA}:any'}}}}]}}}}}}\n"
    )
    sources = sources_of("", {"machine.yaml": machine})
    old, new = (Freight("vm", (fedora(one),)) for one in (OLD, NEW))
    assert [one.vm for one in restarts_of(sources, old, new)] == ["web"]
    assert [one.vm for one in restarts_of(sources, None, new)] == ["web"]
    assert restarts_of(sources, new, new) == ()


def turned(base: dict[str, str], said: str) -> Changes:
    """The first applied record of a stage whose disk stands in a base; `said` is the old one."""
    files = {f"base/{name}": text for name, text in base.items()} | {
        "prod/kustomization.yaml": "resources: [../base]\n",
        "prod/.freight/vm.yaml": write_record(record(said)),
        "other/disks.yaml": base["disks.yaml"].replace(OLD, THIRD),
    }
    watched = Warehouse("vm", (ImageSubscription("fedora", FEDORA),))
    new = replace(record(), write=Write.RECORD)
    made = promote("prod", watched, files, new.freight, new)
    assert isinstance(made, Changes)
    assert list(made.files) == ["prod/.freight/vm.yaml"]
    return made


def kept(made: Changes) -> list[str | None]:
    found = read_record("vm.yaml", made.files["prod/.freight/vm.yaml"])
    return [one.digest for one in found.previous_disks]


def test_the_disk_that_runs_stays_when_a_record_takes_over() -> None:
    for said in (OLD, THIRD):
        made = turned(blue_green(), said)
        assert kept(made) == [OLD]
        assert [(one.old, one.kept) for one in made.disks] == [("web-root-0d1e2f3a4b5c", True)]


def test_a_disk_of_no_known_version_is_said_to_go() -> None:
    files = blue_green()
    unnamed = files["disks.yaml"].replace("    towline.dev/version: 43-1.5\n", "")
    made = turned(files | {"disks.yaml": unnamed}, NEW)
    assert kept(made) == []
    assert [one.kept for one in made.disks] == [False]
    assert "does not stay in Git" in made.disks[0].remarks[0]
