"""Commands that judge freight: approve, override, allow-replace, reject. Pure."""

from __future__ import annotations

from dataclasses import replace

from github_app.commands.wish import Obeyed, Wish, each
from github_app.notes import Allowed, Note, Override, StageNotes
from github_app.rules.asking import UPSTREAM
from github_app.rules.line_rules import LineRules
from plugin import promotion
from plugin.errors import Refusal
from plugin.freight import Freight
from plugin.pipeline import Stage

OVERRIDABLE = (UPSTREAM, "window", "rollout")
# What people call the gate that a part of it closes.
_PARTS = {"soak": UPSTREAM, "verification": UPSTREAM, "windows": "window"}


def approve(wish: Wish) -> Obeyed:
    """Freight may enter the stage past verification and soak, never past its origin.

    https://docs.kargo.io/user-guide/core-concepts#verifications-and-approvals
    """
    stage = wish.target()
    wish.allow(stage)
    return each(wish, ((stage, freight) for freight in wish.chosen()), _approved)


def _approved(wish: Wish, stage: Stage, freight: Freight) -> Obeyed:
    wish.rules(stage, freight.warehouse)
    note = Note(freight.id, wish.at, wish.actor.login, wish.why)

    def change(notes: StageNotes) -> StageNotes:
        return replace(notes, approved=(*notes.approved, note))

    words = f"{freight.alias} is approved for {stage.name}"
    return Obeyed(wish.with_notes(stage, change), words)


def override(wish: Wish) -> Obeyed:
    """This freight passes a gate that is not open; nobody may so pass people's reviews or disks."""
    wish.allow(wish.stage)
    gate = _PARTS.get(wish.command.gate, wish.command.gate)
    if gate not in OVERRIDABLE:
        raise Refusal(f"{gate} is not for anybody to override; {', '.join(OVERRIDABLE)} are")

    def passed(wish: Wish, stage: Stage, freight: Freight) -> Obeyed:
        note = Override(gate, freight.id, wish.at, wish.actor.login, wish.why)
        ledger = wish.with_notes(
            stage, lambda notes: replace(notes, overridden=(*notes.overridden, note))
        )
        return Obeyed(ledger, f"{freight.alias} passes gate {gate} of {stage.name}")

    return each(wish, ((wish.stage, freight) for freight in wish.chosen()), passed)


def allow_replace(wish: Wish) -> Obeyed:
    """What was written to a machine's disk is given up for this freight's version of it."""
    wish.allow(wish.stage)
    return each(wish, ((wish.stage, freight) for freight in wish.chosen()), _given_up)


def _given_up(wish: Wish, stage: Stage, freight: Freight) -> Obeyed:
    vm, disk = wish.command.vm, wish.command.disk
    _refuse_stranger(wish.rules(stage, freight.warehouse), freight, vm, disk)
    note = Allowed(vm, disk, freight.id, wish.at, wish.actor.login, wish.why)
    ledger = wish.with_notes(stage, lambda notes: replace(notes, allowed=(*notes.allowed, note)))
    words = f"{vm}:{disk} may be replaced by what {freight.alias} has"
    return Obeyed(ledger, f"{words}, and what was written to it is lost")


def _refuse_stranger(rules: LineRules, freight: Freight, vm: str, disk: str) -> None:
    """Refuses a disk that the promotion does not replace, as a misspelt one would not help."""
    match rules.changes(freight):
        case promotion.Changes(disks=disks):
            replaced = {f"{one.vm}:{one.disk}" for one in disks if one.vm}
        case _:
            return
    if f"{vm.rpartition('/')[2]}:{disk}" not in replaced:
        known = ", ".join(sorted(replaced)) or "none"
        raise Refusal(f"this promotion does not replace {vm}:{disk}; of disks it replaces {known}")


def reject(wish: Wish) -> Obeyed:
    """Freight, and what is older, stays out of the stage until newer freight comes."""
    wish.allow(wish.stage)
    return each(wish, ((wish.stage, freight) for freight in wish.chosen()), _rejected)


def _rejected(wish: Wish, stage: Stage, freight: Freight) -> Obeyed:
    rules = wish.rules(stage, freight.warehouse)
    if rules.current == freight.id:
        raise Refusal(f"{stage.name} holds {freight.alias}; roll it back instead")
    seen = wish.ledger.find(freight.warehouse, freight.id)
    # GitHub's clock is not ours: never before the freight became the newest.
    at = max(wish.at, seen.newest_at) if seen else wish.at
    note = Note(freight.id, at, wish.actor.login, wish.why)
    ledger = wish.with_notes(stage, lambda notes: replace(notes, rejected=(*notes.rejected, note)))
    return Obeyed(ledger, f"{freight.alias} stays out of {stage.name} until newer freight comes")
