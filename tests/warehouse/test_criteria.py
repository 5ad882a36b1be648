"""Criteria say which versions go together, why they do not, and never take long."""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from github_app.warehouse.criteria import Criteria, problem
from plugin.errors import Refusal
from tests.warehouse.offers import NOON, commits, image

NAMES = ("web", "api-v2")
SET = {
    "web": image("web", "v1.4.0", created=NOON, revision="abc"),
    "api-v2": image("api", "1.3.9-rc.1", revision="abc"),
}


def objection(text: str) -> str | None:
    """What the criteria say of the set."""
    return Criteria.parse(text, NAMES).objection(SET)


@pytest.mark.parametrize(
    "text",
    [
        "web.tag == 'v1.4.0'",
        "web.major == api_v2.major && web.minor >= api_v2.minor",
        "web.metadata.revision == api_v2.metadata['revision']",
        "web.prerelease == '' && api_v2.prerelease == 'rc.1'",
        "web.created > timestamp('2026-01-01T00:00:00Z') && api_v2.created == null",
        "web.digest.startsWith('sha256:')",
        "['v1', 'v2'].exists(one, web.tag.startsWith(one))",
        "!has(web.metadata.source)",
    ],
)
def test_criteria_that_hold(text: str) -> None:
    assert objection(text) is None


def test_a_set_that_does_not_satisfy_them_is_named() -> None:
    said = "web.tag == api_v2.tag is false for web v1.4.0, api-v2 1.3.9-rc.1"
    assert objection("web.tag == api_v2.tag") == said


def test_only_the_subscriptions_that_are_named_are_shown() -> None:
    parsed = Criteria.parse("web.major > 1", NAMES)
    assert parsed.names == ("web",)
    assert parsed.objection(SET) == "web.major > 1 is false for web v1.4.0"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("web.metadata.source == 'x'", "there is no 'source'"),
        ("web.tag > 1", "No such overload"),
        ("web.major / 0 == 1", "division by zero"),
        ("web.tag == other.tag", "Undefined variable or function: 'other'"),
    ],
)
def test_what_cannot_be_told_is_an_objection(text: str, said: str) -> None:
    found = objection(text)
    assert found is not None
    assert found.startswith(f"{text} cannot be told for web v1.4.0: ")
    assert said in found


def test_a_tag_that_is_no_version_has_no_numbers() -> None:
    parsed = Criteria.parse("web.major == null && web.prerelease == null", ["web"])
    assert parsed.objection({"web": image("web", "latest")}) is None
    assert Criteria.parse("web.major >= 1", ["web"]).objection({"web": image("web", "latest")})


def test_a_commit_is_its_tag_and_its_digest() -> None:
    parsed = Criteria.parse("conf.tag == conf.digest", ["conf"])
    assert parsed.objection({"conf": commits("conf", "a")[0]}) is None


def test_another_value_than_true_or_false_is_refused() -> None:
    with pytest.raises(Refusal, match=r"'web.tag' give 'v1.4.0', neither true nor false"):
        objection("web.tag")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("web.tag ==", r"are no CEL: 1:11: Syntax error"),
        ("web.tga == api_v2.tag", r"ask for 'web.tga': a version has tag, digest"),
        ("true", "name none of the subscriptions: web, api_v2"),
        ("package == web.tag", "reserved identifier: package"),
        ("web.tag.matches('(a+)+$')", "'matches'"),
        ("[1].all(x, [1].all(y, web.major == x + y))", "one list only"),
        ("(" * 21 + "web.tag == ''" + ")" * 21, "20 brackets within each other"),
        ("web.tag == '" + "a" * 2000 + "'", "2000 characters"),
    ],
)
def test_criteria_that_cannot_be_judged_are_refused(text: str, said: str) -> None:
    with pytest.raises(Refusal, match=said):
        Criteria.parse(text, NAMES)
    assert problem(text, NAMES) is not None


@pytest.mark.parametrize("text", ["web.major", "web.tag", "[web.tag]", "web.minor + 1"])
def test_what_is_neither_true_nor_false_is_found_before_there_is_a_set(text: str) -> None:
    assert "neither true nor false" in (problem(text, NAMES) or "")


def test_nothing_is_wrong_with_good_criteria() -> None:
    assert problem("web.tag == api_v2.tag", NAMES) is None
    assert problem("web.tag != 'web.nothing (((((((((((((((((((((((((('", NAMES) is None


words = st.sampled_from(
    "web api_v2 . tag major metadata [ ] ( ) == != < && || ! 'a' 1 ? : , true in + - null".split()
)


@given(st.lists(words, max_size=12))
def test_any_expression_is_judged_or_refused(parts: list[str]) -> None:
    text = " ".join(parts)
    with suppress(Refusal):
        objection(text)
