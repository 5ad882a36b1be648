"""A pull request and its commits in GitHub's answers, as values."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from github_app.gates import DIFF, NAME
from github_app.github.results import Json, deployments_of, nodes, results_of
from github_app.github.talk import comments_of, moment, reviews_of
from github_app.identity import Identity
from github_app.pulls import Closer, PostedCheck, PullRequest, PullState
from github_app.results import Deployed, Result
from plugin.head import PREFIX


@dataclass(frozen=True, slots=True)
class Made:
    """A commit, and whether GitHub vouches that the App made it."""

    oid: str
    ours: bool
    who: str


@dataclass(frozen=True, slots=True)
class PullFacts:
    """A pull request with the commits on it, what was said of its merge, and our deployments."""

    pull: PullRequest
    commits: tuple[Made, ...]
    results: tuple[Result, ...]
    deployments: tuple[Deployed, ...] = ()


def made_of(commit: Json, us: Identity) -> Made:
    """Ours is what GitHub itself signed in the App's name: no pusher can make such a commit."""
    author = commit.get("author") or {}
    login = (author.get("user") or {}).get("login")
    email = author.get("email") or ""
    signature = commit.get("signature") or {}
    signed = bool(signature.get("isValid")) and bool(signature.get("wasSignedByGitHub"))
    by_us = us.is_us(login) or (login is None and us.is_our_address(email))
    return Made(commit["oid"], signed and by_us, login or email)


def posted_of(commit: Json, name: str = NAME) -> PostedCheck | None:
    """Our check of that name on a commit, if it is there."""
    for suite in nodes(commit.get("checkSuites")):
        for run in nodes(suite.get("checkRuns")):
            if run["name"] == name:
                return PostedCheck(run["id"], run.get("externalId") or "")
    return None


def pull_of(tree: Json, us: Identity) -> PullRequest:
    """A pull request as far as the document asked for it."""
    return pull_facts_of(tree, us).pull


def pull_facts_of(tree: Json, us: Identity) -> PullFacts:
    """A pull request with what stands around it, as far as the document asked for it."""
    head = _head(tree)
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
        body=tree.get("body", ""),
        draft=tree.get("isDraft", False),
        head=tree["headRefName"],
        head_oid=tree["headRefOid"],
        base=tree["baseRefName"],
        created_at=datetime.fromisoformat(tree["createdAt"]),
        ours=below and us.is_us(author),
        fork=tree["isCrossRepository"],
        conflicting=tree.get("mergeable") == "CONFLICTING",
        behind=tree.get("mergeStateStatus") == "BEHIND",
        blocked=tree.get("mergeStateStatus") == "BLOCKED",
        auto_merge=tree.get("autoMergeRequest") is not None,
        queued=bool(tree.get("isInMergeQueue")),
        closed_by=closed_by,
        closer=closer,
        closed_at=moment(tree.get("closedAt")),
        merge_commit=merge["oid"] if merge else None,
        labels=tuple(one["name"] for one in nodes(tree.get("labels"))),
        check=posted_of(head),
        diff=posted_of(head, DIFF),
        foreign=tree["state"] != PullState.OPEN.value and not _is_ours(head, us),
        head_at=moment(head.get("committedDate")),
        reviews=tuple(reviews_of(tree)),
        comments=tuple(comments_of(tree)),
    )
    said = merge or {}
    return PullFacts(pull, _commits(tree, us), results_of(said, us), deployments_of(said, us))


def _commits(tree: Json, us: Identity) -> tuple[Made, ...]:
    return tuple(made_of(one["commit"], us) for one in nodes(tree.get("commits")))


def _head(tree: Json) -> Json:
    """The head commit; empty while GitHub shows another one as the last."""
    tips = [one["commit"] for one in nodes(tree.get("tip"))]
    return next((one for one in tips if one["oid"] == tree["headRefOid"]), {})


def _is_ours(head: Json, us: Identity) -> bool:
    """Whether GitHub vouches for a head commit; not for one that it does not show."""
    return "oid" in head and made_of(head, us).ours


def _closing(tree: Json, us: Identity) -> tuple[Closer | None, str]:
    """Who closed it: `closed` events without an actor are GitHub's own doing."""
    if tree["state"] != PullState.CLOSED.value:
        return None, ""
    events = nodes(tree.get("timelineItems"))
    actor = (events[-1].get("actor") if events else None) or {}
    login = actor.get("login")
    if login is None:
        return Closer.GITHUB, ""
    return (Closer.APP if us.is_us(login) else Closer.PERSON), login
