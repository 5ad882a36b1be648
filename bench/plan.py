"""Planning a repository of very many stages, and how that grows with their number."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from bench.row import Row, at_most, medians
from github_app.discovery import Discovered
from github_app.ledger import EMPTY, Ledger
from github_app.picture import Base, LinePicture, ProjectPicture, RepositoryPicture, Stay
from github_app.plan import Plan, plan
from plugin import holding as holdings
from plugin.artifact import Image, Repository
from plugin.errors import Refusal
from plugin.freight import Freight
from plugin.head import head_of
from plugin.pipeline import After, Direct, InDirectory, Line, Project, Stage, Upstream, Warehouse
from plugin.record import Record
from plugin.subscriptions import ImageSubscription

_STAGES = 10_000
_FREIGHT = 1_000
_RUNS = 3
_START = datetime(2026, 1, 1, tzinfo=UTC)
_NOW = _START + timedelta(days=30)
_WEB = Repository("ghcr.io", "acme/web")


def rows(tools: Path, work: Path) -> Iterator[Row]:
    """The time of one plan when freight soaks everywhere, and ten times the stages against it."""
    many, few = _picture(_STAGES), _picture(_STAGES // 10)
    _must_wait(plan(many, _NOW))
    large, small = medians(
        lambda: plan(many, _NOW), lambda: plan(few, _NOW), clock=time.perf_counter, runs=_RUNS
    )
    yield at_most("plan 10,000 stages, 1,000 freight, all soaking", large, "s", 1)
    yield Row(
        "plan 10 times the stages (floor: a tenth of them)",
        large,
        "s",
        "<= 12 x floor",
        large <= 12 * small,
        small,
    )


def _picture(stages: int) -> RepositoryPicture:
    """Chains of dev, test and prod; each stage one freight behind the one before it."""
    freight = [_freight(number) for number in range(_FREIGHT)]
    pipeline = [stage for chain in range(stages // 3 + 1) for stage in _chain(chain)][:stages]
    lines = {(one.name, "web"): _line(one, freight) for one in pipeline}
    warehouse = Warehouse("web", (ImageSubscription("web", _WEB),))
    project = Project("shop", "towline.yaml", (warehouse,), tuple(pipeline))
    seen = ProjectPicture(project, lines, {"web": Discovered(freight[-1])}, _ledger(freight))
    return RepositoryPicture(
        "acme/shop", "R_1", "https://github.com/acme/shop", "main", "b" * 40, (seen,)
    )


def _chain(number: int) -> Iterator[Stage]:
    dev, test, prod = (f"{name}-{number}" for name in ("dev", "test", "prod"))
    yield Stage(dev, InDirectory(dev), (Line("web", Direct()),))
    for name, upstream in ((test, dev), (prod, test)):
        source = After((Upstream(upstream, timedelta(days=2)),))
        yield Stage(name, InDirectory(name), (Line("web", source),))


def _line(stage: Stage, freight: list[Freight]) -> LinePicture:
    behind = ("dev", "test", "prod").index(stage.name.partition("-")[0])
    past = freight[-11 - behind : -1 - behind] if behind else freight[-10:]
    held = past[-1]
    entered = [_NOW - timedelta(days=len(past) - place) for place in range(len(past))]
    ends: list[datetime | None] = [*entered[1:], None]
    stays = tuple(
        Stay(one.id, since, "c" * 40, until)
        for one, since, until in zip(past, entered, ends, strict=True)
    )
    record = Record(held, "acme/shop", head_of("shop", stage.name, "web"), past[-2].id)
    base = Base("main", "b" * 40)
    empty = LinePicture(stage.name, "web", base, stage.name, holdings.Managed(record))
    return replace(empty, stays=stays)


def _ledger(freight: list[Freight]) -> Ledger:
    ledger = EMPTY
    for number, one in enumerate(freight):
        ledger = ledger.with_newest(one, _START + timedelta(minutes=number))
    return ledger


def _freight(number: int) -> Freight:
    tag = f"1.{number}.0"
    digest = hashlib.sha256(tag.encode()).hexdigest()
    return Freight("web", (Image(_WEB, tag, f"sha256:{digest}"),))


def _must_wait(made: Plan) -> None:
    """A figure of a plan that decides nothing would be hollow."""
    if made.wake_at is None or len(made.lines) != _STAGES:
        raise Refusal("the bench's plan should wait for freight that soaks")
