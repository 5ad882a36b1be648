"""A row of the table, and the pages its rows rest on."""

from __future__ import annotations

from dataclasses import dataclass

DOCS = "https://docs.github.com/"
PROTECTED = (
    f"{DOCS}repositories/configuring-branches-and-merges-in-your-repository/"
    "managing-protected-branches/about-protected-branches"
)
AUTO_MERGE = (
    f"{DOCS}pull-requests/collaborating-with-pull-requests/"
    "incorporating-changes-from-a-pull-request/automatically-merging-a-pull-request"
)
SIGNED = (
    f"{DOCS}authentication/managing-commit-signature-verification/"
    "about-commit-signature-verification"
)
MUTATIONS = f"{DOCS}graphql/reference/mutations"
PULLS = f"{DOCS}rest/pulls/pulls"
CHECKS = f"{DOCS}rest/checks/runs"
TOKENS = f"{DOCS}apps/creating-github-apps/authenticating-with-a-github-app"
AUTO_MERGE_ACTION = "https://github.com/peter-evans/enable-pull-request-automerge"
UNREOPENABLE = "https://github.com/dimikot/git-grok/pull/30"


@dataclass(frozen=True, slots=True)
class Behaviour:
    """One rule: what happens, where that is written, and `module::test` below `tests/sandbox`."""

    what: str
    source: str
    test: str
    certain: bool = True
