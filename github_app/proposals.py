"""From one line's decision and its pull request as it stands to what to do about it. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from github_app.actions import (
    Action,
    ClosePromotion,
    DescribePromotion,
    MergePromotion,
    OpenPromotion,
    PostCheck,
    Proposal,
    UpdatePromotion,
)
from github_app.availability import Passed, Pending, Standing
from github_app.decision import (
    Blocked,
    Decision,
    Held,
    LineRules,
    Promote,
    UpToDate,
    Waiting,
)
from github_app.gates import Check, Gate, GateState, all_passed, promotion_check
from github_app.picture import Base, Head, PullRequest, PullState
from github_app.pull_request import Subject, Text, message_of, text_of
from github_app.warnings_of import warnings_of
from plugin import promotion
from plugin.freight import Freight, alias_of
from plugin.pipeline import Merge

Planned = tuple[tuple[Gate, ...], tuple[Action, ...]]


@dataclass(frozen=True, slots=True)
class LinePlanner:
    """Turns the decision of one line into gates and actions."""

    rules: LineRules
    decision: Decision

    def planned(self) -> Planned:
        """The gates of the line's promotion, if there is one, and what to do."""
        match self.rules.picture.base:
            case Base() as base:
                pass
            case _:
                return (), ()
        pull, head = self.rules.picture.open, self.rules.picture.head
        if pull is None:
            return self._without_pull(base, head)
        if head is None or head.oid != pull.head_oid:
            return (), ()  # GitHub is still catching up with a branch that moved: look again
        if not head.ours:
            return self._foreign(pull, head)
        return self._with_pull(base, pull, head)

    def _without_pull(self, base: Base, head: Head | None) -> Planned:
        match self.decision:
            case Promote() as promote if self._may_overwrite(head):
                gates = self._gates(promote.freight, promote.standing)
                proposal = self._proposal(base, promote, gates, head.oid if head else None)
                return gates, (OpenPromotion(proposal),)
            case Promote():
                return (self._foreign_gate(head),), ()
            case _:
                return (), ()

    def _may_overwrite(self, head: Head | None) -> bool:
        """A branch left over from an earlier promotion may be moved, somebody's work never."""
        if head is None or head.ours:
            return True
        last = self.rules.picture.last
        return last is not None and last.state is PullState.MERGED and last.head_oid == head.oid

    def _with_pull(self, base: Base, pull: PullRequest, head: Head) -> Planned:
        match self.decision:
            case Promote() as promote:
                return self._promoting(base, pull, head, promote)
            case UpToDate(freight):
                held = alias_of(freight) if freight else "what it should"
                return (), (ClosePromotion(pull, f"{self.rules.stage.name} holds {held}"),)
            case Waiting() | Held() | Blocked():
                return self._stopped(pull, head)

    def _promoting(
        self, base: Base, pull: PullRequest, head: Head, promote: Promote
    ) -> Planned:
        gates = self._gates(promote.freight, promote.standing)
        if not self._is_right(base, pull, head, promote):
            proposal = self._proposal(base, promote, gates, head.oid)
            return gates, (UpdatePromotion(pull, proposal),)
        text = self._text(promote.freight, promote.changes, gates)
        actions = [*self._described(pull, text), *self._checked(pull, promotion_check(gates))]
        if self._merges(gates, text) and not pull.draft and not pull.auto_merge:
            actions.append(MergePromotion(pull, base.requires_towline))
        return gates, tuple(actions)

    def _is_right(self, base: Base, pull: PullRequest, head: Head, promote: Promote) -> bool:
        """The head carries this freight, exactly its files, and GitHub can merge it."""
        if head.freight is None or head.freight.id != promote.freight.id:
            return False
        if dict(head.files) != dict(promote.changes.files) or pull.base != base.branch:
            return False
        return not pull.conflicting and not (pull.behind and head.on != base.oid)

    def _stopped(self, pull: PullRequest, head: Head) -> Planned:
        """The pull request stays for people to see, red or waiting, with the reason."""
        freight = head.freight
        if freight is None:
            return (), (ClosePromotion(pull, "its record of freight cannot be read"),)
        standing = self.rules.standing(freight.id)
        if isinstance(self.decision, Waiting) and self._rejected(standing):
            return (), (ClosePromotion(pull, standing.reason),)
        gates = self._gates(freight, standing)
        return gates, tuple(self._checked(pull, promotion_check(gates)))

    def _rejected(self, standing: Standing) -> bool:
        return isinstance(standing, Pending) and "rejected" in standing.reason

    def _foreign(self, pull: PullRequest, head: Head) -> Planned:
        gates = (self._foreign_gate(head),)
        return gates, tuple(self._checked(pull, promotion_check(gates)))

    def _foreign_gate(self, head: Head | None) -> Gate:
        who = f" by {head.who}" if head and head.who else ""
        return Gate(
            "branch",
            GateState.FAILED,
            f"{self.rules.head} carries a commit{who} that is not Towline's; it is never "
            "overwritten. Remove the commit, or delete the branch to have it made anew",
        )

    def _gates(self, freight: Freight, standing: Standing) -> tuple[Gate, ...]:
        return (
            _standing_gate(standing),
            self._hold_gate(),
            self._pins_gate(),
            Gate("branch", GateState.PASSED, "one commit, Towline's own"),
        )

    def _hold_gate(self) -> Gate:
        match self.decision:
            case Held(reason):
                return Gate("hold", GateState.FAILED, reason)
            case _:
                return Gate("hold", GateState.PASSED, "nobody holds this line")

    def _pins_gate(self) -> Gate:
        match self.decision:
            case Blocked(reasons):
                return Gate("pins", GateState.FAILED, "; ".join(reasons))
            case _:
                return Gate("pins", GateState.PASSED, "every pin can be changed safely")

    def _merges(self, gates: tuple[Gate, ...], text: Text) -> bool:
        return self.rules.stage.merge is Merge.AUTO and all_passed(gates) and not text.draft

    def _described(self, pull: PullRequest, text: Text) -> list[Action]:
        same = pull.title == text.title and _normal(pull.body) == _normal(text.body)
        return [] if same else [DescribePromotion(pull, text)]

    def _checked(self, pull: PullRequest, check: Check) -> list[Action]:
        if pull.check is not None and pull.check.key == check.key:
            return []
        return [PostCheck(pull.head_oid, check, pull.check)]

    def _proposal(
        self, base: Base, promote: Promote, gates: tuple[Gate, ...], expected: str | None
    ) -> Proposal:
        rules = self.rules
        subject = self._subject(promote.freight, promote.changes, gates)
        text = text_of(subject)
        return Proposal(
            project=rules.rules.picture.project.name,
            stage=rules.stage.name,
            warehouse=rules.line.warehouse,
            freight=promote.freight.id,
            head=rules.head,
            base=base.branch,
            base_oid=base.oid,
            expected_head=expected,
            files=promote.changes.files,
            message=message_of(subject),
            text=text,
            check=promotion_check(gates),
            merge=self._merges(gates, text),
            requires_towline=base.requires_towline,
        )

    def _text(
        self, freight: Freight, changes: promotion.Changes, gates: tuple[Gate, ...]
    ) -> Text:
        return text_of(self._subject(freight, changes, gates))

    def _subject(
        self, freight: Freight, changes: promotion.Changes, gates: tuple[Gate, ...]
    ) -> Subject:
        rules = self.rules
        return Subject(
            project=rules.rules.picture.project,
            stage=rules.stage,
            line=rules.line,
            freight=freight,
            before=self._before(),
            bumps=changes.bumps,
            gates=gates,
            warnings=warnings_of(rules.rules.picture, rules.line.warehouse, freight),
            held=self._held_aliases(),
        )

    def _before(self) -> Freight | None:
        match self.rules.picture.holding:
            case promotion.Managed(record):
                return record.freight
            case _:
                return None

    def _held_aliases(self) -> Mapping[str, str]:
        held = {}
        for (stage, warehouse), line in self.rules.rules.picture.lines.items():
            if warehouse == self.rules.line.warehouse:
                match line.holding:
                    case promotion.Managed(record):
                        held[stage] = f"{record.freight.tags()} {record.freight.alias}"
                    case _:
                        pass
        return held


def _standing_gate(standing: Standing) -> Gate:
    match standing:
        case Passed(reason):
            return Gate("upstream", GateState.PASSED, reason)
        case Pending(reason, until):
            return Gate("upstream", GateState.WAITING, reason, until)


def _normal(body: str) -> str:
    """GitHub may hand a body back with other line ends than it was given."""
    return body.replace("\r\n", "\n").strip()
