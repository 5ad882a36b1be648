"""What a stage cannot do with what it takes: write it in a circle, mix it up, copy from nobody."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from plugin.pipeline import InDirectory, Stage, Warehouse
from plugin.pipeline_file import warehouses
from plugin.pipeline_file.fields import names
from plugin.pipeline_file.mistakes import Mistakes, shown
from plugin.pipeline_file.ordering import refuse_grouped
from plugin.pipeline_file.stages import Declared
from plugin.stage_policy import Write
from plugin.subscriptions import GitSubscription, PathSubscription, TakenWhole, overlap, watched_by


def refuse_unpromotable(
    stages: Iterable[Stage],
    declared: Mapping[str, Declared],
    named: warehouses.Declared,
    mistakes: Mistakes,
) -> None:
    """Adds a mistake for each warehouse that a stage takes and that can do no good there."""
    sound = {one.name: one for one in named.sound}
    for stage in stages:
        if stage.copies and stage.place is not None:
            _refuse_copies(
                declared[stage.name], [sound.get(one.warehouse) for one in stage.lines], mistakes
            )
        for line in stage.lines:
            warehouse = sound.get(line.warehouse)
            if warehouse is not None:
                _refuse_loop(stage, warehouse, named, mistakes)
                if stage.group and warehouse.order:
                    refuse_grouped(declared[stage.name], warehouse.name, mistakes)
                if stage.write is Write.RECORD:
                    _refuse_mixed(declared[stage.name], warehouse, mistakes)


def _refuse_loop(
    stage: Stage, warehouse: Warehouse, named: warehouses.Declared, mistakes: Mistakes
) -> None:
    """A directory that its own freight is written to would promote each promotion again."""
    if not isinstance(stage.place, InDirectory):
        return
    for one in warehouse.subscriptions:
        if isinstance(one, PathSubscription) and overlap(one.path, stage.place.path):
            mistakes.add(
                named.places[warehouse.name, one.name],
                f"the directory {shown(one.path)} would feed itself: the stage '{stage.name}' "
                "takes this warehouse's freight and writes it there",
                f"watch another directory, or take '{warehouse.name}' out of '{stage.name}'",
            )


def _refuse_copies(stage: Declared, taken: Iterable[Warehouse | None], mistakes: Mistakes) -> None:
    """Copies come from the one Git artifact; which one it would be of several nobody says."""
    known = [one for one in taken if one is not None]
    subscriptions = [(one, each) for one in known for each in one.subscriptions]
    # What a directory holds is not known here, and may be a Git revision.
    if any(isinstance(each, TakenWhole) for _, each in subscriptions):
        return
    sources = [
        f"{one.name}/{each.name}"
        for one, each in subscriptions
        if isinstance(each, GitSubscription)
    ]
    if len(sources) == 1 or not subscriptions:
        return
    what = f"may mean {names(sources)}" if sources else "has no Git artifact to copy from"
    mistakes.add(
        stage.positions["copy"],
        f"'copy' {what}",
        "take one warehouse with one Git subscription, - git: acme/web-config",
    )


def _refuse_mixed(stage: Declared, warehouse: Warehouse, mistakes: Mistakes) -> None:
    """Rendered manifests have no comments that say whose a version is."""
    mixed: dict[str, list[str]] = {}
    for one in warehouse.subscriptions:
        for subject in watched_by(one):
            if subject.subscription:
                mixed.setdefault(str(subject), []).append(one.name)
    for what, called in mixed.items():
        mistakes.add(
            stage.positions["write"],
            f"'write: record' cannot tell {names(called)} of '{warehouse.name}' apart: both are "
            f"{what}, and what is rendered has no comments",
            "write: pins, or give each a warehouse and a stage of its own",
        )
