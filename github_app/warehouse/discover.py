"""The newest freight a warehouse's sources offer, or why there is none: the port `Registries`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Set
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

from github_app.picture import Discovered, Discovery, Undiscovered, Young
from github_app.ports import Known
from github_app.warehouse.age import OldEnough
from github_app.warehouse.candidate import Candidate
from github_app.warehouse.compatible import Compatible, Incompatible, compatible
from github_app.warehouse.criteria import Criteria
from github_app.warehouse.sources import Sources
from github_app.warehouse.vanished import displaced, gone
from plugin.artifact import Artifact
from plugin.errors import Refusal, Temporary
from plugin.freight import Freight
from plugin.pipeline import Warehouse
from plugin.subscriptions import (
    CustomSubscription,
    DiskSubscription,
    ImageSubscription,
    PathSubscription,
    Selection,
    Subscription,
    watched_by,
)

_LONG_AGO = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class SourceDiscovery:
    """Discovery by asking everybody who may have something new.

    Who is busy or refuses is a reason for no freight, not an error: other warehouses and stages go
    on, and the next sweep asks again.
    """

    sources: Sources

    def discover(self, warehouse: Warehouse, known: Known, now: datetime) -> Discovery:
        """The warehouse's newest set that goes together and is old enough (Kargo's W-3, W-6)."""
        asked = {one.name: _Asked(one, self.sources, known, now) for one in warehouse.subscriptions}
        try:
            held = [one for asking in asked.values() for one in asking.held()]
            offered = {name: one.offered() for name, one in asked.items() if not one.is_path}
            chosen = _chosen(warehouse, offered)
            missing = self._gone(warehouse, known)
        except (Refusal, Temporary) as error:
            return Undiscovered(_reason(warehouse, str(error)), tuple(_young(asked.values())))
        young = tuple(_young(asked.values()))
        if isinstance(chosen, Incompatible):
            empty = next((one for one in asked.values() if one.found_nothing), None)
            reason = _nothing(empty.subscription, young) if empty else chosen.reason
            return Undiscovered(_reason(warehouse, reason), young, looked=True, gone=missing)
        kept = displaced(warehouse, known, chosen.chosen, missing)
        if kept is not None:
            reason = _reason(warehouse, _kept(kept))
            return Undiscovered(reason, young, looked=True, gone=missing)
        found = _freight(warehouse, [*held, *chosen.chosen.values()], young)
        if isinstance(found, Discovered):
            return replace(found, passed_over=chosen.passed_over or "", gone=missing)
        return found

    def _gone(self, warehouse: Warehouse, known: Known) -> tuple[Artifact, ...]:
        """What was freight once and is not listed any more."""
        if not known.seen:
            return ()
        listed = {one: self.sources.listed(one) for one in warehouse.subscriptions}
        return gone(known, {one: tags for one, tags in listed.items() if tags is not None})

    def assemble(
        self, warehouse: Warehouse, versions: Mapping[str, str], known: Known
    ) -> Discovery:
        """Freight of these versions, one of each subscription, as they are there now.

        Raises Refusal for a name that is no subscription's, one that is missing, and a version
        that is not there.
        """
        subscriptions = {one.name: one for one in warehouse.subscriptions}
        paths = [one for one in warehouse.subscriptions if isinstance(one, PathSubscription)]
        wanted = subscriptions.keys() - {one.name for one in paths}
        _check_names(warehouse, wanted, versions)
        found = []
        for name, version in versions.items():
            candidate = self.sources.exact(subscriptions[name], version, known)
            if candidate is None:
                watched = ", ".join(map(str, watched_by(subscriptions[name])))
                raise Refusal(f"{watched} has no version '{version}'; see towline discover")
            found.append(candidate)
        for one in paths:
            found += self.sources.offered(one, known)
        return _freight(warehouse, found, ())


@dataclass(slots=True)
class _Asked:
    """One subscription, asked as far as anybody wants to know."""

    subscription: Subscription
    sources: Sources
    known: Known
    now: datetime
    ages: OldEnough = field(init=False)
    found_nothing: bool = False

    def __post_init__(self) -> None:
        one, since = self.subscription, self.known.arrivals.since
        min_age = timedelta(0) if isinstance(one, PathSubscription) else one.min_age
        self.ages = OldEnough(min_age, since.get(one.name, self.now), self.now, self._seen_at)

    @property
    def is_path(self) -> bool:
        """Whether it has everything that a directory holds, instead of one version."""
        return isinstance(self.subscription, PathSubscription)

    def held(self) -> Iterator[Candidate]:
        """What a directory holds."""
        if self.is_path:
            yield from self.sources.offered(self.subscription, self.known)

    def offered(self) -> Iterator[Candidate]:
        """The versions that are old enough, best first."""
        empty = True
        for one in self.ages.among(self.sources.offered(self.subscription, self.known)):
            empty = False
            yield one
        self.found_nothing = empty

    def _seen_at(self, candidate: Candidate) -> datetime:
        """What was freight once is old enough, whatever the age was then."""
        if self.known.has_taken(candidate.artifact):
            return _LONG_AGO
        if isinstance(self.subscription, CustomSubscription) and candidate.created:
            return candidate.created
        return self.known.arrivals.seen_at(candidate.artifact) or self.now


def _chosen(
    warehouse: Warehouse, offered: Mapping[str, Iterable[Candidate]]
) -> Compatible | Incompatible:
    if not offered:
        return Compatible({})
    criteria = Criteria.parse(warehouse.criteria, offered) if warehouse.criteria else None
    return compatible(offered, match_tags=warehouse.match_tags, criteria=criteria)


def _freight(
    warehouse: Warehouse, chosen: Iterable[Candidate], young: tuple[Young, ...]
) -> Discovery:
    chosen = tuple(chosen)
    if not chosen:
        return Undiscovered(_reason(warehouse, "nothing it watches has a version"), young)
    facts = {one.artifact.subject: one.facts for one in chosen if one.facts}
    freight = Freight(warehouse.name, tuple(one.artifact for one in chosen))
    return Discovered(freight, facts, young)


def _young(asked: Iterable[_Asked]) -> Iterator[Young]:
    for one in asked:
        for late in one.ages.waiting:
            artifact = late.candidate.artifact
            yield Young(one.subscription.name, artifact, late.known_since, late.ready_at)


def _check_names(warehouse: Warehouse, wanted: Set[str], versions: Mapping[str, str]) -> None:
    """Exactly one version of each subscription (Kargo's F-6)."""
    unknown, missing = versions.keys() - wanted, wanted - versions.keys()
    if unknown:
        raise Refusal(
            f"warehouse '{warehouse.name}' has no subscription called {_listed(unknown)}; it has "
            f"{_listed(wanted)}"
        )
    if missing:
        raise Refusal(f"say a version of {_listed(missing)}, too: freight has one of each")


def _listed(names: Iterable[str]) -> str:
    return ", ".join(f"'{one}'" for one in sorted(names)) or "none"


def _reason(warehouse: Warehouse, reason: str) -> str:
    return f"warehouse '{warehouse.name}': {reason}"


def _nothing(subscription: Subscription, young: Iterable[Young]) -> str:
    """Why a subscription has nothing to give."""
    waiting = [one for one in young if one.subscription == subscription.name]
    if waiting:
        first = min(waiting, key=lambda one: one.ready_at)
        until = first.ready_at.isoformat(timespec="seconds")
        return f"{first.artifact} is too young until {until}, and nothing older is there"
    watched = ", ".join(map(str, watched_by(subscription)))
    match subscription:
        case ImageSubscription(select=Selection.DIGEST, constraint=tag):
            return f"{watched} has no tag '{tag}'"
        case CustomSubscription(name=name):
            return f"nobody has posted a version of '{name}' yet"
        case _:
            return f"no version of {watched} fits{_rule(subscription)}"


def _kept(artifact: Artifact) -> str:
    """Why nothing takes the place of what is not offered any more."""
    return (
        f"{artifact.subject} {artifact.version}, the newest so far, is not offered any more, and "
        "nothing older takes its place by itself: push it again, or something newer; to go back, "
        "keep that version out by a rule of the subscription"
    )


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
        case PathSubscription() | CustomSubscription():
            parts = []
        case _:
            parts = [subscription.constraint] if subscription.constraint else []
    return f" ({', '.join(parts)})" if parts else ""
