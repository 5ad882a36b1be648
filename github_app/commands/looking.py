"""Commands that look again or only look: retry, verify, refresh, help. Pure."""

from __future__ import annotations

from dataclasses import replace

from github_app.commands.verbs import USAGES, WORD, Verb
from github_app.commands.wish import Obeyed, Wish, each
from github_app.markdown import code
from github_app.may import Permitted, may
from github_app.notes import Note, Override, StageNotes
from github_app.rules.rejections import GATE, by_closing, rejections
from plugin.errors import Refusal
from plugin.freight import Freight, alias_of
from plugin.pipeline import Stage


def retry(wish: Wish) -> Obeyed:
    """What was closed or rejected is proposed once more; everything is looked at anew."""
    wish.allow(wish.stage)
    if not wish.spoken.carried:
        return Obeyed(wish.ledger, f"{wish.stage.name} is looked at anew", refresh=True)
    obeyed = each(wish, ((wish.stage, freight) for freight in wish.carried()), _retried)
    return replace(obeyed, refresh=True)


def _retried(wish: Wish, stage: Stage, freight: Freight) -> Obeyed:
    notes = [one for one in rejections(wish.ledger.notes(stage.name)) if one.freight == freight.id]
    if not notes:
        return Obeyed(wish.ledger, f"{freight.alias} for {stage.name} is looked at anew")
    if not all(map(by_closing, notes)):
        # Or else whoever may not reject could undo what somebody else may.
        wish.allow(stage, Verb.REJECT)
    at = max(wish.at, *(one.at for one in notes))
    why = f"retry: {notes[-1].why}"
    note = Override(GATE, freight.id, at, wish.actor.login, why)

    def taken_back(notes: StageNotes) -> StageNotes:
        return replace(notes, overridden=(*notes.overridden, note))

    words = f"{freight.alias} is not rejected for {stage.name} any more"
    return Obeyed(wish.with_notes(stage, taken_back), words)


def verify(wish: Wish) -> Obeyed:
    """What the stage holds is to prove itself once more."""
    wish.allow(wish.stage)
    name = wish.stage.name
    if not wish.stage.verify:
        raise Refusal(f"{name} asks for no verification")
    held = [one.current for one in wish.my_rules() if one.current is not None]
    if not held:
        raise Refusal(f"{name} holds nothing that is known")
    notes = tuple(Note(one, wish.at, wish.actor.login, wish.why) for one in held)
    ledger = wish.with_notes(wish.stage, lambda old: replace(old, again=(*old.again, *notes)))
    return Obeyed(ledger, f"{', '.join(map(alias_of, held))} is verified once more in {name}")


def refresh(wish: Wish) -> Obeyed:
    """Registries and all other sources are asked anew."""
    wish.allow(wish.stage)
    return Obeyed(wish.ledger, "everything is looked at anew", refresh=True)


def usage(wish: Wish) -> Obeyed:
    """The commands as a table, with those that the person may give marked."""
    wish.allow(wish.stage)
    owner = wish.repository.name.partition("/")[0]
    rows = ["| comment | what it does | may you? |", "|---|---|---|"]
    for verb, one in USAGES.items():
        allowed = isinstance(may(wish.actor, verb, wish.stage, owner), Permitted)
        rows.append(
            f"| {code(f'{WORD} {one.words}')} | {one.does} | {'yes' if allowed else 'no'} |"
        )
    return Obeyed(wish.ledger, "\n" + "\n".join(rows))
