"""The newest freight a warehouse's sources offer, or why there is none: the port `Registries`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Set
from dataclasses import dataclass, replace
from datetime import datetime

from github_app.discovery import Ages, Discovered, Discovery, Undiscovered
from github_app.ports import Known
from github_app.warehouse.asked import Asked
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
    TakenWhole,
    watched_by,
)


@dataclass(frozen=True, slots=True)
class SourceDiscovery:
    """Discovery by asking everybody who may have something new.

    Who is busy or refuses is a reason for no freight, not an error: other warehouses and stages go
    on, and the next sweep asks again.
    """

    sources: Sources

    def discover(self, warehouse: Warehouse, known: Known, now: datetime) -> Discovery:
        """The warehouse's newest set that goes together and is old enough (Kargo's W-3, W-6)."""
        asked = {one.name: Asked(one, self.sources, known, now) for one in warehouse.subscriptions}
        found = self._found(warehouse, asked, known)
        young = tuple(late for one in asked.values() for late in one.young())
        return replace(found, young=young, ages=_ages(asked.values()))

    def _found(self, warehouse: Warehouse, asked: Mapping[str, Asked], known: Known) -> Discovery:
        try:
            held = [one for asking in asked.values() for one in asking.held()]
            offered = {name: one.offered() for name, one in asked.items() if not one.is_path}
            chosen = _chosen(warehouse, offered)
            missing = self._gone(warehouse, known)
            if isinstance(chosen, Incompatible):
                empty = next((one for one in asked.values() if one.found_nothing), None)
                reason = empty.nothing() if empty else chosen.reason
                return Undiscovered(_reason(warehouse, reason), gone=missing)
            kept = displaced(warehouse, known, chosen.chosen, missing)
            if kept is not None:
                return Undiscovered(_reason(warehouse, _kept(kept)), gone=missing)
            found = _freight(warehouse, [*held, *chosen.chosen.values()])
        except (Refusal, Temporary) as error:
            return Undiscovered(_reason(warehouse, str(error)))
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
        self, warehouse: Warehouse, versions: Mapping[str, str], known: Known, now: datetime
    ) -> Discovery:
        """Freight of these versions, one of each subscription, as they are there now.

        Raises Temporary, and Refusal for a name that is no subscription's, one that is missing, and
        a version that is not there or that its subscription may not take (yet): people choose among
        what is discovered (Kargo's F-6).
        """
        subscriptions = {one.name: one for one in warehouse.subscriptions}
        paths = [one for one in warehouse.subscriptions if isinstance(one, TakenWhole)]
        _check_names(warehouse, {one.name for one in paths}, versions)
        found = [
            Asked(subscriptions[name], self.sources, known, now).exact(version)
            for name, version in versions.items()
        ]
        for one in paths:
            found += self.sources.offered(one, known)
        return _freight(warehouse, found)


def _chosen(
    warehouse: Warehouse, offered: Mapping[str, Iterable[Candidate]]
) -> Compatible | Incompatible:
    if not offered:
        return Compatible({})
    criteria = Criteria.parse(warehouse.criteria, offered) if warehouse.criteria else None
    return compatible(offered, match_tags=warehouse.match_tags, criteria=criteria)


def _freight(warehouse: Warehouse, chosen: Iterable[Candidate]) -> Discovery:
    chosen = tuple(chosen)
    if not chosen:
        return Undiscovered(_reason(warehouse, "nothing it watches has a version"))
    facts = {one.artifact.subject: one.facts for one in chosen if one.facts}
    return Discovered(Freight(warehouse.name, tuple(one.artifact for one in chosen)), facts)


def _ages(asked: Iterable[Asked]) -> Ages:
    """What was seen of those with a minimum age."""
    aged = [one for one in asked if one.has_age]
    answered = (one.subscription for one in aged if one.answered or one.ages.looked_at)
    return Ages(
        tuple(subject for one in answered for subject in watched_by(one)),
        tuple(seen for one in aged for seen in one.first_seen()),
    )


def _check_names(warehouse: Warehouse, paths: Set[str], versions: Mapping[str, str]) -> None:
    """Exactly one version of each subscription (Kargo's F-6) but those to directories, `paths`."""
    named = versions.keys() & paths
    if named:
        raise Refusal(f"what {_listed(named)} holds is taken as it is; leave it out")
    wanted = {one.name for one in warehouse.subscriptions} - paths
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


def _kept(artifact: Artifact) -> str:
    """Why nothing takes the place of what is not offered any more."""
    return (
        f"{artifact.subject} {artifact.version}, the newest so far, is not offered any more, and "
        "nothing older takes its place by itself: push it again, or something newer; to go back, "
        "keep that version out by a rule of the subscription"
    )
