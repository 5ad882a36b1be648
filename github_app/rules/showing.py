"""What the pull request of a line shows: gates, words, checks, and the proposal of them. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from github_app.actions import (
    Action,
    DescribePromotion,
    DismissReview,
    PostCheck,
    Proposal,
    SetDraft,
)
from github_app.body.subject import Subject
from github_app.gates import Check, Gate, all_passed, promotion_check, waits_for_time
from github_app.picture import Base, Head, RepositoryPicture
from github_app.pull_request import Text, message_of, text_of
from github_app.pulls import PullRequest
from github_app.rules.decision import (
    Decision,
    Promote,
)
from github_app.rules.differences import Difference
from github_app.rules.line_gates import gates_of
from github_app.rules.line_rules import LineRules
from github_app.rules.reviewed import Carried
from github_app.rules.reviews import team_of
from github_app.rules.stage_gates import StageGates
from github_app.rules.subjects import subject_of
from plugin import promotion
from plugin.freight import Freight
from plugin.pipeline import Merge
from plugin.stage_policy import Draft


@dataclass(frozen=True, slots=True)
class LineShowing:
    """What is said of one line's promotion, whatever is done about it."""

    rules: LineRules
    decision: Decision
    around: RepositoryPicture

    def fallen(self, pull: PullRequest, head: Head, to: Carried) -> Iterator[DismissReview]:
        """The approvals that do not count for what the pull request carries then."""
        return self.own.fallen(pull, head, to)

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
    def own(self) -> StageGates:
        """What this stage asks for and another does not."""
        return StageGates(self.rules, self.around)

    def carried(self, base: Base, promote: Promote) -> Carried:
        """What the pull request carries then, with its difference."""
        files = promote.changes.all_files
        return Carried(promote.freight, files, Difference.of(self.rules, base, files))

    def gates(
        self, promote: Promote, carried: Carried, pull: PullRequest | None
    ) -> tuple[Gate, ...]:
        """The gates of what is promoted, on a branch that is all ours."""
        own = self.own.gates(carried, pull)
        gates = gates_of(self.decision, promote.standing, self.rules.stage.write, own)
        rendered = carried.difference.gates(pull) if carried.difference else ()
        return (*gates, *self.own.protection(), *rendered)

    def awaits(self, base: Base) -> bool:
        """Whether GitHub itself is to merge once our check and everything else allow it."""
        return base.requires_towline and self.around.auto_merge_allowed

    def drafted(self, pull: PullRequest, gates: tuple[Gate, ...]) -> list[SetDraft]:
        """Where the stage asks for it: a draft while there is nothing for people to do."""
        wanted = self.is_draft(pull, gates)
        return [] if wanted is pull.draft else [SetDraft(pull, wanted)]

    def is_draft(self, pull: PullRequest, gates: tuple[Gate, ...]) -> bool:
        """Whether it should be a draft now; it stays what it is where the stage does not say."""
        if self.rules.stage.pull_request.draft is not Draft.WAITING:
            return pull.draft
        return waits_for_time(gates)

    def shown(
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
            *self.described(pull, text),
            *self.checked(pull, promotion_check(gates)),
            *(shown.posted(pull) if shown else ()),
        )

    def merges(self, gates: tuple[Gate, ...]) -> bool:
        """Whether nobody else is waited for."""
        stage = self.rules.stage
        return (
            stage.merge is Merge.AUTO
            and all_passed(gates)
            and stage.pull_request.draft is not Draft.YES
        )

    def described(self, pull: PullRequest, text: Text) -> list[Action]:
        """Title and body, where they say something else now."""
        same = pull.title == text.title and _normal(pull.body) == _normal(text.body)
        return [] if same else [DescribePromotion(pull, text)]

    def checked(self, pull: PullRequest, check: Check) -> list[Action]:
        """The check `towline`, where it says something else now."""
        if pull.check is not None and pull.check.key == check.key:
            return []
        return [PostCheck(pull.head_oid, check, pull.check)]

    def proposal(
        self, base: Base, promote: Promote, gates: tuple[Gate, ...], expected: str | None
    ) -> Proposal:
        """The commit and pull request of what is promoted; `expected` is the head as it stands."""
        rules = self.rules
        difference = Difference.of(rules, base, promote.changes.all_files)
        subject = self.subject(promote.freight, promote.changes, gates, difference)
        pull = rules.picture.open
        waits = pull is not None and (self.is_draft(pull, gates) or pull.auto_merge)
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
            merge=self.merges(gates) and not waits,
            requires_towline=self.awaits(base),
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
