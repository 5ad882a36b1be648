"""Who or what made a promotion come, and how other stages stand to its freight."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from github_app.arrivals import Arrivals, Facts, Posted
from github_app.body.subject import Position, Stand
from github_app.ledger import Ledger
from github_app.notes import NOTHING, Asked, LineNote, Note, StageNotes, Way
from github_app.picture import LinePicture
from github_app.results import Result, ResultKind, ResultState
from github_app.rules.availability import Rules
from github_app.rules.causes import cause
from github_app.rules.line_rules import LineRules
from github_app.rules.positions import positions
from github_app.rules.reviewer_warnings import drift_warnings
from plugin.artifact import Custom, CustomName, GitRepository, Revision, Watched
from plugin.freight import Freight
from plugin.pipeline import Stage
from plugin.verification import CheckSucceeds
from tests.github_app.shop import (
    PIPELINE,
    A,
    B,
    after,
    at,
    ledger,
    line,
    project,
    shown,
    soak,
    stage,
    went,
)


def rules(
    book: Ledger, lines: Sequence[LinePicture], stages: Sequence[Stage] = PIPELINE
) -> LineRules:
    """Staging's rules, two hours in."""
    of = stages[1]
    picture = shown(project(*stages), lines, book, B)
    mine = picture.lines[of.name, "web"]
    return LineRules(Rules.of(picture, at(120)), of, of.lines[0], mine, "h", "acme/shop")


HELD = (went("dev", (A, 0), (B, 60)), went("staging", (A, 10)), went("prod", (A, 20)))


def told(freight: Freight, facts: dict[Watched, Facts] | None = None, **notes: StageNotes) -> str:
    """Why this freight is promoted to staging."""
    book = ledger(A, freight, **notes)
    seen = (book.seen("web")[0], replace(book.seen("web")[1], facts=facts or {}))
    book = replace(book, warehouses={"web": seen})
    posted = Posted("llm", "2025-02", (), at(1), "acme/models")
    book = book.with_arrivals("web", Arrivals(posted=(posted,)))
    return cause(rules(book, HELD), freight, ())


def test_an_image_was_found() -> None:
    newest = f"{B.alias} became the newest freight of warehouse web at 2026-01-01T00:01:00Z"
    assert told(B) == f"{newest}; 1.1.0 was found at ghcr.io/acme/web"


def test_a_commit_has_its_author_and_subject() -> None:
    config = GitRepository.parse("https://github.com/acme/config")
    freight = Freight("web", (Revision(config, "2" * 40, "2" * 40),))
    said = told(freight, {config: (("subject", "Fix login"), ("author", "Ann <a@b.c>"))})
    assert said.endswith(
        "222222222222 was committed to https://github.com/acme/config by Ann <a@b.c>: Fix login"
    )


def test_a_custom_artifact_was_posted_by_somebody() -> None:
    freight = Freight("web", (Custom(CustomName("llm"), "2025-02"),))
    assert told(freight).endswith("2025-02 was posted by acme/models")


def test_a_command_says_who_and_why() -> None:
    for way, words in (
        (Way.PROMOTE, "asked for it"),
        (Way.ROLLBACK, "asked to roll back to it"),
        (Way.HOTFIX, "asked for it as a hotfix"),
    ):
        asked = StageNotes(asked=(Asked("web", B.id, at(90), "gina", "we need it", way),))
        assert told(B, staging=asked).startswith(f"gina {words} at 2026-01-01T01:30:00Z: we need")


SOAKING = (stage("dev"), stage("staging", after("dev", soak=soak(120))))
CHECKED = (replace(stage("dev"), verify=(CheckSucceeds("e2e"),)), stage("staging", after("dev")))


def stands(
    stages: Sequence[Stage], *lines: LinePicture, notes: StageNotes = NOTHING
) -> dict[str, Position]:
    """How each stage stands to B."""
    book = ledger(A, B, dev=notes)
    return dict(positions(rules(book, lines, stages), B.id, stages))


def test_positions_of_a_freight() -> None:
    dev, staging = went("dev", (A, 0), (B, 60)), went("staging", (A, 10))
    assert stands(PIPELINE, *HELD) == {
        "dev": Position(Stand.HOLDS),
        "prod": Position(Stand.WAITS),
    }
    assert stands(SOAKING, dev, staging) == {
        "dev": Position(Stand.SOAKS, at(180)),
        "staging": Position(Stand.WAITS, at(180)),
    }
    held = StageNotes(held=(LineNote("web", at(70), "gina", "x"),))
    assert stands(SOAKING, dev, staging, notes=held)["dev"] == Position(Stand.HELD)
    red = replace(dev, results=(Result(ResultKind.CHECK, "e2e", ResultState.FAILURE, at=at(70)),))
    assert stands(CHECKED, red, staging)["dev"] == Position(Stand.FAILED)
    gone = went("dev", (B, 0), (A, 60))
    assert stands(SOAKING, gone, staging)["dev"] == Position(Stand.PASSED)


def test_what_came_past_the_upstreams_and_is_taken_out_again_is_told() -> None:
    lines = (went("dev", (B, 60)), went("staging", (A, 10)), line("prod"))
    note = Note(A.id, at(5), "gina", "urgent")
    for notes, count in ((StageNotes(approved=(note,)), 1), (NOTHING, 0)):
        found = list(drift_warnings(rules(ledger(A, B, staging=notes), lines)))
        assert len(found) == count
    approved = ledger(A, B, staging=StageNotes(approved=(note,)))
    assert not list(drift_warnings(rules(approved, HELD)))
