"""Artifacts and files that the tests of pins share, and an independent comparison of texts."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.events import ScalarEvent
from ruamel.yaml.nodes import ScalarNode
from ruamel.yaml.resolver import VersionedResolver

from plugin.artifact import Image, Repository
from plugin.pins.edit import bump
from plugin.pins.pin import Bumped

OLD = "sha256:" + "0" * 64
NEW = "sha256:" + "0123456789abcdef" * 4


def image(name: str = "ghcr.io/acme/web", tag: str = "1.1.0", digest: str = NEW) -> Image:
    return Image(Repository.parse(name), tag, digest)


def bumped(text: str, *artifacts: Image, file: str = "kustomization.yaml") -> str:
    """The text after a bump that must succeed."""
    answer = bump(file, text, artifacts or (image(),))
    assert isinstance(answer, Bumped), answer
    return answer.text


def manifest(image_line: str) -> str:
    """A Deployment whose container's image line is `image_line`."""
    return (
        "apiVersion: apps/v1\n"
        "kind: Deployment\n"
        "metadata: {name: web}\n"
        "spec:\n"
        "  template:\n"
        "    spec:\n"
        "      containers:\n"
        "        - name: web\n"
        f"          {image_line}\n"
        "          args: [serve]  # stays\n"
    )


def readings(text: str) -> list[tuple[Any, ...]]:
    """Ruamel's own parser's events, each scalar with its type under YAML 1.1 and under 1.2."""
    return list(_reading(text))


def _reading(text: str) -> Iterator[tuple[Any, ...]]:
    resolvers = [VersionedResolver(version=version) for version in ((1, 1), (1, 2))]
    for event in YAML(typ="safe", pure=True).parse(text.removeprefix("\ufeff")):
        kind, anchor = type(event).__name__, getattr(event, "anchor", None)
        if not isinstance(event, ScalarEvent):
            yield kind, anchor
            continue
        types = [one.resolve(ScalarNode, event.value, event.implicit) for one in resolvers]
        yield kind, anchor, event.value, str(event.tag or types)
