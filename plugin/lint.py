"""What a project may say and still deserves a word: legal, and perhaps not meant."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta

from plugin.artifact import GitRepository, Watched
from plugin.lint_warehouses import in_plain_text, open_selections, own_commits, watched_stages
from plugin.pipeline import After, Merge, Project, Stage, Supersede, Upstream


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
        found += (Warning_(*one) for one in own_commits(project, home))
    return tuple(dict.fromkeys(found))


def _unused_warehouses(project: Project) -> Iterator[Warning_]:
    taken = {line.warehouse for stage in project.stages for line in stage.lines}
    for one in project.warehouses:
        if one.name not in taken:
            yield Warning_(one.name, "no stage takes this warehouse's freight; remove it")


def _of_warehouses(project: Project) -> Iterator[Warning_]:
    for rule in (open_selections, in_plain_text, watched_stages):
        yield from (Warning_(*one) for one in rule(project))


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
    _of_warehouses,
    _starvation,
    _unverified,
    _dead_ends,
    _twice,
)
