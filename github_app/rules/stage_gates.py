"""The gates that one stage has and another has not: windows, reviews, protection. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from zoneinfo import ZoneInfoNotFoundError

from github_app.actions import DismissReview
from github_app.gates import Gate, GateState
from github_app.ledger_times import time_text
from github_app.notes import StageNotes, Way
from github_app.picture import Base, Head, RepositoryPicture
from github_app.pulls import PullRequest
from github_app.rules.asking import overridden
from github_app.rules.line_rules import LineRules
from github_app.rules.reviewed import Carried
from github_app.rules.reviews import Standards, reviews_gate
from github_app.rules.windows import Opened, Shut, state_of
from plugin.freight import FreightId, alias_of
from plugin.pipeline import Merge
from plugin.stage_policy import Reviews

WINDOW = "window"
PROTECTION = "protection"


@dataclass(frozen=True, slots=True)
class StageGates:
    """What the stage of one line asks for, in the repository as it was seen."""

    rules: LineRules
    around: RepositoryPicture

    def gates(self, carried: Carried, pull: PullRequest | None) -> tuple[Gate, ...]:
        """In their order: window, turn among the stages of a matrix, reviews."""
        gates = (
            self._window(carried.freight.aim),
            self.rules.rollout(carried.freight.aim),
            reviews_gate(self._standards(carried), pull, self._given(carried)),
        )
        return tuple(gate for gate in gates if gate is not None)

    def protection(self) -> tuple[Gate, ...]:
        """The gate of merging by itself where nothing keeps anybody from pushing."""
        stage, base = self.rules.stage, self.rules.picture.base
        asks = stage.merge is Merge.AUTO and not stage.unprotected
        if not asks or not isinstance(base, Base) or base.protected:
            return ()
        words = (
            f"'merge: auto', and nothing protects {base.branch}: whoever may write gets there past "
            "every gate. Protect it and require the check towline "
            "(Settings, Rules, Rulesets), "
            f"or write 'protection: none' in stage {stage.name}"
        )
        return (Gate(PROTECTION, GateState.FAILED, words),)

    def fallen(self, pull: PullRequest, head: Head, to: Carried) -> Iterator[DismissReview]:
        """The approvals that fall when the pull request goes over `to` something else.

        Where the stage asks for no reviews they fall with the freight alone: somebody else's rules
        may count them. They are not taken off for a result that is not known yet.
        """
        same = head.freight is not None and head.freight.id == to.freight.id
        if same and (self.rules.stage.reviews is None or to.is_rendered_later):
            return
        given = self._given(to)
        carried = f"it carries {alias_of(to.freight.id)} now, other freight than was approved"
        why = "merging it comes to something else than was approved" if same else carried
        for one in pull.reviews:
            if one.approved and (not same or one.node not in given):
                yield DismissReview(one, f"Dismissed: {why}.")

    @property
    def _notes(self) -> StageNotes:
        return self.rules.rules.picture.ledger.notes(self.rules.stage.name)

    def _given(self, carried: Carried) -> frozenset[str]:
        # To know what it comes to, every file is hashed.
        return carried.content.given(self._notes) if self._notes.reviewed else frozenset()

    def _window(self, freight: FreightId) -> Gate | None:
        windows = self.rules.stage.windows
        if not windows:
            return None
        try:
            state = state_of(windows, self.rules.rules.now)
        except ZoneInfoNotFoundError as unknown:
            return Gate(WINDOW, GateState.FAILED, f"nobody here knows the time zone: {unknown}")
        match state:
            case Opened(until):
                return Gate(WINDOW, GateState.PASSED, "open", until)
            case Shut(until=until):
                return _overridden(self._notes, WINDOW, freight) or Gate(
                    WINDOW,
                    GateState.FAILED if until is None else GateState.WAITING,
                    str(state),
                    until,
                )

    def _standards(self, carried: Carried) -> Standards:
        """A hotfix wants one approval more than the stage does, and nobody approves his own."""
        rules, base = self.rules, self.rules.picture.base
        wanted = rules.stage.reviews or Reviews(0)
        asked = rules.asked if rules.asked and rules.asked.freight == carried.freight.aim else None
        if asked is not None and asked.way is Way.HOTFIX:
            wanted = replace(wanted, count=wanted.count + 1)
        return Standards(
            wanted,
            self.around.name.partition("/")[0],
            tuple(carried.files),
            self.around.codeowners.get(base.branch, "") if isinstance(base, Base) else "",
            self._askers(carried),
            self.around.people,
        )

    def _askers(self, carried: Carried) -> frozenset[str]:
        """Whoever chose this freight for the line, also if they took it back since then."""
        wanted = (self.rules.line.warehouse, carried.freight.aim)
        asked = (one for one in self._notes.asked if (one.warehouse, one.freight) == wanted)
        return frozenset(one.who.lower() for one in asked)


def _overridden(notes: StageNotes, gate: str, freight: FreightId) -> Gate | None:
    let = overridden(notes, gate, freight)
    if let is None:
        return None
    words = f"overridden by {let.who} at {time_text(let.at)}: {let.why}"
    return Gate(gate, GateState.PASSED, words)
