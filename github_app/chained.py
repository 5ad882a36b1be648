"""Warehouses that watch a stage of another project, with what is verified there. Pure.

Pipelines are chained so: what a stage holds, and its own project calls verified, is what the next
project's warehouse finds. A rollback there is found as well.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import datetime

from github_app.picture import ProjectPicture
from github_app.rules.adoption import adopted_freight
from github_app.rules.availability import Rules
from github_app.rules.news import brought_up_to_date
from plugin import holding as holdings
from plugin.artifact import Watched
from plugin.chains import stage_of, unknown, warehouses_of
from plugin.errors import Refusal
from plugin.freight import Freight, alias_of
from plugin.held_in import HeldIn, with_stages
from plugin.pipeline import Project, Stage
from plugin.subscriptions import StageSubscription


def upstream_first(projects: Iterable[Project]) -> tuple[Project, ...]:
    """The projects, each behind those whose stages it watches; who stands in a circle comes last.

    Else the order stays.
    """
    waiting = {one.name: one for one in projects}
    done: list[Project] = []
    while ready := [one for one in waiting.values() if _watches(one).isdisjoint(waiting)]:
        done += ready
        for one in ready:
            del waiting[one.name]
    return (*done, *waiting.values())


def chained(
    project: Project, known: Iterable[str], seen: Mapping[str, ProjectPicture], now: datetime
) -> Project:
    """The project with what the stages hold that it watches.

    `known` are the names of the repository's projects, `seen` the pictures of those before this.
    """
    names = tuple(known)

    def look(one: StageSubscription) -> HeldIn:
        try:
            if one.project in seen:
                return _held(one, seen[one.project], now)
            return HeldIn(problems=(_unseen(one, project.name, names),))
        except Refusal as refusal:
            return HeldIn(problems=(str(refusal),))

    return with_stages(project, look)


def _watches(project: Project) -> frozenset[str]:
    return frozenset(
        one.project
        for warehouse in project.warehouses
        for one in warehouse.subscriptions
        if isinstance(one, StageSubscription)
    )


def _unseen(one: StageSubscription, project: str, names: tuple[str, ...]) -> str:
    if one.project not in names:
        return unknown(one, names)
    return (
        f"the projects '{project}' and '{one.project}' feed each other in a circle; take one of "
        "the stage subscriptions out"
    )


def _held(one: StageSubscription, picture: ProjectPicture, now: datetime) -> HeldIn:
    """What the stage holds; what is not verified there yet is a problem, but known all the same.

    Raises Refusal where nobody can say what it holds.
    """
    stage = stage_of(one, picture.project)
    ledger = brought_up_to_date(picture, now)
    rules = Rules.of(replace(picture, ledger=ledger), now)
    found = [_freight(rules, stage, name) for name in warehouses_of(one, stage)]
    unverified = (
        f"{freight.alias} is not verified in {one} yet"
        for freight in found
        if rules.verified_at(stage, freight.warehouse, freight.id) is None
    )
    holds = tuple(artifact for freight in found for artifact in freight.artifacts)
    return HeldIn(holds, (*unverified, *_twice(one, found)))


def _freight(rules: Rules, stage: Stage, warehouse: str) -> Freight:
    line = rules.picture.lines.get((stage.name, warehouse))
    match line.holding if line else None:
        case holdings.Managed(record) if record.freight.towards:
            whole = alias_of(record.freight.towards)
            raise Refusal(f"'{stage.name}' takes {whole} in steps; it is freight once that is done")
        case holdings.Managed(record):
            return record.freight
        case holdings.Adopted() as adopted:
            found = adopted_freight(adopted, rules.picture.ledger.seen(warehouse))
        case _:
            found = None
    if found is None:
        raise Refusal(f"nobody knows what '{stage.name}' holds of '{warehouse}'; promote to it")
    return found


def _twice(one: StageSubscription, found: Iterable[Freight]) -> Iterator[str]:
    """Freight has one version of each thing: who takes the same from two must say which it is."""
    seen: set[Watched] = set()
    for freight in found:
        for artifact in freight.artifacts:
            if artifact.subject in seen:
                yield f"'{one}' holds {artifact.subject} of two warehouses; write warehouse: NAME"
            seen.add(artifact.subject)
