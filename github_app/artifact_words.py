"""Artifacts in people's words: what kind they are, how many of each. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import assert_never

from plugin.artifact import Artifact, Chart, Custom, DiskImage, Image, Revision, Watched


def kind_of(artifact: Artifact) -> str:
    """The word for what it is."""
    match artifact:
        case Image():
            return "image"
        case Chart():
            return "chart"
        case Revision():
            return "revision"
        case DiskImage():
            return "disk image"
        case Custom():
            return "artifact"
        case _:
            assert_never(artifact)


def counted(artifacts: Iterable[Artifact]) -> list[str]:
    """`2 images`, `1 chart`, in the order in which they come; no artifact is no image."""
    kinds = Counter(map(kind_of, artifacts)) or {"image": 0}
    return [count_of(number, kind) for kind, number in kinds.items()]


def count_of(number: int, what: str) -> str:
    """`1 pin`, `2 pins`."""
    return f"{number} {what}" if number == 1 else f"{number} {what}s"


def name_of(subject: Watched) -> str:
    """Its name, with that of the subscription where there are several to it."""
    return f"{subject} ({subject.subscription})" if subject.subscription else str(subject)


def heading(artifacts: Iterable[Artifact]) -> str:
    """The word above a column of them."""
    kinds = {kind_of(one) for one in artifacts}
    return kinds.pop() if len(kinds) == 1 else "artifact"
