"""What came to a warehouse and when it becomes freight: posts, ages, sets that settle. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from github_app.arrivals import Arrivals, Posted, Settling
from github_app.discovery import Ages, Discovered, Discovery, Undiscovered
from github_app.ledger import Ledger
from github_app.ledger_times import time_text
from github_app.picture import ProjectPicture
from github_app.ports import Known
from plugin.artifact import Custom, CustomName
from plugin.pipeline import Creation, Warehouse

# A set that changes all the time becomes freight after so many times its time to settle.
_MOST_TIMES = 10


@dataclass(frozen=True, slots=True)
class Arrived:
    """The ledger with what came to a warehouse, and its newest set from now on, if known."""

    ledger: Ledger
    newest: Discovered | None


def arrived(
    ledger: Ledger, warehouse: Warehouse, picture: ProjectPicture, now: datetime
) -> Arrived:
    """What the picture shows of a warehouse's arrivals, written into the ledger."""
    arrivals, known = ledger.arrived(warehouse.name), Known(ledger.seen(warehouse.name))
    for post in picture.posted.get(warehouse.name, ()):
        arrivals = with_new_post(arrivals, post, known)
    found = picture.discoveries.get(warehouse.name)
    if found is not None:
        arrivals = _aged(arrivals, found.ages, known, now)
    newest = _newest(warehouse, picture, found)
    arrivals, newest = _settled(arrivals, warehouse, newest, ledger, now)
    if arrivals != ledger.arrived(warehouse.name):
        ledger = ledger.with_arrivals(warehouse.name, arrivals)
    return Arrived(ledger, newest)


def _newest(
    warehouse: Warehouse, picture: ProjectPicture, found: Discovery | None
) -> Discovered | None:
    """What is offered; of a warehouse whose freight people assemble, what they asked for."""
    if warehouse.creation is Creation.MANUAL:
        found = picture.assembled.get(warehouse.name)
    return found if isinstance(found, Discovered) else None


def with_new_post(arrivals: Arrivals, post: Posted, known: Known) -> Arrivals:
    """These with a post, unless it is of a version that was freight once: that is no news."""
    if known.has_taken(Custom(CustomName(post.name), post.version)):
        return arrivals
    return arrivals.with_posted(post)


def _aged(arrivals: Arrivals, ages: Ages, known: Known, now: datetime) -> Arrivals:
    """These with the times from which versions count that are no freight yet."""
    asked = {str(one.plain) for one in ages.answered}
    since = dict.fromkeys(sorted(asked), now) | dict(arrivals.since)
    looked_at = (one for one in ages.looked_at if not known.has_taken(one.artifact))
    seen = arrivals.with_looked_at(looked_at)
    waiting = tuple(one for one in seen.first_seen if not known.has_taken(one.artifact))
    return replace(seen, since=since, first_seen=waiting)


def _settled(
    arrivals: Arrivals,
    warehouse: Warehouse,
    newest: Discovered | None,
    ledger: Ledger,
    now: datetime,
) -> tuple[Arrivals, Discovered | None]:
    """The set if it has been the newest for long enough; several pushes are one freight then."""
    seen = ledger.seen(warehouse.name)
    known = newest is not None and seen and seen[-1].freight == newest.freight
    if newest is None or known or not warehouse.settle:
        return replace(arrivals, settling=None if newest else arrivals.settling), newest
    settling = arrivals.settling
    if settling is None or settling.freight != newest.freight:
        settling = Settling(newest.freight, now, _began(settling, warehouse.settle, now))
    if now >= settled_at(settling, warehouse.settle):
        return replace(arrivals, settling=None), newest
    return replace(arrivals, settling=settling), None


def _began(before: Settling | None, settle: timedelta, now: datetime) -> datetime:
    """When sets began to follow each other; a time in which nobody looked counts for nothing."""
    watched = before is not None and now - before.since < 2 * settle
    return before.began if before is not None and watched else now


def settled_at(settling: Settling, settle: timedelta) -> datetime:
    """When the set becomes freight if it stays the newest, and at last even if it does not."""
    return min(settling.since + settle, settling.began + settle * _MOST_TIMES)


def awaited(picture: ProjectPicture, ledger: Ledger, now: datetime) -> Iterator[datetime]:
    """When time alone will make something freight."""
    for warehouse in picture.project.warehouses:
        settling = ledger.arrived(warehouse.name).settling
        if settling is not None and warehouse.settle:
            at = settled_at(settling, warehouse.settle)
            if at > now:
                # Else its sources could not be asked: that takes a sweep and not time alone.
                yield at
        found = picture.discoveries.get(warehouse.name)
        if found is not None and warehouse.creation is Creation.AUTO:
            yield from (one.ready_at for one in found.young)


def nothing_yet(warehouse: Warehouse, picture: ProjectPicture) -> str:
    """Why a warehouse has no freight, and what would give it some."""
    nothing = f"warehouse {warehouse.name} has no freight yet"
    settling = picture.ledger.arrived(warehouse.name).settling
    if settling is not None:
        until = time_text(settled_at(settling, warehouse.settle))
        return f"{nothing}: {settling.freight.tags()} settles until {until}"
    match picture.discoveries.get(warehouse.name):
        case Undiscovered(reason):
            own = f"warehouse '{warehouse.name}': "
            return f"{nothing}: {reason.removeprefix(own)}"
        case _ if warehouse.creation is Creation.MANUAL:
            return f"{nothing}: it is assembled by hand; see towline freight --help"
        case _:
            return nothing
