"""Owners of paths, by the examples of GitHub's own documentation."""

from __future__ import annotations

import pytest

from github_app.rules.codeowners import owners_of

# https://docs.github.com/repositories/managing-your-repositorys-settings-and-features/customizing-your-repository/about-code-owners#example-of-a-codeowners-file
EXAMPLE = """\
# This is a comment.
*       @global-owner1 @global-owner2
*.js    @js-owner #This is an inline comment.
*.go docs@example.com
*.txt @octo-org/octocats
/build/logs/ @doctocat
docs/* docs@example.com
apps/ @octocat
/docs/ @Doctocat
/scripts/ @doctocat @octocat
**/logs @logger
/apps2/ @octocat
/apps2/github
"""


@pytest.mark.parametrize(
    ("path", "owners"),
    [
        ("README", ("global-owner1", "global-owner2")),
        ("a/b/c.js", ("js-owner",)),
        ("a/main.go", ("docs@example.com",)),
        ("a.txt", ("octo-org/octocats",)),
        ("build/logs", ("logger",)),
        ("src/apps/main.c", ("octocat",)),
        ("docs/getting-started.md", ("doctocat",)),
        ("docs/build-app/troubleshooting.md", ("doctocat",)),
        ("scripts/run", ("doctocat", "octocat")),
        ("deeply/nested/logs/today", ("logger",)),
        ("apps2/other", ("octocat",)),
        ("apps2/github", ()),
        ("apps2/github/workflows", ()),
    ],
)
def test_githubs_example(path: str, owners: tuple[str, ...]) -> None:
    assert owners_of(EXAMPLE, path) == owners


@pytest.mark.parametrize(
    ("pattern", "path", "owned"),
    [
        ("docs/*", "docs/a.md", True),
        ("docs/*", "docs/deep/a.md", False),
        ("docs/*", "other/docs/a.md", False),
        ("docs/**", "docs/deep/a.md", True),
        ("a/**/z", "a/z", True),
        ("a/**/z", "a/b/c/z", True),
        ("stages/prod", "stages/prod/kustomization.yaml", True),
        ("stages/prod", "stages/prod-eu/kustomization.yaml", False),
        ("prod", "stages/prod/x", True),
        ("/prod", "stages/prod/x", False),
        ("pro?", "prod/x", True),
        ("pro?", "pro/x", False),
        ("*.y*l", "a/b.yaml", True),
        (r"a\ b", "a b", True),
        ("a.c", "abc", False),
        ("A", "a", False),
    ],
)
def test_patterns(pattern: str, path: str, owned: bool) -> None:
    assert owners_of(f"{pattern} @ann", path) == (("ann",) if owned else ())


@pytest.mark.parametrize("line", ["!a @eve", "[a] @eve", r"\#a @eve", "a nobody", "# a @eve"])
def test_lines_that_github_skips_own_nothing(line: str) -> None:
    for path in ("a", "[a]", "#a"):
        assert owners_of(f"* @ann\n{line}\n", path) == ("ann",)


def test_a_comment_behind_a_line_makes_nobody_an_owner() -> None:
    assert owners_of("* @ann # not @eve", "a") == ("ann",)


def test_hostile_patterns_are_matched_in_linear_time() -> None:
    text = "*a" * 5_000 + " @eve"
    assert owners_of(text, "a" * 4_000) == ()
    assert owners_of("* @ann\n" + "*a" * 500_000 + " @eve", "b") == ("ann",)
