"""The tags of a repository that a subscription may take, best first."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice, takewhile

from github_app.github.mirror.asking import TagRef, Way
from github_app.github.mirror.past import Dated
from github_app.github.mirror.steps import Step
from github_app.github.mirror.watched import WatchedMirror
from github_app.warehouse.candidate import Candidate
from github_app.warehouse.filtered import Filtered, filtered, rules_of
from github_app.warehouse.git_facts import of_tag
from github_app.warehouse.git_paths import PathRules
from github_app.warehouse.git_rules import NOTHING_SINCE, Ignored, differs
from github_app.warehouse.git_scope import scope_of
from github_app.warehouse.selection import by_name, by_version, passing
from plugin.artifact import Revision
from plugin.errors import Refusal
from plugin.subscriptions import GitSelection, GitSubscription

MOST_DATED = 10_000
"""Tags that are fetched to find the newest; others are chosen by name, and only those fetched."""
_MOST_NEWER = 200
_PART = 20
_NO_HISTORY = "stands for no commit"
_NO_PATH = "has none of its paths"

_Judge = Callable[[Step], str]
_Shown = Iterator[Candidate | Filtered]


@dataclass(frozen=True, slots=True)
class TagList:
    """A repository's tags, as Kargo's NewestTag, SemVer and Lexical choose among them."""

    subscription: GitSubscription
    mirror: WatchedMirror
    way: Way

    def judged(self, last: Revision | None) -> _Shown:
        """Every tag that the rules for names let pass, taken or kept out by another.

        With path rules, those that come before the last freight's need a difference that counts;
        the last freight's follows, then older ones. Where its tag is gone or moved, it stays the
        newest unless another one differs. Without a last freight any of the paths will do.
        """
        rules = PathRules.of(self.subscription.include, self.subscription.exclude)
        ignored = Ignored.by(self.subscription)
        tags = self._tags()
        ordered = self._ordered(tags)
        base = self._base(last) if rules else None
        if not rules:
            yield from self._shown(map(tags.__getitem__, ordered), ignored.rule_for_tag)
        elif last is None or base is None:
            judge = _first(self.mirror, rules, ignored)
            yield from self._shown(map(tags.__getitem__, ordered), judge)
        else:
            judge = _later(self.mirror, base, rules, ignored)
            yield from self._around(last, base, [tags[name] for name in ordered], judge)

    def unfit(self, judged: Iterable[str]) -> Iterator[Filtered]:
        """The other tags than those that were judged, with the rule that keeps each out."""
        return filtered(rules_of(self.subscription), self._tags(), judged)

    def _around(
        self, last: Revision, base: str, ordered: Sequence[TagRef], judge: _Judge
    ) -> _Shown:
        names = [one.name for one in ordered]
        at = names.index(last.tag) if last.tag in names else len(names)
        here = [one for one in ordered[at : at + 1] if one.commit == base]
        newer = ordered[: at if here else at + 1]
        taken = False
        for one in self._shown(islice(newer, _MOST_NEWER), judge):
            taken = taken or isinstance(one, Candidate)
            yield one
        if here:
            yield from self._shown(here, None)
        elif not taken:
            yield self._gone(last, base)
        yield from self._shown(ordered[at + 1 :], Ignored.by(self.subscription).rule_for_tag)

    def named(self, version: str) -> Candidate | None:
        """The tag of that name, if it is one of a commit."""
        tag = self._tags().get(version)
        if tag is None:
            return None
        found = self._shown([tag], None)
        return next((one for one in found if isinstance(one, Candidate)), None)

    def _tags(self) -> Mapping[str, TagRef]:
        found = self.mirror.tags(self.way)
        return {one.name: one for one in found if self._is_revision(one)}

    def _is_revision(self, tag: TagRef) -> bool:
        """Whether the tag can be written where revisions are; a server may say anything."""
        try:
            Revision(self.subscription.repository, tag.name, tag.commit)
        except Refusal:
            return False
        return True

    def _ordered(self, tags: Mapping[str, TagRef]) -> list[str]:
        """The tags the subscription's rule lets pass, the best first."""
        passed = passing(self.subscription, tags)
        match self.subscription.select:
            case GitSelection.SEMVER:
                rule = self.subscription.constraint
                return by_version(passed, rule, strict=self.subscription.strict)
            case GitSelection.LEXICAL:
                return by_name(passed)
            case _:
                return self._by_date([tags[name] for name in passed])

    def _by_date(self, tags: Sequence[TagRef]) -> list[str]:
        """By the tagger's time or, where a tag is but a name, its commit's; then by name."""
        if len(tags) > MOST_DATED:
            raise Refusal(
                f"{len(tags)} tags of {self.way.url} would have to be fetched to find the newest:"
                f" let at most {MOST_DATED} pass 'allow' and 'ignore'"
            )
        self.mirror.bring_tags(self.way, tags)
        dated = self.mirror.past.dated(tags)
        return sorted(dated, key=lambda name: (dated[name].created, name), reverse=True)

    def _shown(self, tags: Iterable[TagRef], judge: _Judge | None) -> _Shown:
        """The tags, fetched a few at a time when somebody wants them; no judge takes them all."""
        rest, past = iter(tags), self.mirror.past
        while part := list(islice(rest, _PART)):
            self.mirror.bring_tags(self.way, part)
            commits = past.commits(one.commit for one in part)
            dated = past.dated(part)
            for tag in part:
                if tag.commit not in commits or tag.name not in dated:
                    yield Filtered(tag.name, _NO_HISTORY)
                    continue
                step = past.described([tag.commit])[tag.commit]
                rule = judge(step) if judge else ""
                shown = Filtered(tag.name, rule) if rule else None
                yield shown or of_tag(self.subscription.repository, tag, step, dated[tag.name])

    def _base(self, last: Revision | None) -> str | None:
        """The last freight's commit, if it can still be had."""
        if last is None or last.commit is None:
            return None
        return last.commit if self.mirror.bring_commit(self.way, last.commit) else None

    def _gone(self, last: Revision, base: str) -> Candidate:
        """The last freight's tag as it was."""
        step = self.mirror.past.described([base])[base]
        tag = TagRef(last.tag, base, base)
        return of_tag(self.subscription.repository, tag, step, Dated(step.committed_at, "", ""))


def _first(mirror: WatchedMirror, rules: PathRules, ignored: Ignored) -> _Judge:
    """Judges by what a tag has."""
    scope = scope_of(rules)

    def judge(step: Step) -> str:
        rule = ignored.rule_for_tag(step)
        paths = () if rule else mirror.past.paths(step.commit, scope)
        has = rule or any(map(rules.admits, paths))
        return rule if has else _NO_PATH

    return judge


def _later(mirror: WatchedMirror, base: str, rules: PathRules, ignored: Ignored) -> _Judge:
    """Judges by what differs from the last freight's commit."""
    past, scope = mirror.past, scope_of(rules)

    def judge(step: Step) -> str:
        rule = ignored.rule_for_tag(step)
        if rule:
            return rule
        differences = past.differences(base, step.commit, scope)
        net = [one for one in differences if rules.admits(one.path)]
        line = takewhile(lambda one: one.commit != base, past.steps(step.commit, scope=scope))
        return "" if net and differs(net, line, ignored) else NOTHING_SINCE

    return judge
