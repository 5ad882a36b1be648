"""What the pull request of a line's promotion is about, out of the round's picture. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from github_app.body.origins import Origin
from github_app.body.subject import Steps, Subject
from github_app.difference.values import Counts, Rendered
from github_app.gates import Gate
from github_app.picture import ProjectPicture
from github_app.pull_request import MOST_STAGES
from github_app.replaced_disks import warnings_of_disks
from github_app.rules.causes import asked_for, cause
from github_app.rules.courses import course_of, whole_of
from github_app.rules.differences import Difference
from github_app.rules.line_rules import LineRules
from github_app.rules.positions import positions
from github_app.rules.reviewer_warnings import (
    command_warnings,
    drift_warnings,
    reviewer_warnings,
    upstream_warnings,
)
from github_app.source_commits.wanted import origins_of, pairs
from plugin import holding as holdings
from plugin import promotion
from plugin.artifact import Watched
from plugin.freight import Freight, FreightId, alias_of
from plugin.held import Held, held_of
from plugin.pipeline import Stage


def subject_of(
    rules: LineRules,
    freight: Freight,
    changes: promotion.Changes,
    gates: tuple[Gate, ...],
    difference: Difference | None = None,
) -> Subject:
    """Everything the pull request that makes `changes` says, to move `freight` into the stage."""
    picture, warehouse, overview = rules.rules.picture, rules.line.warehouse, rules.rules.overview
    stages = overview.around(rules.stage.name, warehouse, MOST_STAGES)
    whole = whole_of(rules, freight)
    origins, old_origins = origins_of(picture, whole), _old_origins(picture, rules)
    return Subject(
        project=picture.project,
        stage=rules.stage,
        line=rules.line,
        freight=freight,
        before=before_of(rules.picture.holding),
        bumps=changes.bumps,
        disks=changes.disks,
        restarts=changes.restarts,
        gates=gates,
        warnings=tuple(_warnings(rules, freight, changes)),
        stages=stages,
        held=_held(picture, warehouse, stages),
        why=cause(rules, whole, gates),
        positions=positions(rules, whole.id, stages),
        counts=_counts(difference),
        undrawn=len(overview.of_warehouse.get(warehouse, ())) - len(stages),
        origins=origins,
        old_origins=old_origins,
        commits={
            one: picture.commits[pair]
            for one, pair in pairs(old_origins, origins, freight.artifacts)
            if pair in picture.commits
        },
        superseded=_superseded(rules, whole.id),
        steps=_steps(rules, freight, whole),
        asked=asked_for(rules, freight) is not None,
    )


def _warnings(rules: LineRules, freight: Freight, changes: promotion.Changes) -> Iterator[str]:
    seen = rules.rules.picture.ledger.seen(rules.line.warehouse)
    before = before_of(rules.picture.holding)
    yield from command_warnings(rules, freight)
    yield from reviewer_warnings(freight, before, seen, rules.order(freight.aim))
    yield from warnings_of_disks(changes.disks)
    yield from dict.fromkeys(upstream_warnings(rules, freight.aim))
    yield from drift_warnings(rules)


def _steps(rules: LineRules, freight: Freight, whole: Freight) -> Steps | None:
    """The part of the way that `freight` is, where it goes in steps."""
    course = course_of(rules, whole)
    if course.count == 1 or course.next != freight:
        return None
    return Steps(course.whole, course.number, course.count, course.ahead[0].names, course.following)


def _counts(difference: Difference | None) -> Counts | None:
    """What the rendered difference amounts to, where there is one."""
    match difference:
        case Difference(rendering=Rendered(counts=counts, base_fails="")):
            return counts
        case _:
            return None


def _old_origins(picture: ProjectPicture, rules: LineRules) -> Mapping[Watched, Origin]:
    """The same of what the stage holds."""
    match rules.picture.holding:
        case holdings.Managed(record):
            return origins_of(picture, record.freight)
        case _:
            return {}


def _superseded(rules: LineRules, freight: FreightId) -> tuple[Freight, ...]:
    """Freight that could have come here before this and never did, the newest first.

    By the ledger's order, not by what the pull request said: that anybody may edit.
    """
    seen = rules.rules.picture.ledger.seen(rules.line.warehouse)
    possible = rules.rules.may_have_passed(rules.stage, rules.line)
    stays = rules.rules.all_stays(rules.stage.name, rules.line.warehouse)
    out = {one.freight for one in stays} | {
        one.freight for one in rules.rules.picture.ledger.notes(rules.stage.name).rejected
    }
    between = seen[rules.floor + 1 : max(rules.order(freight), 0)]
    return tuple(
        one.freight
        for one in reversed(between)
        if one.freight.id not in out and (possible is None or one.freight.id in possible)
    )


def before_of(holding: holdings.Holding) -> Mapping[Watched, Held]:
    """What the stage holds, by its record or its pins."""
    match holding:
        case holdings.Managed(record):
            artifacts = record.freight.artifacts
            held = tuple(map(held_of, artifacts))
        case holdings.Adopted(held) | holdings.Unmanaged(found=held):
            pass
        case _:
            held = ()
    return {one.subject: one for one in held}


def _held(picture: ProjectPicture, warehouse: str, stages: Iterable[Stage]) -> Mapping[str, str]:
    """What each stage holds of the warehouse, in a few words."""
    held = {}
    for stage in stages:
        line = picture.lines.get((stage.name, warehouse))
        match line.holding if line else None:
            case holdings.Managed(record):
                way = f", a step to {alias_of(one)}" if (one := record.freight.towards) else ""
                held[stage.name] = f"{record.freight.tags()} {record.freight.alias}{way}"
            case _:
                pass
    return held
