"""GitHub's answer to the round's question, as values: nothing of GraphQL goes further than here."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from github_app.gates import NAME
from github_app.picture import (
    Closer,
    PostedCheck,
    PullRequest,
    PullState,
    Result,
    ResultKind,
    ResultState,
)
from github_app.pull_request import PREFIX

Json = Mapping[str, Any]
BOT = "[bot]"


@dataclass(frozen=True, slots=True)
class Us:
    """Who the App is on GitHub: its number and its slug."""

    app: int
    slug: str

    def is_us(self, login: str | None) -> bool:
        """Whether `login` is our bot; REST writes `slug[bot]`, GraphQL's actors `slug`."""
        return login is not None and login.removesuffix(BOT) == self.slug


@dataclass(frozen=True, slots=True)
class Made:
    """A commit, and whether GitHub vouches that the App made it."""

    oid: str
    ours: bool
    who: str
    parents: int = 1


@dataclass(frozen=True, slots=True)
class BranchFacts:
    """A branch stages live on: its tip, its required checks, what was said of the tip."""

    oid: str
    required: tuple[str, ...]
    results: tuple[Result, ...]


@dataclass(frozen=True, slots=True)
class PullFacts:
    """A pull request with the commits on it and what was said of its merge."""

    pull: PullRequest
    commits: tuple[Made, ...]
    commit_count: int
    results: tuple[Result, ...]


@dataclass(frozen=True, slots=True)
class RepositoryFacts:
    """Everything GitHub was asked about one repository, at one moment."""

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
    last: Mapping[str, PullFacts]
    merge_method: str
    labels: Mapping[str, str]


def facts_of(
    data: Json, us: Us, branches: Sequence[str], heads: Sequence[str]
) -> RepositoryFacts | None:
    """The facts in the answer to `documents.look` with the same branches and heads.

    None where GitHub shows no such repository, or an empty one.
    """
    tree = data.get("repository")
    if tree is None or tree["defaultBranchRef"] is None:
        return None
    default = tree["defaultBranchRef"]
    found = {name: tree[f"b{number}"] for number, name in enumerate(branches)}
    last = {name: _nodes(tree[f"l{number}"]) for number, name in enumerate(heads)}
    return RepositoryFacts(
        node=tree["id"],
        name=tree["nameWithOwner"],
        url=tree["url"],
        default_branch=default["name"],
        default_oid=default["target"]["oid"],
        default_check=_posted(default["target"]),
        ledger=_ledger(tree["ledger"], us),
        heads={f"{PREFIX}{one['name']}": _made(one["target"], us) for one in _nodes(tree["heads"])},
        branches={name: _branch(one, us) for name, one in found.items() if one is not None},
        open=tuple(_pull(one, us) for one in _nodes(tree["open"])),
        last={name: _pull(nodes[0], us) for name, nodes in last.items() if nodes},
        merge_method=_merge_method(tree),
        labels={one["name"]: one["id"] for one in _nodes(tree["labels"])},
    )


def _nodes(connection: Json | None) -> list[Json]:
    return [one for one in (connection or {}).get("nodes") or () if one is not None]


def _merge_method(tree: Json) -> str:
    if tree["squashMergeAllowed"]:
        return "SQUASH"
    return "MERGE" if tree["mergeCommitAllowed"] else "REBASE"


def _ledger(ref: Json | None, us: Us) -> tuple[Made, ...]:
    """The ledger's commits, newest first."""
    if ref is None:
        return ()
    return tuple(_made(one, us) for one in _nodes(ref["target"].get("history")))


def _made(commit: Json, us: Us) -> Made:
    """Ours is what GitHub itself signed in the App's name: no pusher can make such a commit."""
    author = commit.get("author") or {}
    login = (author.get("user") or {}).get("login")
    email = author.get("email") or ""
    signature = commit.get("signature") or {}
    signed = bool(signature.get("isValid")) and bool(signature.get("wasSignedByGitHub"))
    by_us = us.is_us(login) or (login is None and f"+{us.slug}{BOT}@" in email)
    parents = (commit.get("parents") or {}).get("totalCount", 1)
    return Made(commit["oid"], signed and by_us, login or email, parents)


def _branch(ref: Json, us: Us) -> BranchFacts:
    rule = ref.get("refUpdateRule") or {}
    required = tuple(one for one in rule.get("requiredStatusCheckContexts") or () if one)
    return BranchFacts(ref["target"]["oid"], required, _results(ref["target"], us))


def _posted(commit: Json) -> PostedCheck | None:
    for suite in _nodes(commit.get("checkSuites")):
        for run in _nodes(suite.get("checkRuns")):
            if run["name"] == NAME:
                return PostedCheck(run["id"], run.get("externalId") or "")
    return None


def _pull(tree: Json, us: Us) -> PullFacts:
    nodes = [one["commit"] for one in _nodes(tree["commits"])]
    head = next((one for one in reversed(nodes) if one["oid"] == tree["headRefOid"]), None)
    author = (tree.get("author") or {}).get("login")
    below = tree["headRefName"].startswith(PREFIX) and not tree["isCrossRepository"]
    closed_by, closer = _closing(tree, us)
    merge = tree.get("mergeCommit")
    pull = PullRequest(
        node=tree["id"],
        number=tree["number"],
        url=tree["url"],
        state=PullState(tree["state"]),
        title=tree["title"],
        body=tree["body"],
        draft=tree["isDraft"],
        head=tree["headRefName"],
        head_oid=tree["headRefOid"],
        base=tree["baseRefName"],
        created_at=_time(tree["createdAt"]),
        ours=below and us.is_us(author),
        fork=tree["isCrossRepository"],
        conflicting=tree["mergeable"] == "CONFLICTING",
        behind=tree["mergeStateStatus"] == "BEHIND",
        auto_merge=tree.get("autoMergeRequest") is not None,
        closed_by=closed_by,
        closer=closer,
        closed_at=_time(tree["closedAt"]) if tree.get("closedAt") else None,
        merge_commit=merge["oid"] if merge else None,
        labels=tuple(one["name"] for one in _nodes(tree.get("labels"))),
        check=_posted(head) if head else None,
    )
    made = tuple(_made(one, us) for one in nodes)
    return PullFacts(
        pull, made, tree["commits"]["totalCount"], _results(merge, us) if merge else ()
    )


def _closing(tree: Json, us: Us) -> tuple[Closer | None, str]:
    """Who closed it: `closed` events without an actor are GitHub's own doing."""
    if tree["state"] != PullState.CLOSED.value:
        return None, ""
    events = _nodes(tree.get("timelineItems"))
    actor = (events[-1].get("actor") if events else None) or {}
    login = actor.get("login")
    if login is None:
        return Closer.GITHUB, ""
    return (Closer.APP if us.is_us(login) else Closer.PERSON), login


def _time(text: str) -> datetime:
    return datetime.fromisoformat(text)


_CHECK_STATES = {
    "SUCCESS": ResultState.SUCCESS,
    "NEUTRAL": ResultState.SUCCESS,
    "SKIPPED": ResultState.SUCCESS,
    None: ResultState.PENDING,
}
_STATUS_STATES = {
    "SUCCESS": ResultState.SUCCESS,
    "PENDING": ResultState.PENDING,
    "EXPECTED": ResultState.PENDING,
}
_DEPLOYMENT_STATES = {
    "SUCCESS": ResultState.SUCCESS,
    "FAILURE": ResultState.FAILURE,
    "ERROR": ResultState.FAILURE,
}


def _results(commit: Json, us: Us) -> tuple[Result, ...]:
    """What others said of the commit; our own checks, statuses and deployments never count."""
    rollup = commit.get("statusCheckRollup") or {}
    found = [one for node in _nodes(rollup.get("contexts")) for one in _context(node, us)]
    found += [one for node in _nodes(commit.get("deployments")) for one in _deployment(node, us)]
    return tuple(found)


def _context(node: Json, us: Us) -> Iterable[Result]:
    if node["__typename"] == "StatusContext":
        if not us.is_us((node.get("creator") or {}).get("login")):
            state = _STATUS_STATES.get(node["state"], ResultState.FAILURE)
            yield Result(ResultKind.STATUS, node["context"], state)
        return
    suite = node.get("checkSuite") or {}
    if (suite.get("app") or {}).get("databaseId") == us.app:
        return
    state = _CHECK_STATES.get(node.get("conclusion"), ResultState.FAILURE)
    yield Result(ResultKind.CHECK, node["name"], state)
    path = ((suite.get("workflowRun") or {}).get("file") or {}).get("path")
    if path:
        yield Result(ResultKind.WORKFLOW, path.rpartition("/")[2], state)


def _deployment(node: Json, us: Us) -> Iterable[Result]:
    status = node.get("latestStatus")
    if status is None or us.is_us((status.get("creator") or {}).get("login")):
        return
    state = _DEPLOYMENT_STATES.get(status["state"], ResultState.PENDING)
    yield Result(ResultKind.DEPLOYMENT, node["environment"] or "", state)
