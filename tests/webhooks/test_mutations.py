"""Spoiled bodies, rightly proven: refused or ignored, never a crash and never another place."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from functools import cache
from random import Random
from typing import assert_never

import pytest
from flask.testing import FlaskClient
from hypothesis import given, note
from hypothesis import strategies as st

from github_app.app import Parts, create_app
from github_app.events import (
    ApplicationReported,
    ArtifactPosted,
    ButtonPressed,
    CommentMade,
    Event,
    FreightAsked,
    Hint,
    ImagePushed,
    InstallationChanged,
    RepositoryChanged,
    Understood,
)
from github_app.inbox.event_text import dump, key_of, load
from github_app.inbox.ports import Accepted, Delivery
from github_app.metrics import Metrics
from github_app.results import ResultState
from github_app.webhooks import DIALECTS
from github_app.webhooks.fields import full_name
from github_app.webhooks.message import Message
from plugin.artifact import Custom, CustomName, Repository, is_tag
from plugin.errors import Refusal
from tests.webhooks.mutations import every, mangled
from tests.webhooks.samples import IDENTITY, SECRET, bodies, names, sample
from tests.webhooks.senders import KINDS, Sent, Trusting, read, sent, usual, wire

NOW = datetime(2026, 11, 21, 9, 0, tzinfo=UTC)
ALL = [(dialect, name) for dialect in DIALECTS for name in names(dialect)]
AT_ONCE = 8
Posted = ArtifactPosted | ApplicationReported | FreightAsked
# One in so many fieldwise mutations is tried here; by lot, all of them are in `make soak`.
ONE_IN = 37
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner),
    max_leaves=8,
)


def told(request: tuple[str, Sent]) -> Message | None:
    """What is made of a request that proves itself, None if it is refused."""
    try:
        return read(*request)
    except Refusal:
        return None


def events(request: tuple[str, Sent]) -> tuple[Event, ...]:
    match told(request):
        case Message(reading=Understood(found)):
            return found
        case _:
            return ()


def place(event: Event) -> str:
    """Where an event makes us look."""
    match event:
        case RepositoryChanged(repository=name) | FreightAsked(repository=name):
            return name
        case ImagePushed(repository, _):
            return str(repository)
        case InstallationChanged(installation):
            return str(installation)
        case CommentMade(repository=name) | ButtonPressed(repository=name):
            return name
        case ApplicationReported(repository=repository, application=name):
            return f"{repository} {name}"
        case ArtifactPosted(repository=repository, name=name):
            return f"{repository} {name}"
        case _:
            assert_never(event)


def is_valid(event: Event) -> bool:
    """Whether everything an event names may be named so, and whether it can be kept."""
    fits = is_valid_hint(event) if isinstance(event, Hint) else is_named_well(event)
    return fits and load(dump([event])) == (event,) and bool(key_of(event).encode())


def is_named_well(event: RepositoryChanged | ImagePushed | InstallationChanged | Posted) -> bool:
    match event:
        case RepositoryChanged(repository=name):
            fits = full_name({"name": name}, "name") == name
        case ImagePushed(repository, tag):
            fits = Repository(repository.host, repository.path) == repository
            fits = fits and len(str(repository)) <= 255 and (tag is None or is_tag(tag))
        case InstallationChanged(installation):
            fits = 0 < installation < 2**63
        case ArtifactPosted(repository=name, version=version, metadata=metadata, sender=sender):
            fits = full_name({"name": name}, "name") == name and sender == "the secret"
            fits = fits and Custom(CustomName(event.name), version).tag == version
            fits = fits and all(key.isascii() and text.isprintable() for key, text in metadata)
        case ApplicationReported(name, _, revisions, state, said, when):
            fits = full_name({"name": name}, "name") == name and bool(ResultState(state))
            fits = fits and all(re.fullmatch("[0-9a-f]{40,64}", one) for one in revisions)
            fits = fits and max(len(said), len(when)) <= 300
        case FreightAsked(repository=name, versions=versions, sender=sender):
            fits = full_name({"name": name}, "name") == name and sender == "the secret"
            fits = fits and all(text.isascii() and text.isprintable() for text in dict(versions))
        case _:
            assert_never(event)
    return fits


def is_valid_hint(hint: CommentMade | ButtonPressed) -> bool:
    named = full_name({"name": hint.repository}, "name") == hint.repository
    match hint:
        case CommentMade(comment=node):
            return named and re.fullmatch(r"[\w=+/-]{1,200}", node) is not None
        case ButtonPressed(oid=oid, button=button, who=who):
            fits = re.fullmatch("[0-9a-f]{40,64}", oid) is not None
            return named and fits and len(button) <= 20 and who.isascii()


@pytest.mark.parametrize(("dialect", "name"), ALL)
def test_a_spoiled_field_never_leads_anywhere_else(dialect: str, name: str) -> None:
    places = {place(event) for event in events((dialect, usual(dialect, name)))}
    start = sum(map(ord, name)) % ONE_IN
    for mutation in every(dialect, name)[start::ONE_IN]:
        body = mutation()
        found = events((dialect, sent(dialect, name, body)))
        assert {place(event) for event in found} <= places, body[:2000]
        assert all(map(is_valid, found)), body[:2000]


@given(JSON, st.sampled_from(ALL))
def test_any_json_is_refused_or_ignored(value: object, which: tuple[str, str]) -> None:
    dialect, name = which
    assert events((dialect, sent(dialect, name, bodies(value)))) == ()


@pytest.mark.parametrize(("dialect", "name"), ALL)
def test_a_body_cut_anywhere_is_refused(dialect: str, name: str) -> None:
    body = wire(dialect, sample(dialect, name))
    for end in range(len(body)):
        assert told((dialect, sent(dialect, name, body[:end]))) is None


class Keeping:
    """An inbox that checks what it is given, and keeps nothing."""

    def accept(self, delivery: Delivery) -> Accepted:
        assert all(map(is_valid, delivery.events)), delivery
        assert len(delivery.kind) <= 80
        assert delivery.kind.isprintable()
        return Accepted()


@cache
def client() -> FlaskClient:
    """The App itself before that inbox, knowing the samples' secret and tokens."""
    parts = Parts(
        inbox=Keeping(),  # type: ignore[arg-type] # nobody asks it for more
        identity=IDENTITY,
        secrets=dict.fromkeys(DIALECTS, (SECRET,)),
        metrics=Metrics(),
        clock=lambda: NOW,
        new_id=lambda: "error",
        wake=lambda: None,
        tokens={dialect: Trusting(kind.said) for dialect, kind in KINDS.items() if kind.said},
    )
    return create_app(parts).test_client()


def answered(dialect: str, request: Sent) -> int:
    """The status the App answers with."""
    token = f"/{request.token}" if request.token else ""
    path = f"/webhooks/{dialect}{token}"
    query = {"registry": request.registry} if request.registry else {}
    answer = client().post(path, query_string=query, data=request.body, headers=request.headers)
    return answer.status_code


class Alarms(logging.Handler):
    """Whatever is logged as an error."""

    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.records: list[logging.LogRecord] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.records.append(record)


@pytest.fixture(scope="module")
def alarms() -> Iterator[Alarms]:
    found = Alarms()
    logging.getLogger().addHandler(found)
    yield found
    logging.getLogger().removeHandler(found)


@pytest.mark.parametrize(("dialect", "name"), ALL)
def test_every_sample_is_answered_well(dialect: str, name: str, alarms: Alarms) -> None:
    assert answered(dialect, usual(dialect, name)) in {200, 202, 204}
    assert alarms.records == []


@given(st.integers(0, 2**64))
def test_no_spoiled_body_is_an_error_of_ours(alarms: Alarms, seed: int) -> None:
    random = Random(seed)
    for _ in range(AT_ONCE):
        dialect, name = which = random.choice(ALL)
        if random.random() < 0.5:
            body = random.choice(every(*which))()
        else:
            body = mangled(random, wire(dialect, sample(dialect, name)))
        status = answered(dialect, sent(dialect, name, body))
        note(f"{which} {body[:2000]!r}: {status}")
        assert status in {200, 202, 204, 400, 401}
        # A body that says when it was sent may turn out old; nothing else is unproven here.
        assert status != 401 or (dialect == "post" and b'"at"' in body)
        assert alarms.records == []


CONTENT_TYPES = ("", "text/plain", "application/cloudevents+json", "application/json;x=\xff")
REGISTRIES = ("a b", "https://x", "/", "x" * 300, "../..", "localhost:5000/x", "\x00", "é")
HEADERS = st.text(st.characters(max_codepoint=255, exclude_characters="\r\n"), max_size=80)


@given(st.sampled_from(ALL), st.data())
def test_no_spoiled_header_is_an_error_of_ours(
    alarms: Alarms, which: tuple[str, str], data: st.DataObject
) -> None:
    dialect, name = which
    request = usual(dialect, name)
    header = data.draw(st.sampled_from(sorted(request.headers)))
    value = data.draw(st.none() | HEADERS | st.sampled_from(CONTENT_TYPES))
    registry = data.draw(st.sampled_from((request.registry, *REGISTRIES)))
    changed = replace(request.but(**{header: value}), registry=registry)
    status = answered(dialect, changed)
    assert status in {200, 202, 204, 400, 401, 415}
    assert alarms.records == []
