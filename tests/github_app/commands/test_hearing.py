"""Commands on pictures: what each writes into the ledger, what it answers, and how often."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import pytest

from github_app.actions import Action, Answer, Say
from github_app.commands.hearing import REPEATED_AFTER, REPEATED_FOR, heard
from github_app.ledger import Ledger
from github_app.notes import MOST_NOTES, Answered, Asked, LineNote, Note, Override, StageNotes, Way
from github_app.picture import Person, ProjectPicture, RepositoryPicture, Spoken
from github_app.pulls import PullRequest, PullState, Said
from plugin.freight import Freight
from plugin.pipeline import Mode, Project
from plugin.verification import CheckSucceeds
from tests.github_app.shop import (
    PIPELINE,
    A,
    B,
    C,
    after,
    at,
    freight,
    gate,
    ledger,
    line,
    project,
    proposed,
    pull,
    repository,
    shown,
    soak,
    stage,
    went,
)

NOW = at(100)
SHOP = project(*PIPELINE)
LINES = [
    went("dev", (A, 0), (B, 10), (C, 20)),
    went("staging", (A, 5), (B, 15)),
    line("prod", A),
]
PEOPLE = {
    "kim": Person("kim", "maintain"),
    "alice": Person("alice", "write"),
    "bob": Person("bob", "read"),
}


def spoken(
    text: str,
    who: str = "kim",
    *,
    on: str = "staging",
    carried: Freight | None = C,
    minute: float = 90,
    of: PullRequest | None = None,
) -> Spoken:
    said = Said(f"IC_{text}_{minute}", who, bot=False, text=f"/towline {text}", at=at(minute))
    about = of or replace(pull(on), state=PullState.CLOSED)
    return Spoken(about, said, (carried.id,) if carried else ())


def picture(*said: Spoken, book: Ledger | None = None, of: Project = SHOP) -> RepositoryPicture:
    book = book or ledger(A, B, C)
    whole = repository(shown(of, LINES, book, C))
    return replace(whole, spoken=said, people=PEOPLE)


def told(seen: RepositoryPicture, minute: float = 100) -> tuple[Ledger, Sequence[Action]]:
    ledgers = {one.project.name: one.ledger for one in seen.projects}
    found = heard(seen, ledgers, at(minute))
    return found.ledgers["shop"], found.answers


def after_saying(text: str, who: str = "kim", on: str = "staging") -> tuple[Ledger, str]:
    book, answers = told(picture(spoken(text, who, on=on)))
    (answer,) = answers
    assert isinstance(answer, Answer)
    return book, (answer.body or "").replace("`", "")


def asks(book: Ledger) -> dict[str, list[tuple[Freight | None, Way]]]:
    known = {one.id: one for one in (A, B, C)}
    return {
        name: [(known.get(one.freight), one.way) for one in notes.asked]
        for name, notes in book.stages.items()
        if notes.asked
    }


def holds(book: Ledger) -> set[str]:
    return {name for name, notes in book.stages.items() if notes.held}


# What each command writes


def test_promote_asks_for_the_candidate_and_holds_nothing() -> None:
    book, words = after_saying("promote", "alice")
    assert asks(book) == {"staging": [(C, Way.PROMOTE)]}
    assert holds(book) == set()
    assert f"promote: {C.alias} is proposed for staging." in words


def test_promote_of_anything_else_holds_the_stage() -> None:
    book, words = after_saying(f"promote {B.alias} to prod", "alice")
    assert asks(book) == {"prod": [(B, Way.PROMOTE)]}
    assert holds(book) == set()
    book, words = after_saying(f"promote {A.id[:8]}", "alice")
    assert asks(book) == {"staging": [(A, Way.PROMOTE)]}
    assert holds(book) == {"staging"}
    assert f"staging is held until /towline resume: {A.alias} was promoted" in words


def test_promoting_the_candidate_lifts_a_hold() -> None:
    held = ledger(A, B, C, staging=StageNotes(held=(LineNote("web", at(50), "kim", "no"),)))
    book, _ = told(picture(spoken("promote", "alice"), book=held))
    assert book.notes("staging").resumed[0].who == "alice"


def test_who_may_not_resume_promotes_past_a_hold_and_leaves_it_there() -> None:
    held = ledger(A, B, C, staging=StageNotes(held=(LineNote("web", at(95), "kim", "no"),)))
    kept = replace(stage("staging", after("dev")), may={"resume": ("maintain",)})
    of = project(PIPELINE[0], kept, PIPELINE[2])
    book, (answer,) = told(picture(spoken("promote", "alice"), book=held, of=of))
    assert isinstance(answer, Answer)
    assert "is proposed for staging" in (answer.body or "").replace("`", "")
    assert book.notes("staging").resumed == ()
    assert book.notes("staging").asked[0].at == at(95)


def test_promote_says_what_it_waits_for() -> None:
    slow = project(PIPELINE[0], stage("staging", after("dev", soak=soak(600))), PIPELINE[2])
    _, (answer,) = told(picture(spoken("promote", "alice"), of=slow))
    assert isinstance(answer, Answer)
    assert f"{C.alias} for staging waits" in (answer.body or "")


def test_promote_downstream_takes_every_stage_with_a_place() -> None:
    hub = gate("hub", after("dev"))
    wide = project(PIPELINE[0], hub, stage("staging", after("hub")), stage("prod", after("hub")))
    said = spoken("promote downstream", "alice", on="dev")
    book, _ = told(picture(said, of=wide))
    assert asks(book) == {"staging": [(C, Way.PROMOTE)], "prod": [(C, Way.PROMOTE)]}


def test_promote_downstream_does_what_it_can() -> None:
    named = replace(PIPELINE[2], may={"promote": ("nobody",)})
    book, (answer,) = told(
        picture(spoken("promote downstream", "alice", on="dev"), of=project(*PIPELINE[:2], named))
    )
    assert set(asks(book)) == {"staging"}
    assert isinstance(answer, Answer)
    assert "promote in prod is for nobody" in (answer.body or "").replace("`", "")


def test_rollback_asks_for_what_was_there_before_and_holds() -> None:
    book, words = after_saying("rollback it burns", "alice")
    (asked,) = book.notes("staging").asked
    assert asked == Asked("web", A.id, at(90), "alice", "it burns", Way.ROLLBACK)
    assert book.notes("staging").held[0].why == f"rolled back to {A.alias}"
    assert f"{A.alias} is proposed for staging, and staging is held" in words


def test_hotfix_asks_the_upstreams_that_hold_older_freight_too() -> None:
    book, words = after_saying(f"hotfix {C.alias} to prod it burns", on="prod")
    assert asks(book) == {
        "prod": [(C, Way.HOTFIX)],
        "staging": [(C, Way.PROMOTE)],
    }
    assert holds(book) == {"prod"}
    assert f"dev holds {C.alias}, which is not older, and keeps it" in words


def test_approve_reject_override_and_verify_are_notes_with_who_and_why() -> None:
    book, _ = after_saying("approve for prod the fair")
    assert book.notes("prod").approved == (Note(C.id, at(90), "kim", "the fair"),)
    book, _ = after_saying("reject it burns", "alice")
    assert book.notes("staging").rejected == (Note(C.id, at(90), "alice", "it burns"),)
    book, _ = after_saying("override soak the fair")
    assert book.notes("staging").overridden == (
        Override("upstream", C.id, at(90), "kim", "the fair"),
    )
    proven = replace(PIPELINE[1], verify=(CheckSucceeds("smoke"),))
    book, _ = told(picture(spoken("verify", "alice"), of=project(PIPELINE[0], proven, PIPELINE[2])))
    assert book.notes("staging").again == (Note(B.id, at(90), "alice", "asked for on #1"),)


def test_a_rejection_is_never_older_than_the_freight() -> None:
    late = ledger(A, B).with_newest(C, at(95))
    book, _ = told(picture(spoken("reject it burns"), book=late))
    assert book.notes("staging").rejected[0].at == at(95)


def test_retry_takes_back_both_kinds_of_rejection_if_the_person_may() -> None:
    words = StageNotes(rejected=(Note(C.id, at(50), "kim", "it burns"),))
    closing = StageNotes(rejected=(Note(C.id, at(50), "kim", "closed pull request #1"),))
    strict = replace(PIPELINE[1], may={"reject": ("kim",)})
    shop = project(PIPELINE[0], strict, PIPELINE[2])
    for notes, who, done in (
        (words, "alice", False),
        (words, "kim", True),
        (closing, "alice", True),
    ):
        seen = picture(spoken("retry", who), book=ledger(A, B, C, staging=notes), of=shop)
        book, _ = told(seen)
        assert bool(book.notes("staging").overridden) is done


def test_hold_and_resume() -> None:
    book, words = after_saying("hold the fair", "alice")
    assert book.notes("staging").held == (LineNote("web", at(90), "alice", "the fair"),)
    assert "staging is held: the fair" in words
    lifted, _ = told(picture(spoken("resume", "alice", minute=95), book=book))
    assert lifted.notes("staging").resumed[0].at == at(95)
    same, (answer,) = told(picture(spoken("resume", "alice")))
    assert same.notes("staging").resumed == ()
    assert isinstance(answer, Answer)
    assert "nothing stops web in staging" in (answer.body or "")


def test_refresh_and_retry_have_everything_asked_anew() -> None:
    for text, anew in (("refresh", True), ("retry", True), ("status", False), ("hold", False)):
        seen = picture(spoken(text, "alice"))
        found = heard(seen, {"shop": seen.projects[0].ledger}, NOW)
        assert found.refresh is anew


# What is refused


@pytest.mark.parametrize(
    ("text", "who", "words"),
    [
        ("hold", "bob", "hold in staging is for the role write (by default)"),
        ("hold", "eve", "hold in staging is for the role write (by default)"),
        ("help", "eve", "help in staging is for the role read (by default)"),
        ("promote 9.9.9", "kim", "no freight of web is called 9.9.9"),
        ("promote to moon", "kim", "there is no stage moon; there are dev, staging, prod"),
        (f"promote {B.alias}", "kim", f"staging holds {B.alias} already"),
        (f"rollback {C.alias}", "kim", f"{C.alias} never was in staging"),
        (f"reject {B.alias} no", "kim", f"staging holds {B.alias}; roll it back instead"),
        ("override reviews now", "kim", "reviews is not for anybody to override"),
        ("verify", "kim", "staging asks for no verification"),
        ("allow-replace db:root", "kim", "this promotion does not replace db:root"),
    ],
)
def test_a_refusal_says_why_and_changes_nothing(text: str, who: str, words: str) -> None:
    book, said = after_saying(text, who)
    assert words in said
    (answered,) = book.notes("staging").answered
    assert answered.verb.endswith("(not done)")
    assert replace(book.notes("staging"), answered=()) == StageNotes()


def test_a_tag_that_moved_is_not_guessed_at() -> None:
    moved = freight("1.2.0", "moved")
    book = ledger(A, B, C, moved)
    _, (answer,) = told(picture(spoken("promote 1.2.0"), book=book))
    assert isinstance(answer, Answer)
    assert f"may be any of {moved.alias}" in (answer.body or "").replace("`", "")


def test_without_freight_a_command_is_for_what_was_seen() -> None:
    shut = replace(proposed(line("staging", B), C), stage="staging")
    assert shut.open is not None
    for head_at, done in ((89, True), (90, False), (91, False)):
        of = replace(shut.open, head_at=at(head_at))
        book, (answer,) = told(picture(spoken("reject it burns", of=of)))
        assert bool(book.notes("staging").rejected) is done
        assert isinstance(answer, Answer)
        assert ("it changed since" in (answer.body or "")) is not done
        named, _ = told(picture(spoken(f"reject {C.alias} it burns", of=of)))
        assert named.notes("staging").rejected


def test_a_pull_request_whose_freight_nobody_knows_says_so() -> None:
    seen = picture(spoken("promote", carried=None))
    _, (answer,) = told(seen)
    assert isinstance(answer, Answer)
    assert "carries no freight that is known" in (answer.body or "")


# Once


def test_everything_said_is_judged_in_the_order_it_was_said() -> None:
    book, answers = told(picture(spoken("resume", minute=92), spoken("hold", minute=91)))
    notes = book.notes("staging")
    assert (notes.held[0].at, notes.resumed[0].at) == (at(91), at(92))
    assert [one.verb for one in notes.answered] == ["hold", "resume"]
    assert len(answers) == 2


def test_what_was_answered_is_not_obeyed_again() -> None:
    said = spoken("hold")
    book, _ = told(picture(said))
    again, answers = told(picture(said, said, book=book))
    assert again == book
    assert list(answers) == []


@pytest.mark.parametrize(
    ("later", "repeated"),
    [
        (timedelta(0), False),
        (REPEATED_AFTER, True),
        (REPEATED_FOR, True),
        (REPEATED_FOR + timedelta(seconds=1), False),
    ],
)
def test_an_answer_is_repeated_for_a_while_where_our_reaction_is_missing(
    later: timedelta, repeated: bool
) -> None:
    said = spoken("hold")
    book, (first,) = told(picture(said))
    seen = picture(said, book=book)
    found = heard(seen, {"shop": book}, NOW + later)
    assert list(found.answers) == ([first] if repeated else [])
    assert found.ledgers["shop"] == book
    shown_it = replace(said, said=replace(said.said, reacted=True))
    seen = picture(shown_it, book=book)
    assert heard(seen, {"shop": book}, NOW + later).answers == ()


def test_a_refusal_is_repeated_as_one() -> None:
    said = spoken("dance")
    book, (first,) = told(picture(said))
    found = heard(picture(said, book=book), {"shop": book}, NOW + REPEATED_AFTER)
    assert isinstance(first, Answer)
    assert not first.accepted
    assert list(found.answers) == [first]


@pytest.mark.parametrize(
    "said",
    [
        replace(spoken("hold").said, bot=True),
        replace(spoken("hold").said, edited=True),
        replace(spoken("hold").said, reacted=True),
        replace(spoken("hold").said, text="hold, please"),
    ],
)
def test_what_is_no_command_of_a_person_is_nothing(said: Said) -> None:
    book, answers = told(picture(replace(spoken("hold"), said=said)))
    assert book == ledger(A, B, C)
    assert list(answers) == []


def test_a_comment_that_may_have_been_forgotten_is_left_alone() -> None:
    full = tuple(Answered(str(n), at(80 + n / 10), "kim", "help", "") for n in range(MOST_NOTES))
    book = ledger(A, B, C, staging=StageNotes(answered=full))
    _, old = told(picture(spoken("hold", minute=80), book=book))
    _, new = told(picture(spoken("hold", minute=81), book=book))
    assert (len(old), len(new)) == (0, 1)


def test_a_button_is_answered_by_a_comment() -> None:
    pressed = replace(spoken("hold", "alice"), pressed=True)
    _, (said,) = told(picture(pressed))
    assert isinstance(said, Say)
    assert said.body.startswith("alice pressed a button.")


def test_stages_that_are_gone_or_in_shadow_mode_answer_nothing() -> None:
    for of in (
        project(PIPELINE[0]),
        project(PIPELINE[0], replace(PIPELINE[1], mode=Mode.SHADOW), PIPELINE[2]),
    ):
        shops = ProjectPicture(of, {}, {}, ledger(A, B, C))
        seen = replace(picture(spoken("hold")), projects=(shops,))
        assert told(seen)[1] == ()


# Tables


def test_a_shadow_remembers_nothing_so_nothing_is_promised_for_it() -> None:
    prod = replace(SHOP.stage("prod"), mode=Mode.SHADOW)
    of = project(*(prod if one.name == "prod" else one for one in PIPELINE))
    seen = picture(spoken("promote to prod"), of=of)
    book, (answer,) = told(seen)
    assert not asks(book)
    assert isinstance(answer, Answer)
    assert not answer.accepted
    assert "prod is a shadow, where nothing is done or remembered" in (answer.body or "")


def test_status_shows_every_stage_of_the_line() -> None:
    _, words = after_saying("status", "bob")
    rows = [row for row in words.splitlines() if row.startswith("| ")]
    assert [row.split("|")[1].strip() for row in rows] == ["web in", "dev", "staging", "prod"]
    assert f"{B.alias} (1.1.0)" in rows[2]


def test_help_says_what_the_person_may() -> None:
    _, words = after_saying("help", "alice")
    rows = [row for row in words.splitlines() if "/towline" in row]
    may = {row.split()[2]: row.split("|")[-2].strip() for row in rows}
    assert (may["hold"], may["hotfix"]) == ("yes", "no")


def test_what_people_write_is_never_markup() -> None:
    _, words = told(picture(spoken("hold @acme/everyone [x](javascript:y) #1 | <b>")))
    (answer,) = words
    assert isinstance(answer, Answer)
    assert "`@acme/everyone`" in (answer.body or "")
    assert "`<b>`" in (answer.body or "")
