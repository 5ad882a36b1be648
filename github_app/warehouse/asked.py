"""One subscription, asked as far as anybody wants to know: what is old enough to be taken."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from itertools import islice

from github_app.arrivals import FirstSeen
from github_app.discovery import Young
from github_app.ledger_times import time_text
from github_app.ports import Known
from github_app.warehouse.age import OldEnough
from github_app.warehouse.candidate import Candidate
from github_app.warehouse.sources import Sources
from plugin.errors import Refusal
from plugin.subscriptions import (
    NO_AGE,
    CustomSubscription,
    DiskSubscription,
    ImageSubscription,
    PathSubscription,
    Selection,
    StageSubscription,
    Subscription,
    TakenWhole,
    watched_by,
)

_LONG_AGO = datetime.min.replace(tzinfo=UTC)
# Young versions are no candidates, however many there are.
_MOST_YOUNG = 200


@dataclass(slots=True)
class Asked:
    """A subscription and what came of asking.

    `answered` once somebody did, `found_nothing` if there is nothing to take.
    """

    subscription: Subscription
    sources: Sources
    known: Known
    now: datetime
    ages: OldEnough = field(init=False)
    answered: bool = False
    found_nothing: bool = False

    def __post_init__(self) -> None:
        one = self.subscription
        min_age = NO_AGE if isinstance(one, TakenWhole) else one.min_age
        subject = "" if self.is_path else str(watched_by(one)[0].plain)
        since = self.known.arrivals.since.get(subject, self.now)
        self.ages = OldEnough(min_age, since, self.now, self._remembered)

    @property
    def is_path(self) -> bool:
        """Whether it has everything that a directory or a stage holds, instead of one version."""
        return isinstance(self.subscription, TakenWhole)

    @property
    def has_age(self) -> bool:
        """Whether a version must be known for some time before it is taken."""
        return self.ages.min_age > NO_AGE

    def held(self) -> Iterator[Candidate]:
        """What a directory or another stage holds."""
        if self.is_path:
            yield from self.sources.offered(self.subscription, self.known)

    def offered(self) -> Iterator[Candidate]:
        """The versions that are old enough, best first; young ones take up no room.

        At the first look all are asked for: what is there now is known from now on, and may be the
        best that a rule lets pass one day.
        """
        one, limit = self.subscription, None
        if self.has_age and not isinstance(one, CustomSubscription | TakenWhole):
            one, limit = replace(one, limit=max(one.limit, _MOST_YOUNG)), one.limit
        old_enough = self.ages.among(self.sources.offered(one, self.known))
        candidates: Iterator[Candidate] = islice(old_enough, limit)
        if self.has_age and self.ages.since == self.now:
            candidates = iter(tuple(candidates))
        empty = True
        for candidate in candidates:
            self.answered, empty = True, False
            yield candidate
        self.answered, self.found_nothing = True, empty

    def exact(self, version: str) -> Candidate:
        """One version; raises Refusal if it is not there or may not be taken."""
        one = self.subscription
        candidate = self.sources.exact(one, version, self.known)
        watched = ", ".join(map(str, watched_by(one)))
        if candidate is None:
            raise Refusal(f"{watched} has no version '{version}'; see towline discover")
        objection = self.sources.objection(one, version)
        if objection is not None:
            raise Refusal(f"'{one.name}' may not take {version} of {watched}: {objection}")
        if not list(self.ages.among((candidate,))):
            until = time_text(self.ages.waiting[0].ready_at)
            raise Refusal(f"{version} of {watched} is too young until {until}")
        return candidate

    def nothing(self) -> str:
        """Why the subscription has nothing to give."""
        waiting = self.ages.waiting
        if waiting:
            first = min(waiting, key=lambda one: one.ready_at)
            late = first.candidate.artifact
            return (
                f"{late.subject} {late.version} is too young until {time_text(first.ready_at)}, "
                "and nothing older may be taken"
            )
        listed = self.sources.listed(self.subscription)
        if listed is not None and not listed:
            watched = watched_by(self.subscription)[0]
            return f"{watched} has no tags (yet): push one, or mend its name"
        return _nothing(self.subscription)

    def young(self) -> Iterator[Young]:
        """What was passed over until it is old enough."""
        for late in self.ages.waiting:
            artifact = late.candidate.artifact
            yield Young(self.subscription.name, artifact, late.known_since, late.ready_at)

    def first_seen(self) -> Iterator[FirstSeen]:
        """From when the age of each version counts that was looked at; a post says that itself."""
        if self.has_age and not isinstance(self.subscription, CustomSubscription):
            yield from (FirstSeen(one.artifact, at) for one, at in self.ages.looked_at)

    def _remembered(self, candidate: Candidate) -> datetime | None:
        """What was freight once is old enough, whatever the age was then."""
        if self.known.has_taken(candidate.artifact):
            return _LONG_AGO
        if isinstance(self.subscription, CustomSubscription) and candidate.created:
            return candidate.created
        return self.known.arrivals.seen_at(candidate.artifact)


def _nothing(subscription: Subscription) -> str:
    watched = ", ".join(map(str, watched_by(subscription)))
    match subscription:
        case ImageSubscription(select=Selection.DIGEST, constraint=tag):
            return f"{watched} has no tag '{tag}'"
        case CustomSubscription(name=name):
            return f"nobody has posted a version of '{name}' yet"
        case _:
            return f"no version of {watched} fits{_rule(subscription)}"


def _rule(subscription: Subscription) -> str:
    """The rule that lets nothing pass, in brackets."""
    match subscription:
        case ImageSubscription():
            parts = [subscription.select.value]
            if subscription.constraint and subscription.select is Selection.SEMVER:
                parts = [f"{parts[0]} {subscription.constraint}"]
            parts += [str(subscription.platform)] if subscription.platform else []
        case DiskSubscription(constraint=constraint):
            parts = [constraint] if constraint else []
        case PathSubscription() | StageSubscription() | CustomSubscription():
            parts = []
        case _:
            parts = [subscription.constraint] if subscription.constraint else []
    return f" ({', '.join(parts)})" if parts else ""
