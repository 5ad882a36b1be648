"""What is rendered for a line's promotion, and what the outcome means for it. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from github_app.actions import PostCheck
from github_app.difference.check import difference_check, gate_of
from github_app.difference.values import Rendered, Rendering, ToRender, Unrendered, Why
from github_app.gates import Check, Gate
from github_app.picture import Base
from github_app.pulls import PullRequest
from github_app.rules.line_rules import LineRules


@dataclass(frozen=True, slots=True)
class Difference:
    """The render of a promotion that merges `files` into the tip of the stage's branch.

    `rendering` is None where nobody has rendered it, in this round or ever.
    """

    wanted: ToRender
    rendering: Rendering | None

    @classmethod
    def of(cls, rules: LineRules, base: Base, files: Mapping[str, str | None]) -> Difference:
        """The render of a promotion, as the picture has it."""
        wanted = ToRender(rules.stage.name, base.oid, rules.picture.directory, dict(files))
        return cls(wanted, rules.rules.picture.rendered.get(wanted.key))

    @property
    def content(self) -> str:
        """The sha256 of the rendered merge result, '' where it is not known."""
        return self.rendering.sha256 if isinstance(self.rendering, Rendered) else ""

    @property
    def check(self) -> Check | None:
        """The check to post beside the gates, if anybody renders."""
        return None if self.rendering is None else difference_check(self.rendering)

    def gates(self, pull: PullRequest | None) -> tuple[Gate, ...]:
        """The gate of a render that fails, or that is still to come for this head."""
        if self.rendering is None or self._stands(pull):
            return ()
        gate = gate_of(self.rendering)
        return () if gate is None else (gate,)

    def posted(self, pull: PullRequest) -> tuple[PostCheck, ...]:
        """What to post on the head of an open pull request; nothing where it says so already."""
        check = self.check
        if check is None or self._stands(pull):
            return ()
        if pull.diff is not None and pull.diff.key == check.key:
            return ()
        return (PostCheck(pull.head_oid, check, pull.diff),)

    def _stands(self, pull: PullRequest | None) -> bool:
        """What was said of this head stands while it is rendered anew for a base that moved."""
        later = isinstance(self.rendering, Unrendered) and self.rendering.why is Why.LATER
        return later and pull is not None and pull.diff is not None
