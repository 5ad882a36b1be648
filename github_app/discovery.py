"""What a warehouse's sources offer in one round, or why there is nothing. Values only."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TypeAlias

from github_app.arrivals import Facts, FirstSeen
from plugin.artifact import Artifact, Watched
from plugin.freight import Freight


@dataclass(frozen=True, slots=True)
class Young:
    """A version that is passed over until it is old enough, by the name of its subscription.

    `seen_at` says since when it counts as known.
    """

    subscription: str
    artifact: Artifact
    seen_at: datetime
    ready_at: datetime


@dataclass(frozen=True, slots=True)
class Ages:
    """Of subscriptions with a minimum age: who answered, and from when what they have counts."""

    answered: tuple[Watched, ...] = ()
    looked_at: tuple[FirstSeen, ...] = ()


NO_AGES = Ages()


@dataclass(frozen=True, slots=True)
class Discovered:
    """The freight a warehouse's sources offer as newest, and what they say of its artifacts.

    `passed_over` is why it is not the best of each subscription, where it is not. `gone` is what
    freight had and is not at its source any more.
    """

    freight: Freight
    facts: Mapping[Watched, Facts] = field(default_factory=dict)
    young: tuple[Young, ...] = ()
    passed_over: str = ""
    gone: tuple[Artifact, ...] = ()
    ages: Ages = NO_AGES


@dataclass(frozen=True, slots=True)
class Undiscovered:
    """Why a warehouse has no newest freight now."""

    reason: str
    young: tuple[Young, ...] = ()
    gone: tuple[Artifact, ...] = ()
    ages: Ages = NO_AGES


Discovery: TypeAlias = Discovered | Undiscovered
