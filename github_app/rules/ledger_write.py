"""What a round writes into the ledger, within bounds and without stages in shadow mode. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from github_app.actions import WriteLedger
from github_app.ledger import Ledger
from github_app.ledger_files import ledger_changes
from github_app.notes import bounded_notes
from github_app.picture import ProjectPicture, RepositoryPicture
from github_app.rules.other_checks import is_shadow
from plugin.pipeline import Mode


def ledger_write(picture: RepositoryPicture, ledgers: Mapping[str, Ledger]) -> WriteLedger | None:
    """The files that change; what others did to the ledger is undone on the way.

    Stages in shadow mode leave no trace in it, and nothing is written where there are no others.
    It is begun as soon as a project is seen: that costs requests which the first promotion of a
    repository shall not have to wait for.
    """
    live = [one for one in picture.projects if not is_shadow(one)]
    files = dict(picture.ledger_repair) if live else {}
    for one in live:
        name = one.project.name
        kept = _bounded(one, _without_shadow(one, ledgers[name]))
        files |= ledger_changes(name, one.ledger, kept)
    if files:
        return WriteLedger(files, "Record " + ", ".join(sorted(files)))
    if live and picture.ledger_oid is None:
        return WriteLedger({}, "Begin the ledger")
    return None


def _bounded(picture: ProjectPicture, ledger: Ledger) -> Ledger:
    """The ledger without the notes of long ago, so that its files stay small."""
    lines = {stage.name: len(stage.lines) for stage in picture.project.stages}
    stages = {
        name: bounded_notes(notes, lines.get(name, 1)) for name, notes in ledger.stages.items()
    }
    return replace(ledger, stages=stages)


def _without_shadow(picture: ProjectPicture, ledger: Ledger) -> Ledger:
    silent = {stage.name for stage in picture.project.stages if stage.mode is Mode.SHADOW}
    kept = {name: notes for name, notes in ledger.stages.items() if name not in silent}
    known = {name: notes for name, notes in picture.ledger.stages.items() if name in silent}
    return replace(ledger, stages=kept | known)
