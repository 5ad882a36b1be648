"""Which comments and buttons may be commands, on what, and whom GitHub is asked about."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import cast

import pytest

from github_app.events import ButtonPressed, CommentMade, Told
from github_app.ledger import Ledger
from github_app.notes import Answered, StageNotes
from github_app.picture import LinePicture, Person, Spoken
from github_app.ports import GitHub, Objects, TreeEntry
from github_app.pulls import PullState, Said
from github_app.spoken import OLDEST, Heard, Listener
from plugin.errors import Refusal
from plugin.freight import Freight
from plugin.record import write_record
from tests.github_app.shop import (
    PIPELINE,
    REPOSITORY,
    A,
    B,
    at,
    ledger,
    line,
    project,
    proposed,
    record,
    shown,
)


def said(text: str = "/towline hold", who: str = "kim", minute: float = 90) -> Said:
    return Said(f"IC_{text}_{who}_{minute}", who, bot=False, text=text, at=at(minute))


@dataclass(slots=True)
class Asked:
    """A GitHub that knows some comments, and writes down whom it is asked about."""

    known: Mapping[str, Spoken] = field(default_factory=dict)
    people_asked: list[tuple[tuple[str, ...], bool]] = field(default_factory=list)
    ids_asked: list[str] = field(default_factory=list)

    def comments(self, repository: str, ids: Sequence[str]) -> Sequence[Spoken]:
        assert repository == REPOSITORY
        self.ids_asked += ids
        return [self.known[one] for one in ids if one in self.known]

    def people(
        self, repository: str, logins: Sequence[str], *, teams: bool
    ) -> Mapping[str, Person]:
        assert repository == REPOSITORY
        self.people_asked.append((tuple(logins), teams))
        return {one: Person(one, "write") for one in logins}


@dataclass(slots=True)
class Heads:
    """The heads of pull requests, each a tree with one record; `fetched` are had at first ask."""

    trees: Mapping[str, str] = field(default_factory=dict)
    here: set[str] = field(default_factory=set)

    def has(self, oid: str) -> bool:
        return oid in self.here

    def fetch_pull(self, number: int) -> None:
        if number == 404:
            raise Refusal("there is no such pull request")
        self.here |= set(self.trees)

    def tree(self, commit: str) -> str:
        return commit

    def find(
        self, wanted: Mapping[str, Iterable[str]], words: Sequence[str] = ()
    ) -> Iterator[Mapping[str, Sequence[TreeEntry]]]:
        yield {
            tree: [TreeEntry(path, tree, plain=True) for path in paths]
            for tree, paths in wanted.items()
        }

    def blobs(self, oids: Iterable[str]) -> Mapping[str, bytes]:
        return {oid: self.trees[oid].encode() for oid in oids}


OPEN = proposed(line("staging", A), B)
HEAD = "towline/shop/staging/web"


def with_comments(*comments: Said, at_line: LinePicture = OPEN) -> LinePicture:
    assert at_line.open is not None
    return replace(at_line, open=replace(at_line.open, comments=comments))


def heard(
    staging: LinePicture,
    *told: Told,
    github: Asked | None = None,
    heads: Heads | None = None,
    book: Ledger | None = None,
) -> Heard:
    lines = [line("dev", B), staging, line("prod", A)]
    picture = shown(project(*PIPELINE), lines, book or ledger(A, B))
    listener = Listener(
        cast(GitHub, github or Asked()), cast(Objects, heads or Heads()), told, at(100)
    )
    return listener.heard(REPOSITORY, [picture])


def test_a_comment_of_the_look_is_heard_with_what_its_pull_request_carries() -> None:
    github = Asked()
    found = heard(with_comments(said("nice"), said()), github=github)
    (one,) = found.spoken
    assert (one.said, one.carried, one.pressed) == (said(), (B.id,), False)
    assert found.people == {"kim": Person("kim", "write")}
    assert github.people_asked == [(("kim",), False)]
    assert github.ids_asked == []


def test_where_nobody_commands_nobody_is_asked_about() -> None:
    github = Asked()
    assert (
        heard(with_comments(said("nice"), said("please /towline hold")), github=github) == Heard()
    )
    assert github.people_asked == []


@pytest.mark.parametrize(
    "comment",
    [
        replace(said(), bot=True),
        replace(said(), edited=True),
        replace(said(), reacted=True),
        replace(said(), at=at(100) - OLDEST - timedelta(seconds=1)),
    ],
)
def test_what_counts_for_nothing_is_not_heard(comment: Said) -> None:
    assert heard(with_comments(comment)).spoken == ()


def test_who_was_answered_is_not_asked_about_again() -> None:
    github = Asked()
    done = Answered(said().node, at(95), "kim", "hold", "")
    book = ledger(A, B, staging=StageNotes(answered=(done,)))
    found = heard(with_comments(said()), github=github, book=book)
    assert len(found.spoken) == 1
    assert github.people_asked == []


def test_a_branch_with_a_foreign_commit_carries_nothing() -> None:
    assert OPEN.head is not None
    foreign = replace(OPEN, head=replace(OPEN.head, ours=False))
    (one,) = heard(with_comments(said(), at_line=foreign)).spoken
    assert one.carried == ()


def old(carried: Freight, number: int = 3) -> tuple[Spoken, Heads]:
    """A comment on a pull request that was closed long ago."""
    assert OPEN.open is not None
    shut = replace(OPEN.open, number=number, node="PR_3", state=PullState.CLOSED, head_oid="c" * 40)
    text = write_record(record(carried, "staging"))
    return Spoken(shut, said(minute=1)), Heads({"c" * 40: text})


def test_a_delivery_names_a_comment_that_the_look_does_not_show() -> None:
    spoken, heads = old(A)
    github = Asked({"IC_old": spoken})
    hint = CommentMade(7, REPOSITORY, "IC_old")
    (one,) = heard(OPEN, hint, github=github, heads=heads).spoken
    assert (one.said, one.carried) == (spoken.said, (A.id,))
    assert github.ids_asked == ["IC_old"]


def test_a_comment_that_was_shown_is_not_asked_for() -> None:
    github = Asked()
    heard(with_comments(said()), CommentMade(7, REPOSITORY, said().node), github=github)
    assert github.ids_asked == []


def test_a_head_that_is_gone_carries_nothing() -> None:
    spoken, heads = old(A, number=404)
    github = Asked({"IC_old": spoken})
    (one,) = heard(OPEN, CommentMade(7, REPOSITORY, "IC_old"), github=github, heads=heads).spoken
    assert one.carried == ()


def test_a_record_that_nobody_can_read_carries_nothing() -> None:
    spoken, _ = old(A)
    github, heads = Asked({"IC_old": spoken}), Heads({"c" * 40: "freight: ["})
    (one,) = heard(OPEN, CommentMade(7, REPOSITORY, "IC_old"), github=github, heads=heads).spoken
    assert one.carried == ()


def test_a_comment_on_a_promotion_to_a_stage_that_is_gone_is_nothing() -> None:
    spoken, heads = old(A)
    gone = replace(spoken, pull=replace(spoken.pull, head="towline/shop/gone/web"))
    github = Asked({"IC_old": gone})
    found = heard(OPEN, CommentMade(7, REPOSITORY, "IC_old"), github=github, heads=heads)
    assert found == Heard()


def press(oid: str) -> ButtonPressed:
    return ButtonPressed(7, REPOSITORY, oid, "hold", "kim", "d1")


def test_a_button_is_heard_on_the_head_that_it_was_shown_on() -> None:
    assert OPEN.open is not None
    (one,) = heard(OPEN, press(OPEN.open.head_oid)).spoken
    assert one.pressed
    assert (one.said.text, one.said.author, one.said.at) == ("/towline hold", "kim", at(100))
    assert one.said.node == "button:d1"
    assert one.carried == (B.id,)
    assert heard(OPEN, press("f" * 40)).spoken == ()


def test_teams_are_asked_for_where_the_pipeline_file_names_others_than_roles() -> None:
    for may, teams in (
        ({"hold": ("maintain", "admin")}, False),
        ({"hold": ("maintain", "sre")}, True),
    ):
        github = Asked()
        named = replace(PIPELINE[1], may=may)
        lines = [line("dev", B), with_comments(said()), line("prod", A)]
        picture = shown(project(PIPELINE[0], named, PIPELINE[2]), lines, ledger(A, B))
        listener = Listener(cast(GitHub, github), cast(Objects, Heads()), (), at(100))
        listener.heard(REPOSITORY, [picture])
        assert github.people_asked == [(("kim",), teams)]
