"""Objects that kustomize names after their content, which therefore must not be changed."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator

from plugin.pins.nodes import Refused, Tree
from plugin.pins.objects import objects
from plugin.pins.pin import Pin
from plugin.pins.reading import mapping, word

# kustomize's hash of a content, in letters that make no words:
# https://github.com/kubernetes-sigs/kustomize/blob/master/api/hasher/hasher.go
_GENERATED = re.compile(r".*-[2456789bcdfghkmt]{10}")


def of_generated(file: str, tree: Tree, pins: Iterable[Pin]) -> Iterator[Refused]:
    """Places in what kustomize names after its content: pods would never see another one."""
    every = list(objects(tree))
    lines = [one.line for one in every]
    for pin in pins:
        one = every[max(bisect_right(lines, pin.line) - 1, 0)] if every else None
        if one is None or word(one.get("kind")) not in ("ConfigMap", "Secret"):
            continue
        if _GENERATED.fullmatch(word(mapping(one.get("metadata")).get("name"))):
            reason = (
                f"names {pin.subject}, and is generated: its name says what it holds, so pods "
                "would not see another version; name the image in a manifest instead, or set "
                "'disableNameSuffixHash: true' in the options of its generator"
            )
            yield Refused(file, pin.line, pin.column, reason, pin.value)
