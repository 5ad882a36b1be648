"""Freight: an id for the content alone, and an alias for people."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plugin.aliases import ADJECTIVES, ANIMALS
from plugin.artifact import Image, Repository
from plugin.errors import Refusal
from plugin.freight import Freight, FreightId, alias_of


def image(name: str, tag: str = "1.0", digit: str = "a") -> Image:
    return Image(Repository.parse(name), tag, "sha256:" + digit * 64)


WEB, API = image("ghcr.io/acme/web"), image("ghcr.io/acme/api", "2.0", "b")

images = st.builds(
    image,
    st.from_regex(r"ghcr\.io/[a-z]{1,5}/[a-z]{1,5}", fullmatch=True),
    st.from_regex(r"[A-Za-z0-9_][A-Za-z0-9._-]{0,9}", fullmatch=True),
    st.sampled_from("0123456789abcdef"),
)


@given(st.lists(images, min_size=1, max_size=6, unique_by=lambda one: one.repository), st.data())
def test_the_id_does_not_depend_on_order(listed: list[Image], data: st.DataObject) -> None:
    shuffled = data.draw(st.permutations(listed))
    assert Freight("web", tuple(listed)).id == Freight("web", tuple(shuffled)).id


def test_the_id_is_the_same_for_every_spelling_of_a_repository() -> None:
    assert (
        Freight("w", (image("nginx"),)).id == Freight("w", (image("docker.io/library/nginx"),)).id
    )


def test_the_id_depends_on_everything_else() -> None:
    base = Freight("web", (WEB,))
    others = [
        Freight("web2", (WEB,)),
        Freight("web", (WEB, API)),
        Freight("web", (image("ghcr.io/acme/web", "1.1"),)),
        Freight("web", (image("ghcr.io/acme/web", "1.0", "c"),)),
    ]
    assert len({base.id, *(one.id for one in others)}) == 5


def test_the_id_and_alias_stay_what_they_are_in_every_release() -> None:
    freight = Freight("web", (WEB, API))
    assert freight.id == "64452b5b950d052eb7e3e2aa031729c8302cf15fa65d0a064e76fc8ebd6f51ba"
    assert freight.alias == "azure-cod"
    assert freight.short == freight.id[:12]


@given(st.from_regex(r"[0-9a-f]{64}", fullmatch=True))
def test_an_alias_is_two_words_and_always_the_same(text: str) -> None:
    adjective, _, animal = alias_of(FreightId(text)).partition("-")
    assert (adjective in ADJECTIVES, animal in ANIMALS) == (True, True)
    assert alias_of(FreightId(text)) == alias_of(FreightId(text))


def test_alias_words_are_plain_and_distinct() -> None:
    for words in (ADJECTIVES, ANIMALS):
        assert len(set(words)) == len(words)
        assert all(word.isascii() and word.islower() and word.isalpha() for word in words)


def test_freight_needs_artifacts_of_distinct_repositories() -> None:
    with pytest.raises(Refusal, match="at least one artifact"):
        Freight("web", ())
    with pytest.raises(Refusal, match="more than once"):
        Freight("web", (WEB, image("ghcr.io/acme/web", "1.1")))
    assert Freight("web", (WEB, WEB)).artifacts == (WEB,)


def test_artifacts_are_found_and_tags_told() -> None:
    freight = Freight("web", (WEB, API))
    assert freight.artifact(WEB.repository) == WEB
    assert freight.artifact(Repository.parse("nginx")) is None
    assert freight.tags() == "2.0, 1.0"
