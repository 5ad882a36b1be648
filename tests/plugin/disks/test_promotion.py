"""Promoting freight into a stage with VM disks: blocked, consented to, and gone back."""

from __future__ import annotations

from dataclasses import replace

from plugin.artifact import Artifact
from plugin.disks.policy import Consent, Loss, Terms
from plugin.freight import Freight
from plugin.holding import Managed, Unmanaged, holding
from plugin.pins.pin import UpToDate
from plugin.pipeline import Warehouse
from plugin.promotion import Changes, Refused, promote
from plugin.record import Record
from plugin.subscriptions import ImageSubscription
from tests.plugin.disks.stages import FEDORA, GOLDEN, NEW, OLD, fedora, texts

STAGE = "stages/prod"
WAREHOUSE = Warehouse("vm", (ImageSubscription("fedora", FEDORA),))


def record(digest: str = NEW, tag: str = "43-1.6") -> Record:
    return Record(Freight("vm", (fedora(digest, tag),)), "acme/shop", "towline/shop/prod/vm")


def stage(case: str) -> dict[str, str]:
    files = texts(GOLDEN / case / "before")
    return {f"{STAGE}/{name}": text for name, text in files.items()}


def promoted(
    files: dict[str, str], wanted: Record, *consents: Consent
) -> Changes | UpToDate | Refused:
    terms = Terms(consents=frozenset(consents))
    return promote(STAGE, WAREHOUSE, files, wanted.freight, wanted, terms=terms)


def test_a_stateful_disk_blocks_the_promotion_and_says_what_would_be_lost() -> None:
    answer = promoted(stage("stateful-refused"), record())
    assert isinstance(answer, Refused)
    (reason,) = answer.reasons
    assert reason.startswith(f"{STAGE}/machine.yaml:16: vm db would start with a fresh disk of ")
    assert f"'towline.dev/allow-replace: root@{NEW}'" in reason


def test_consent_is_for_one_disk_at_one_version() -> None:
    files = stage("stateful-refused")
    others = [Consent("web", "root", NEW), Consent("db", "data", NEW), Consent("db", "root", OLD)]
    assert isinstance(promoted(files, record(), *others), Refused)
    answer = promoted(files, record(), Consent("db", "root", NEW))
    assert isinstance(answer, Changes)
    (disk,) = answer.disks
    assert (disk.vm, disk.disk, disk.loss, disk.new) == (
        "db",
        "root",
        Loss.CONSENTED,
        "db-root-4f3c0a9b1d2e",
    )


def test_a_stage_with_previous_disks_holds_what_its_machines_use() -> None:
    files = stage("blue-green")
    before: Artifact = fedora(OLD, "43-1.5")
    for wanted in (record(), record("sha256:" + "5" * 64, "43-1.7")):
        answer = promoted(files, wanted)
        assert isinstance(answer, Changes)
        files |= answer.files
        held = holding(STAGE, WAREHOUSE, files)
        assert isinstance(held, Managed)
        assert held.record == replace(wanted, previous_disks=(before,))
        (before,) = wanted.freight.artifacts
        assert promoted(files, wanted) == UpToDate()
    assert files[f"{STAGE}/disks.yaml"].count("vm/fedora@sha256") == 2


def test_going_back_is_moving_the_pointer_and_needs_no_consent() -> None:
    start = stage("blue-green")
    new = promoted(start, record())
    assert isinstance(new, Changes)
    machine = f"{STAGE}/machine.yaml"
    files = {**start, **new.files}
    files[machine] = files[machine].replace("disk-policy: replace", "disk-policy: stateful")
    back = promoted(files, record(OLD, "43-1.5"))
    assert isinstance(back, Changes)
    assert set(back.files) == {machine, f"{STAGE}/.freight/vm.yaml"}
    (disk,) = back.disks
    assert (disk.imported, disk.new) == (False, "web-root-0d1e2f3a4b5c")
    after = {**files, **back.files}
    assert isinstance(holding(STAGE, WAREHOUSE, after), Managed)
    again = promoted(after, record())
    assert isinstance(again, Changes)
    assert set(again.files) == set(back.files)


def test_a_pointer_moved_by_hand_is_an_unmanaged_change() -> None:
    files = stage("blue-green")
    answer = promoted(files, record())
    assert isinstance(answer, Changes)
    after = {**files, **answer.files, f"{STAGE}/machine.yaml": files[f"{STAGE}/machine.yaml"]}
    assert isinstance(holding(STAGE, WAREHOUSE, after), Unmanaged)
