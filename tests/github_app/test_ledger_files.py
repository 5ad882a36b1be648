"""The ledger as people read it on its branch, and back without loss."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta, timezone
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from github_app.arrivals import Arrivals, Facts
from github_app.ledger import EMPTY, MOST_SEEN, Ledger
from github_app.ledger_files import ledger_changes, ledger_files, read_ledger
from github_app.ledger_times import time_text
from github_app.notes import (
    MOST_NOTES,
    Allowed,
    Answered,
    AnyNote,
    Asked,
    LineNote,
    Note,
    Override,
    Reported,
    Reviewed,
    StageNotes,
    Way,
    bounded_notes,
)
from plugin.artifact import Custom, CustomName, Image, Repository, Watched
from plugin.errors import Refusal
from plugin.freight import Freight, FreightId
from tests.github_app.drawn import FACTS, MOMENTS, NAMES, WORDS, arrivals_of, freight_of
from tests.github_app.shop import API, START, WEB, A, B, at, freight, image, ledger

TAGS = st.from_regex(r"[A-Za-z0-9_][A-Za-z0-9._-]{0,20}", fullmatch=True)
IDS = st.from_regex(r"[0-9a-f]{64}", fullmatch=True).map(FreightId)
NOTES = st.lists(st.builds(Note, IDS, MOMENTS, WORDS, WORDS), max_size=3).map(tuple)
LINES = st.lists(st.builds(LineNote, NAMES, MOMENTS, WORDS, WORDS), max_size=3).map(tuple)


def few(form: type[AnyNote], *parts: st.SearchStrategy[object]) -> st.SearchStrategy[Any]:
    return st.lists(st.builds(form, *parts), max_size=2).map(tuple)


STAGES = st.builds(
    StageNotes,
    *(NOTES, NOTES, NOTES, NOTES, LINES, LINES),
    few(Asked, NAMES, IDS, MOMENTS, WORDS, WORDS, st.sampled_from(Way)),
    few(Override, WORDS, IDS, MOMENTS, WORDS, WORDS),
    few(Allowed, WORDS, WORDS, IDS, MOMENTS, WORDS, WORDS),
    few(Reviewed, IDS, WORDS, WORDS, WORDS, MOMENTS),
    few(Answered, WORDS, MOMENTS, WORDS, WORDS, WORDS),
    few(Reported, WORDS, WORDS, WORDS, MOMENTS, WORDS),
    *(NOTES, NOTES),
)


@st.composite
def ledgers(draw: st.DrawFn) -> Ledger:
    book = EMPTY
    for name in draw(st.lists(NAMES, max_size=2, unique=True)):
        for tag in draw(st.lists(TAGS, min_size=1, max_size=4)):
            content = draw(st.sampled_from(("", "moved")))
            one = Freight(name, (image(tag, WEB, content), image(tag, API)))
            book = book.with_newest(one, draw(MOMENTS))
        for one in draw(st.lists(freight_of(name), max_size=2)):
            facts = draw(st.dictionaries(st.sampled_from(one.artifacts), FACTS, max_size=2))
            about = {artifact.subject: said for artifact, said in facts.items()}
            book = book.with_newest(one, draw(MOMENTS), about)
        book = book.with_arrivals(name, draw(st.just(Arrivals()) | arrivals_of(name)))
    arrivals = {name: one for name, one in book.arrivals.items() if one != Arrivals()}
    book = replace(book, arrivals=arrivals)
    stages = draw(st.dictionaries(NAMES, STAGES, max_size=3))
    return replace(book, stages={name: one for name, one in stages.items() if one != StageNotes()})


@given(ledgers())
def test_what_is_written_is_read_back(book: Ledger) -> None:
    files = ledger_files("shop", book)
    assert read_ledger("shop", files) == book
    assert ledger_files("shop", read_ledger("shop", files)) == files


@settings(max_examples=40)
@given(ledgers(), ledgers())
def test_changes_lead_from_one_ledger_to_the_other(before: Ledger, after: Ledger) -> None:
    files: dict[str, str | None] = {**ledger_files("shop", before)}
    files |= ledger_changes("shop", before, after)
    left = {path: text for path, text in files.items() if text is not None}
    assert left == ledger_files("shop", after)


def test_freight_of_plain_images_is_written_in_the_first_format_and_others_are_not() -> None:
    named = Image(replace(WEB, subscription="next"), "2.0", image("2.0").digest)
    for artifact, format_ in (
        (image("2.0"), 1),
        (named, 2),
        (Custom(CustomName("llm"), "7"), 2),
    ):
        book = ledger(A).with_newest(Freight("web", (artifact,)), at(9))
        assert ledger_files("shop", book)["shop/warehouses/web.yaml"].startswith(
            f"format: {format_}\n"
        )


def test_notes_that_older_versions_know_are_written_in_the_first_format_and_others_are_not() -> (
    None
):
    note = Note(A.id, at(9), "kim", "broken")
    for notes, format_ in (
        (StageNotes(rejected=(note,)), 1),
        (StageNotes(rejected=(note,), failed=(note,)), 3),
        (StageNotes(asked=(Asked("web", A.id, at(9), "kim", "why not", Way.ROLLBACK),)), 3),
    ):
        text = ledger_files("shop", EMPTY.with_notes("dev", notes))["shop/stages/dev.yaml"]
        assert text.startswith(f"format: {format_}\n")


def test_a_stage_keeps_the_last_hundred_notes_and_every_hold() -> None:
    old = LineNote("db", at(8), "kim", "the migration")
    holds = tuple(LineNote("web", at(9), "kim", str(one)) for one in range(MOST_NOTES + 1))
    said = tuple(Answered(str(one), at(9), "kim", "help", "") for one in range(MOST_NOTES + 1))
    kept = bounded_notes(StageNotes(held=(old, *holds), answered=said), 2)
    assert kept.held == (old, *holds[1:])
    assert kept.answered == said[1:]
    assert bounded_notes(kept, 2) == kept


def test_a_stage_with_many_lines_keeps_more_notes() -> None:
    notes = tuple(Note(A.id, at(9), "kim", str(one)) for one in range(400))
    assert bounded_notes(StageNotes(verified=notes), 20).verified == notes


def test_what_the_sources_said_stands_beside_each_artifact() -> None:
    said: dict[Watched, Facts] = {
        WEB: (("org.opencontainers.image.revision", "1" * 40), ("title", "yes"))
    }
    book = EMPTY.with_newest(A, at(0), said)
    (text,) = ledger_files("shop", book).values()
    assert text.startswith("format: 1\n")
    assert text.endswith(
        f"    facts:\n      org.opencontainers.image.revision: '{'1' * 40}'\n      title: 'yes'\n"
    )
    assert read_ledger("shop", {"shop/warehouses/web.yaml": text}).seen("web")[0].facts == said


def test_the_files_read_like_this() -> None:
    notes = StageNotes(rejected=(Note(A.id, at(5), "ann", "closed pull request #7"),))
    files = ledger_files("shop", ledger(A, staging=notes))
    assert files == {
        "shop/warehouses/web.yaml": (
            "format: 1\n"
            "freight:\n"
            f"- id: {A.id}\n"
            f"  alias: {A.alias}\n"
            "  newestAt: '2026-01-01T00:00:00Z'\n"
            "  artifacts:\n"
            "  - image: ghcr.io/acme/web\n"
            "    tag: 1.0.0\n"
            f"    digest: {image('1.0.0').digest}\n"
        ),
        "shop/stages/staging.yaml": (
            "format: 1\n"
            "rejected:\n"
            f"- freight: {A.id}\n"
            "  at: '2026-01-01T00:05:00Z'\n"
            "  who: ann\n"
            "  why: 'closed pull request #7'\n"
        ),
    }


@pytest.mark.parametrize("tag", ["1.10", "1e3", "no", "0x1F", "null", "4027e12"])
def test_tags_stay_text(tag: str) -> None:
    book = ledger(freight(tag))
    assert read_ledger("shop", ledger_files("shop", book)) == book


def test_projects_share_the_branch_without_seeing_each_other() -> None:
    files = ledger_files("shop", ledger(A)) | ledger_files("shop-eu", ledger(B))
    files["README.md"] = "# Towline's ledger\n"
    assert read_ledger("shop", files) == ledger(A)
    assert read_ledger("shop-eu", files) == ledger(B)


def test_times_are_written_in_utc() -> None:
    assert time_text(at(0).astimezone(timezone(timedelta(hours=2)))) == "2026-01-01T00:00:00Z"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("format: 4\n", "upgrade Towline"),
        ("freight: [", "cannot be read"),
        ("format: 1\nfreight: [{id: x}]\n", "cannot be read"),
        ("- a list\n", "cannot be read"),
        ("", "cannot be read"),
    ],
)
def test_a_file_that_cannot_be_read_is_refused_by_name(text: str, words: str) -> None:
    with pytest.raises(Refusal, match=words) as refused:
        read_ledger("shop", {"shop/warehouses/web.yaml": text})
    assert "shop/warehouses/web.yaml on towline-ledger" in str(refused.value)


def test_a_warehouse_forgets_what_hundreds_of_freight_overtook() -> None:
    book = EMPTY
    for number in range(MOST_SEEN + 5):
        one = Freight("web", (image(f"1.0.{number}", WEB), image(f"1.0.{number}", API)))
        book = book.with_newest(one, START + timedelta(minutes=number))
    seen = book.seen("web")
    assert len(seen) == MOST_SEEN
    assert seen[-1].freight.tags() == f"1.0.{MOST_SEEN + 4}"
    (text,) = ledger_files("shop", book).values()
    assert len(text.encode()) < 1 << 19


def test_the_facts_of_the_last_freight_are_kept_and_no_more_than_a_page_of_each() -> None:
    book = EMPTY
    for number in range(30):
        said: dict[Watched, Facts] = {
            WEB: (("title", "w" * 1000), ("description", "d" * 1000), ("url", "u" * 100))
        }
        book = book.with_newest(freight(f"1.{number}.0"), at(number), said)
    seen = book.seen("web")
    assert [bool(one.facts) for one in seen] == [False] * 10 + [True] * 20
    assert [name for name, _ in seen[-1].facts[WEB]] == ["title", "url"]


def test_a_ledger_never_outgrows_its_reader_whatever_publishers_say() -> None:
    wide = tuple(image("1.0", Repository.parse(f"ghcr.io/acme/{'n' * 100}-{n}")) for n in range(60))
    facts: dict[Watched, Facts] = {one.repository: (("title", "\U0001f6a2" * 370),) for one in wide}
    book = EMPTY
    for number in range(300):
        one = Freight("web", (*wide[1:], image(f"1.{number}", wide[0].repository)))
        book = book.with_newest(one, at(number), facts)
    assert book.seen("web")[-1].freight.artifacts[0].tag == "1.299"
    (text,) = ledger_files("shop", book).values()
    assert len(text.encode()) < 2 << 20
    assert read_ledger("shop", {"shop/warehouses/web.yaml": text}) == book
