"""Commands that stop a stage and let it go on: hold, resume. Pure."""

from __future__ import annotations

from github_app.commands.wish import Obeyed, Wish
from github_app.ledger import Ledger, Seen
from github_app.notes import Asked, LineNote, StageNotes, Way
from github_app.rules.adoption import changed_freight
from github_app.rules.asking import standing_hold, with_asked, with_hold, with_resumed
from github_app.rules.line_rules import LineRules
from plugin import holding as holdings
from plugin.errors import Refusal
from plugin.freight import Freight


def hold(wish: Wish) -> Obeyed:
    """Nothing comes to the stage by itself until somebody lifts it."""
    wish.allow(wish.stage)
    why = wish.why

    def held(notes: StageNotes) -> StageNotes:
        for line in wish.lines:
            notes = with_hold(notes, LineNote(line.warehouse, wish.at, wish.actor.login, why))
        return notes

    return Obeyed(wish.with_notes(wish.stage, held), f"{wish.stage.name} is held: {why}")


def resume(wish: Wish) -> Obeyed:
    """The stage's lines go on by themselves; a change that was made by hand is adopted first."""
    wish.allow(wish.stage)
    said = []
    for rules in wish.my_rules():
        obeyed = _resumed(wish, rules)
        wish = wish.standing_on(obeyed.ledger)
        said.append(obeyed.words)
    return Obeyed(wish.ledger, "; ".join(said))


def _resumed(wish: Wish, rules: LineRules) -> Obeyed:
    name, warehouse = rules.stage.name, rules.line.warehouse
    match rules.picture.holding:
        case holdings.Unmanaged() as unmanaged:
            return _adopted(wish, rules, unmanaged)
        case _:
            pass
    note = LineNote(warehouse, wish.at, wish.actor.login, wish.why)
    stopped = rules.stopped() or standing_hold(wish.ledger.notes(name), warehouse)
    if not stopped and rules.asked is None:
        return Obeyed(wish.ledger, f"nothing stops {warehouse} in {name}")
    ledger = wish.with_notes(rules.stage, lambda notes: with_resumed(notes, note))
    return Obeyed(ledger, f"{warehouse} goes on in {name}")


def _adopted(wish: Wish, rules: LineRules, unmanaged: holdings.Unmanaged) -> Obeyed:
    """A promotion of what the pins say already: it writes the record, and no pin."""
    name, warehouse = rules.stage.name, rules.line.warehouse
    of = wish.project.project.warehouse(warehouse)
    freight = changed_freight(unmanaged, of, wish.ledger.seen(warehouse))
    if freight is None:
        raise Refusal(
            f"what {name} says is no one freight of {warehouse}, so it cannot be adopted: "
            f"{'; '.join(unmanaged.details)}. Make its pins say one version, with its digest where "
            "no freight has it"
        )
    ledger = _known(wish, freight)
    adopted = wish.standing_on(ledger).with_notes(
        rules.stage, lambda notes: _taking(wish, notes, freight)
    )
    return Obeyed(
        adopted, f"{name} holds {freight.alias} by hand; its record is proposed to say so"
    )


def _known(wish: Wish, freight: Freight) -> Ledger:
    """The ledger that knows the freight; what nobody has seen yet is older than the newest."""
    seen = wish.ledger.seen(freight.warehouse)
    if wish.ledger.find(freight.warehouse, freight.id):
        return wish.ledger
    newest = seen[-1].freight if seen else None
    return wish.ledger.with_forgotten(Seen(freight, wish.at), newest)


def _taking(wish: Wish, notes: StageNotes, freight: Freight) -> StageNotes:
    who, warehouse = wish.actor.login, freight.warehouse
    notes = with_resumed(notes, LineNote(warehouse, wish.at, who, wish.why))
    at = notes.resumed[-1].at
    return with_asked(notes, Asked(warehouse, freight.id, at, who, wish.why, Way.PROMOTE))
