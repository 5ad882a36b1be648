"""What a subscription is offered, for people: candidates, the rules against others, the freight."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from itertools import islice

from github_app.console.warehouses import AskedWarehouse
from github_app.discovery import Discovered, Discovery
from github_app.warehouse.candidate import Candidate
from github_app.warehouse.discover import SourceDiscovery
from github_app.warehouse.filtered import Filtered
from github_app.warehouse.sources import Sources
from plugin.artifact import Artifact
from plugin.errors import Refusal, Temporary
from plugin.subscriptions import Subscription


@dataclass(frozen=True, slots=True)
class Row:
    """A candidate; `chosen` if it is in the freight, `ready_at` if it is too young until then."""

    candidate: Candidate
    chosen: bool
    ready_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Offering:
    """One subscription: its candidates, best first, and what keeps other versions out.

    `more` says that there are more candidates than were asked for; `problem` why there are none.
    """

    subscription: Subscription
    rows: tuple[Row, ...] = ()
    more: bool = False
    filtered: tuple[Filtered, ...] = ()
    problem: str | None = None


@dataclass(frozen=True, slots=True)
class Offered:
    """A warehouse: what its subscriptions are offered, and the freight that comes of it."""

    asked: AskedWarehouse
    found: Discovery
    offerings: tuple[Offering, ...]


def offered(
    asked: AskedWarehouse, discovery: SourceDiscovery, now: datetime, most: int | None
) -> Offered:
    """What the warehouse's sources say now; `most` candidates of each are asked for, None: all.

    Who cannot be asked is a problem of that subscription alone.
    """
    found, sources = discovery.discover(asked.warehouse, asked.known, now), discovery.sources
    offerings = (
        _offering(one, asked, found, sources, most) for one in asked.warehouse.subscriptions
    )
    return Offered(asked, found, tuple(offerings))


def _offering(
    subscription: Subscription,
    asked: AskedWarehouse,
    found: Discovery,
    sources: Sources,
    most: int | None,
) -> Offering:
    chosen = found.freight.artifacts if isinstance(found, Discovered) else ()
    young = {one.artifact: one.ready_at for one in found.young}
    try:
        source = sources.offered(subscription, asked.known)
        first = tuple(islice(source, most))
        more = most is not None and next(source, None) is not None
        rows = (_row(one, chosen, young.get(one.artifact)) for one in first)
        return Offering(subscription, tuple(rows), more, sources.filtered(subscription))
    except (Refusal, Temporary) as error:
        return Offering(subscription, problem=str(error))


def _row(candidate: Candidate, chosen: tuple[Artifact, ...], ready_at: datetime | None) -> Row:
    return Row(candidate, candidate.artifact in chosen, ready_at)
