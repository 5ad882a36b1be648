"""A model of one repository on GitHub: branches, pull requests, checks, ledger, registries.

Merges are three-way by file, heads move by compare-and-swap, a pull request follows its head, and
auto-merge waits for the required check. Nothing here knows a promotion rule.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cache

from github_app.actions import (
    FINAL,
    Action,
    Answer,
    ClosePromotion,
    DeleteBranch,
    Deploy,
    DescribePromotion,
    DismissReview,
    MergePromotion,
    OpenPromotion,
    PostCheck,
    Proposal,
    Say,
    SetDeployment,
    SetDraft,
    UpdatePromotion,
    WriteLedger,
)
from github_app.discovery import Discovery
from github_app.gates import Check, Conclusion
from github_app.ledger import EMPTY, Ledger
from github_app.ledger_files import read_ledger
from github_app.pull_request import Text
from github_app.pulls import Closer, PostedCheck, PullRequest, PullState, Review, Said
from github_app.results import ResultState
from plugin.errors import Refusal
from plugin.freight import Freight, FreightId
from plugin.head import head_of
from plugin.pipeline import Line, Project, Stage
from plugin.record import read_record, record_path
from plugin.stage_policy import Write
from tests.github_app.shop import REPOSITORY, START

Tree = Mapping[str, str]
Effect = Callable[[], None]
Key = tuple[str, str]


class Rejected(Exception):
    """GitHub refused one mutation."""


@dataclass(frozen=True, slots=True)
class Commit:
    """A commit with its whole tree."""

    oid: str
    parent: str | None
    tree: Tree
    at: datetime
    ours: bool
    who: str


@dataclass(frozen=True, slots=True)
class Comment:
    """What somebody said on a pull request, by its number."""

    said: Said
    pull: int


@dataclass(slots=True)
class World:
    """Everything outside the App."""

    project: Project
    required: bool
    now: datetime = START
    commits: dict[str, Commit] = field(default_factory=dict)
    main: list[str] = field(default_factory=list)
    heads: dict[str, str] = field(default_factory=dict)
    pulls: list[PullRequest] = field(default_factory=list)
    checks: dict[str, tuple[PostedCheck, Check]] = field(default_factory=dict)
    results: dict[str, dict[str, ResultState]] = field(default_factory=dict)
    result_at: dict[str, datetime] = field(default_factory=dict)
    ledger: dict[str, str] = field(default_factory=dict)
    begun: bool = False
    _read: tuple[Tree, Ledger] = field(default_factory=lambda: ({}, EMPTY))
    offers: dict[str, Discovery] = field(default_factory=dict)
    posts: dict[str, list[str]] = field(default_factory=dict)
    waiting_posts: dict[str, list[str]] = field(default_factory=dict)
    assembled: dict[str, Freight] = field(default_factory=dict)
    history: dict[str, list[tuple[str, datetime, FreightId | None]]] = field(default_factory=dict)
    merged_heads: set[str] = field(default_factory=set)
    deployments: dict[tuple[str, str], str] = field(default_factory=dict)
    squash: bool = True
    protected: bool = True
    crashes: int = 0
    comments: list[Comment] = field(default_factory=list)
    reacted: Counter[str] = field(default_factory=Counter)
    told: Counter[tuple[str, str]] = field(default_factory=Counter)

    # Reading

    @property
    def tip(self) -> Commit:
        """The default branch's last commit."""
        return self.commits[self.main[-1]]

    def lines(self) -> Iterator[tuple[Stage, Line]]:
        """Every line that has a place."""
        for stage in self.project.stages:
            if stage.place is not None:
                yield from ((stage, line) for line in stage.lines)

    def name(self, key: Key) -> str:
        """A line's head branch."""
        return head_of(self.project.name, *key)

    def book(self) -> Ledger:
        """The ledger as it reads."""
        if self._read[0] != self.ledger:
            self._read = dict(self.ledger), read_ledger(self.project.name, self.ledger)
        return self._read[1]

    def open(self, key: Key) -> PullRequest | None:
        """A line's open pull request."""
        name = self.name(key)
        return next(
            (one for one in self.pulls if one.head == name and one.state is PullState.OPEN), None
        )

    def freight_of(self, oid: str, key: Key) -> Freight | None:
        """The freight that the line's record names in a commit."""
        return freight_in(self.commits[oid].tree.get(self.record(key)))

    def write(self, key: Key) -> Write:
        """How a line's record on the default branch is to be taken; as pins where there is none."""
        return write_in(self.tip.tree.get(self.record(key)))

    def record(self, key: Key) -> str:
        """The path of a line's record."""
        return record_path(f"stages/{key[0]}", key[1])

    def on(self, oid: str) -> str:
        """Where a commit left the default branch."""
        if oid in self.merged_heads:
            return oid
        here = set(self.main)
        while oid not in here:
            parent = self.commits[oid].parent
            assert parent is not None
            oid = parent
        return oid

    def changed(self, oid: str) -> dict[str, str | None]:
        """What a branch changed since it left the default branch."""
        before, after = self.commits[self.on(oid)].tree, self.commits[oid].tree
        paths = sorted({*before, *after})
        return {path: after.get(path) for path in paths if before.get(path) != after.get(path)}

    def conflicts(self, pull: PullRequest) -> bool:
        """Whether a three-way merge by file fails."""
        before = self.commits[self.on(pull.head_oid)].tree
        return any(
            self.tip.tree.get(path) not in (before.get(path), text)
            for path, text in self.changed(pull.head_oid).items()
        )

    def taken(self) -> None:
        """A round is through: the inbox has nothing left of what was posted and asked for."""
        self.waiting_posts.clear()
        self.assembled.clear()

    # Writing

    def commit(
        self, parent: str | None, changes: Mapping[str, str | None], *, ours: bool, who: str
    ) -> str:
        """A new commit on a parent."""
        tree = dict(self.commits[parent].tree) if parent else {}
        for path, text in changes.items():
            tree.pop(path, None)
            if text is not None:
                tree[path] = text
        oid = f"{len(self.commits):040x}"
        self.commits[oid] = Commit(oid, parent, tree, self.now, ours, who)
        return oid

    def push(self, changes: Mapping[str, str | None], who: str) -> str:
        """A commit on the default branch."""
        tip = self.main[-1] if self.main else None
        oid = self.commit(tip, changes, ours=False, who=who)
        self._advance(oid)
        return oid

    def _advance(self, oid: str) -> None:
        before = self.tip.tree if self.main else {}
        self.main.append(oid)
        for path, text in self.tip.tree.items():
            if "/.freight/" in path and before.get(path) != text:
                self._note(path, oid, _id_in(text))
        for path in before:
            if "/.freight/" in path and path not in self.tip.tree:
                self._note(path, oid, None)

    def _note(self, path: str, oid: str, freight: FreightId | None) -> None:
        self.history.setdefault(path, []).append((oid, self.now, freight))

    def merge(self, number: int, head_oid: str) -> None:
        """Merge a pull request as GitHub does, naming its head."""
        pull = self.pulls[number - 1]
        if pull.state is not PullState.OPEN or pull.draft or pull.head_oid != head_oid:
            raise Rejected("not open at this head")
        if self.conflicts(pull) or (self.required and not self.green(pull)):
            raise Rejected("not mergeable")
        oid = self.commit(self.main[-1], self.changed(head_oid), ours=True, who="github")
        self._advance(oid)
        if not self.squash:
            self.merged_heads.add(head_oid)
        self.change(
            pull, state=PullState.MERGED, merge_commit=oid, auto_merge=False, closed_at=self.now
        )

    def green(self, pull: PullRequest) -> bool:
        """Whether our check on the head succeeded."""
        posted = self.checks.get(pull.head_oid)
        return posted is not None and posted[1].conclusion is Conclusion.SUCCESS

    def change(self, pull: PullRequest, **changes: object) -> PullRequest:
        """Another state of a pull request."""
        changed = replace(pull, **changes)  # type: ignore[arg-type]  # fields by name
        self.pulls[pull.number - 1] = changed
        return changed

    def move_head(self, name: str, oid: str | None) -> None:
        """Move or delete a head branch; its open pull request follows, or is closed."""
        for pull in self.pulls:
            if pull.head == name and pull.state is PullState.OPEN and oid is not None:
                self.change(pull, head_oid=oid)
        if oid is None:
            del self.heads[name]
        else:
            self.heads[name] = oid

    def settle(self) -> None:
        """What GitHub does by itself: auto-merge."""
        for pull in list(self.pulls):
            waiting = pull.state is PullState.OPEN and pull.auto_merge
            if waiting and self.green(pull) and not self.conflicts(pull) and not pull.draft:
                self.merge(pull.number, pull.head_oid)

    # The App's actions

    def effects(self, actions: Sequence[Action]) -> tuple[list[list[Effect]], list[list[Effect]]]:
        """The mutations of each action in the App's first document, and in its second."""
        first, second = [], []
        recorded = any(isinstance(one, WriteLedger) for one in actions)
        for action in actions:
            now, later = self._effects(action)
            if recorded and isinstance(action, FINAL):
                now, later = later, now
            first.append(now)
            second.append(later)
        return first, second

    def _effects(self, action: Action) -> tuple[list[Effect], list[Effect]]:
        match action:
            case OpenPromotion(proposal):
                return self._open(proposal)
            case UpdatePromotion(pull, proposal):
                return [], self._update(pull, proposal)
            case _:
                return [lambda: self._do(action)], []

    def _do(self, action: Action) -> None:
        match action:
            case WriteLedger(files):
                self._write_ledger(files)
            case DescribePromotion(pull, text):
                self._describe(pull.number, text)
            case ClosePromotion(pull, _):
                self._close(pull.number)
            case PostCheck(oid, check, _):
                self._post(oid, check)
            case MergePromotion(pull, _):
                self._merge(pull.number, pull.head_oid)
            case SetDraft(pull, draft):
                self.change(self.pulls[pull.number - 1], draft=draft)
            case _:
                self._tidy(action)

    def _tidy(self, action: Action) -> None:
        """What is left to do after a merge; what is said to people moves nothing."""
        match action:
            case Deploy(oid=oid, environment=name, status=status):
                if (name, oid) in self.deployments:
                    raise Rejected(f"{oid} is deployed to {name} already")
                self.deployments[name, oid] = status.state
            case SetDeployment(deployment=node, state=state):
                name, _, oid = node.rpartition("/")
                self.deployments[name, oid] = state
            case DeleteBranch(branch, oid):
                if self.heads.get(branch) != oid:
                    raise Rejected(f"{branch} is elsewhere")
                self.move_head(branch, None)
            case _:
                self._talk(action)

    def _talk(self, action: Action) -> None:
        """What is said to people, and what is said of their reviews."""
        match action:
            case DismissReview(review, _):
                self._dismiss(review)
            case Answer(comment=comment):
                self.reacted[comment] += 1
            case Say(pull, body):
                self.told[pull, body] += 1
            case _:
                pass

    def _dismiss(self, review: Review) -> None:
        for pull in self.pulls:
            if review in pull.reviews:
                self.change(pull, reviews=tuple(one for one in pull.reviews if one != review))

    def _write_ledger(self, files: Mapping[str, str | None]) -> None:
        self.begun = True
        for path, text in files.items():
            self.ledger.pop(path, None)
            if text is not None:
                self.ledger[path] = text

    def _open(self, proposal: Proposal) -> tuple[list[Effect], list[Effect]]:
        made: list[PullRequest] = []

        def branch() -> None:
            if self.heads.get(proposal.head) != proposal.expected_head:
                raise Rejected(f"{proposal.head} is elsewhere")
            self.heads[proposal.head] = proposal.base_oid

        def commit() -> None:
            oid = self._committed(proposal)
            self.move_head(proposal.head, oid)

        def pull() -> None:
            made.append(self._new_pull(proposal))

        def check() -> None:
            self._post(made[0].head_oid, proposal.check)

        def merge() -> None:
            if proposal.merge:
                self._merge(made[0].number, made[0].head_oid)

        return [branch, commit, pull], [check, merge]

    def _committed(self, proposal: Proposal) -> str:
        if proposal.base_oid not in self.main:
            raise Rejected("the base is no commit of the default branch")
        return self.commit(proposal.base_oid, proposal.files, ours=True, who="towline")

    def _new_pull(self, proposal: Proposal) -> PullRequest:
        oid = self.heads[proposal.head]
        mine = [one for one in self.pulls if one.head == proposal.head]
        if any(one.state is PullState.OPEN for one in mine) or not self.changed(oid):
            raise Rejected("there is one already, or nothing to merge")
        pull = PullRequest(
            node=f"PR_{len(self.pulls) + 1}",
            number=len(self.pulls) + 1,
            url=f"https://github.com/{REPOSITORY}/pull/{len(self.pulls) + 1}",
            state=PullState.OPEN,
            title=proposal.text.title,
            body=proposal.text.body,
            draft=proposal.text.draft,
            head=proposal.head,
            head_oid=oid,
            base=proposal.base,
            created_at=self.now,
            ours=True,
        )
        self.pulls.append(pull)
        return pull

    def _update(self, pull: PullRequest, proposal: Proposal) -> list[Effect]:
        moved: list[str] = []

        def move() -> None:
            if self.heads.get(proposal.head) != proposal.expected_head:
                raise Rejected(f"{proposal.head} is elsewhere")
            moved.append(self._committed(proposal))
            self.move_head(proposal.head, moved[0])

        def describe() -> None:
            self._describe(pull.number, proposal.text)
            self.change(self.pulls[pull.number - 1], base=proposal.base)

        def check() -> None:
            self._post(moved[0], proposal.check)

        def merge() -> None:
            if proposal.merge:
                self._merge(pull.number, moved[0])

        return [move, describe, check, merge]

    def _describe(self, number: int, text: Text) -> None:
        self.change(self.pulls[number - 1], title=text.title, body=text.body)

    def _close(self, number: int) -> None:
        pull = self.pulls[number - 1]
        if pull.state is PullState.OPEN:
            self.change(
                pull, state=PullState.CLOSED, closed_by=Closer.APP, closed_at=self.now, closer="us"
            )

    def _post(self, oid: str, check: Check) -> None:
        self.checks[oid] = PostedCheck(f"CR_{oid}", check.key), check

    def _merge(self, number: int, head_oid: str) -> None:
        if self.required and not self.green(self.pulls[number - 1]):
            self.change(self.pulls[number - 1], auto_merge=True)
        else:
            self.merge(number, head_oid)


@cache
def freight_in(text: str | None) -> Freight | None:
    """The freight that a record's text names; None if it cannot be read."""
    if text is None:
        return None
    try:
        return read_record("record", text).freight
    except Refusal:
        return None


@cache
def write_in(text: str | None) -> Write:
    """How a record's text is to be taken."""
    return Write.RECORD if text and "\nwrite: record\n" in text else Write.PINS


@cache
def _id_in(text: str) -> FreightId | None:
    freight = freight_in(text)
    return freight.id if freight else None
