"""Which changed paths count: bare ones, globs as doublestar reads them, patterns."""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from github_app.warehouse.git_paths import PathRules
from plugin.errors import Refusal


def admits(rule: str, path: str) -> bool:
    return PathRules.of([rule], []).admits(path)


@pytest.mark.parametrize(
    ("rule", "inside", "outside"),
    [
        ("apps/web", "apps/web apps/web/a apps/web/b/c", "apps/website apps other/apps/web"),
        ("./apps//web/", "apps/web/a", "apps/api/a"),
        (".", "a a/b", ""),
        ("*.md", "*.md", "a.md"),
        ("glob:**", "a a/b/c", ""),
        ("glob:a/**", "a a/b a/b/c", "ab b/a"),
        ("glob:**/c", "c a/c a/b/c", "ac a/cc"),
        ("glob:a/**/d", "a/d a/b/d a/b/c/d", "a/bd ad"),
        ("glob:*.go", "b.go", "a/b.go"),
        ("glob:a**b", "ab axb", "a/b a/x/b"),
        ("glob:a?c", "abc", "a/c ac"),
        ("glob:[a-c]x", "ax cx", "dx x"),
        ("glob:[^a-c]x", "dx", "ax"),
        ("glob:[!a]x", "bx", "ax"),
        (r"glob:[\]-a]x", "]x ax ^x", "bx"),
        ("glob:{apps,libs}/*/k.yaml", "apps/a/k.yaml libs/b/k.yaml", "docs/a/k.yaml apps/k.yaml"),
        ("glob:**/*.{yaml,yml}", "a.yml a/b.yaml", "a.yamlx"),
        ("glob:{a/**,b}", "a a/c b", "c b/c"),
        (r"glob:\*", "*", "a"),
        ("glob:a.b+(c)", "a.b+(c)", "axb+(c)"),
        ("glob:日*", "日本", "本"),
        (r"regex:\.ya?ml$", "a.yml a/b.yaml", "a.yaml.txt"),
        ("regexp:^web", "web/a website", "apps/web"),
    ],
)
def test_what_a_rule_admits(rule: str, inside: str, outside: str) -> None:
    assert [path for path in inside.split() if not admits(rule, path)] == []
    assert [path for path in outside.split() if admits(rule, path)] == []


@pytest.mark.parametrize(
    "rule",
    ["glob:[", "glob:[]", "glob:[b-a]", "glob:[a-", "glob:{a", "glob:a}", "glob:a\\", "regex:("],
)
def test_what_is_no_pattern_is_refused(rule: str) -> None:
    with pytest.raises(Refusal, match="is not a pattern"):
        PathRules.of([rule], [])


def test_what_is_excluded_is_so_even_where_it_is_included() -> None:
    rules = PathRules.of(["apps"], ["glob:**/*.md"])
    assert rules.admits("apps/a.yaml")
    assert not rules.admits("apps/a.md")
    assert not rules.admits("docs/a.yaml")


def test_without_rules_everything_counts() -> None:
    assert not PathRules.of([], [])
    assert PathRules.of([], []).admits("a")
    assert PathRules.of([], ["docs"])
    assert PathRules.of([], ["docs"]).admits("a")


def test_a_path_that_is_no_text_can_be_asked_about() -> None:
    path = b"apps/\xff".decode("utf-8", "surrogateescape")
    assert admits("apps", path)
    assert admits("glob:apps/*", path)


@given(st.text("ab*?[]{},-!^\\/", max_size=12), st.text("ab/-*", max_size=8))
def test_any_glob_is_read_or_refused(glob: str, path: str) -> None:
    with suppress(Refusal):
        admits(f"glob:{glob}", path)


@given(st.text("ab*?[]{},-\\/.+()|$", max_size=12))
def test_a_glob_without_anything_special_means_itself(path: str) -> None:
    quoted = "".join(f"\\{char}" for char in path)
    assert admits(f"glob:{quoted}", path)
