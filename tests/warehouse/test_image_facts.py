"""Build times are taken in Kargo's order, and what images say is fit to be shown."""

from __future__ import annotations

from datetime import UTC
from typing import Any

import pytest

from github_app.warehouse.image_facts import Config, annotated_time, facts
from plugin.artifact.platform import Platform

CREATED, OLD = "org.opencontainers.image.created", "org.label-schema.build-date"
SOURCE = "org.opencontainers.image.source"
TITLE = "org.opencontainers.image.title"


@pytest.mark.parametrize(
    ("annotations", "day"),
    [
        ({CREATED: "2026-01-03T00:00:00Z", OLD: "2026-01-09T00:00:00Z"}, 3),
        ({OLD: "2026-01-04T00:00:00Z"}, 4),
        ({CREATED: "yesterday", OLD: "2026-01-04T00:00:00Z"}, 4),
        ({CREATED: "2026-01-03T23:30:00-01:00"}, 4),
        ({CREATED: "2026-01-05"}, None),
        ({}, None),
    ],
)
def test_i3_an_annotations_time_is_taken_as_it_is(
    annotations: dict[str, str], day: int | None
) -> None:
    found = annotated_time(annotations)
    assert (found and found.day) == day
    assert found is None or found.tzinfo is UTC


@pytest.mark.parametrize(
    ("labels", "created", "day"),
    [
        ({CREATED: "2026-01-05T00:00:00Z"}, "1970-01-01T00:00:00Z", 5),
        ({CREATED: "2026-01-05T00:00:00Z"}, "2026-01-08T00:00:00.123456789Z", 8),
        ({OLD: "2026-01-05T00:00:00Z"}, None, 5),
        ({CREATED: "2026-01-05"}, None, None),
        ({}, "2026-01-08T00:00:00Z", 8),
        ({}, "0001-01-01T00:00:00Z", None),
        ({}, "9999-12-31T23:59:59-01:00", None),
        ({}, 7, None),
    ],
)
def test_i3_otherwise_the_later_of_label_and_config_counts(
    labels: dict[str, str], created: object, day: int | None
) -> None:
    found = Config.of({"created": created, "config": {"Labels": labels}}).built
    assert (found and found.day) == day


@pytest.mark.parametrize(
    ("content", "platform"),
    [
        ({"os": "linux", "architecture": "arm64", "variant": "v8"}, "linux/arm64"),
        ({"os": "linux", "architecture": "arm64", "variant": None}, "linux/arm64"),
        ({"os": "linux", "architecture": ""}, None),
        ({"architecture": "arm64"}, None),
        ({"os": "linux", "architecture": "arm64", "variant": 8}, None),
    ],
)
def test_i6b_an_image_says_itself_what_it_runs_on(
    content: dict[str, Any], platform: str | None
) -> None:
    expected = None if platform is None else Platform.parse(platform)
    assert Config.of(content).platform == expected


@pytest.mark.parametrize("content", [{}, {"config": None}, {"config": {"Labels": None}}])
def test_a_config_may_say_nothing(content: dict[str, Any]) -> None:
    assert Config.of(content) == Config({}, None, None)


def test_i8_the_first_that_says_something_is_believed() -> None:
    index, manifest, labels = {SOURCE: "1"}, {SOURCE: "2", TITLE: ""}, {SOURCE: "3", TITLE: "t"}
    assert facts(index, manifest, labels) == {SOURCE: "1", TITLE: "t"}


def test_only_what_people_need_is_kept() -> None:
    assert facts({"maintainer": "x", "shasum": "f" * 64, "org.opencontainers.image.x": "y"}) == {
        "shasum": "f" * 64
    }


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("two\r\nlines\tand more ", "two lines and more"),
        ("\x1b[31mred\x00", "[31mred"),
        ("a\u202eb\u200bc\ufeff", "abc"),
        ("\x07", None),
        ("é ü 漢", "é ü 漢"),
    ],
)
def test_nothing_that_moves_hides_or_turns_is_shown(text: str, shown: str | None) -> None:
    assert facts({TITLE: text}).get(TITLE) == shown


def test_long_words_are_cut_and_long_addresses_left_out() -> None:
    found = facts({TITLE: "x" * 501, SOURCE: "https://example.com/" + "x" * 500})
    assert set(found) == {TITLE}
    assert len(found[TITLE]) == 500
    assert found[TITLE].endswith("…")
