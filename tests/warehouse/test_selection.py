"""The four ways to select, rule by rule as Kargo documents them."""

from __future__ import annotations

import random
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from github_app.warehouse.selection import candidates, newest_built, passing
from plugin.artifact import Repository
from plugin.errors import Refusal
from plugin.subscriptions import ImageSubscription, Selection

WEB = Repository.parse("ghcr.io/acme/web")
TAGS = ("latest", "1.9.0", "1.10.0", "v1.10.0", "2.0.0-rc.1", "1.2", "nightly-20260101", "2025")


def image(
    select: Selection = Selection.SEMVER,
    constraint: str | None = None,
    *,
    strict: bool = True,
    allow: tuple[str, ...] = (),
    ignore: tuple[str, ...] = (),
    limit: int = 20,
) -> ImageSubscription:
    return ImageSubscription("web", WEB, select, constraint, strict, allow, ignore, limit)


def test_semver_orders_by_precedence_and_equal_versions_by_name() -> None:
    found = candidates(image(constraint="^1"), TAGS)
    assert found == ("v1.10.0", "1.10.0", "1.9.0")


def test_semver_without_a_constraint_lets_a_prerelease_win() -> None:
    assert candidates(image(), TAGS)[0] == "2.0.0-rc.1"


def test_semver_not_strict_takes_years_for_major_versions() -> None:
    assert candidates(image(strict=False), TAGS)[0] == "2025"
    assert candidates(image(constraint="1.2.x", strict=False), TAGS) == ("1.2",)


def test_lexical_orders_by_name_and_does_not_read_the_constraint() -> None:
    found = candidates(image(Selection.LEXICAL, "^9", ignore=("latest",)), TAGS)
    assert found[:2] == ("v1.10.0", "nightly-20260101")


def test_digest_takes_its_one_tag_whatever_the_patterns_say() -> None:
    assert candidates(image(Selection.DIGEST, "latest", ignore=(".*",)), ()) == ("latest",)


def test_digest_without_a_tag_is_refused() -> None:
    with pytest.raises(Refusal, match="constraint: latest"):
        candidates(image(Selection.DIGEST), TAGS)


def test_newest_build_leaves_the_order_to_build_times() -> None:
    found = candidates(image(Selection.NEWEST_BUILD, "^9", allow=("nightly", "latest")), TAGS)
    assert sorted(found) == ["latest", "nightly-20260101"]
    day = datetime(2026, 1, 1, tzinfo=UTC)
    later = datetime(2026, 1, 2, tzinfo=UTC)
    assert newest_built({"a": day, "b": later, "c": later, "d": None}, 3) == ("c", "b", "a")


def test_the_limit_cuts_after_sorting() -> None:
    assert candidates(image(constraint="^1", limit=1), TAGS) == ("v1.10.0",)


def test_patterns_match_anywhere_and_ignore_wins() -> None:
    assert passing(image(allow=(r"1\.",), ignore=("rc",)), ("11.0", "1.0-rc", "20")) == ["11.0"]
    assert passing(image(allow=("^1", "^2")), ("11", "20", "3")) == ["11", "20"]


tags = st.lists(st.from_regex(r"v?[0-9]{1,2}(\.[0-9]{1,2}){0,2}(-rc\.[0-9])?", fullmatch=True))


@given(tags, st.sampled_from(list(Selection)), st.randoms(use_true_random=False))
def test_the_best_does_not_depend_on_the_order_of_the_list(
    listed: list[str], select: Selection, shuffled: random.Random
) -> None:
    subscription = image(select, "latest" if select is Selection.DIGEST else None, strict=False)
    other = list(listed)
    shuffled.shuffle(other)
    assert sorted(candidates(subscription, listed)) == sorted(candidates(subscription, other))
    if select is not Selection.NEWEST_BUILD:
        assert candidates(subscription, listed) == candidates(subscription, other)
