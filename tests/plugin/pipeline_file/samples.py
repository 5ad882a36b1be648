"""The sample files, and how a JSON Schema validator would see a YAML text."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TypeAlias

from plugin.pipeline_file.composer import compose
from plugin.pipeline_file.mistakes import Mistakes
from plugin.pipeline_file.nodes import Mapping, Node, Sequence, Text

HERE = Path(__file__).parent
GOOD = sorted((HERE / "good").glob("*.yaml"))
BAD = sorted((HERE / "bad").glob("*/*.yaml"))

Json: TypeAlias = "dict[str, Json] | list[Json] | str | float | bool | None"


def called(path: Path) -> str:
    return f"{path.parent.name}/{path.stem}"


def as_json(text: str) -> Json:
    """The data an editor sees: scalars by YAML 1.2's core schema."""
    node = compose(text, Mistakes("towline.yaml"))
    return None if node is None else _data(node)


def _data(node: Node) -> Json:
    match node:
        case Sequence(items=items):
            return [_data(one) for one in items]
        case Mapping(entries=entries):
            return {one.key.text: _data(one.value) for one in entries}
        case Text():
            return node.text if node.quoted else _scalar(node.text)


def _scalar(text: str) -> Json:
    if text in ("", "~", "null", "Null", "NULL"):
        return None
    if text.lower() in ("true", "false") and text in (text.lower(), text.upper(), text.title()):
        return text.lower() == "true"
    if re.fullmatch(r"[-+]?[0-9]+", text):
        return int(text)
    if re.fullmatch(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?", text):
        return float(text)
    return text
