"""How many of the image references that people write are pins, and what the others are."""

from __future__ import annotations

from collections import Counter

import pytest

from plugin.pins.find import pins_in
from tests.plugin.pins.corpus import texts
from tests.plugin.pins.counting import counted
from tests.plugin.pins.explaining import FOUND, UNEXPLAINED, WHY, explained

# May only grow: what is found of all that looks like an image with a version.
SHARE = 0.86
# Of what is left when comments, texts, templates and files that are no part of a stage are not
# counted.
REACHABLE_SHARE = 0.94
UNREACHABLE = ("comment", "text in a text", "template", "workflow", "compose", "schema")


@pytest.mark.timeout(120)
def test_every_image_is_found_or_explained() -> None:
    seen: Counter[str] = Counter()
    unexplained = []
    for name, text in texts():
        counts = list(counted(text))
        found = pins_in(name, text) if counts else None
        for one in counts:
            why = explained(name, text, found, one) if found else UNEXPLAINED
            seen[why] += 1
            if why == UNEXPLAINED:
                unexplained.append((name, one))
    _print(seen)
    assert unexplained == []
    assert seen[FOUND] / seen.total() >= SHARE
    reachable = seen.total() - sum(seen[one] for one in UNREACHABLE)
    assert seen[FOUND] / reachable >= REACHABLE_SHARE


def _print(seen: Counter[str]) -> None:
    print(f"\n{seen[FOUND]} of {seen.total()} counted references are pins", end="")
    print(f" ({100 * seen[FOUND] / seen.total():.1f}%)")
    for why, count in seen.most_common():
        print(f"{count:6} {why:28} {WHY.get(why, '')}")


def test_the_counter_counts_what_people_write() -> None:
    text = (
        "image: ghcr.io/acme/web:1.0\n"
        "- {image: 'localhost:5000/web@sha256:" + "0" * 64 + "'}\n"
        "sidecarImage: &a nginx:1\n"
        "image: nginx\n"
        "  repository: acme/web\n"
        "  pullPolicy: Always\n"
        "  tag: 1.0\n"
        "newTag: '2'\n"
        "url: docker://quay.io/acme/disk:3\n"
        "# image: web:1\n"
        "imagePullPolicy: Always\n"
    )
    shapes = [(one.line, one.shape) for one in counted(text)]
    assert shapes == [
        (1, "image"),
        (2, "image"),
        (3, "image"),
        (8, "newTag"),
        (9, "docker://"),
        (10, "image"),
        (7, "repository and tag"),
    ]
