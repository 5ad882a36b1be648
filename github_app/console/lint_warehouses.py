"""What `towline lint` says of warehouses: their criteria, and the directories they watch."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from github_app.github.mirror.git import Git
from github_app.surroundings import Surroundings
from plugin.artifact import GitRepository
from plugin.errors import Refusal
from plugin.held_in import unfit
from plugin.pipeline import Project, Warehouse
from plugin.subscriptions import GitSubscription, TakenWhole


def warehouse_findings(project: Project) -> Iterator[tuple[str, str, str]]:
    """Level, place and text of each."""
    for warehouse, problem in unfit(project):
        yield "warning", project.file, f"warehouse {warehouse} has no freight: {problem}"
    for one in project.warehouses:
        for wrong in (*_criteria_faults(one), *_path_faults(one)):
            yield "error", project.file, f"warehouse {one.name}: {wrong}"


def _criteria_faults(warehouse: Warehouse) -> Iterator[str]:
    if warehouse.criteria is not None:
        from github_app.warehouse.criteria import (
            problem as problem_of,  # slow to load, and rare
        )

        watched = (one for one in warehouse.subscriptions if not isinstance(one, TakenWhole))
        wrong = problem_of(warehouse.criteria, [one.name for one in watched])
        if wrong is not None:
            yield wrong


def _path_faults(warehouse: Warehouse) -> Iterator[str]:
    """Why `include` and `exclude` are no patterns."""
    for one in warehouse.subscriptions:
        if isinstance(one, GitSubscription) and (one.include or one.exclude):
            from github_app.warehouse.git_paths import PathRules  # slow to load, and rare

            try:
                PathRules.of(one.include, one.exclude)
            except Refusal as refusal:
                yield f"{one.name}: {refusal}"


def home_of(root: Path, around: Surroundings) -> GitRepository | None:
    """The repository that a checkout comes from, if it says so."""
    git = Git(root, around.environ)
    ran = git.run("-C", str(root), "--git-dir=.git", "config", "--get", "remote.origin.url")
    try:
        return GitRepository.parse(ran.out.decode().strip()) if ran.status == 0 else None
    except (Refusal, UnicodeDecodeError):
        return None
