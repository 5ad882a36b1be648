"""Markers that no promotion follows."""

from __future__ import annotations

import pytest

from plugin.pins.sources import Sources
from plugin.pins.unknown_markers import unknown_markers

NAMES = ("web", "shop/web")


@pytest.mark.parametrize("marker", ["web:tag", "shop/web:digest", "web:tga"])
def test_markers_of_known_subscriptions_are_judged_by_promotions(marker: str) -> None:
    files = {"a.yaml": f"tag: '1.0'  # towline: {marker}\n"}
    assert not list(unknown_markers(Sources(files), NAMES))


@pytest.mark.parametrize(
    ("marker", "reason"),
    [
        ("wbe:tag", "names 'wbe', which nobody has; its value never moves"),
        ("shop/api:tag", "names 'shop/api', which"),
        ("wbe:tga", "names no field that there is"),
        ("Web", "is not a marker"),
    ],
)
def test_markers_of_nobodys_subscription_are_told_with_their_line(marker: str, reason: str) -> None:
    files = {"a.yaml": "tag: 2\n", "b/c.yaml": f"a: 1\ntag: '1.0'  # towline: {marker}\n"}
    (told,) = unknown_markers(Sources(files), NAMES)
    assert (told.file, told.line) == ("b/c.yaml", 2)
    assert reason in told.reason


def test_other_refusals_are_not_of_markers() -> None:
    files = {"a.yaml": "# towline:\nx: 1\n", "values.yaml": "image: A/b  # no towline:\n"}
    told = list(unknown_markers(Sources(files), NAMES))
    assert [one.file for one in told] == ["a.yaml"]
