"""What warehouses may say and still deserves a word, by their subscriptions."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from plugin.artifact import ChartName, GitRepository
from plugin.pipeline import InBranch, InDirectory, Place, Project, Warehouse
from plugin.subscriptions import (
    ChartSubscription,
    DiskSubscription,
    GitSelection,
    GitSubscription,
    ImageSubscription,
    PathSubscription,
    Selection,
    Subscription,
    overlap,
)

# A branch that is not named is the default one, and mostly called so.
_DEFAULT_BRANCHES = (None, "main", "master")


class Said(NamedTuple):
    """The warehouse, and the whole sentence."""

    about: str
    text: str


def open_selections(project: Project) -> Iterator[Said]:
    """Subscriptions that take more than one may think, or never anything."""
    for warehouse, one in _subscriptions(project):
        if _takes_prereleases(one):
            yield Said(
                warehouse.name,
                f"'{one.name}' has no constraint, so pre-releases such as 2.0.0-rc1 are taken "
                "too; write constraint: '*' for releases only",
            )
        match one:
            case ImageSubscription(select=Selection.NEWEST_BUILD, allow=()):
                yield Said(
                    warehouse.name,
                    f"'{one.name}' asks the registry for the build time of every tag; "
                    "narrow them with 'allow'",
                )
            case ImageSubscription(select=Selection.DIGEST, min_age=age) if age:
                yield Said(
                    warehouse.name,
                    f"'{one.name}' follows the tag '{one.constraint}': where that is pushed more "
                    "often than 'minAge' allows, nothing is ever old enough; select by version, or "
                    "write minAge: 0s",
                )
            case _:
                pass


def _takes_prereleases(one: Subscription) -> bool:
    match one:
        case (
            ImageSubscription(select=Selection.SEMVER, constraint=None)
            | GitSubscription(select=GitSelection.SEMVER, constraint=None)
            | ChartSubscription(constraint=None)
        ):
            return True
        case _:
            return False


def in_plain_text(project: Project) -> Iterator[Said]:
    """What is read without TLS."""
    for warehouse, one in _subscriptions(project):
        for address in _read_from(one):
            if address.startswith("http:"):
                yield Said(
                    warehouse.name,
                    f"'{one.name}' is read from {address} without TLS, so whoever is on the way "
                    "can put other versions there; write https",
                )


def _read_from(one: Subscription) -> tuple[str, ...]:
    """The addresses of the web that say which versions there are, and prove what they are."""
    match one:
        case (
            GitSubscription(address=address)
            | ChartSubscription(chart=ChartName(repository=address))
        ):
            return (address,)
        case DiskSubscription(family=family, index=index):
            # Checksums stand beside the images.
            return (family.pattern,) if index is None else (index, family.pattern)
        case _:
            return ()


def watched_stages(project: Project) -> Iterator[Said]:
    """Directories that other freight is promoted to."""
    for warehouse, one in _subscriptions(project):
        if not isinstance(one, PathSubscription):
            continue
        for stage in project.stages:
            if not isinstance(stage.place, InDirectory) or stage.repo is not None:
                continue
            if overlap(stage.place.path, one.path):
                others = ", ".join(f"'{line.warehouse}'" for line in stage.lines)
                yield Said(
                    warehouse.name,
                    f"watches '{one.path}', where the stage '{stage.name}' is promoted to: what "
                    f"comes there from {others} becomes freight of '{warehouse.name}' too; "
                    f"let the stages behind follow '{stage.name}' instead, or watch a directory "
                    "that is no stage",
                )


def own_commits(project: Project, home: GitRepository) -> Iterator[Said]:
    """Each promotion is a commit: watched, it makes freight whose promotion is a commit again."""
    for warehouse, one in _subscriptions(project):
        if not isinstance(one, GitSubscription) or one.repository.plain != home:
            continue
        for stage in project.stages:
            here = stage.repo is None and stage.line(warehouse.name) is not None
            if here and _sees(one, stage.place):
                yield Said(
                    warehouse.name,
                    f"'{one.name}' watches the repository and branch that the stage '{stage.name}' "
                    "is promoted to, so each promotion may make the next one; exclude the stage, "
                    "or include what it is made of",
                )


def _sees(one: GitSubscription, place: Place | None) -> bool:
    """Whether a promotion into `place` is a new commit for `one`, as far as paths tell."""
    if one.select is not GitSelection.NEWEST_COMMIT:
        return False
    match place:
        case InBranch(branch):
            return one.branch == branch
        case InDirectory(path):
            excluded = any(f"{path}/".startswith(f"{other}/") for other in one.exclude)
            included = not one.include or any(overlap(path, other) for other in one.include)
            return one.branch in _DEFAULT_BRANCHES and included and not excluded
        case None:
            return False


def _subscriptions(project: Project) -> Iterator[tuple[Warehouse, Subscription]]:
    for warehouse in project.warehouses:
        for one in warehouse.subscriptions:
            yield warehouse, one
