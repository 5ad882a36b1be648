"""Which line of CODEOWNERS owns a file: the examples of GitHub's own page."""

from __future__ import annotations

import pytest

from github_app.sandbox.codeowners import lines, owners_of

EXAMPLE = """
# This is a comment.
*       @global-owner1 @global-owner2
*.js    @js-owner #This is an inline comment.
*.go docs@example.com
*.txt @octo-org/octocats
/build/logs/ @doctocat
docs/*  docs@example.com
apps/ @octocat
/docs/ @doctocat
/scripts/ @doctocat @octocat
**/logs @octocat
/apps/ @octocat
/apps/github
"""


@pytest.mark.parametrize(
    ("path", "owners"),
    [
        ("README.md", ("global-owner1", "global-owner2")),
        ("src/deep/a.js", ("js-owner",)),
        ("a.go", ("docs@example.com",)),
        ("b/c.txt", ("octo-org/octocats",)),
        ("build/logs/today.log", ("octocat",)),
        ("build/logs2/today.log", ("global-owner1", "global-owner2")),
        ("sub/docs/a.md", ("global-owner1", "global-owner2")),
        ("docs/a.md", ("doctocat",)),
        ("docs/deep/a.md", ("doctocat",)),
        ("somewhere/apps/a", ("octocat",)),
        ("scripts/run", ("doctocat", "octocat")),
        ("deeply/nested/logs/x/y", ("octocat",)),
        ("apps/main/a", ("octocat",)),
        ("apps/github/a", ()),
        ("apps/github", ()),
    ],
)
def test_the_last_line_that_matches_owns(path: str, owners: tuple[str, ...]) -> None:
    assert owners_of(lines(EXAMPLE), path) == owners


def test_a_star_stops_at_slashes_and_names_are_of_one_case() -> None:
    found = lines("stages/* @Ann\nstages/prod/** @Acme/SRE\n")
    assert owners_of(found, "stages/a.yaml") == ("ann",)
    assert owners_of(found, "stages/dev/a.yaml") == ()
    assert owners_of(found, "stages/prod/deep/a.yaml") == ("acme/sre",)


def test_what_only_gitignore_knows_is_no_line() -> None:
    assert lines("!a @ann\n[ab].md @ann\n\\#c @ann\n") == ()


def test_a_blank_may_be_escaped() -> None:
    assert owners_of(lines("/a\\ b/ @ann"), "a b/c") == ("ann",)
