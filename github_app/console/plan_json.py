"""`towline plan --json`: a plan as one object for programs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from github_app.console.plan_words import later_of, objections, shut_gates, words_of
from github_app.discovery import Discovered, Discovery, Undiscovered
from github_app.ledger_times import time_text
from github_app.picture import RepositoryPicture
from github_app.plan import Plan
from github_app.rules.availability import Pending
from github_app.rules.decision import Decision, Promote, UpToDate, Waiting


def as_json(picture: RepositoryPicture, planned: Plan) -> Mapping[str, Any]:
    """The plan for programs: lines, mistakes, and when to look again (RFC 3339, or null)."""
    return {
        "repository": picture.name,
        "commit": picture.default_oid,
        "alarm": picture.ledger_alarm,
        "mistakes": [str(mistake) for one in picture.broken for mistake in one.mistakes],
        "wakeAt": time_text(planned.wake_at) if planned.wake_at else None,
        "warehouses": [
            _warehouse(project.project.name, name, found)
            for project in picture.projects
            for name, found in project.discoveries.items()
        ],
        "lines": [
            {
                "project": one.project,
                "stage": one.stage,
                "warehouse": one.warehouse,
                "decision": type(one.decision).__name__,
                "text": words_of(one.decision),
                "freight": _freight(one.decision),
                "waitsFor": _waits(one.decision),
                "consents": _consents(one.decision),
                "gates": {gate.name: gate.text for gate in shut_gates(one.gates)},
                "shadow": one.shadow,
                "actions": [type(action).__name__ for action in one.actions],
            }
            for one in planned.lines
        ],
    }


def _warehouse(project: str, name: str, found: Discovery) -> Mapping[str, Any]:
    """What a warehouse is offered, or why it is nothing."""
    freight = found.freight if isinstance(found, Discovered) else None
    return {
        "project": project,
        "warehouse": name,
        "freight": freight.id if freight else None,
        "version": freight.tags() if freight else None,
        "problem": found.reason if isinstance(found, Undiscovered) else None,
        "waits": {str(one.artifact): time_text(one.ready_at) for one in found.young},
    }


def _freight(decision: Decision) -> str | None:
    match decision:
        case Promote(freight=freight):
            return freight.aim
        case UpToDate(freight):
            return freight
        case _:
            return None


def _consents(decision: Decision) -> tuple[str, ...]:
    return objections(decision) if isinstance(decision, Promote) else ()


def _waits(decision: Decision) -> Mapping[str, str | None] | None:
    match decision:
        case Waiting(pending):
            waiting: Pending | None = pending
        case _:
            waiting = later_of(decision)
    if waiting is None:
        return None
    until = time_text(waiting.until) if waiting.until else None
    return {"reason": waiting.reason, "until": until}
