"""Which commits of a watched repository make freight, and by which rule others do not; pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from github_app.warehouse.patterns import Pattern, pattern

if TYPE_CHECKING:
    from github_app.github.mirror.steps import Step, Touched
    from plugin.subscriptions import GitSubscription

SKIP = "[skip promotion]"
OWN = "a promotion of Towline's own"
_RECORD = re.compile(r"(?:^|/)\.freight/[^/]+\.yaml$")
NOTHING_SINCE = "changes nothing of its paths since the last freight"
_NOTHING_ITSELF = "changes nothing of its paths"


class Judged(NamedTuple):
    """A commit, and the rule that keeps it out, '' if none does."""

    step: Step
    rule: str


@dataclass(frozen=True, slots=True)
class Ignored:
    """Which commits never make freight, and whose changes do not count either.

    Promotions, known by the record they change, so that Towline never promotes its own writing
    unless somebody tags it; commits that say `[skip promotion]`; authors and subjects that a
    subscription ignores. Patterns are RE2 and match anywhere: in `Name <email>`, and in the subject
    or a trailer.
    """

    authors: tuple[tuple[str, Pattern], ...] = ()
    subjects: tuple[tuple[str, Pattern], ...] = ()

    @classmethod
    def by(cls, subscription: GitSubscription) -> Ignored:
        """What the subscription ignores; raises Refusal for a pattern that is none."""
        return cls(
            tuple((text, pattern(text)) for text in subscription.ignore_authors),
            tuple((text, pattern(text)) for text in subscription.ignore_subjects),
        )

    def rule(self, step: Step) -> str:
        """The rule that keeps the commit out, '' if none does."""
        if any(_RECORD.search(one.path) for one in step.touched):
            return OWN
        return self.rule_for_tag(step)

    def rule_for_tag(self, step: Step) -> str:
        """The rule that keeps a tag on the commit out, '' if none does.

        A promotion keeps none out: Towline sets no tags, so somebody meant this commit.
        """
        if SKIP in step.message.lower():
            return SKIP
        for text, one in self.authors:
            if one.search(step.author):
                return f"ignoreAuthors '{text}'"
        for text, one in self.subjects:
            if any(one.search(line) for line in (step.subject, *step.trailers)):
                return f"ignoreSubjects '{text}'"
        return ""


@dataclass(slots=True)
class Difference:
    """What is different since a commit, and counts; it grows as later commits are added.

    A path counts if it is admitted, is not what it was, and was changed by a commit that is not
    ignored, or by nobody knows whom.
    """

    admits: Callable[[str], bool]
    _sides: dict[str, tuple[str, str]] = field(default_factory=dict)
    _by_others: set[str] = field(default_factory=set)
    _counting: set[str] = field(default_factory=set)

    def __bool__(self) -> bool:
        return bool(self._counting)

    def add(self, touched: Iterable[Touched], *, ignored: bool = False) -> None:
        """Changes on top of those so far."""
        for path, before, after in touched:
            if not ignored:
                self._by_others.add(path)
            first, _ = self._sides.get(path, (before, before))
            self._sides[path] = (first, after)
            self._judge(path)

    def _judge(self, path: str) -> None:
        before, after = self._sides[path]
        if path in self._by_others and before != after and self.admits(path):
            self._counting.add(path)
        else:
            self._counting.discard(path)


def since(
    base: Iterable[Touched],
    line: Iterable[Step],
    ignored: Ignored,
    admits: Callable[[str], bool],
) -> list[Judged]:
    """The commits since the last freight, judged by all that differs since then; newest first.

    `line` holds them oldest first, `base` what differed before the first of them: nothing, where
    it continues the last freight's commit.
    """
    difference, found = Difference(admits), []
    difference.add(base)
    for step in line:
        rule = ignored.rule(step)
        difference.add(step.touched, ignored=bool(rule))
        found.append(Judged(step, rule or ("" if difference else NOTHING_SINCE)))
    return found[::-1]


def alone(
    line: Iterable[Step], ignored: Ignored, admits: Callable[[str], bool] | None
) -> Iterator[Judged]:
    """Commits judged by what each changed itself; any change does, where nothing is asked."""
    for step in line:
        rule = ignored.rule(step)
        if not rule and admits is not None and not any(admits(one.path) for one in step.touched):
            rule = _NOTHING_ITSELF
        yield Judged(step, rule)


def differs(net: Iterable[Touched], line: Iterable[Step], ignored: Ignored) -> bool:
    """Whether something that counts differs between two commits.

    `net` is what differs and is admitted, `line` are the commits in between: a path that only
    ignored ones of them changed does not count.
    """
    by_others: set[str] = set()
    by_ignored: set[str] = set()
    for step in line:
        paths = by_ignored if ignored.rule(step) else by_others
        paths.update(one.path for one in step.touched)
    own = by_ignored - by_others
    return any(one.path not in own for one in net)
