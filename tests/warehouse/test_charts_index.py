"""Indexes of chart repositories: only what was asked for, and whatever is wrong said once."""

from __future__ import annotations

import json
from contextlib import suppress
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from github_app.warehouse.charts_index import MAX_VERSIONS, Listed, listed
from plugin.errors import Refusal

INDEX = b"""apiVersion: v1
entries:
  api:
  - version: 9.9.9
  web:
  - annotations:
      version: 6.6.6
    apiVersion: v2
    appVersion: 1.10
    created: "2026-01-02T03:04:05.123456789+01:00"
    dependencies:
    - name: common
      version: 2.x.x
    deprecated: true
    description: |
      version: 7.7.7
    digest: abc
    sources:
    - https://github.com/acme/web
    - https://acme.io
    urls: [web-1.10.0.tgz]
    version: 1.10.0
  - version: "1.9.0"
    created: yesterday
generated: "2026-01-02T03:04:05Z"
"""


def test_only_what_was_asked_for_is_there() -> None:
    found = listed(INDEX, {"web", "gone"})
    assert found == {
        "web": (
            Listed(
                version="1.10.0",
                created=datetime(2026, 1, 2, 2, 4, 5, 123456, tzinfo=UTC),
                digest="abc",
                app_version="1.10",
                deprecated=True,
                sources=("https://github.com/acme/web", "https://acme.io"),
            ),
            Listed("1.9.0"),
        )
    }


def test_an_index_may_be_json() -> None:
    content = {"entries": {"web": [{"version": "1.0.0", "created": "2026-01-01T00:00:00Z"}]}}
    found = listed(json.dumps(content, indent=1).encode(), {"web"})
    assert found["web"] == (Listed("1.0.0", datetime(2026, 1, 1, tzinfo=UTC)),)


def test_a_version_made_in_the_year_1_does_not_say_when_it_was_made() -> None:
    text = b"entries: {web: [{version: 1.0.0, created: '0001-01-01T00:00:00Z'}]}"
    assert listed(text, {"web"}) == {"web": (Listed("1.0.0"),)}


@pytest.mark.parametrize(
    "text",
    [
        "entries: []",
        "entries: {}",
        "entries: web",
        "[entries]",
        "entries: *nothing",
        "<html>\n&a &b",
        "entries: {[a]: {web: [{version: 1.0.0}]}}",
        "other: {entries: {web: [{version: 1.0.0}]}}",
    ],
)
def test_what_is_no_entry_of_the_chart_is_none(text: str) -> None:
    assert listed(text.encode(), {"web"}) == {}


@pytest.mark.parametrize("text", [b"", b"entries: {", b"\xff\xfe\x00", b"a: b: c"])
def test_what_cannot_be_read_is_refused(text: bytes) -> None:
    with pytest.raises(Refusal):
        listed(text, {"web"})


def test_odd_values_say_nothing() -> None:
    text = b"entries: {web: [text, [1.0.0], {version: {a: b}, sources: [[a]]}, {version: 1.0.0}]}"
    assert listed(text, {"web"})["web"][-1] == Listed("1.0.0")
    assert {one.version for one in listed(text, {"web"})["web"]} == {"", "1.0.0"}


def test_a_chart_has_a_bounded_number_of_versions() -> None:
    text = "entries: {web: [" + "{version: 1.0.0}," * (MAX_VERSIONS + 5) + "], api: [{version: 2}]}"
    found = listed(text.encode(), {"web", "api"})
    assert (len(found["web"]), found["api"]) == (MAX_VERSIONS, (Listed("2"),))


@given(st.integers(0, len(INDEX) - 1), st.binary(max_size=3), st.integers(0, 5))
def test_a_damaged_index_is_read_or_refused(at: int, put: bytes, cut: int) -> None:
    with suppress(Refusal):
        assert listed(INDEX[:at] + put + INDEX[at + cut :], {"web", "api"}).keys() <= {"web", "api"}
