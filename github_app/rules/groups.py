"""All lines of a stage in one pull request: what each line decides, joined. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace

from github_app.actions import DismissReview
from github_app.body.subject import Subject
from github_app.gates import Gate
from github_app.picture import Head, RepositoryPicture
from github_app.pulls import PullRequest
from github_app.rules.decision import Decision, Promote, Unread, UpToDate
from github_app.rules.differences import Difference
from github_app.rules.line_gates import UPSTREAM, gates_of
from github_app.rules.line_rules import LineRules
from github_app.rules.proposals import LinePlanner
from github_app.rules.reviewed import Carried
from github_app.rules.stage_gates import StageGates
from github_app.rules.subjects import subject_of
from plugin import promotion
from plugin.freight import Freight
from plugin.pipeline import Line

# The gates of every line are shown; of those that one branch has, one is enough.
_OF_ALL = frozenset({"hold", "pins", "branch"})


@dataclass(frozen=True, slots=True)
class Member:
    """One line of a group, and what it decides on top of the lines before it."""

    rules: LineRules
    decision: Decision

    @property
    def carried(self) -> Freight | None:
        """What the group's pull request carries of the line that the stage does not hold."""
        head = self.rules.picture.head if self.rules.picture.open else None
        freight = head.freight if head else None
        return freight if freight is not None and self.rules.is_newer(freight.id) else None


def members(lines: Iterable[Line], rules_of: Callable[[Line], LineRules]) -> tuple[Member, ...]:
    """Every line's decision, each on the files as those before it leave them.

    Lines may have their pins in one file, so each is made from what the others have written.
    """
    found: list[Member] = []
    changed: dict[str, str | None] = {}
    for line in lines:
        rules = rules_of(line)
        texts = {**rules.picture.files, **changed}
        files = {path: text for path, text in texts.items() if text is not None}
        rules = replace(rules, picture=replace(rules.picture, files=files))
        member = Member(rules, rules.decision())
        if isinstance(member.decision, Promote):
            changed.update(member.decision.changes.all_files)
        found.append(member)
    return tuple(found)


@dataclass(frozen=True, slots=True)
class GroupPlanner(LinePlanner):
    """Turns what the lines of a group decide into the gates and actions of one pull request.

    Its first line speaks for it: the first that promotes, or else that the pull request carries.
    Lines that wait, are held or blocked are left out, so that they stop no other.
    """

    others: tuple[Member, ...] = ()

    @classmethod
    def of(cls, every: tuple[Member, ...], around: RepositoryPicture) -> GroupPlanner:
        """The planner of a group of at least one line."""
        promoting = [one for one in every if isinstance(one.decision, Promote)]
        unread = [one for one in every if isinstance(one.decision, Unread)]
        if unread or promoting:
            first, *others = unread or promoting
            decision = first.decision if unread else _joined(promoting)
            return cls(first.rules, decision, around, tuple(others))
        carried = [one for one in every if one.carried]
        first, *others = carried or every
        decision = first.decision
        if not carried and first.rules.current is not None:
            # Whatever stops a line, the pull request carries nothing of it.
            decision = UpToDate(first.rules.current)
        return cls(first.rules, decision, around, tuple(others) if carried else ())

    def gates(
        self, promote: Promote, carried: Carried, pull: PullRequest | None
    ) -> tuple[Gate, ...]:
        """The gates of every line; what is the same for all is told once."""
        gates = LinePlanner.gates(self, promote, carried, pull)
        mine = {(one.name, one.state, one.text) for one in gates}
        more = (
            replace(gate, name=f"{gate.name} ({member.rules.line.warehouse})")
            for member in self.others
            for gate in self._of_member(member, carried, pull)
            if (gate.name, gate.state, gate.text) not in mine and gate.name not in _OF_ALL
        )
        return tuple(_ordered(gates, tuple(more)))

    def _of_member(
        self, member: Member, carried: Carried, pull: PullRequest | None
    ) -> tuple[Gate, ...]:
        decision = member.decision
        if not isinstance(decision, Promote):
            return ()
        mine = replace(carried, freight=decision.freight)
        own = StageGates(member.rules, self.around).gates(mine, pull)
        return gates_of(decision, decision.standing, member.rules.stage.write, own)

    def fallen(self, pull: PullRequest, head: Head, to: Carried) -> Iterator[DismissReview]:
        """An approval falls as soon as it does for one of the lines."""
        fallen = list(LinePlanner.fallen(self, pull, head, to))
        for member in self.others:
            carries = member.rules.picture.head
            if carries is not None and isinstance(member.decision, Promote):
                mine = replace(to, freight=member.decision.freight)
                fallen += StageGates(member.rules, self.around).fallen(pull, carries, mine)
        return iter({one.review.node: one for one in reversed(fallen)}.values())

    def subject(
        self,
        freight: Freight,
        changes: promotion.Changes,
        gates: tuple[Gate, ...],
        difference: Difference | None,
    ) -> Subject:
        """What the pull request is about, line by line."""
        subject = LinePlanner.subject(self, freight, changes, gates, difference)
        return replace(subject, others=tuple(self._others(gates)))

    def _others(self, gates: tuple[Gate, ...]) -> Iterator[Subject]:
        for member in self.others:
            match member.decision:
                case Promote(freight, changes):
                    yield subject_of(member.rules, freight, changes, _its_own(member, gates))
                case _ if member.carried is not None:
                    nothing = promotion.Changes({}, ())
                    yield subject_of(member.rules, member.carried, nothing, ())
                case _:
                    pass


def _its_own(member: Member, gates: tuple[Gate, ...]) -> tuple[Gate, ...]:
    """The gate that says what let the line's freight in, under its usual name."""
    name = f"{UPSTREAM} ({member.rules.line.warehouse})"
    same = tuple(replace(one, name=UPSTREAM) for one in gates if one.name == name)
    return same or tuple(one for one in gates if one.name == UPSTREAM)


def _joined(promoting: list[Member]) -> Promote:
    """One promotion with everything that the lines change."""
    decisions = [one.decision for one in promoting if isinstance(one.decision, Promote)]
    first, every = decisions[0], [one.changes for one in decisions]
    files: dict[str, str | None] = {}
    for one in every:
        files.update(one.all_files)
    changes = promotion.Changes(
        {path: text for path, text in files.items() if text is not None},
        tuple(bump for one in every for bump in one.bumps),
        tuple(disk for one in every for disk in one.disks),
        tuple(machine for one in every for machine in one.restarts),
        tuple(path for path, text in files.items() if text is None),
    )
    return replace(first, changes=changes)


def _ordered(gates: tuple[Gate, ...], more: tuple[Gate, ...]) -> Iterator[Gate]:
    """The gates of the first line, each with those of the others behind it."""
    names = {one.name for one in gates}
    for gate in gates:
        yield gate
        yield from (one for one in more if one.name.partition(" (")[0] == gate.name)
    yield from (one for one in more if one.name.partition(" (")[0] not in names)
