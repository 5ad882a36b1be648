"""Deciding what to do in one repository with very many stages: how long, and how it grows."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

from bench.row import Row, against_floor, at_most, medians
from github_app.decision import Promote, UpToDate
from github_app.ledger import Ledger, Seen
from github_app.picture import (
    Base,
    Discovered,
    LinePicture,
    ProjectPicture,
    RepositoryPicture,
    Stay,
)
from github_app.plan import Plan, plan
from github_app.pull_request import head_of
from plugin import promotion
from plugin.artifact import Image, Repository
from plugin.errors import Refusal
from plugin.freight import Freight
from plugin.pipeline import (
    After,
    Direct,
    ImageSubscription,
    InDirectory,
    Line,
    Project,
    Stage,
    Upstream,
    Warehouse,
)
from plugin.record import Record, record_path, write_record

_STAGES, _FEWER, _FREIGHT = 10_000, 1_000, 1_000
_WAREHOUSES = 10
# Chains of ten stages; in every tenth chain the newest freight has come as far as its third stage.
_CHAIN, _MOVING, _REACHED = 10, 10, 3
_RUNS = 5
_START = datetime(2026, 1, 1, tzinfo=UTC)
_NOW = _START + timedelta(days=30)
_NAME, _TIP = "acme/fleet", "b" * 40


def rows(tools: Path, work: Path) -> Iterator[Row]:
    """Seconds for 10,000 stages, and how many times longer that is than for 1,000."""
    many, few = _picture(_STAGES), _picture(_FEWER)
    _must_decide(plan(many, _NOW), _STAGES)
    _must_decide(plan(few, _NOW), _FEWER)
    slow, fast = medians(
        partial(plan, many, _NOW), partial(plan, few, _NOW), clock=time.perf_counter, runs=_RUNS
    )
    yield at_most(f"plan {_STAGES} stages, {_FREIGHT} freight, 1% to promote", slow, "s", 1)
    yield against_floor(f"plan {_STAGES} stages (floor: {_FEWER} stages)", slow, fast, "s", 12)


def _must_decide(planned: Plan, stages: int) -> None:
    """A figure of a plan in which nothing, or everything, happens would be hollow."""
    decisions = [one.decision for one in planned.lines]
    promoted = sum(isinstance(one, Promote) for one in decisions)
    current = sum(isinstance(one, UpToDate) for one in decisions)
    if len(decisions) != stages or promoted != stages // 100 or current < stages * 9 // 10:
        raise Refusal(f"the bench's plan promotes {promoted} of {len(decisions)} stages")


def _picture(stages: int) -> RepositoryPicture:
    warehouses = tuple(_warehouse(number) for number in range(_WAREHOUSES))
    seen = {
        one.name: tuple(_seen(one, number) for number in range(_FREIGHT // _WAREHOUSES))
        for one in warehouses
    }
    chains = stages // _CHAIN
    project = Project(
        "fleet",
        "towline.yaml",
        warehouses,
        tuple(_stage(chain, place) for chain in range(chains) for place in range(_CHAIN)),
    )
    lines = {
        (one.stage, one.warehouse): one
        for chain in range(chains)
        for place in range(_CHAIN)
        for one in [_line(chain, place, warehouses, seen)]
    }
    newest = {name: Discovered(of_one[-1].freight) for name, of_one in seen.items()}
    shown = ProjectPicture(project, lines, newest, Ledger(seen, {}))
    url = f"https://github.com/{_NAME}"
    return RepositoryPicture(_NAME, "R_1", url, "main", _TIP, (shown,), ledger_oid="1" * 40)


def _warehouse(number: int) -> Warehouse:
    repository = Repository("ghcr.io", f"acme/app-{number}")
    return Warehouse(f"app-{number}", (ImageSubscription(repository.path, repository),))


def _seen(warehouse: Warehouse, number: int) -> Seen:
    (repository,) = warehouse.repositories
    digest = "sha256:" + hashlib.sha256(f"{repository} {number}".encode()).hexdigest()
    freight = Freight(warehouse.name, (Image(repository, f"1.{number}.0", digest),))
    return Seen(freight, _START + timedelta(hours=number))


def _stage(chain: int, place: int) -> Stage:
    name, warehouse = f"c{chain}-s{place}", f"app-{chain % _WAREHOUSES}"
    upstream = Upstream(f"c{chain}-s{place - 1}", timedelta(minutes=30))
    source = After((upstream,)) if place else Direct()
    return Stage(name, InDirectory(f"stages/{name}"), (Line(warehouse, source),))


def _line(
    chain: int, place: int, warehouses: tuple[Warehouse, ...], seen: dict[str, tuple[Seen, ...]]
) -> LinePicture:
    """A line that holds the newest freight, or the one before it, and held three others earlier."""
    warehouse = warehouses[chain % _WAREHOUSES]
    behind = chain // _WAREHOUSES % _MOVING == 0 and place >= _REACHED
    known = [one.freight for one in seen[warehouse.name]]
    held = known[:-1] if behind else known
    name = f"c{chain}-s{place}"
    directory = f"stages/{name}"
    record = Record(held[-1], _NAME, head_of("fleet", name, warehouse.name), held[-2].id)
    files = {
        f"{directory}/kustomization.yaml": _kustomization(held[-1].artifacts[0]),
        record_path(directory, warehouse.name): write_record(record),
    }
    return LinePicture(
        stage=name,
        warehouse=warehouse.name,
        base=Base("main", _TIP),
        directory=directory,
        holding=promotion.holding(directory, warehouse, files),
        files=files,
        stays=_stays(held[-4:]),
    )


def _stays(held: list[Freight]) -> tuple[Stay, ...]:
    times = [_START + timedelta(days=5 * number) for number in range(len(held) + 1)]
    return tuple(
        Stay(
            one.id, times[number], f"merge-{number}", None if one is held[-1] else times[number + 1]
        )
        for number, one in enumerate(held)
    )


def _kustomization(image: Image) -> str:
    return (
        "kind: Kustomization\nimages:\n"
        f"  - name: {image.repository}\n    newTag: {image.tag}\n    digest: {image.digest}\n"
    )
