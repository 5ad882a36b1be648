"""What the pull request of a line's promotion is about, out of the round's picture. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from github_app.body.subject import Subject
from github_app.gates import Gate, GateState
from github_app.ledger import Seen
from github_app.ledger_times import time_text
from github_app.picture import ProjectPicture
from github_app.pull_request import MOST_STAGES
from github_app.replaced_disks import warnings_of_disks
from github_app.rules.line_gates import UPSTREAM
from github_app.rules.line_rules import LineRules
from github_app.rules.overview import UNKNOWN
from github_app.rules.reviewer_warnings import reviewer_warnings, upstream_warnings
from plugin import holding as holdings
from plugin import promotion
from plugin.artifact import Watched
from plugin.freight import Freight
from plugin.held import Held, held_of
from plugin.pipeline import Stage


def subject_of(
    rules: LineRules, freight: Freight, changes: promotion.Changes, gates: tuple[Gate, ...]
) -> Subject:
    """Everything the pull request that makes `changes` says, to move `freight` into the stage."""
    picture, warehouse = rules.rules.picture, rules.line.warehouse
    seen, place = picture.ledger.seen(warehouse), rules.order(freight.id)
    stages = rules.rules.overview.around(rules.stage.name, warehouse, MOST_STAGES)
    before = before_of(rules.picture.holding)
    return Subject(
        project=picture.project,
        stage=rules.stage,
        line=rules.line,
        freight=freight,
        before=before,
        bumps=changes.bumps,
        disks=changes.disks,
        restarts=changes.restarts,
        gates=gates,
        warnings=(
            *reviewer_warnings(freight, before, seen, place),
            *warnings_of_disks(changes.disks),
            *dict.fromkeys(upstream_warnings(rules, freight.id)),
        ),
        stages=stages,
        held=_held(picture, warehouse, stages),
        why=_cause(freight, seen[place] if place != UNKNOWN else None, gates),
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
                held[stage.name] = f"{record.freight.tags()} {record.freight.alias}"
            case _:
                pass
    return held


def _cause(freight: Freight, seen: Seen | None, gates: Iterable[Gate]) -> str:
    """What made freight come, and what let it in."""
    passed = (one for one in gates if one.name == UPSTREAM and one.state is GateState.PASSED)
    causes = [one.text for one in passed]
    if seen is not None:
        moment = time_text(seen.newest_at)
        newest = f"{freight.alias} became the newest freight of warehouse {freight.warehouse}"
        causes.insert(0, f"{newest} at {moment}")
    return "; ".join(causes) or f"{freight.alias} was asked for"
