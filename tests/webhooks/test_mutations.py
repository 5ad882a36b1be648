"""Spoiled bodies, rightly signed: refused or ignored, never a crash and never another place."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from github_app.events import Answered, Ignored, Understood, Unknown
from github_app.webhooks import DIALECTS
from plugin.errors import Refusal
from tests.webhooks.samples import bodies, headers, names, read, sample, spoiled

ALL = [(dialect, name) for dialect in DIALECTS for name in names(dialect)]
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner),
    max_leaves=8,
)


def places(dialect: str, name: str, body: bytes) -> set[str]:
    """The repositories, images and installations a body makes us look at."""
    try:
        reading = read(dialect, headers(name), body).reading
    except Refusal:
        return set()
    match reading:
        case Understood(events):
            return {repr(event).partition(" why=")[0] for event in events}
        case Ignored() | Unknown() | Answered():
            return set()


@pytest.mark.parametrize(("dialect", "name"), ALL)
def test_a_spoiled_field_never_leads_anywhere_else(dialect: str, name: str) -> None:
    payload = sample(dialect, name)
    usual = places(dialect, name, bodies(payload))
    usual |= {place.replace("installation=9001", "installation=None") for place in usual}
    mutants = list(spoiled(payload))
    assert len(mutants) > 300
    for mutant in mutants:
        assert places(dialect, name, bodies(mutant)) <= usual, mutant


@given(JSON, st.sampled_from(ALL))
def test_any_json_is_refused_or_ignored(value: object, which: tuple[str, str]) -> None:
    assert places(*which, bodies(value)) == set()


@pytest.mark.parametrize(("dialect", "name"), ALL)
def test_cut_bodies_are_refused(dialect: str, name: str) -> None:
    body = bodies(sample(dialect, name))
    for end in itertools.chain(range(0, len(body) - 1, 97), [len(body) - 1]):
        with pytest.raises(Refusal):
            read(dialect, headers(name), body[:end])
