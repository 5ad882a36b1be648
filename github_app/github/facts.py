"""GitHub's answer to the round's question, as values: nothing of GraphQL goes further than here."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from github_app.gates import DIFF
from github_app.github.pull_facts import Made, PullFacts, made_of, posted_of, pull_facts_of
from github_app.github.results import Json, nodes, results_of
from github_app.identity import Identity
from github_app.picture import Queued
from github_app.pulls import PostedCheck
from github_app.results import Result


@dataclass(frozen=True, slots=True)
class BranchFacts:
    """A branch stages live on: its tip, its required checks, what was said of the tip.

    `protected` says that any rule at all holds on it.
    """

    oid: str
    required: tuple[str, ...]
    results: tuple[Result, ...]
    protected: bool = False
    has_queue: bool = False


@dataclass(frozen=True, slots=True)
class RepositoryFacts:
    """Everything GitHub was asked about one repository, at one moment.

    `last` are the closed pull requests of each head branch of this repository, newest first;
    `nodes` the node ids of the people and teams that were asked about, in lower case.
    """

    node: str
    name: str
    url: str
    default_branch: str
    default_oid: str
    default_check: PostedCheck | None
    ledger: tuple[Made, ...]
    heads: Mapping[str, Made]
    branches: Mapping[str, BranchFacts]
    open: tuple[PullFacts, ...]
    last: Mapping[str, Sequence[PullFacts]]
    merge_method: str
    labels: Mapping[str, str]
    nodes: Mapping[str, str] = field(default_factory=dict)
    queue: tuple[Queued, ...] = ()
    auto_merge_allowed: bool = False

    @property
    def tips(self) -> dict[str, str]:
        """The commits of the branches that stages live on."""
        return {name: branch.oid for name, branch in self.branches.items()}


def facts_of(
    data: Json,
    us: Identity,
    branches: Sequence[str],
    heads: Sequence[str],
    people: Sequence[str] = (),
) -> RepositoryFacts | None:
    """The facts in the answer to `documents.look` with the same branches, heads and people.

    None where GitHub shows no such repository, or an empty one.
    """
    tree = data.get("repository")
    if tree is None or tree["defaultBranchRef"] is None:
        return None
    default = tree["defaultBranchRef"]
    found = {name: tree[f"b{number}"] for number, name in enumerate(branches)}
    last = {name: nodes(tree[f"l{number}"]) for number, name in enumerate(heads)}
    return RepositoryFacts(
        node=tree["id"],
        name=tree["nameWithOwner"],
        url=tree["url"],
        default_branch=default["name"],
        default_oid=default["target"]["oid"],
        default_check=posted_of(default["target"]),
        ledger=_ledger(tree["ledger"], us),
        heads={_branch_name(one): made_of(one["target"], us) for one in nodes(tree["heads"])},
        branches={name: _branch(one, us) for name, one in found.items() if one is not None},
        open=tuple(pull_facts_of(one, us) for one in nodes(tree["open"])),
        last={name: _of_this_repository(pulls, us) for name, pulls in last.items()},
        merge_method=_merge_method(tree),
        labels={one["name"]: one["id"] for one in nodes(tree["labels"])},
        nodes=_people(data, people),
        queue=tuple(
            one for number, name in enumerate(branches) for one in _queue(tree, number, name)
        ),
        auto_merge_allowed=bool(tree.get("autoMergeAllowed")),
    )


def _queue(tree: Json, number: int, base: str) -> Iterator[Queued]:
    """The entries of a base's merge queue, front first; one without a group has no commit yet."""
    entries = nodes((tree.get(f"q{number}") or {}).get("entries"))
    for one in sorted(entries, key=lambda entry: int(entry["position"])):
        commit, pull = one.get("headCommit"), one.get("pullRequest")
        if commit and pull:
            checks = posted_of(commit), posted_of(commit, DIFF)
            yield Queued(pull["number"], commit["oid"], base, *checks)


def _people(data: Json, people: Sequence[str]) -> dict[str, str]:
    """The node ids of those whom GitHub knows."""
    found = {}
    for number, name in enumerate(people):
        answer = data.get(f"u{number}") or {}
        whom = answer.get("team") if "/" in name else answer
        if whom:
            found[name.lower()] = str(whom["id"])
    return found


def _of_this_repository(pulls: Sequence[Json], us: Identity) -> tuple[PullFacts, ...]:
    """A fork's branch may have the same name as one of ours, and GitHub finds both."""
    return tuple(pull_facts_of(one, us) for one in pulls if not one["isCrossRepository"])


def _branch_name(ref: Json) -> str:
    """GitHub cuts a ref's name at the prefix asked for, or at `refs/heads/`: both add up."""
    return f"{ref['prefix']}{ref['name']}".removeprefix("refs/heads/")


def _merge_method(tree: Json) -> str:
    if tree["squashMergeAllowed"]:
        return "SQUASH"
    return "MERGE" if tree["mergeCommitAllowed"] else "REBASE"


def _ledger(ref: Json | None, us: Identity) -> tuple[Made, ...]:
    """The ledger's commits, newest first."""
    if ref is None:
        return ()
    return tuple(made_of(one, us) for one in nodes(ref["target"].get("history")))


def _branch(ref: Json, us: Identity) -> BranchFacts:
    """What classic protection shows a reader, and what rulesets do: GitHub tells them apart."""
    classic = ref.get("refUpdateRule") or {}
    rules = nodes(ref.get("rules"))
    required = [one for one in classic.get("requiredStatusCheckContexts") or () if one]
    for rule in rules:
        checks = (rule.get("parameters") or {}).get("requiredStatusChecks") or ()
        required += [one["context"] for one in checks]
    return BranchFacts(
        ref["target"]["oid"],
        tuple(dict.fromkeys(required)),
        results_of(ref["target"], us),
        protected=bool(classic or rules),
        has_queue=any(rule["type"] == "MERGE_QUEUE" for rule in rules),
    )
