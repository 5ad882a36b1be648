"""What CI may post, and what is said of mistakes."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from github_app.events import ArtifactPosted, Event, FreightAsked, ImagePushed, Understood
from github_app.webhooks import DIALECTS
from github_app.webhooks.message import Credentials, Message
from plugin.artifact import Repository
from plugin.errors import Refusal
from tests.webhooks.samples import IDENTITY, SECRET, bodies, changed, names, sample
from tests.webhooks.senders import HOME, JOB, TOKEN, Sent, Trusting, read, usual

WEB = Repository("ghcr.io", "acme/web")
LICENSE = ("license", "apache-2.0")
RUN = ("training/run", "https://ci.example.com/4711")
POSTED: dict[str, Event] = {
    "image": ImagePushed(WEB, "1.4.2"),
    "image.id": ImagePushed(WEB, None),
    "image.at": ImagePushed(WEB, "latest"),
    "artifact": ArtifactPosted(
        "acme/gitops", "shop", "models", "llm", "1.2", (LICENSE, RUN), "the secret"
    ),
    "artifact.least": ArtifactPosted("acme/gitops", "", "", "llm", "1.2", (), "the secret"),
    "assemble": FreightAsked(
        "acme/gitops", "", "web", (("api", "v1.3.9"), ("web", "1.4.2")), "the secret"
    ),
}


def by_job(payload: dict[str, Any], **claims: object) -> Message:
    """What is made of a body that a CI job posts with its token."""
    request = Sent({"Authorization": f"Bearer {TOKEN}"}, bodies(payload)).delivered()
    given = Credentials((SECRET,), Trusting({**JOB, **claims}), HOME)
    sender = DIALECTS["post"].proven(request, given)
    assert sender is not None
    return DIALECTS["post"].read(request, IDENTITY, sender)


def test_every_sample_is_expected_to_mean_something() -> None:
    assert set(names("post")) == set(POSTED)


@pytest.mark.parametrize("name", POSTED)
def test_what_is_posted_is_taken(name: str) -> None:
    message = read("post", usual("post", name))
    assert message.reading == Understood((POSTED[name],))
    assert message.kind == name.partition(".")[0]


def test_a_job_speaks_in_its_own_name() -> None:
    reading = by_job(sample("post", "artifact")).reading
    assert isinstance(reading, Understood)
    (event,) = reading.events
    assert isinstance(event, ArtifactPosted)
    assert event.sender == "acme/model-training"


def test_an_id_counts_once_and_belongs_to_its_sender() -> None:
    first = read("post", usual("post", "artifact"))
    again = read("post", usual("post", "artifact", {"artifact.version": "1.3"}))
    assert (first.guid, first.repeats) == (again.guid, False)
    others = by_job(sample("post", "artifact"))
    anothers = by_job(sample("post", "artifact"), repository="acme/llm")
    assert len({first.guid, others.guid, anothers.guid}) == 3


def test_without_id_and_time_the_same_may_be_posted_again() -> None:
    assert read("post", usual("post", "image")).repeats
    assert not read("post", usual("post", "image.at")).repeats


def test_a_body_is_never_taken_for_an_id() -> None:
    image = read("post", usual("post", "image"))
    thief = usual("post", "image", {"id": image.guid})
    assert read("post", thief).guid != image.guid


def test_the_time_it_was_sent_is_passed_on() -> None:
    nine = datetime(2026, 11, 21, 9, 0, tzinfo=UTC)
    assert read("post", usual("post", "image.at")).sent_at == nine
    quarter = nine + timedelta(milliseconds=250)
    assert read("post", usual("post", "assemble")).sent_at == quarter
    assert read("post", usual("post", "image")).sent_at is None


@pytest.mark.parametrize(
    ("name", "values", "text"),
    [
        ("image", {"artifact": {}}, "exactly one of image, artifact and assemble"),
        ("image", {"repository": "acme/gitops"}, "beside image there may be at, id, tag"),
        ("image", {"image": "ghcr.io/acme/web:1"}, "image is a repository alone"),
        ("image", {"image": "ghcr.io/acme/web@sha256:" + "0" * 64}, "image is a repository alone"),
        ("image", {"image": "Acme"}, "not an image repository"),
        ("image", {"image": None}, "image is missing"),
        ("image", {"tag": ""}, "tag is missing"),
        ("image", {"tag": "a b"}, "tag is not a tag"),
        ("artifact", {"repository": "gitops"}, "repository is not 'owner/name'"),
        ("artifact", {"repository": "acme/.."}, "repository is not 'owner/name'"),
        ("artifact", {"project": "../x"}, "project is not a name of the pipeline file"),
        ("artifact", {"warehouse": "Web"}, "warehouse is not a name of the pipeline file"),
        ("artifact", {"artifact.name": "L L M"}, "not the name of a custom artifact"),
        ("artifact", {"artifact.name": None}, "artifact.name is missing"),
        ("artifact", {"artifact.version": "1 2"}, "not a version of llm"),
        ("artifact", {"artifact.version": 1.2}, "artifact.version is not a text"),
        ("artifact", {"artifact.metadata": ["x"]}, "metadata is not a map"),
        ("artifact", {"artifact.metadata": {"a b": "1"}}, "metadata is not a map of words"),
        ("artifact", {"artifact.metadata": {"a": "1\n2"}}, "metadata is not a map of words"),
        ("artifact", {"artifact.metadata": {"a": 1}}, "artifact.metadata.a is not a text"),
        ("artifact", {"artifact.metadata": {str(n): "" for n in range(21)}}, "at most 20"),
        ("artifact", {"artifact.metadata": {"a": "x" * 2048}}, "has 2049 bytes .* may have 2048"),
        ("artifact", {"artifact.metadata": {"a": "€" * 700}}, "has 2101 bytes .* may have 2048"),
        ("artifact", {"artifact.metadata": {"a": "1\u202e2"}}, "metadata is not a map of words"),
        ("artifact", {"artifact.metadata": {"a": "1\x9b2"}}, "metadata is not a map of words"),
        ("artifact", {"artifact.metadata": {"a": "\ud800"}}, "not a text that can be stored"),
        ("assemble", {"assemble": {f"a{n}": "1" for n in range(33)}}, "at most 32"),
        ("assemble", {"warehouse": None}, "warehouse is missing"),
        ("assemble", {"assemble": {}}, "assemble names no subscription"),
        ("assemble", {"assemble": {"web": ""}}, "not a map of subscriptions to versions"),
        ("assemble", {"assemble": {"Web": "1"}}, "not a map of subscriptions to versions"),
        ("assemble", {"assemble": {"web": ["1"]}}, "assemble.web is not a text"),
        ("assemble", {"at": "yesterday"}, "at is not a time as RFC 3339"),
        ("assemble", {"at": "2026-11-21T09:00:00"}, "at is not a time as RFC 3339"),
        ("assemble", {"at": "2026-02-30T09:00:00Z"}, "at is a time that never was"),
        ("assemble", {"at": "2026-02-03T09:00:00+24:60"}, "at is a time that never was"),
        ("assemble", {"at": 1795251600}, "at is not a text"),
    ],
)
def test_what_is_missing_or_wrong_is_named(name: str, values: dict[str, object], text: str) -> None:
    with pytest.raises(Refusal, match=text):
        read("post", usual("post", name, values))


def test_metadata_may_be_as_large_as_it_says() -> None:
    metadata = {f"key-{number:02}": "x" * 96 for number in range(19)} | {"a": "€" * 40}
    assert sum(len(f"{key}{value}".encode()) for key, value in metadata.items()) == 2059
    metadata["a"] = metadata["a"][:36]
    message = read("post", usual("post", "artifact", {"artifact.metadata": metadata}))
    assert isinstance(message.reading, Understood)
    (event,) = message.reading.events
    assert isinstance(event, ArtifactPosted)
    assert dict(event.metadata) == metadata


def test_what_is_posted_needs_no_registry_in_the_address() -> None:
    request = replace(usual("post", "image"), registry="proxy.example.com")
    with pytest.raises(Refusal, match="names its registry itself: leave out"):
        read("post", request)


def test_nothing_to_post_is_refused() -> None:
    for payload in ({}, {"tag": "1"}, changed(sample("post", "image"), {"assemble": None})):
        with pytest.raises(Refusal, match="exactly one of image, artifact and assemble"):
            by_job(payload)
