"""The large documents that a promoting App sends, for the tests of the GraphQL side."""

from __future__ import annotations

OBSERVE = """
query Observe($owner: String!, $name: String!, $app: Int!) {
  rateLimit { cost remaining resetAt }
  repository(owner: $owner, name: $name) {
    id databaseId nameWithOwner url isArchived autoMergeAllowed mergeCommitAllowed
    squashMergeAllowed rebaseMergeAllowed deleteBranchOnMerge
    defaultBranchRef { name target { oid } }
    ledger: ref(qualifiedName: "refs/heads/ledger") {
      target { oid ... on Commit { history(first: 50) { nodes {
        oid author { email name user { login } } signature { isValid wasSignedByGitHub }
      } } } }
    }
    heads: refs(refPrefix: "refs/heads/", first: 100) {
      nodes { name prefix target { oid } } pageInfo { hasNextPage endCursor }
    }
    b0: ref(qualifiedName: "refs/heads/main") {
      name target { oid ... on Commit { ...Checks } }
      refUpdateRule { requiredStatusCheckContexts requiredApprovingReviewCount viewerCanPush }
    }
    open: pullRequests(states: [OPEN], first: 100, orderBy: {field: UPDATED_AT, direction: DESC}) {
      nodes { ...PR } pageInfo { hasNextPage endCursor }
    }
    l0: pullRequests(headRefName: "topic", states: [CLOSED, MERGED], first: 1,
                     orderBy: {field: CREATED_AT, direction: DESC}) { nodes { ...PR } }
  }
}
fragment PR on PullRequest {
  id number state url title body isDraft isCrossRepository headRefName headRefOid baseRefName
  baseRefOid createdAt closedAt mergedAt author { __typename login } mergedBy { __typename login }
  mergeable mergeStateStatus autoMergeRequest { enabledAt enabledBy { login } mergeMethod }
  mergeCommit { oid ...Checks } labels(first: 50) { nodes { name } }
  commits(last: 20) { totalCount nodes { commit {
    oid author { user { login } } parents(first: 2) { nodes { oid } }
    signature { isValid wasSignedByGitHub }
    checkSuites(first: 5, filterBy: {appId: $app}) { nodes {
      checkRuns(first: 20, filterBy: {checkType: LATEST}) {
        nodes { id databaseId name status conclusion externalId title summary } } } }
  } } }
  timelineItems(last: 1, itemTypes: [CLOSED_EVENT]) {
    nodes { ... on ClosedEvent { createdAt actor { __typename login } } }
  }
}
fragment Checks on Commit {
  statusCheckRollup { state contexts(first: 100) { nodes { __typename
    ... on CheckRun { name status conclusion detailsUrl
      checkSuite { app { databaseId slug } workflowRun { file { path } } } }
    ... on StatusContext { context state targetUrl creator { login } } } } }
  deployments(last: 20) { nodes { environment state latestStatus { state } creator { login } } }
}
"""

PROMOTE = """
mutation Promote($repo: ID!, $base: GitObjectID!, $title: String!, $file: Base64String!) {
  scratch: createRef(input: {repositoryId: $repo, name: "refs/heads/topic", oid: $base}) {
    ref { name target { oid } }
  }
  commit: createCommitOnBranch(input: {
    branch: {repositoryNameWithOwner: "acme/shop", branchName: "topic"}, expectedHeadOid: $base,
    message: {headline: "Take it", body: "Because."},
    fileChanges: {additions: [{path: "stages/dev/app.yaml", contents: $file}]}
  }) { commit { oid tree { oid } signature { isValid } author { user { login } } } }
  open: createPullRequest(input: {
    repositoryId: $repo, baseRefName: "main", headRefName: "topic", title: $title, body: "Body"
  }) { pullRequest { id number headRefOid author { __typename login } } }
}
"""
