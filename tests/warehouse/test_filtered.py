"""Every tag that is not taken has the rule that keeps it out, in words a person can act on."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from github_app.warehouse.filtered import Filtered, filtered, rules_of
from github_app.warehouse.selection import candidates
from plugin.artifact import ChartName, GitRepository, Repository
from plugin.errors import Refusal
from plugin.subscriptions import (
    ChartSubscription,
    GitSelection,
    GitSubscription,
    ImageSubscription,
    Selection,
)

WEB = Repository.parse("ghcr.io/acme/web")


@dataclass(frozen=True)
class Candidates:
    """Tags that may be taken, best first, and the others."""

    best: tuple[str, ...]
    filtered: tuple[Filtered, ...]


def candidates_of(subscription: ImageSubscription, tags: tuple[str, ...]) -> Candidates:
    """All tags, taken or explained, by their names alone."""
    best = candidates(subscription, tags)
    return Candidates(best, tuple(filtered(rules_of(subscription), tags, best)))


def rules_in(found: Candidates) -> dict[str, str]:
    """The rules by tag."""
    return {one.tag: one.rule for one in found.filtered}


def test_each_rule_of_semver_says_its_name() -> None:
    web = ImageSubscription(
        "web", WEB, constraint="^2.0", allow=(r"^v?\d",), ignore=("rc",), limit=2
    )
    tags = ("2.0.0", "2.1.0", "2.2.0", "latest", "2.3.0-rc.1", "2.3", "3.0.0", "2.4.0-dev", "1.9.0")
    found = candidates_of(web, tags)
    assert found.best == ("2.2.0", "2.1.0")
    assert rules_in(found) == {
        "2.0.0": "beyond the limit of 2",
        "latest": "no allow pattern matches",
        "2.3.0-rc.1": "ignore 'rc'",
        "2.3": "not a strict version (major.minor.patch)",
        "3.0.0": "outside ^2.0",
        "2.4.0-dev": "a pre-release, and ^2.0 names none",
        "1.9.0": "outside ^2.0",
    }


def test_a_prerelease_outside_a_constraint_that_names_one_is_outside() -> None:
    web = ImageSubscription("web", WEB, constraint=">=1.0.0-0 <2", strict=False)
    found = candidates_of(web, ("1.0.0-rc.1", "0.9.0-rc.1", "nightly"))
    assert rules_in(found) == {"0.9.0-rc.1": "outside >=1.0.0-0 <2", "nightly": "not a version"}


def test_digest_follows_one_tag() -> None:
    web = ImageSubscription("web", WEB, Selection.DIGEST, "latest", ignore=("latest",))
    found = candidates_of(web, ("latest", "1.0"))
    assert found.best == ("latest",)
    assert rules_in(found) == {"1.0": "only 'latest' is followed"}


@pytest.mark.parametrize("select", [Selection.LEXICAL, Selection.NEWEST_BUILD])
def test_where_no_version_is_read_only_patterns_and_the_limit_count(select: Selection) -> None:
    web = ImageSubscription("web", WEB, select, "not a constraint", ignore=("rc",))
    assert rules_in(candidates_of(web, ("a", "b-rc"))) == {"b-rc": "ignore 'rc'"}


CHART = ChartSubscription("web", ChartName("https://charts.acme.io", "web"), "^1")
GIT = GitSubscription(
    "conf",
    GitRepository.parse("github.com/acme/conf"),
    "https://github.com/acme/conf",
    GitSelection.SEMVER,
    constraint="^1",
    ignore=("rc",),
)


@pytest.mark.parametrize("subscription", [CHART, GIT])
def test_charts_and_git_tags_have_the_same_words(
    subscription: ChartSubscription | GitSubscription,
) -> None:
    said = {one.tag: one.rule for one in filtered(rules_of(subscription), ("2.0.0", "x"), ())}
    assert said["2.0.0"] == "outside ^1"
    assert said["x"].startswith("not a ")


def test_charts_know_no_patterns_and_read_versions_leniently() -> None:
    rules = rules_of(CHART)
    assert rules.objection("1") is None
    assert rules.objection("1.0.0-rc.1") == "a pre-release, and ^1 names none"
    assert rules_of(GIT).objection("1.0.0-rc.1") == "ignore 'rc'"


def test_a_wrong_constraint_is_refused() -> None:
    with pytest.raises(Refusal, match="not a version constraint"):
        candidates_of(ImageSubscription("web", WEB, constraint="newest"), ())


tags = st.lists(
    st.from_regex(r"v?[0-9]{1,2}(\.[0-9]){0,2}(-rc\.[0-9])?|[a-z]{1,3}", fullmatch=True)
)


@given(tags, st.sampled_from(list(Selection)), st.booleans(), st.integers(1, 5))
def test_every_tag_is_taken_or_has_a_reason(
    listed: list[str], select: Selection, strict: bool, limit: int
) -> None:
    web = ImageSubscription("web", WEB, select, "1", strict, ("[0-9]",), ("rc",), limit)
    found = candidates_of(web, tuple(listed))
    without = [one.tag for one in found.filtered]
    assert without == [tag for tag in listed if tag not in found.best]
    assert set(listed) <= {*found.best, *without}
