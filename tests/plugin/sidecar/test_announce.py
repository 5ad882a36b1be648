"""The parameters on Argo CD's screen, held to Argo CD's own struct."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from plugin.sidecar.announce import announced, printed
from tests.plugin.shop import DB, OLD, record

PROTO = Path.home() / (
    "go/pkg/mod/github.com/argoproj/argo-cd/v3@v3.2.12/reposerver/repository/repository.proto"
)
# message ParameterAnnouncement of that file, as protobuf's JSON and Go's json tags spell it.
FIELDS = {
    "name": str,
    "title": str,
    "tooltip": str,
    "required": bool,
    "itemType": str,
    "collectionType": str,
    "string": str,
    "array": list,
    "map": dict,
}
HELD = (record("prod"), record("prod", DB, warehouse="db"))


@pytest.mark.parametrize(
    ("stage", "records", "choices"),
    [("prod", HELD, ()), (None, (), ()), ("dev", (), ("dev", "prod")), (None, (), ("dev",))],
)
def test_argo_cd_can_read_each_field(
    stage: str | None, records: tuple[object, ...], choices: tuple[str, ...]
) -> None:
    read = json.loads(printed(announced(stage, HELD if records else (), choices)))
    for one in read:
        assert {name: type(value) for name, value in one.items()}.items() <= FIELDS.items()
        assert one["collectionType"] in one
        assert one["itemType"] == "string"
    assert [one["name"] for one in read] == ["stage", "freight", "artifacts"]


def test_the_struct_is_argo_cds_own() -> None:
    if not PROTO.is_file():
        pytest.skip("Argo CD's source is missing: run 'make setup-argocd'")
    text = PROTO.read_text(encoding="utf-8")
    message = text.partition("message ParameterAnnouncement {")[2].partition("\n}")[0]
    assert set(re.findall(r"(\w+) = \d+;", message)) == set(FIELDS)


def test_versions_are_shown_as_they_may_be_given_back() -> None:
    values = {one.name: one.value for one in announced("prod", HELD)}
    assert values["stage"] == "prod"
    assert values["freight"] == {
        "web": f"{HELD[0].freight.alias} {HELD[0].freight.id}",
        "db": f"{HELD[1].freight.alias} {HELD[1].freight.id}",
    }
    assert values["artifacts"] == {
        "ghcr.io/acme/web": f"2.3.0@{OLD.digest}",
        "docker.io/library/postgres": f"16@{DB.digest}",
    }


def test_a_stage_without_records_has_no_versions_and_needs_nothing() -> None:
    stage, freight, artifacts = announced("prod", ())
    assert (stage.required, freight.value, artifacts.value) == (False, {}, {})
