"""The GraphQL documents that ask: one that looks, and those that go into more detail.

Names and texts travel as variables only, never inside a document
(https://docs.github.com/graphql/guides/forming-calls-with-graphql#working-with-variables).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

LOOK = """
query Look($owner: String!, $name: String!, $app: Int!%(variables)s) {
  rateLimit { cost remaining resetAt }
  repository(owner: $owner, name: $name) {
    id databaseId nameWithOwner url isArchived
    mergeCommitAllowed squashMergeAllowed rebaseMergeAllowed autoMergeAllowed
    labels(first: 100) { nodes { id name } }
    defaultBranchRef { name target { oid ...Own } }
    ledger: ref(qualifiedName: "refs/heads/towline-ledger") {
      target { oid ... on Commit { history(first: 50) { nodes { ...Made } } } }
    }
    heads: refs(refPrefix: "refs/heads/towline/", first: 100) { ...Heads }
    open: pullRequests(
      states: [OPEN], first: 100, orderBy: {field: CREATED_AT, direction: ASC}
    ) { ...Open }%(aliases)s
  }%(people)s
}
"""
MADE = """fragment Made on Commit {
  oid author { email user { login } } signature { isValid wasSignedByGitHub }
}
"""
_HEADS = """fragment Heads on RefConnection {
  nodes { prefix name target { ...Made } } pageInfo { hasNextPage endCursor }
}
"""
_OPEN = """fragment Open on PullRequestConnection {
  nodes { ...Pull } pageInfo { hasNextPage endCursor }
}
"""
_OWN = """fragment Own on Commit {
  checkSuites(first: 5, filterBy: {appId: $app}) {
    nodes { checkRuns(first: 20, filterBy: {checkType: LATEST}) { nodes { id name externalId } } }
  }
}
"""
BARE = """fragment Bare on PullRequest {
  id number state url title isCrossRepository headRefName headRefOid baseRefName createdAt closedAt
  author { __typename login } mergeCommit { oid }
}
"""
# Whoever may read may review: so many of them hide nobody who may write.
_PULL = """fragment Pull on PullRequest {
  ...Bare body isDraft mergeable mergeStateStatus autoMergeRequest { enabledAt } isInMergeQueue
  labels(first: 50) { nodes { name } }
  commits(last: 10) { nodes { commit { ...Made } } }
  tip: commits(last: 1) { nodes { commit { oid committedDate ...Own } } }
  latestOpinionatedReviews(first: 50, writersOnly: true) { nodes { ...Opinion } }
  everybody: latestOpinionatedReviews(first: 20) { nodes { ...Opinion } }
  comments(last: 20) { nodes { ...Comment } }
}
fragment Opinion on PullRequestReview {
  id state submittedAt authorCanPushToRepository author { __typename login } commit { oid }
  onBehalfOf(first: 5) { nodes { combinedSlug } }
}
"""
COMMENT = """fragment Comment on IssueComment {
  id body createdAt lastEditedAt author { __typename login } reactionGroups { viewerHasReacted }
}
"""
# There is one of these for each line, and a document may ask for 500,000 nodes:
# https://docs.github.com/graphql/overview/rate-limits-and-query-limits-for-the-graphql-api
_CLOSED = """fragment Closed on PullRequest {
  ...Bare mergeCommit { ...Said }
  tip: commits(last: 1) { nodes { commit { committedDate ...Made } } }
  comments(last: 10) { nodes { ...Comment } }
  timelineItems(last: 1, itemTypes: [CLOSED_EVENT]) {
    nodes { ... on ClosedEvent { createdAt actor { __typename login } } }
  }
}
"""
SAID = """fragment Said on Commit {
  oid
  statusCheckRollup { contexts(first: 100) { nodes {
    __typename
    ... on CheckRun {
      name status conclusion startedAt completedAt
      checkSuite { app { databaseId } workflowRun { file { path } } }
    }
    ... on StatusContext { context state createdAt creator { login } }
  } } }
  deployments(last: 20) { nodes {
    id environment creator { login } latestStatus { state createdAt creator { login } }
  } }
}
"""
BRANCH = """
    %(alias)s: ref(qualifiedName: $%(alias)s) {
      name target { oid ... on Commit { ...Said } }
      refUpdateRule { requiredStatusCheckContexts }
      rules(first: 30) { nodes { type parameters {
        ... on RequiredStatusChecksParameters { requiredStatusChecks { context } }
      } } }
    }"""
QUEUE = """
    %(alias)s: mergeQueue(branch: $%(alias)s) { entries(first: 20) { nodes {
      position pullRequest { number } headCommit {
        oid
        checkSuites(first: 2, filterBy: {appId: $app}) { nodes {
          checkRuns(first: 5, filterBy: {checkType: LATEST}) { nodes { id name externalId } }
        } }
      }
    } } }"""
LAST = """
    %(alias)s: pullRequests(
      headRefName: $%(alias)s, states: [CLOSED, MERGED], first: 3,
      orderBy: {field: CREATED_AT, direction: DESC}
    ) { nodes { ...Closed } }"""


# How many lines one document can ask about within GitHub's limit of nodes.
MOST_HEADS = 1000


@dataclass(frozen=True, slots=True)
class Document:
    """A GraphQL document with its variables."""

    text: str
    variables: Mapping[str, Any]


def look(
    repository: str,
    app: int,
    branches: Sequence[str],
    heads: Sequence[str],
    people: Sequence[str] = (),
) -> Document:
    """The one question of a round: the whole of GitHub's knowledge that bears on promotions.

    `branches` are the branches stages live on, answered under `b0`, `b1`, ..., and their merge
    queues under `q0`, `q1`, ...; `heads` the promotions' head branches, whose latest closed pull
    requests come under `l0`, `l1`, ...; `people` are logins and teams ("org/slug") whose node ids
    are wanted, under `u0`, `u1`, ...
    """
    owner, _, name = repository.partition("/")
    variables: dict[str, Any] = {"owner": owner, "name": name, "app": app}
    aliases = []
    for number, branch in enumerate(branches):
        variables[f"b{number}"] = f"refs/heads/{branch}"
        variables[f"q{number}"] = branch
        aliases.append(BRANCH % {"alias": f"b{number}"} + QUEUE % {"alias": f"q{number}"})
    for number, head in enumerate(heads):
        variables[f"l{number}"] = head
        aliases.append(LAST % {"alias": f"l{number}"})
    asked = [_whom(number, one, variables) for number, one in enumerate(people)]
    names = [one for one in variables if one not in ("owner", "name", "app")]
    text = LOOK % {
        "variables": "".join(f", ${name}: String!" for name in names),
        "aliases": "".join(aliases),
        "people": "".join(asked),
    }
    # GraphQL refuses a fragment that nothing spreads.
    parts = [text, MADE, _HEADS, _OPEN, _OWN, BARE, _PULL, COMMENT]
    parts += [_CLOSED] if heads else []
    parts += [SAID] if aliases else []
    return Document("".join(parts), variables)


def _whom(number: int, whom: str, variables: dict[str, Any]) -> str:
    """The question after a person or a team, under `u` and its number; adds its variables."""
    organisation, _, name = whom.rpartition("/")
    variables[f"u{number}"] = name
    if not organisation:
        return f"\n  u{number}: user(login: $u{number}) {{ id }}"
    variables[f"o{number}"] = organisation
    team = f"team(slug: $u{number}) {{ id }}"
    return f"\n  u{number}: organization(login: $o{number}) {{ {team} }}"


def more_heads(repository: str, heads: Sequence[str], start: int) -> Document:
    """What `look` asks about heads, for the next MOST_HEADS of them; they keep their numbers."""
    owner, _, name = repository.partition("/")
    variables = {"owner": owner, "name": name}
    aliases = []
    for number in range(start, min(start + MOST_HEADS, len(heads))):
        variables[f"l{number}"] = heads[number]
        aliases.append(LAST % {"alias": f"l{number}"})
    declared = ", ".join(f"${name}: String!" for name in variables)
    asked = f"repository(owner: $owner, name: $name) {{{''.join(aliases)}\n  }}"
    text = f"query MoreHeads({declared}) {{\n  {asked}\n}}\n"
    return Document(text + MADE + BARE + _CLOSED + COMMENT + SAID, variables)


_PAGES = {
    "heads": (
        'refs(refPrefix: "refs/heads/towline/", first: 100, after: $after) { ...Heads }',
        _HEADS,
    ),
    "open": (
        """pullRequests(
      states: [OPEN], first: 100, after: $after, orderBy: {field: CREATED_AT, direction: ASC}
    ) { ...Open }""",
        _OPEN + _OWN + BARE + _PULL + COMMENT,
    ),
}


def next_page(repository: str, app: int, alias: str, after: str) -> Document:
    """The next hundred of the connection that `look` asks for under `alias`."""
    owner, _, name = repository.partition("/")
    field_text, fragments = _PAGES[alias]
    variables: dict[str, Any] = {"owner": owner, "name": name, "after": after}
    declared = "$owner: String!, $name: String!, $after: String!"
    if "$app" in fragments:
        variables["app"] = app
        declared += ", $app: Int!"
    text = (
        f"query NextPage({declared}) {{\n  repository(owner: $owner, name: $name) {{\n"
        f"    {alias}: {field_text}\n  }}\n}}\n"
    )
    return Document(text + MADE + fragments, variables)
