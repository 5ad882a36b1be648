"""Why the next step of freight does not come yet: the stage has to prove the one before. Pure."""

from __future__ import annotations

from github_app.rules.availability import Pending
from github_app.rules.courses import goes_back
from github_app.rules.line_standing import LineStanding
from github_app.rules.steps import Course, start_of, turn
from github_app.rules.verification import Disproved, Proved, Unproved
from plugin.freight import Freight, alias_of


def unproved_step(line: LineStanding, course: Course) -> Pending | None:
    """What the stage has to prove of the step that it holds before it takes the next one.

    Nothing where that is not built on: what the step changed is changed anew, or taken back.
    """
    held = line.current
    if not line.on_its_way or held is None or not _builds_on(line, course.whole):
        return None
    if line.rules.verified_at(line.stage, line.line.warehouse, held) is not None:
        return None
    name, what = line.stage.name, course.words or f"the rest of {course.whole.alias}"
    match line.rules.verdict(line.stage, line.line.warehouse):
        case Disproved(failed) if goes_back(line, course.whole.id):
            return None  # What is wrong is on its way out: to stop there would help nobody.
        case Disproved(failed):
            return Pending(
                f"{failed} failed on the step that {name} holds; {what} waits until it succeeds, "
                "or for newer freight"
            )
        case Unproved(waiting, until):
            return Pending(f"{what} waits for {waiting} on the step that {name} holds", until)
        case Proved():
            return Pending(f"{what} waits for the record of {alias_of(held)} in {name}")


def _builds_on(line: LineStanding, whole: Freight) -> bool:
    """Whether what comes next stands behind what the step that is held changed."""
    if line.aim == whole.id:
        return True
    seen = line.rules.picture.ledger.find(line.line.warehouse, line.aim) if line.aim else None
    if seen is None:
        return True
    if goes_back(line, whole.id):
        return False
    warehouse = line.rules.picture.project.warehouse(line.line.warehouse)
    places = (
        turn(start_of(line.picture.holding, one), one, warehouse) for one in (whole, seen.freight)
    )
    new, old = places
    return new >= old
