"""From one line's decision and its pull request as it stands to what to do about it. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import assert_never

from github_app.actions import (
    Action,
    BeginBranch,
    ClosePromotion,
    DescribePromotion,
    DismissReview,
    MergePromotion,
    OpenPromotion,
    PostCheck,
    Proposal,
    SetDraft,
    UpdatePromotion,
)
from github_app.body.subject import Subject
from github_app.brought import Need
from github_app.difference.values import ToRender
from github_app.gates import Check, Gate, all_passed, promotion_check, waits_for_time
from github_app.picture import Base, Head, MissingPlace, RepositoryPicture
from github_app.pull_request import Text, message_of, text_of
from github_app.pulls import PullRequest, PullState
from github_app.rules.brought import begun, brings
from github_app.rules.decision import (
    Blocked,
    Decision,
    Held,
    Promote,
    Unread,
    UpToDate,
    Waiting,
)
from github_app.rules.differences import Difference
from github_app.rules.line_gates import foreign, gates_of
from github_app.rules.line_rules import LineRules
from github_app.rules.reviewed import Carried
from github_app.rules.reviews import team_of
from github_app.rules.stage_gates import StageGates
from github_app.rules.subjects import subject_of
from plugin import promotion
from plugin.freight import Freight, alias_of
from plugin.pipeline import Merge
from plugin.stage_policy import Draft

Planned = tuple[tuple[Gate, ...], tuple[Action, ...]]


@dataclass(frozen=True, slots=True)
class LinePlanner:
    """Turns the decision of one line into gates and actions."""

    rules: LineRules
    decision: Decision
    around: RepositoryPicture

    def planned(self) -> Planned:
        """The gates of the line's promotion, if there is one, and what to do."""
        match self.rules.picture.base:
            case Base() as base:
                pass
            case MissingPlace() as missing:
                return (), tuple(self._begun(missing))
        if self.needs():
            return (), ()
        pull, head = self.rules.picture.open, self.rules.picture.head
        if pull is None:
            return self._without_pull(base, head)
        if head is None or head.oid != pull.head_oid:
            return (), ()  # GitHub is still catching up with a branch that moved: look again
        if not head.ours:
            return self._foreign(pull, head)
        return self._with_pull(base, pull, head)

    def needs(self) -> tuple[Need, ...]:
        """What must be read or rendered before anything can be planned or shown."""
        head = self.rules.picture.head
        match self.decision:
            case Unread(needs):
                return needs
            case Promote():
                return ()
            case _ if self.rules.picture.open is None or head is None or head.freight is None:
                return ()
            case _ if not brings(self.rules.stage):
                return ()
            case _:
                shown = self.rules.changes(head.freight)
                return shown.needs if isinstance(shown, Unread) else ()

    def to_render(self) -> tuple[ToRender, ...]:
        """The promotion whose difference is shown, if it is not rendered yet."""
        base, pull, head = self.rules.picture.base, self.rules.picture.open, self.rules.picture.head
        if not isinstance(base, Base) or (head is not None and not self._may_overwrite(head)):
            return ()
        files: Mapping[str, str | None] = {}
        match self.decision:
            case Promote(changes=changes):
                files = changes.all_files
            case _ if pull is not None and head is not None and head.ours:
                files = head.files
            case _:
                pass
        difference = Difference.of(self.rules, base, files)
        return (difference.wanted,) if files and difference.rendering is None else ()

    def _begun(self, missing: MissingPlace) -> Iterator[Action]:
        """The branch, where it is ours to begin, by the first line of its stage alone."""
        if missing.begin and self.rules.line == self.rules.stage.lines[0]:
            yield BeginBranch(missing.begin, begun(self.rules.stage, missing.begin))

    def _without_pull(self, base: Base, head: Head | None) -> Planned:
        match self.decision:
            case Promote() as promote if self._may_overwrite(head):
                gates = self.gates(promote, self._carried(base, promote), None)
                proposal = self._proposal(base, promote, gates, head.oid if head else None)
                return gates, (OpenPromotion(proposal),)
            case Promote():
                return (foreign(self.rules.head, head.who if head else "", None),), ()
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
            case UpToDate(held) if not self._carries_newer(head):
                reason = f"{self.rules.stage.name} holds {alias_of(held)}"
                return (), (ClosePromotion(pull, reason),)
            case UpToDate() | Waiting() | Held() | Blocked():
                return self._stopped(pull, head)
            case Unread():
                return (), ()
            case _:
                assert_never(self.decision)

    def _carries_newer(self, head: Head) -> bool:
        return head.freight is not None and self.rules.is_newer(head.freight.id)

    def _promoting(self, base: Base, pull: PullRequest, head: Head, promote: Promote) -> Planned:
        if not self._is_right(base, pull, head, promote):
            return self._moving(base, pull, head, promote)
        carried = self._carried(base, promote)
        difference = carried.difference
        gates = self.gates(promote, carried, pull)
        text = text_of(self.subject(promote.freight, promote.changes, gates, difference))
        checked = self._checked(pull, promotion_check(gates))
        shown = difference.posted(pull) if difference else ()
        actions = [*self._described(pull, text), *checked, *shown, *self._drafted(pull, gates)]
        # What blocks it besides our check is others' to give; their word brings another look.
        useless = pull.blocked and not checked and not self._awaits(base)
        waits = self._is_draft(pull, gates) or pull.auto_merge or pull.queued
        if self._merges(gates) and not (waits or useless):
            actions.append(MergePromotion(pull, self._awaits(base), base.has_queue))
        return gates, tuple(actions)

    def _moving(self, base: Base, pull: PullRequest, head: Head, promote: Promote) -> Planned:
        """The pull request goes over to another commit; approvals of the old one may fall."""
        carried = self._carried(base, promote)
        gates = self.gates(promote, carried, replace(pull, head_oid=""))
        proposal = self._proposal(base, promote, gates, head.oid)
        fallen = self.fallen(pull, head, carried)
        return gates, (UpdatePromotion(pull, proposal), *self._drafted(pull, gates), *fallen)

    def fallen(self, pull: PullRequest, head: Head, to: Carried) -> Iterator[DismissReview]:
        """The approvals that do not count for what the pull request carries then."""
        return self._own.fallen(pull, head, to)

    def subject(
        self,
        freight: Freight,
        changes: promotion.Changes,
        gates: tuple[Gate, ...],
        difference: Difference | None,
    ) -> Subject:
        """What the pull request is about."""
        return subject_of(self.rules, freight, changes, gates, difference)

    @property
    def _own(self) -> StageGates:
        return StageGates(self.rules, self.around)

    def _carried(self, base: Base, promote: Promote) -> Carried:
        files = promote.changes.all_files
        return Carried(promote.freight, files, Difference.of(self.rules, base, files))

    def gates(
        self, promote: Promote, carried: Carried, pull: PullRequest | None
    ) -> tuple[Gate, ...]:
        """The gates of what is promoted, on a branch that is all ours."""
        own = self._own.gates(carried, pull)
        gates = gates_of(self.decision, promote.standing, self.rules.stage.write, own)
        rendered = carried.difference.gates(pull) if carried.difference else ()
        return (*gates, *self._own.protection(), *rendered)

    def _awaits(self, base: Base) -> bool:
        """Whether GitHub itself is to merge once our check and everything else allow it."""
        return base.requires_towline and self.around.auto_merge_allowed

    def _drafted(self, pull: PullRequest, gates: tuple[Gate, ...]) -> list[SetDraft]:
        """Where the stage asks for it: a draft while there is nothing for people to do."""
        wanted = self._is_draft(pull, gates)
        return [] if wanted is pull.draft else [SetDraft(pull, wanted)]

    def _is_draft(self, pull: PullRequest, gates: tuple[Gate, ...]) -> bool:
        if self.rules.stage.pull_request.draft is not Draft.WAITING:
            return pull.draft
        return waits_for_time(gates)

    def _is_right(self, base: Base, pull: PullRequest, head: Head, promote: Promote) -> bool:
        """The head carries this freight, exactly its files, and GitHub can merge it.

        What stands on the base's tip merges; GitHub may not have found out yet.
        """
        if head.freight is None or head.freight.id != promote.freight.id:
            return False
        if dict(head.files) != dict(promote.changes.all_files) or pull.base != base.branch:
            return False
        return head.on == base.oid or not (pull.conflicting or pull.behind)

    def _stopped(self, pull: PullRequest, head: Head) -> Planned:
        """The pull request stays for people to see, red or waiting, with the reason."""
        freight = head.freight
        if freight is None:
            return (), (ClosePromotion(pull, "its record of freight cannot be read"),)
        no = self.rules.forbidden(freight.id)
        if no is not None:
            reason = f"{freight.alias} was rejected by {no.who}: {no.why}"
            return (), (ClosePromotion(pull, reason),)
        base = self.rules.picture.base
        shown = Difference.of(self.rules, base, head.files) if isinstance(base, Base) else None
        own = self._own.gates(Carried(freight, head.files, shown), pull)
        standing = self.rules.standing(freight.id)
        gates = (
            *gates_of(self.decision, standing, self.rules.stage.write, own),
            *self._own.protection(),
        )
        return gates, (*self._shown(pull, freight, gates), *self._drafted(pull, gates))

    def _foreign(self, pull: PullRequest, head: Head) -> Planned:
        """Red until the commit is gone; nobody can describe what carries no freight any more."""
        gates = (foreign(self.rules.head, head.who, self.rules.stage.name),)
        if head.freight is None:
            return gates, tuple(self._checked(pull, promotion_check(gates)))
        return gates, self._shown(pull, head.freight, gates)

    def _shown(
        self, pull: PullRequest, freight: Freight, gates: tuple[Gate, ...]
    ) -> tuple[Action, ...]:
        """Text and check of a pull request that goes nowhere now."""
        match self.rules.changes(freight):
            case promotion.Changes() as changes:
                pass
            case _:
                changes = promotion.Changes({}, ())
        base, head = self.rules.picture.base, self.rules.picture.head
        shown = None
        if isinstance(base, Base) and head is not None and head.ours:
            shown = Difference.of(self.rules, base, head.files)
        text = text_of(self.subject(freight, changes, gates, shown))
        return (
            *self._described(pull, text),
            *self._checked(pull, promotion_check(gates)),
            *(shown.posted(pull) if shown else ()),
        )

    def _merges(self, gates: tuple[Gate, ...]) -> bool:
        stage = self.rules.stage
        return (
            stage.merge is Merge.AUTO
            and all_passed(gates)
            and stage.pull_request.draft is not Draft.YES
        )

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
        difference = Difference.of(rules, base, promote.changes.all_files)
        subject = self.subject(promote.freight, promote.changes, gates, difference)
        pull = rules.picture.open
        waits = pull is not None and (self._is_draft(pull, gates) or pull.auto_merge)
        return Proposal(
            project=rules.rules.picture.project.name,
            stage=rules.stage.name,
            warehouse=rules.line.warehouse,
            freight=promote.freight.id,
            head=rules.head,
            base=base.branch,
            base_oid=base.oid,
            expected_head=expected,
            files=promote.changes.all_files,
            message=message_of(subject),
            text=self._text(subject, gates),
            check=promotion_check(gates),
            merge=self._merges(gates) and not waits,
            requires_towline=self._awaits(base),
            has_queue=base.has_queue,
            diff=difference.check,
            reviewers=self._reviewers(),
            assignees=rules.stage.pull_request.assignees,
        )

    def _text(self, subject: Subject, gates: tuple[Gate, ...]) -> Text:
        text = text_of(subject)
        waits = self.rules.stage.pull_request.draft is Draft.WAITING and waits_for_time(gates)
        return replace(text, draft=text.draft or waits)

    def _reviewers(self) -> tuple[str, ...]:
        """Whom to ask: those named, and the teams of whom somebody must approve."""
        stage, owner = self.rules.stage, self.around.name.partition("/")[0]
        teams = stage.reviews.teams if stage.reviews else ()
        asked = (*stage.pull_request.reviewers, *(team_of(one, owner) for one in teams))
        return tuple(dict.fromkeys(asked))


def _normal(body: str) -> str:
    """GitHub may hand a body back with other line ends than it was given."""
    return body.replace("\r\n", "\n").strip()
