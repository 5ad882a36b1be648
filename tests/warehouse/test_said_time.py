"""Times as publishers say them: those that can be meant, in UTC, and no others."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from github_app.warehouse.said_time import said_time


@pytest.mark.parametrize("text", ["2026-01-05T02:00:00+02:00", "2026-01-05T00:00:00.000000000Z"])
def test_a_time_with_its_zone_is_taken(text: str) -> None:
    found = said_time(text)
    assert found == datetime(2026, 1, 5, tzinfo=UTC)
    assert found is not None
    assert found.tzinfo is UTC


@pytest.mark.parametrize(
    "text",
    [
        None,
        7,
        "",
        "yesterday",
        "2026-01-05",
        "2026-01-05T00:00:00",
        "0001-01-01T00:00:00Z",
        "0001-01-01T00:00:00+14:00",
        "9999-12-31T23:59:59-01:00",
    ],
)
def test_what_nobody_can_mean_is_no_time(text: object) -> None:
    assert said_time(text) is None
