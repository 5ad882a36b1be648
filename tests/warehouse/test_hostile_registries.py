"""Whatever a registry says is understood or refused: nothing breaks, nothing is shown raw."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from github_app.guarded_http.waits import retry_after, used_up
from github_app.warehouse.image_facts import Config, annotated_time, facts
from github_app.warehouse.login_entries import configuration, entries
from github_app.warehouse.manifests import INDEXES, MANIFESTS, described, json_object, texts
from github_app.warehouse.registry_login import challenges
from plugin.errors import Refusal

DIGEST = f"sha256:{'1' * 64}"
WORDS = st.sampled_from(
    [
        *("manifests", "digest", "platform", "os", "architecture", "variant", "annotations"),
        *("config", "mediaType", "artifactType", "Labels", "created", "auths", "auth", "ghcr.io"),
        *("org.opencontainers.image.created", "org.opencontainers.image.source", "shasum"),
    ]
)
VALUES = st.sampled_from([DIGEST, "linux", "amd64", "v8", "2026-01-01T00:00:00Z", "Og==", ""])
LEAVES = VALUES | st.text(max_size=8) | st.integers() | st.none() | st.booleans() | st.floats()
JSON = st.recursive(
    LEAVES,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(WORDS | st.text(max_size=4), inner),
    max_leaves=25,
)
OBJECTS = st.dictionaries(WORDS, JSON)


def refused(question: Callable[[], object]) -> str | None:
    """The refusal, None if there is an answer."""
    try:
        question()
    except Refusal as refusal:
        return str(refusal)
    return None


@given(OBJECTS, st.sampled_from(sorted(INDEXES | MANIFESTS)))
def test_any_manifest_is_described_or_refused(content: dict[str, Any], media_type: str) -> None:
    text = refused(lambda: described(content, media_type, "web:1"))
    assert text is None or "web:1" in text


@given(OBJECTS)
def test_any_config_says_something_fit_to_be_shown(content: dict[str, Any]) -> None:
    config = Config.of(content)
    for time in (config.built, annotated_time(texts(content))):
        assert time is None or time.utcoffset() == timedelta(0)
    for text in facts(config.labels, texts(content)).values():
        assert text.isprintable()
        assert 0 < len(text) <= 500


@given(st.binary(max_size=60))
def test_any_bytes_are_an_object_or_refused(content: bytes) -> None:
    for text in (
        refused(lambda: json_object(content, "web:1")),
        refused(lambda: configuration(content, "web:1")),
    ):
        assert text is None or "web:1" in text


@given(OBJECTS)
def test_any_logins_are_read_or_refused_by_the_files_name(content: dict[str, Any]) -> None:
    if not isinstance(content.get("auths") or {}, dict):
        return
    text = refused(lambda: list(entries(content, "/secrets/file")))
    assert text is None or text.startswith("/secrets/file")


HEADERS = st.text(st.characters(codec="latin-1"), max_size=60) | st.lists(
    st.sampled_from(["Bearer", "Basic", " ", ",", "=", '"', "realm", "service", "x", "\\", "=="])
).map("".join)


@given(HEADERS)
def test_any_challenge_is_read(header: str) -> None:
    for one in challenges(header):
        assert one.type == one.type.lower()


@given(HEADERS, HEADERS)
def test_any_wait_is_between_a_second_and_an_hour(wait: str, remaining: str) -> None:
    headers = {"Retry-After": wait, "Date": remaining, "RateLimit-Remaining": remaining}
    for asked in (retry_after(headers), used_up(headers)):
        assert asked is None or timedelta(seconds=1) <= asked <= timedelta(hours=1)
