"""Actions -> GitHub, in at most two documents and one more where GitHub refuses auto-merge.

The first document makes commits, pull requests and everything that stands alone; the second what
needs the commits' ids: it moves the heads of updated promotions, posts checks and merges. Every
write is a compare-and-swap, a failed one does not stop the others, and nothing is repeated here:
the next round looks at what came of it. Only without its ledger a round stops after the first:
nothing is merged, closed or declared on news that nobody will remember.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TypeAlias

from github_app import labels, mutations
from github_app.actions import (
    Action,
    BeginBranch,
    ClosePromotion,
    Deploy,
    DescribePromotion,
    MergePromotion,
    OpenPromotion,
    PostCheck,
    Proposal,
    UpdatePromotion,
    WriteLedger,
    goes_last,
)
from github_app.aside import Aside, aside, asked, assigned
from github_app.gates import NAME
from github_app.github.writing import Mutation
from github_app.ledger import BRANCH, README
from github_app.merging import Merger, Merging
from github_app.outcome import Applied, Opened, Updated
from github_app.picture import RepositoryPicture
from github_app.ports import GitHub
from github_app.steps import Outcome, Step, answer_of, failed

Rest: TypeAlias = Aside | BeginBranch | Deploy


@dataclass(slots=True)
class Applier:
    """Carries out the actions of one round."""

    github: GitHub
    picture: RepositoryPicture
    applied: Applied = field(default_factory=Applied)
    remembered: bool = True

    def apply(
        self, actions: Sequence[Action], elsewhere: Mapping[str, Sequence[Action]] | None = None
    ) -> Applied:
        """Carry out everything, here and `elsewhere`; Temporary: its outcome is unknown."""
        recorded = any(isinstance(one, WriteLedger) for one in actions)
        parts = [(self, actions)]
        for name, there in (elsewhere or {}).items():
            parts.append((replace(self, picture=self.picture.targets[name]), there))
        steps = self._run([one for part, mine in parts for one in part.steps(mine, recorded)])
        if not self.remembered:
            return self.applied
        steps += [one for part, mine in parts for one in part.steps(mine, recorded, last=True)]
        while steps:
            steps = self._run(steps)
        return self.applied

    def steps(
        self, actions: Sequence[Action], recorded: bool, *, last: bool = False
    ) -> Iterator[Step]:
        """What goes out at once, or `last`."""
        if not last and (made := labels.missing(self.picture, actions)):
            yield Step(made, self._labelled)
        for one in actions:
            if goes_last(one, recorded) is last:
                yield from self._steps(one)

    def _run(self, steps: Sequence[Step]) -> list[Step]:
        """One document with every step's mutations; the steps that follow."""
        flat = [one for step in steps for one in step.mutations.values()]
        if not flat:
            return []
        outcomes = iter(self.github.write(flat))
        later: list[Step] = []
        for step in steps:
            answers = {name: next(outcomes) for name in step.mutations}
            later += step.then(answers) if step.then else self._noted(step, answers)
        return later

    @property
    def _merger(self) -> Merger:
        return Merger(self.picture.merge_method, self.applied)

    def _noted(self, step: Step, answers: Mapping[str, Outcome]) -> Iterator[Step]:
        for name, answer in answers.items():
            failed(self.applied, step.mutations[name].name, answer, step.blocked)
        return iter(())

    def _lost(self, branch: str, answers: Mapping[str, Outcome]) -> bool:
        """Whether anything failed of what belongs to one branch."""
        lost = [failed(self.applied, f"{name} of {branch}", one) for name, one in answers.items()]
        return any(lost)

    def _steps(self, action: Action) -> Iterator[Step]:
        match action:
            case WriteLedger():
                yield from self._ledger(action)
            case OpenPromotion(proposal):
                yield self._open(proposal)
            case UpdatePromotion():
                yield self._update(action)
            case DescribePromotion(pull, text):
                yield Step({"describe": mutations.describe(pull, text, pull.base)})
            case ClosePromotion(pull, reason):
                both = mutations.close(pull, reason)
                yield Step({one.name: one for one in both})
            case PostCheck():
                yield from self._check(action)
            case MergePromotion(pull, requires, has_queue):
                merging = Merging(pull.node, pull.head, pull.head_oid, has_queue)
                yield self._merger.step(merging, requires)
            case _:
                yield from self._rest(action)

    def _rest(self, action: Rest) -> Iterator[Step]:
        """What begins with a request of its own, and what stands beside promotions."""
        match action:
            case BeginBranch():
                yield self._begun(action)
            case Deploy():
                yield from self._deploy(action)
            case _:
                yield from aside(self.picture, action)

    def _deploy(self, action: Deploy) -> Iterator[Step]:
        """By REST: GraphQL deploys a branch, and not a commit of it."""
        made = self.github.deploy(self.picture.name, action)
        if not failed(self.applied, f"deployment to {action.environment}", made, blocked=True):
            node = str(answer_of(made, "deployment")["id"])
            yield from aside(self.picture, replace(action.status, deployment=node))

    def _check(self, action: PostCheck) -> Iterator[Step]:
        oid, posted = action.oid, action.posted
        yield Step({"check": mutations.post_check(self.picture, oid, action.check, posted)})
        if posted is None and action.check.name == NAME:
            yield Step(labels.forgotten(self.picture, oid))

    def _ledger(self, action: WriteLedger) -> Iterator[Step]:
        """One commit; the very first by REST: GraphQL makes none without a parent."""
        name, tip = self.picture.name, self.picture.ledger_oid
        if tip is None:
            files = {path: text for path, text in action.files.items() if text is not None}
            root = self.github.root_commit(name, action.message, {"README.md": README, **files})
            ledger = mutations.create_branch(self.picture, BRANCH, root)
        else:
            ledger = mutations.commit(name, BRANCH, tip, action.files, action.message)
        yield Step({"ledger": ledger}, self._recorded)

    def _begun(self, action: BeginBranch) -> Step:
        files = {"README.md": action.readme}
        root = self.github.root_commit(self.picture.name, f"Begin {action.branch}", files)
        return Step({"begin": mutations.create_branch(self.picture, action.branch, root)})

    def _recorded(self, answers: Mapping[str, Outcome]) -> Iterator[Step]:
        self.remembered = not self._lost(BRANCH, answers)
        return iter(())

    def _open(self, proposal: Proposal) -> Step:
        base = proposal.base_oid
        if proposal.expected_head is None:
            branch = mutations.create_branch(self.picture, proposal.head, base)
        else:
            moved = mutations.move(proposal.head, base, proposal.expected_head)
            branch = mutations.move_branches(self.picture, [moved])
        return Step(
            {
                "branch": branch,
                "commit": self._commit(proposal, proposal.head),
                "pull": mutations.open_pull(
                    self.picture, proposal.base, proposal.head, proposal.text
                ),
            },
            lambda answers: self._opened(proposal, answers),
        )

    def _commit(self, proposal: Proposal, branch: str) -> Mutation:
        return mutations.commit(
            self.picture.name, branch, proposal.base_oid, proposal.files, proposal.message
        )

    def _opened(self, proposal: Proposal, answers: Mapping[str, Outcome]) -> Iterator[Step]:
        if self._lost(proposal.head, answers):
            return
        pull = answer_of(answers["pull"], "pullRequest")
        oid = str(answer_of(answers["commit"], "commit")["oid"])
        opened = Opened(proposal, int(str(pull["number"])), str(pull["url"]))
        self.applied.events.append(opened)
        known = labels.ids_of(self.picture, proposal.text.labels)
        yield Step({"labels": mutations.add_labels(str(pull["id"]), known)})
        yield from asked(self.picture, str(pull["id"]), proposal.reviewers)
        yield from assigned(self.picture, str(pull["id"]), proposal.assignees)
        yield from self._finished(proposal, str(pull["id"]), oid)

    def _update(self, action: UpdatePromotion) -> Step:
        scratch = mutations.scratch_of(action.proposal.head)
        start = mutations.move(scratch, action.proposal.base_oid, None)
        return Step(
            {
                "scratch": mutations.move_branches(self.picture, [start]),
                "commit": self._commit(action.proposal, scratch),
            },
            lambda answers: self._committed(action, answers),
        )

    def _committed(self, action: UpdatePromotion, answers: Mapping[str, Outcome]) -> Iterator[Step]:
        """Only a commit that is there moves the head, so the pull request never closes by itself.

        GitHub closes a pull request whose head is moved to its base.
        """
        proposal, pull = action.proposal, action.pull
        if self._lost(proposal.head, answers):
            return
        oid = str(answer_of(answers["commit"], "commit")["oid"])
        moves = [
            mutations.move(proposal.head, oid, proposal.expected_head),
            mutations.move(mutations.scratch_of(proposal.head), mutations.NO_COMMIT, oid),
        ]
        yield Step({"move": mutations.move_branches(self.picture, moves)})
        yield Step({"describe": mutations.describe(pull, proposal.text, proposal.base)})
        self.applied.events.append(Updated(proposal, pull.number))
        yield from self._finished(proposal, pull.node, oid)

    def _finished(self, proposal: Proposal, pull: str, oid: str) -> Iterator[Step]:
        yield Step({"check": mutations.post_check(self.picture, oid, proposal.check)})
        if proposal.diff is not None:
            yield Step({"diff": mutations.post_check(self.picture, oid, proposal.diff)})
        if proposal.merge:
            merging = Merging(pull, proposal.head, oid, proposal.has_queue)
            yield self._merger.step(merging, proposal.requires_towline)

    def _labelled(self, answers: Mapping[str, Outcome]) -> Iterator[Step]:
        made = {
            name: str(answer_of(answer, "label")["id"])
            for name, answer in answers.items()
            if not failed(self.applied, f"label {name}", answer, blocked=True)
        }
        self.picture = replace(self.picture, labels={**self.picture.labels, **made})
        return iter(())
