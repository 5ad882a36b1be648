"""The way of freight into the stage of a line: at once, or in steps, there or back. Pure."""

from __future__ import annotations

from itertools import takewhile

from github_app.notes import Way
from github_app.picture import Stay
from github_app.rules.line_standing import LineStanding
from github_app.rules.steps import Course, at_once, course, start_of
from plugin.freight import Freight, FreightId


def course_of(line: LineStanding, whole: Freight) -> Course:
    """The way to freight of the warehouse; a step itself is made anew as it is."""
    warehouse = line.rules.picture.project.warehouse(line.line.warehouse)
    if not warehouse.order or whole.towards is not None:
        return at_once(whole)
    held, back = start_of(line.picture.holding, whole), goes_back(line, whole.id)
    return course(held, whole, warehouse, done=_done(line, whole.id), back=back)


def goes_back(line: LineStanding, freight: FreightId) -> bool:
    """Whether `freight` is older than what the stage held, or holds or was on its way to."""
    asked = line.asked if line.asked and line.asked.freight == freight else None
    if asked is not None and asked.way is Way.ROLLBACK:
        return True
    stay = _last_whole(line)
    known = (stay.freight if stay else None, line.aim)
    return line.order(freight) < max(map(line.order, known))


def whole_of(line: LineStanding, freight: Freight) -> Freight:
    """The freight of the warehouse that a step leads to, as far as that is known."""
    seen = line.rules.picture.ledger.find(line.line.warehouse, freight.aim)
    return seen.freight if seen else freight


def _done(line: LineStanding, whole: FreightId) -> int:
    """How many steps towards freight the stage has taken since it did anything else."""
    stays = reversed(line.rules.all_stays(line.stage.name, line.line.warehouse))
    return sum(1 for _ in takewhile(lambda one: one.towards == whole, stays))


def _last_whole(line: LineStanding) -> Stay | None:
    stays = line.rules.all_stays(line.stage.name, line.line.warehouse)
    return next((one for one in reversed(stays) if one.towards is None), None)
