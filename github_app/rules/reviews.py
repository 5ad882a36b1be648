"""Which reviews of a promotion count, and whether they are enough. Pure.

A review is given to what its reader saw: the freight, and the result of merging it. While both stay
the same it counts on, whatever commit the pull request's head is; as soon as one of them changes
it counts no more.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from github_app.gates import Gate, GateState
from github_app.notes import Reviewed, StageNotes
from github_app.picture import Head, Person
from github_app.pulls import PullRequest, Review
from github_app.rules.codeowners import owners_of
from plugin.freight import FreightId
from plugin.stage_policy import Reviews

REVIEWS = "reviews"
_WRITERS = frozenset({"write", "maintain", "admin"})
_MOST_NAMED = 5


def content_of(files: Mapping[str, str | None]) -> str:
    """What stands for a promotion's result where nothing is rendered: a hash of its files."""
    parts: list[str] = []
    for path, text in sorted(files.items()):
        parts += [path, "-" if text is None else f"+{text}"]
    measured = "".join(f"{len(part)}:{part}" for part in parts)
    return f"files:{hashlib.sha256(measured.encode('utf-8', 'surrogateescape')).hexdigest()}"


@dataclass(frozen=True, slots=True)
class Content:
    """What a review is given to: freight, and the hash of the result of merging it."""

    freight: FreightId
    result: str

    def given(self, notes: StageNotes) -> frozenset[str]:
        """The node ids of the reviews that are known to have been given to it."""
        same = (self.freight, self.result)
        return frozenset(one.review for one in notes.reviewed if (one.freight, one.content) == same)


@dataclass(frozen=True, slots=True)
class Standards:
    """What reviews of one promotion are measured by.

    `owner` is the account of teams that are written without one, `codeowners` the text of the
    base's file and `files` what the promotion changes. `authors` have a hand in it themselves.
    """

    wanted: Reviews
    owner: str
    files: Collection[str] = ()
    codeowners: str = ""
    authors: frozenset[str] = frozenset()
    people: Mapping[str, Person] = field(default_factory=dict)

    @property
    def teams(self) -> tuple[str, ...]:
        """The teams of which somebody must approve, as "org/team" in lower case."""
        return tuple(team_of(one, self.owner) for one in self.wanted.teams)

    def counts(self, review: Review) -> bool:
        """Whether the person's word counts at all."""
        if review.author.lower() in self.authors:
            return False
        return self.may_write(review) or bool(self.teams_of(review) & set(self.teams))

    def may_write(self, review: Review) -> bool:
        """Whether the person may write to the repository."""
        person = self.people.get(review.author.lower())
        return review.may_push or (person is not None and person.permission in _WRITERS)

    def teams_of(self, review: Review) -> frozenset[str]:
        """The teams the person is known to be in, as "org/team" in lower case.

        GitHub says for which teams somebody was asked: no more where they have left them all.
        """
        person = self.people.get(review.author.lower())
        if person is None:
            return frozenset(one.lower() for one in review.teams)
        asked = review.teams if person.teams else ()
        return frozenset(one.lower() for one in (*asked, *person.teams))

    def owners(self) -> tuple[tuple[str, ...], ...]:
        """For each part of the files that has owners of its own: those owners."""
        if not self.wanted.codeowners:
            return ()
        found = dict.fromkeys(owners_of(self.codeowners, path) for path in sorted(self.files))
        return tuple(owners for owners in found if owners)


def team_of(name: str, owner: str) -> str:
    """A team's full name, in lower case."""
    return (name if "/" in name else f"{owner}/{name}").lower()


def reviews_gate(
    standards: Standards, pull: PullRequest | None, given: frozenset[str]
) -> Gate | None:
    """The gate of a promotion's reviews; None where none are wanted and nobody objects.

    `pull` is None while the promotion has no pull request. `given` are the node ids of reviews that
    were given to this freight and result, though to another commit.
    """
    reviews = pull.reviews if pull is not None else ()
    against = [one.author for one in reviews if not one.approved and standards.may_write(one)]
    if against:
        return Gate(REVIEWS, GateState.FAILED, f"{_names(against)} asked for changes")
    if standards.wanted.count == 0:
        return None
    counted = tuple(counted_of(standards, pull, given))
    missing = tuple(_missing(standards, counted))
    words = f"{len(counted)} of {standards.wanted.count} approvals"
    if counted:
        words += f", by {_names(one.author for one in counted)}"
    if missing:
        return Gate(REVIEWS, GateState.FAILED, f"{words}; still needed: {', '.join(missing)}")
    return Gate(REVIEWS, GateState.PASSED, words)


def counted_of(
    standards: Standards, pull: PullRequest | None, given: frozenset[str]
) -> Iterator[Review]:
    """The approvals that count for the promotion as it stands now."""
    for one in pull.reviews if pull is not None else ():
        fresh = pull is not None and one.oid == pull.head_oid
        if one.approved and (fresh or one.node in given) and standards.counts(one):
            yield one


def _missing(standards: Standards, counted: tuple[Review, ...]) -> Iterator[str]:
    lacking = standards.wanted.count - len(counted)
    if lacking > 0:
        yield "one more approval" if lacking == 1 else f"{lacking} more approvals"
    for team in standards.teams:
        if not any(team in standards.teams_of(one) for one in counted):
            yield f"somebody of {team}"
    writers = [one for one in counted if standards.may_write(one)]
    for owners in standards.owners():
        if not any(_owns(standards, one, owners) for one in writers):
            yield f"a code owner ({_names(owners)})"


def _owns(standards: Standards, review: Review, owners: tuple[str, ...]) -> bool:
    return review.author.lower() in owners or bool(standards.teams_of(review) & set(owners))


def _names(names: Iterable[str]) -> str:
    listed = list(dict.fromkeys(names))
    more = f" and {len(listed) - _MOST_NAMED} more" if len(listed) > _MOST_NAMED else ""
    return ", ".join(listed[:_MOST_NAMED]) + more


def newly_given(
    content: Content, pull: PullRequest | None, head: Head | None, notes: StageNotes
) -> Iterator[Reviewed]:
    """What is worth remembering: approvals of the head as it is, which may move on.

    Of each the first that is seen: its reader saw no result of a later base.
    """
    if pull is None or head is None or not head.ours or head.oid != pull.head_oid:
        return
    known = {one.review for one in notes.reviewed}
    for one in pull.reviews:
        if one.approved and one.oid == pull.head_oid and one.node not in known:
            yield Reviewed(content.freight, content.result, one.node, one.author, one.at)
