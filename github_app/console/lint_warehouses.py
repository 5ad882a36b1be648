"""What `towline lint` says of warehouses: their criteria, and the directories they watch."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from github_app.github.mirror.git import Git
from github_app.surroundings import Surroundings
from plugin.artifact import GitRepository
from plugin.errors import Refusal
from plugin.held_in import unfit
from plugin.pipeline import Project
from plugin.subscriptions import PathSubscription


def warehouse_findings(project: Project) -> Iterator[tuple[str, str, str]]:
    """Level, place and text of each."""
    for warehouse, problem in unfit(project):
        yield "warning", project.file, f"warehouse {warehouse} has no freight: {problem}"
    for one in project.warehouses:
        if one.criteria is not None:
            from github_app.warehouse.criteria import (
                problem as problem_of,  # slow to load, and rare
            )

            named = [sub.name for sub in one.subscriptions if not isinstance(sub, PathSubscription)]
            wrong = problem_of(one.criteria, named)
            if wrong is not None:
                yield "error", project.file, f"warehouse {one.name}: {wrong}"


def home_of(root: Path, around: Surroundings) -> GitRepository | None:
    """The repository that a checkout comes from, if it says so."""
    git = Git(root, around.environ)
    ran = git.run("-C", str(root), "--git-dir=.git", "config", "--get", "remote.origin.url")
    try:
        return GitRepository.parse(ran.out.decode().strip()) if ran.status == 0 else None
    except (Refusal, UnicodeDecodeError):
        return None
