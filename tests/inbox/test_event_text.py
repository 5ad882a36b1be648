"""Events survive being written down, and those of one place have one key."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from github_app.events import (
    ApplicationReported,
    ArtifactPosted,
    ButtonPressed,
    CommentMade,
    Event,
    FreightAsked,
    ImagePushed,
    InstallationChanged,
    RepositoryChanged,
)
from github_app.inbox.event_text import dump, key_of, load
from plugin.artifact import Repository

WEB = Repository("registry.example.com:5000", "acme/web")
PLACE = ("Acme/GitOps", "shop", "web")
PAIRS = st.lists(st.tuples(st.text(), st.text())).map(tuple)
EVENTS = st.one_of(
    st.builds(RepositoryChanged, st.none() | st.integers(), st.text(), st.text()),
    st.builds(ImagePushed, st.just(WEB), st.none() | st.text()),
    st.builds(InstallationChanged, st.integers()),
    st.builds(
        ArtifactPosted, *map(st.just, PLACE), st.text(), st.text(), PAIRS, st.just("acme/llm")
    ),
    st.builds(FreightAsked, *map(st.just, PLACE), PAIRS, st.just("the secret")),
    st.builds(CommentMade, st.none() | st.integers(), st.text(), st.text()),
    st.builds(ButtonPressed, st.none() | st.integers(), *[st.text()] * 5),
    st.builds(
        ApplicationReported, *[st.text()] * 2, st.lists(st.text()).map(tuple), *[st.text()] * 3
    ),
)


@given(st.lists(EVENTS))
def test_what_is_written_is_read(events: list[Event]) -> None:
    assert load(dump(events)) == tuple(events)


@pytest.mark.parametrize(
    ("event", "key"),
    [
        (RepositoryChanged(7, "Acme/Shop", "push"), "repo:7:acme/shop"),
        (RepositoryChanged(None, "acme/shop", "sweep"), "repo:-:acme/shop"),
        (ImagePushed(WEB, "1.0.0"), "image:registry.example.com:5000/acme/web"),
        (ImagePushed(WEB, None), "image:registry.example.com:5000/acme/web"),
        (CommentMade(7, "Acme/Shop", "IC_1"), "repo:7:acme/shop"),
        (ButtonPressed(7, "Acme/Shop", "a" * 40, "hold", "kim", "d1"), "repo:7:acme/shop"),
        (InstallationChanged(7), "installation:7"),
        (ArtifactPosted(*PLACE, "llm", "1.2", (), "Acme/LLM"), "posted:acme/gitops:acme/llm"),
        (FreightAsked(*PLACE, (("web", "1.2"),), "the secret"), "posted:acme/gitops:the secret"),
    ],
)
def test_events_of_one_place_have_one_key(event: Event, key: str) -> None:
    assert key_of(event) == key


def test_text_nobody_wrote_is_a_bug() -> None:
    with pytest.raises(ValueError, match="no event"):
        load('[{"color": "blue"}]')
