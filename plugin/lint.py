"""What a project may say and still deserves a word: legal, and perhaps not meant."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta

from plugin.artifact import ChartName, GitRepository, Watched
from plugin.pipeline import (
    After,
    InBranch,
    InDirectory,
    Merge,
    Place,
    Project,
    Stage,
    Supersede,
    Upstream,
    Warehouse,
)
from plugin.subscriptions import (
    ChartSubscription,
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


@dataclass(frozen=True, slots=True)
class Warning_:  # noqa: N801  (Warning is Python's own)
    """One thing to think about: `about` is the stage or warehouse, `text` the whole sentence."""

    about: str
    text: str

    def __str__(self) -> str:
        return f"{self.about}: {self.text}"


def lint(project: Project, home: GitRepository | None = None) -> tuple[Warning_, ...]:
    """Every warning about `project`, rule by rule, in the order of its warehouses and stages.

    `home` is the repository that the pipeline file lies in, where that is known.
    """
    found = [warning for rule in _RULES for warning in rule(project)]
    if home is not None:
        found += _own_commits(project, home)
    return tuple(dict.fromkeys(found))


def _unused_warehouses(project: Project) -> Iterator[Warning_]:
    taken = {line.warehouse for stage in project.stages for line in stage.lines}
    for one in project.warehouses:
        if one.name not in taken:
            yield Warning_(one.name, "no stage takes this warehouse's freight; remove it")


def _open_selections(project: Project) -> Iterator[Warning_]:
    for warehouse, one in _subscriptions(project):
        if _takes_prereleases(one):
            yield Warning_(
                warehouse.name,
                f"'{one.name}' has no constraint, so pre-releases such as 2.0.0-rc1 are taken "
                "too; write constraint: '*' for releases only",
            )
        match one:
            case ImageSubscription(select=Selection.NEWEST_BUILD, allow=()):
                yield Warning_(
                    warehouse.name,
                    f"'{one.name}' asks the registry for the build time of every tag; "
                    "narrow them with 'allow'",
                )
            case ImageSubscription(select=Selection.DIGEST, min_age=age) if age:
                yield Warning_(
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


def _in_plain_text(project: Project) -> Iterator[Warning_]:
    for warehouse, one in _subscriptions(project):
        match one:
            case (
                GitSubscription(address=address)
                | ChartSubscription(chart=ChartName(repository=address))
            ) if address.startswith("http:"):
                yield Warning_(
                    warehouse.name,
                    f"'{one.name}' is read from {address} without TLS, so whoever is on the way "
                    "can put other versions there; write https",
                )
            case _:
                pass


def _watched_stages(project: Project) -> Iterator[Warning_]:
    for warehouse, one in _subscriptions(project):
        if not isinstance(one, PathSubscription):
            continue
        for stage in project.stages:
            if isinstance(stage.place, InDirectory) and overlap(stage.place.path, one.path):
                others = ", ".join(f"'{line.warehouse}'" for line in stage.lines)
                yield Warning_(
                    warehouse.name,
                    f"watches '{one.path}', where the stage '{stage.name}' is promoted to: what "
                    f"comes there from {others} becomes freight of '{warehouse.name}' too; "
                    f"let the stages behind follow '{stage.name}' instead, or watch a directory "
                    "that is no stage",
                )


def _own_commits(project: Project, home: GitRepository) -> Iterator[Warning_]:
    """Each promotion is a commit: watched, it makes freight whose promotion is a commit again."""
    for warehouse, one in _subscriptions(project):
        if not isinstance(one, GitSubscription) or one.repository.plain != home:
            continue
        for stage in project.stages:
            if stage.line(warehouse.name) and _sees(one, stage.place):
                yield Warning_(
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


def _starvation(project: Project) -> Iterator[Warning_]:
    for stage in project.stages:
        for upstream in _upstreams(stage):
            if upstream.soak > timedelta(0):
                for one in _real(project, upstream.stage):
                    if one.supersede is Supersede.LATEST:
                        yield Warning_(
                            one.name,
                            "newer freight displaces what still soaks here "
                            f"(supersede: latest), so a busy '{one.name}' can keep "
                            f"'{stage.name}' waiting forever; write supersede: after-soak",
                        )


def _unverified(project: Project) -> Iterator[Warning_]:
    for stage in project.stages:
        if stage.merge is Merge.AUTO:
            for upstream in _upstreams(stage):
                for one in _real(project, upstream.stage):
                    if not one.verify:
                        yield Warning_(
                            stage.name,
                            f"merges automatically what '{one.name}' never verified "
                            "(verify: none); nobody looks at this freight",
                        )


def _dead_ends(project: Project) -> Iterator[Warning_]:
    followed = {one.stage for stage in project.stages for one in _upstreams(stage)}
    for stage in project.stages:
        if stage.place is None and stage.name not in followed:
            yield Warning_(
                stage.name,
                "has neither path nor branch and no stage follows it, so it does nothing; "
                "give it a path",
            )


def _upstreams(stage: Stage) -> Iterator[Upstream]:
    for line in stage.lines:
        if isinstance(line.source, After):
            yield from line.source.upstreams


def _twice(project: Project) -> Iterator[Warning_]:
    for stage in project.stages:
        first: dict[Watched, str] = {}
        for line in stage.lines:
            for one in project.warehouse(line.warehouse).carries:
                other = first.setdefault(one, line.warehouse)
                if other != line.warehouse and stage.place is not None:
                    yield Warning_(
                        stage.name,
                        f"takes {one} from the warehouses '{other}' and '{line.warehouse}', and "
                        "its manifests have one place for both: each promotion of one undoes the "
                        "other's, and then holds it; subscribe to it in one of them",
                    )


def _real(project: Project, name: str) -> tuple[Stage, ...]:
    """The stages with a place that `name` stands for, itself or those before it."""
    stages = {one.name: one for one in project.stages}
    waiting, real = [name], dict[str, Stage]()
    seen: set[str] = set()
    while waiting:
        stage = stages[waiting.pop(0)]
        if stage.name in seen:
            continue
        seen.add(stage.name)
        if stage.place is not None:
            real[stage.name] = stage
        else:
            waiting += [one.stage for one in _upstreams(stage)]
    return tuple(real.values())


_RULES: tuple[Callable[[Project], Iterator[Warning_]], ...] = (
    _unused_warehouses,
    _open_selections,
    _in_plain_text,
    _watched_stages,
    _starvation,
    _unverified,
    _dead_ends,
    _twice,
)
