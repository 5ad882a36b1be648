"""What an Application wants beyond the records, and when that is refused."""

from __future__ import annotations

from dataclasses import replace

import pytest

from plugin.artifact import Image
from plugin.asked_stage import AskedStage
from plugin.errors import Refusal
from plugin.record import Record
from plugin.sidecar.argocd import Request
from plugin.sidecar.overrides import check_freight, overrides
from plugin.stage_policy import Write
from tests.plugin.shop import DB, NEW, OLD, record

WEB = record("prod")
RECORDS = (WEB, record("prod", DB, warehouse="db"))
REPOSITORY = "ghcr.io/acme/web"


def wanted(**versions: str) -> Request:
    names = {"web": REPOSITORY, "db": "postgres", "library": "docker.io/library/postgres"}
    return Request(artifacts=tuple((names.get(name, name), one) for name, one in versions.items()))


def refusal(request: Request) -> str:
    with pytest.raises(Refusal) as refused:
        (check_freight if request.freight else overrides)(RECORDS, request)
    return str(refused.value)


def to_apply(*records: Record, overrides: tuple[Image, ...] = ()) -> tuple[Record, ...]:
    return AskedStage("", None, records, overrides).to_apply


@pytest.mark.parametrize("version", ["", "2.3.0", f"2.3.0@{OLD.digest}"])
def test_what_the_stage_holds_anyway_is_no_override(version: str) -> None:
    assert overrides(RECORDS, wanted(web=version, db="16")) == ()


def test_another_version_is_one() -> None:
    new = overrides(RECORDS, wanted(web=f"2.4.0@{NEW.digest}"))
    assert new == (NEW,)
    (changed,) = to_apply(*RECORDS, overrides=new)
    assert changed.freight.artifacts == (NEW,)
    assert changed.head == WEB.head
    assert to_apply(*RECORDS) == ()


def test_of_pinned_versions_the_wanted_one_alone_is_applied() -> None:
    both = record("prod", OLD, DB)
    (pinned,) = to_apply(both, overrides=(NEW,))
    assert pinned.freight.artifacts == (NEW,)
    written = replace(both, write=Write.RECORD)
    assert to_apply(written) == (written,)
    (recorded,) = to_apply(written, overrides=(NEW,))
    assert recorded.freight.artifacts == (DB, NEW)


def test_the_same_tag_with_another_digest_is_one() -> None:
    moved = overrides(RECORDS, wanted(web=f"2.3.0@{NEW.digest}"))
    assert [(one.tag, one.digest) for one in moved] == [("2.3.0", NEW.digest)]


@pytest.mark.parametrize(
    ("request_", "said"),
    [
        (wanted(web="2.4.0"), "ghcr.io/acme/web has the version '2.4.0'; write TAG@sha256:"),
        (wanted(web="2.4.0@sha256:1"), "parameter 'artifacts': 'sha256:1' is not a digest"),
        (wanted(web=f"a b@{NEW.digest}"), "'a b' is not a tag"),
        (wanted(redis="7"), "'redis' is in no freight of this stage, which has ghcr.io/acme/web"),
        (wanted(Web="7"), "'artifacts': 'library/Web' is not an image repository"),
        (
            wanted(db=f"17@{OLD.digest}", library=f"17@{NEW.digest}"),
            "docker.io/library/postgres stands there twice; keep one",
        ),
    ],
)
def test_what_cannot_be_an_override_is_refused(request_: Request, said: str) -> None:
    assert said in refusal(request_)


@pytest.mark.parametrize(
    "freight",
    [
        (None, WEB.freight.id),
        (None, RECORDS[1].freight.alias),
        ("web", WEB.freight.alias),
        ("web", f"{WEB.freight.alias} {WEB.freight.id}"),
        ("web", WEB.freight.short),
        (None, f"{WEB.freight.alias} {WEB.freight.short}"),
    ],
)
def test_the_freight_that_is_there_may_be_expected(freight: tuple[str | None, str]) -> None:
    check_freight(RECORDS, Request(freight=(freight,)))


@pytest.mark.parametrize(
    ("freight", "said"),
    [
        ((None, "sly-fox"), f"freight 'sly-fox', but the stage holds {WEB.freight.alias} ("),
        (("db", WEB.freight.id), "of 'db', but the stage holds "),
        (("cache", WEB.freight.id), "of 'cache', but the stage holds none"),
        (
            ("web", f"{WEB.freight.alias} {'0' * 64}"),
            f"holds {WEB.freight.alias} ({WEB.freight.short}): the alias is the same, the",
        ),
    ],
)
def test_other_freight_comes_by_promotion_only(freight: tuple[str | None, str], said: str) -> None:
    assert said in refusal(Request(freight=(freight,)))
