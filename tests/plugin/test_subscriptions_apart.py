"""Several subscriptions to one repository: only places that name one of them are its."""

from __future__ import annotations

from dataclasses import replace

import pytest

from plugin.artifact import Image
from plugin.freight import Freight
from plugin.held import Held
from plugin.holding import Adopted, Empty, Holding, Managed, Unmanaged, Unreadable, holding
from plugin.pipeline import ExplicitPin, Warehouse
from plugin.promotion import Changes, Refused, promote
from plugin.record import Record, write_record
from plugin.subscriptions import ImageSubscription
from tests.plugin.kinds import ONE, RECORD, STAGE, TWO, WEB, pin
from tests.plugin.pins.texts import manifest

STABLE, EDGE = (replace(WEB, subscription=name) for name in ("stable", "edge"))
WAREHOUSE = Warehouse(
    "main", (ImageSubscription("stable", STABLE), ImageSubscription("edge", EDGE))
)
FREIGHT = Freight("main", (Image(STABLE, "1.4.0", ONE), Image(EDGE, "2.0.0-rc.1", TWO)))
NEW = Record(FREIGHT, "acme/shop", "towline/shop/prod/main")
MARKED = f"{STAGE}/values.yaml"
UNMARKED = f"{STAGE}/other.yaml"
KUSTOMIZATION = f"{STAGE}/kustomization.yaml"
TEXT = (
    "stable: ghcr.io/acme/web:1.0.0 # towline: stable:image\n"
    "edge: ghcr.io/acme/web:1.9.0 # towline: main/edge:image\n"
)
FILES = {MARKED: TEXT, UNMARKED: manifest("image: ghcr.io/acme/web:0.1.0")}


def promoted(files: dict[str, str], *pins: ExplicitPin) -> dict[str, str]:
    made = promote(STAGE, WAREHOUSE, files, FREIGHT, NEW, pins)
    assert isinstance(made, Changes), made
    return {**files, **made.files}


def held(files: dict[str, str], *pins: ExplicitPin) -> Holding:
    return holding(STAGE, WAREHOUSE, files, pins)


def test_each_marker_moves_to_the_version_of_its_subscription() -> None:
    found = (Held(EDGE, "1.9.0", None), Held(STABLE, "1.0.0", None))
    assert held(FILES) == Adopted(found, None)
    after = promoted(FILES)
    assert after[MARKED] == (
        f"stable: ghcr.io/acme/web:1.4.0@{ONE} # towline: stable:image\n"
        f"edge: ghcr.io/acme/web:2.0.0-rc.1@{TWO} # towline: main/edge:image\n"
    )
    assert after[UNMARKED] == FILES[UNMARKED]
    assert held(after) == Managed(NEW)


def test_two_versions_of_one_repository_are_no_quarrel() -> None:
    after = promoted(FILES)
    after[MARKED] = after[MARKED].replace("1.4.0", "1.3.0")
    answer = held(after)
    assert isinstance(answer, Unmanaged)
    (detail,) = answer.details
    assert detail.startswith(f"{MARKED}:1: ghcr.io/acme/web is 1.3.0@")


def test_pins_that_name_nobody_do_not_count() -> None:
    files = {UNMARKED: FILES[UNMARKED], KUSTOMIZATION: "images:\n- {name: ghcr.io/acme/web}\n"}
    assert held(files) == Empty()
    answer = promote(STAGE, WAREHOUSE, files, FREIGHT, NEW)
    assert isinstance(answer, Refused)
    assert [one.rpartition("; ")[2] for one in answer.reasons] == [
        f"mark its version with a comment, '# towline: {name}:tag', or declare it in 'pins'"
        for name in ("edge", "stable")
    ]


@pytest.mark.parametrize("text", ["ghcr.io/acme/web:${TAG}", "{{ r }}/acme/web:1"])
def test_a_look_alike_that_names_nobody_stands_in_nobodys_way(text: str) -> None:
    files = FILES | {UNMARKED: manifest(f'image: "{text}"')}
    after = promoted(files)
    assert after[UNMARKED] == files[UNMARKED]
    assert held(after) == Managed(NEW)


@pytest.mark.parametrize("said", ["stable:imag", "stable:digest"])
def test_a_marker_that_cannot_be_followed_does(said: str) -> None:
    files = FILES | {UNMARKED: manifest(f"image: ghcr.io/acme/web:0.1.0 # towline: {said}")}
    assert isinstance(held(files), Unreadable)
    assert isinstance(promote(STAGE, WAREHOUSE, files, FREIGHT, NEW), Refused)


def test_entries_of_one_repository_are_told_apart_by_pins() -> None:
    text = (
        "images:\n"
        "- name: web-stable\n  newName: ghcr.io/acme/web\n  newTag: 1.0.0\n"
        "- name: ghcr.io/acme/web\n  newTag: 0.1.0\n"
    )
    pins = tuple(
        pin(f"images[name=web-{name}]", name, file="kustomization.yaml")
        for name in ("stable", "edge")
    )
    after = promoted({KUSTOMIZATION: text}, *pins)
    assert after[KUSTOMIZATION] == (
        "images:\n"
        f"- name: web-stable\n  newName: ghcr.io/acme/web\n  newTag: 1.4.0\n  digest: {ONE}\n"
        "- name: ghcr.io/acme/web\n  newTag: 0.1.0\n"
        f"- name: web-edge\n  newName: ghcr.io/acme/web\n  newTag: 2.0.0-rc.1\n  digest: {TWO}\n"
    )
    assert held(after, *pins) == Managed(NEW)
    back = after[KUSTOMIZATION].replace("2.0.0-rc.1", "1.9.9")
    answer = held(after | {KUSTOMIZATION: back}, *pins)
    assert isinstance(answer, Unmanaged)
    assert [one.partition(" but ")[0] for one in answer.details] == [
        f"{KUSTOMIZATION}:10: ghcr.io/acme/web is 1.9.9@{TWO},"
    ]


@pytest.mark.parametrize("entry", ["", "\n  newTag: 1.0.0"])
def test_two_subscriptions_cannot_have_the_same_entry(entry: str) -> None:
    files = {KUSTOMIZATION: f"images:\n- name: ghcr.io/acme/web{entry}\n"}
    pins = tuple(pin("images", name, file="kustomization.yaml") for name in ("stable", "edge"))
    answer = promote(STAGE, WAREHOUSE, files, FREIGHT, NEW, pins)
    assert isinstance(answer, Refused)
    assert any("writes into the same place as another pin" in one for one in answer.reasons)


def test_a_record_says_whose_each_artifact_is() -> None:
    text = write_record(NEW)
    assert promoted(FILES)[RECORD] == text
    assert text.count("image: ghcr.io/acme/web\n") == 2
    assert "subscription: edge" in text
    assert "subscription: stable" in text
