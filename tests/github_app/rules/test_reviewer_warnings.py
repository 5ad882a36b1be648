"""What needs a person's eye before a merge."""

from __future__ import annotations

from dataclasses import replace

import pytest

from github_app.actions import DescribePromotion
from github_app.ledger import Seen
from github_app.notes import LineNote, StageNotes
from github_app.picture import LinePicture
from github_app.rules.reviewer_warnings import reviewer_warnings
from plugin.artifact import Chart, Custom, Watched
from plugin.freight import Freight
from plugin.held import Held
from tests.github_app.shop import (
    WEB,
    A,
    B,
    C,
    adopted,
    after,
    at,
    freight,
    gate,
    image,
    ledger,
    line,
    line_plan,
    planned,
    project,
    proposed,
    shown,
    soak,
    stage,
    went,
)
from tests.plugin.kinds import CHART, FIRST, LLM, OCI_CHART, ONE, SECOND, TWO, disk, revision

MOVED = freight("1.0.0", "moved")


def warnings(one: Freight, *seen: Freight, held: str | None = None) -> tuple[str, ...]:
    book = [Seen(other, at(minute)) for minute, other in enumerate(seen)]
    before: dict[Watched, Held] = {WEB: Held(WEB, held, None)} if held else {}
    return reviewer_warnings(one, before, book, seen.index(one))


def test_ordinary_freight_needs_none() -> None:
    assert warnings(B, A, B, held="1.0.0") == ()


def test_a_tag_that_moved_is_said_with_both_digests() -> None:
    (said,) = warnings(MOVED, A, MOVED)
    assert "tag 1.0.0 of ghcr.io/acme/web was moved" in said
    assert image("1.0.0").digest in said
    assert image("1.0.0", content="moved").digest in said


def test_moved_tags_of_git_and_moved_disks_are_said_too() -> None:
    for old, new in (
        (revision("v1.0.0", FIRST), revision("v1.0.0", SECOND)),
        (disk("20250210-2019", ONE), disk("20250210-2019", TWO)),
        (Chart(OCI_CHART, "1.0.0", ONE), Chart(OCI_CHART, "1.0.0", TWO)),
    ):
        before, after = Freight("web", (old,)), Freight("web", (new,))
        (said,) = warnings(after, before, after)
        assert said == (
            f"tag {old.tag} of {old.subject} was moved: it was {old.content} before, "
            f"it is {new.content} now"
        )


def test_what_nobody_can_prove_is_never_said_to_have_moved() -> None:
    # Of a tag that a pin names the commit may be unknown.
    for old in (revision("v1.0.0"), Custom(LLM, "v1.0.0"), Chart(CHART, "1.0.0")):
        before, after = Freight("web", (old,)), Freight("web", (old, image("1.0.0")))
        assert warnings(after, before, after) == ()
    known = Freight("web", (revision("v1.0.0", FIRST),))
    assert warnings(known, Freight("web", (revision("v1.0.0"),)), known) == ()


def test_a_tag_that_moves_later_is_no_concern_of_earlier_freight() -> None:
    assert warnings(A, A, MOVED) == ()


def test_going_back_is_said() -> None:
    assert warnings(A, B, A, held="1.1.0") == (
        "ghcr.io/acme/web goes back from 1.1.0 to 1.0.0, a lower version",
    )
    assert warnings(A, A, held="main-4f2c") == ()


def test_a_pre_release_is_said() -> None:
    candidate = freight("2.0.0-rc.1")
    assert warnings(candidate, candidate) == ("2.0.0-rc.1 of ghcr.io/acme/web is a pre-release",)


# Upstreams that were stopped after the freight had come there

HOLD = StageNotes(held=(LineNote("web", at(50), "gina", "freeze"),))
EDITED = replace(
    adopted("dev", image("1.0.0"), image("1.1.0")), stays=went("dev", (A, 0), (B, 10)).stays
)


def body(dev: LinePicture, notes: StageNotes, through: bool) -> str:
    """What an open promotion of B to prod says when its upstream is like this."""
    first = (stage("dev"), gate("fork", after("dev"))) if through else (stage("dev"),)
    of = project(*first, stage("prod", after(first[-1].name, soak=soak(30))))
    open_line = proposed(line("prod", A), B)
    made = planned(shown(of, [dev, open_line], ledger(A, B, C, dev=notes), C), at(100))
    return next(
        one.text.body
        for one in line_plan(made, "prod").actions
        if isinstance(one, DescribePromotion)
    )


@pytest.mark.parametrize("through", [False, True])
@pytest.mark.parametrize(
    ("dev", "notes", "said"),
    [
        (
            went("dev", (A, 0), (B, 10), (A, 40)),
            StageNotes(),
            f"dev no longer holds {B.alias} since 2026-01-01T00:40:00Z",
        ),
        (EDITED, StageNotes(), f"dev no longer holds {B.alias}"),
        (went("dev", (A, 0), (B, 10)), HOLD, "dev is held by gina at 2026-01-01T00:50:00Z: freeze"),
    ],
    ids=["taken-back", "unmanaged", "held"],
)
def test_a_stopped_upstream_is_said_downstream(
    dev: LinePicture, notes: StageNotes, said: str, through: bool
) -> None:
    assert f"> [!WARNING]\n> * {said}\n" in body(dev, notes, through)


def test_an_upstream_that_went_on_needs_no_warning() -> None:
    for dev in (went("dev", (A, 0), (B, 10)), went("dev", (B, 10), (C, 80))):
        assert "WARNING" not in body(dev, StageNotes(), through=False)
