"""Plans whose promotions show what they change: first planned, then rendered, then planned anew."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import TypeAlias

from github_app.bringing import Answers, planned
from github_app.difference.values import Rendering, RenderKey, ToRender, Unrendered, Why
from github_app.picture import RepositoryPicture
from github_app.plan import Plan

Render: TypeAlias = Callable[[str, Sequence[ToRender]], Mapping[RenderKey, Rendering]]
"""Renders what stands in a repository; '' is the pipeline files' own."""


def planned_with_differences(
    picture: RepositoryPicture, now: datetime, answers: Answers, render: Render | None
) -> tuple[RepositoryPicture, Plan]:
    """The plan, and the picture with what it needed and what was rendered for it.

    Without anybody to `render` nothing is said of differences.
    """
    picture, made = planned(picture, now, answers)
    if render is None or not made.to_render:
        return picture, made
    rendered: dict[RenderKey, Rendering] = {}
    for repository in ("", *picture.targets):
        if wanted := made.to_render_in(repository):
            rendered.update(render(repository, wanted))
    projects = tuple(replace(one, rendered=rendered) for one in picture.projects)
    return planned(replace(picture, projects=projects), now, answers)


def renders_left(picture: RepositoryPicture) -> bool:
    """Whether there was no time for some: the next round goes on."""
    return any(
        isinstance(one, Unrendered) and one.why is Why.LATER
        for project in picture.projects
        for one in project.rendered.values()
    )
