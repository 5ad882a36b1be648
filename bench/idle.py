"""What the App asks GitHub in a sweep in which nothing is to be done."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from bench.row import Row, at_most
from bench.world import stepped, world
from github_app.cli import process_surroundings
from github_app.wsgi import App
from plugin.errors import Refusal

_REPOSITORIES = 20


def rows(tools: Path, work: Path) -> Iterator[Row]:
    """API requests, without tokens and Git, of one sweep over 20 repositories at rest."""
    around = replace(process_surroundings(), between_writes=timedelta(0))
    with world(tools, work, _REPOSITORIES) as at, stepped(at, work / "app", around) as app:
        # The first opens and merges; the second finds what that left to do.
        _sweep(app)
        _sweep(app)
        before = app.calls.calls()
        looks = _sweep(app)
        asked = app.calls.calls() - before
    if looks != _REPOSITORIES:
        raise Refusal(f"an idle sweep did {looks} units of work for {_REPOSITORIES} repositories")
    name = f"API requests of an idle sweep over {_REPOSITORIES} repositories"
    yield at_most(name, asked.rest + asked.graphql, "requests", 1)


def _sweep(app: App) -> int:
    """The units of work that one sweep makes."""
    app.worker.next_sweep = None
    units = 0
    while app.worker.step():
        units += 1
    return units
