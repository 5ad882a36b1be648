"""The newest set that goes together is found, and why it is not the best of each is said."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping, Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from github_app.warehouse.candidate import Candidate
from github_app.warehouse.compatible import Compatible, Incompatible, compatible
from github_app.warehouse.criteria import Criteria
from plugin.errors import Refusal
from tests.warehouse.offers import charts, commits, image, images

Offered = Mapping[str, Sequence[Candidate]]


def found(
    offered: Offered, criteria: str | None = None, *, match_tags: bool = False
) -> Compatible | Incompatible:
    """What is found among the versions."""
    parsed = Criteria.parse(criteria, offered) if criteria else None
    return compatible(offered, match_tags=match_tags, criteria=parsed)


def tags(answer: Compatible | Incompatible) -> dict[str, str]:
    """The tags that were chosen."""
    assert isinstance(answer, Compatible)
    return {name: one.artifact.tag for name, one in answer.chosen.items()}


def test_without_criteria_it_is_the_best_of_each() -> None:
    answer = found({"web": images("web", "2", "1"), "api": images("api", "9", "8")})
    assert tags(answer) == {"web": "2", "api": "9"}
    assert isinstance(answer, Compatible)
    assert answer.passed_over is None


def test_an_empty_subscription_makes_no_freight_and_is_named() -> None:
    answer = found({"web": images("web", "2"), "api": [], "db": []}, match_tags=True)
    assert answer == Incompatible("nothing to take from api, db")


def test_the_newest_tags_that_are_the_same() -> None:
    offered = {"web": images("web", "1.4.0", "1.3.9"), "api": images("api", "1.3.9", "1.3.8")}
    answer = found(offered, match_tags=True)
    assert tags(answer) == {"web": "1.3.9", "api": "1.3.9"}
    assert isinstance(answer, Compatible)
    assert answer.passed_over == "the tags differ: web 1.4.0, api 1.3.9"


def test_match_takes_v_and_the_plus_of_charts_for_the_same_and_leaves_commits_alone() -> None:
    offered = {
        "conf": commits("conf", "b", "a"),
        "web": images("web", "v1.2.0_b1", "v1.1.0"),
        "chart": charts("web", "1.3.0", "1.2.0+b1"),
    }
    answer = found(offered, match_tags=True)
    assert tags(answer) == {"conf": "b" * 40, "web": "v1.2.0_b1", "chart": "1.2.0+b1"}


def test_no_version_in_all_is_said_with_the_best() -> None:
    offered = {"web": images("web", "2.0"), "api": images("api", "1.0", "0.9")}
    assert found(offered, match_tags=True) == Incompatible(
        "no version is in all of web, api: the tags differ: web 2.0, api 1.0"
    )


def test_criteria_search_the_newest_set() -> None:
    offered = {
        "web": images("web", "1.4.0", "1.3.9", "1.2.0"),
        "api": images("api", "1.3.9", "1.3.8", "1.2.0"),
    }
    answer = found(offered, "web.tag == api.tag")
    assert tags(answer) == {"web": "1.3.9", "api": "1.3.9"}
    assert isinstance(answer, Compatible)
    assert answer.passed_over == "web.tag == api.tag is false for web 1.4.0, api 1.3.9"


def test_criteria_that_no_set_satisfies() -> None:
    offered = {"web": images("web", "2", "1"), "api": images("api", "3")}
    assert found(offered, "web.tag == api.tag") == Incompatible(
        "no set goes together: web.tag == api.tag is false for web 2, api 3"
    )


def test_criteria_and_matching_tags_hold_both() -> None:
    offered = {
        "web": images("web", "3.0.0", "2.0.0", "1.0.0"),
        "api": images("api", "3.0.0", "2.0.0", "1.0.0"),
        "conf": commits("conf", "c", "b", "a"),
    }
    answer = found(offered, "web.major < 3 && conf.tag.startsWith('b')", match_tags=True)
    assert tags(answer) == {"web": "2.0.0", "api": "2.0.0", "conf": "b" * 40}


def test_among_equal_ranks_the_first_of_the_file_has_the_better_one() -> None:
    offered = {"web": images("web", "2", "1"), "api": images("api", "2", "1")}
    assert tags(found(offered, "web.tag != api.tag")) == {"web": "2", "api": "1"}
    turned = dict(reversed(offered.items()))
    assert tags(found(turned, "web.tag != api.tag")) == {"web": "1", "api": "2"}


def test_what_the_criteria_do_not_name_keeps_its_best() -> None:
    offered = {
        "web": images("web", "2", "1"),
        "db": images("db", *map(str, range(20))),
        "api": images("api", "1"),
    }
    assert tags(found(offered, "web.tag == api.tag")) == {"web": "1", "db": "0", "api": "1"}


def test_more_than_the_best_is_asked_for_only_where_it_must_be() -> None:
    def asked(name: str, *versions: str) -> Iterator[Candidate]:
        yield image(name, versions[0])
        pytest.fail(f"{name} was asked for more than {versions[0]}")

    offered = {"web": asked("web", "1", "0"), "api": asked("api", "1", "0")}
    answer = compatible(offered, match_tags=True, criteria=None)
    assert tags(answer) == {"web": "1", "api": "1"}
    free = {"web": images("web", "2", "1"), "db": asked("db", "5")}
    criteria = Criteria.parse("web.tag == '1'", free)
    chosen = compatible(free, match_tags=False, criteria=criteria)
    assert tags(chosen) == {"web": "1", "db": "5"}


def test_a_search_without_end_is_refused() -> None:
    names = ("a", "b", "c", "d")
    offered = {name: images(name, *map(str, range(20))) for name in names}
    with pytest.raises(Refusal, match="none of the 10000 newest sets goes together"):
        found(offered, "a.tag == 'x' || b.tag == 'x' || c.tag == 'x' || d.tag == 'x'")


VERSIONS = st.lists(st.sampled_from("123456"), min_size=1, max_size=4, unique=True)


@given(st.lists(VERSIONS, min_size=2, max_size=3), st.sampled_from(["==", "<", "!="]))
def test_the_set_is_the_least_by_ranks_of_all_that_satisfy(
    lists: list[list[str]], compared: str
) -> None:
    names = "abc"[: len(lists)]
    offered = {name: images(name, *one) for name, one in zip(names, lists, strict=True)}
    criteria = f"{names[0]}.tag {compared} {names[-1]}.tag"
    holds = {"==": str.__eq__, "<": str.__lt__, "!=": str.__ne__}[compared]
    every = itertools.product(*(range(len(one)) for one in lists))
    good = [ranks for ranks in every if holds(lists[0][ranks[0]], lists[-1][ranks[len(lists) - 1]])]
    answer = found(offered, criteria)
    if not good:
        assert isinstance(answer, Incompatible)
        return
    best = min(good, key=lambda ranks: (sum(ranks), ranks))
    expected = [one[rank] for one, rank in zip(lists, best, strict=True)]
    assert list(tags(answer).values()) == expected


@given(st.lists(VERSIONS, min_size=2, max_size=3))
def test_matching_tags_and_criteria_that_say_the_same_agree(lists: list[list[str]]) -> None:
    names = "abc"[: len(lists)]
    offered = {name: images(name, *one) for name, one in zip(names, lists, strict=True)}
    criteria = " && ".join(f"a.tag == {name}.tag" for name in names[1:])
    said, matched = found(offered, criteria), found(offered, match_tags=True)
    assert isinstance(said, Compatible) == isinstance(matched, Compatible)
    if isinstance(said, Compatible):
        assert tags(said) == tags(matched)


@given(VERSIONS, VERSIONS)
def test_a_new_version_on_top_that_fits_nothing_changes_nothing(
    web: list[str], api: list[str]
) -> None:
    before = found({"web": images("web", *web), "api": images("api", *api)}, "web.tag == api.tag")
    after = found(
        {"web": images("web", "99", *web), "api": images("api", *api)}, "web.tag == api.tag"
    )
    if isinstance(before, Compatible):
        assert tags(before) == tags(after)
    else:
        assert isinstance(after, Incompatible)
