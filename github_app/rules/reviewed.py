"""What the reviews of a promotion are given to, and what the ledger keeps of them. Pure.

GitHub ties a review to a commit. A promotion's commit is made anew when its base moves, so it is
remembered to which freight and to which result of merging it somebody said yes.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from github_app.difference.values import Rendering, RenderKey, ToRender, Unrendered, Why
from github_app.notes import StageNotes
from github_app.picture import Base, LinePicture
from github_app.rules.differences import Difference
from github_app.rules.reviews import Content, content_of, newly_given
from plugin.freight import Freight
from plugin.pipeline import Stage


@dataclass(frozen=True, slots=True)
class Carried:
    """What a promotion would merge: freight, its files, and what they are rendered to."""

    freight: Freight
    files: Mapping[str, str | None]
    difference: Difference | None

    @property
    def content(self) -> Content:
        """What reviews of it are given to."""
        rendered = self.difference.content if self.difference else ""
        return Content(self.freight.id, rendered or content_of(self.files))

    @property
    def is_rendered_later(self) -> bool:
        """Whether the result is not known only because its turn has not come."""
        rendering = self.difference.rendering if self.difference else None
        return isinstance(rendering, Unrendered) and rendering.why is Why.LATER


def with_reviews(
    notes: StageNotes,
    stage: Stage,
    line: LinePicture,
    rendered: Mapping[RenderKey, Rendering],
) -> StageNotes:
    """The notes of a stage that asks for reviews, with those of its line's open pull request.

    What waits for its render is not known well enough to be remembered; another round comes.
    """
    head, reviews = line.head, line.open.reviews if line.open else ()
    if stage.reviews is None or not reviews or head is None or head.freight is None:
        return notes
    carried = Carried(head.freight, head.files, _difference(stage, line, head.files, rendered))
    if carried.is_rendered_later:
        return notes
    given = tuple(newly_given(carried.content, line.open, head, notes))
    return replace(notes, reviewed=(*notes.reviewed, *given)) if given else notes


def _difference(
    stage: Stage,
    line: LinePicture,
    files: Mapping[str, str | None],
    rendered: Mapping[RenderKey, Rendering],
) -> Difference | None:
    match line.base:
        case Base(oid=oid):
            wanted = ToRender(stage.name, oid, line.directory, dict(files))
            return Difference(wanted, rendered.get(wanted.key))
        case _:
            return None
