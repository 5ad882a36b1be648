"""From one line's decision and its pull request as it stands to what to do about it. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import assert_never

from github_app.actions import (
    Action,
    BeginBranch,
    ClosePromotion,
    MergePromotion,
    OpenPromotion,
    UpdatePromotion,
)
from github_app.brought import Need
from github_app.difference.values import ToRender
from github_app.gates import Gate, promotion_check
from github_app.picture import Base, Head, MissingPlace
from github_app.pull_request import text_of
from github_app.pulls import PullRequest, PullState
from github_app.rules.brought import begun, brings
from github_app.rules.decision import (
    Blocked,
    Held,
    Promote,
    Unread,
    UpToDate,
    Waiting,
)
from github_app.rules.differences import Difference
from github_app.rules.line_gates import foreign, gates_of
from github_app.rules.reviewed import Carried
from github_app.rules.showing import LineShowing
from plugin.freight import alias_of

Planned = tuple[tuple[Gate, ...], tuple[Action, ...]]


class LinePlanner(LineShowing):
    """Turns the decision of one line into gates and actions."""

    __slots__ = ()

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
                gates = self.gates(promote, self.carried(base, promote), None)
                proposal = self.proposal(base, promote, gates, head.oid if head else None)
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
        return head.freight is not None and self.rules.is_newer(head.freight.aim)

    def _promoting(self, base: Base, pull: PullRequest, head: Head, promote: Promote) -> Planned:
        if not self._is_right(base, pull, head, promote):
            return self._moving(base, pull, head, promote)
        carried = self.carried(base, promote)
        difference = carried.difference
        gates = self.gates(promote, carried, pull)
        text = text_of(self.subject(promote.freight, promote.changes, gates, difference))
        checked = self.checked(pull, promotion_check(gates))
        shown = difference.posted(pull) if difference else ()
        actions = [*self.described(pull, text), *checked, *shown, *self.drafted(pull, gates)]
        # What blocks it besides our check is others' to give; their word brings another look.
        useless = pull.blocked and not checked and not self.awaits(base)
        waits = self.is_draft(pull, gates) or pull.auto_merge or pull.queued
        if self.merges(gates) and not (waits or useless):
            actions.append(MergePromotion(pull, self.awaits(base), base.has_queue))
        return gates, tuple(actions)

    def _moving(self, base: Base, pull: PullRequest, head: Head, promote: Promote) -> Planned:
        """The pull request goes over to another commit; approvals of the old one may fall."""
        carried = self.carried(base, promote)
        gates = self.gates(promote, carried, replace(pull, head_oid=""))
        proposal = self.proposal(base, promote, gates, head.oid)
        fallen = self.fallen(pull, head, carried)
        return gates, (UpdatePromotion(pull, proposal), *self.drafted(pull, gates), *fallen)

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
        own = self.own.gates(Carried(freight, head.files, shown), pull)
        standing = self.rules.standing(freight.aim)
        gates = (
            *gates_of(self.decision, standing, self.rules.stage.write, own),
            *self.own.protection(),
        )
        return gates, (*self.shown(pull, freight, gates), *self.drafted(pull, gates))

    def _foreign(self, pull: PullRequest, head: Head) -> Planned:
        """Red until the commit is gone; nobody can describe what carries no freight any more."""
        gates = (foreign(self.rules.head, head.who, self.rules.stage.name),)
        if head.freight is None:
            return gates, tuple(self.checked(pull, promotion_check(gates)))
        return gates, self.shown(pull, head.freight, gates)
