"""Why an image reference that the simple counter saw is no pin, as far as lines of text tell."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass

from plugin.pins.pin import Found, Present
from tests.plugin.pins.counting import TEMPLATE, Counted

FOUND = "found"
UNEXPLAINED = "unexplained"
WHY = {
    "refused there": "a finder saw it and says why it is not taken",
    "file refused": "no YAML, or a key twice: said for the whole file",
    "comment": "a comment; nothing reads it",
    "template": "filled in by a template, whose source is to be bumped",
    "text in a text": "part of a block of text: annotations, ConfigMaps, scripts, patches",
    "schema": "a CustomResourceDefinition describes images",
    "workflow": "a GitHub workflow's `uses` and services; no part of a stage",
    "compose": "a Docker Compose file; no part of a stage",
    "values by another name": "nothing in the file says that Helm reads it; `pins:` names its path",
    "no object": "a JSON patch or a fragment without apiVersion and kind; `pins:` names its path",
    "key of another name": "`containerImage` and the like mean a label as often as what runs",
    "group of a custom resource": "its key does not say that `repository` and `tag` are an image's",
    "disk without an object": "a list of templates outside an object; `pins:` names its path",
}
# A refusal of a group or an entry stands at its first line.
_NEAR = 6
_BLOCK = re.compile(r"(?:^|\s)[|>][-+0-9]*\s*(?:#.*)?$")
_DOCUMENT = re.compile(r"^---(?:\s|$)")


@dataclass(frozen=True, slots=True)
class _Miss:
    """A counted line in its file."""

    file: str
    lines: list[str]
    at: Counted

    @property
    def line(self) -> str:
        return self.lines[self.at.line - 1]

    @property
    def document(self) -> str:
        """The lines around it as far as the next document's."""
        marks = [number for number, line in enumerate(self.lines) if _DOCUMENT.match(line)]
        start = max((one for one in marks if one < self.at.line), default=0)
        end = min((one for one in marks if one >= self.at.line), default=len(self.lines))
        return "\n".join(self.lines[start:end])


def explained(file: str, text: str, found: Found, at: Counted) -> str:
    """FOUND, a key of WHY, or UNEXPLAINED."""
    if at.line in _lines(found):
        return FOUND
    if any(abs(one.line - at.line) <= _NEAR and one.text for one in found.refused):
        return "refused there"
    if any(not one.text for one in found.refused) and not found.pins:
        return "file refused"
    miss = _Miss(file, text.splitlines(), at)
    return _in_no_value(miss) or _by_document(miss)


def _lines(found: Found) -> Collection[int]:
    slots = [part.slot for pin in found.pins for part in pin.parts]
    scalars = [slot.scalar for slot in slots if isinstance(slot, Present)]
    own = {scalar.line + (scalar.style in ("|", ">")) for scalar in scalars}
    return own | {pin.line for pin in found.pins}


def _in_no_value(miss: _Miss) -> str | None:
    if re.search(r"(?:^|\s)#.*" + re.escape(miss.at.said), miss.line):
        return "comment"
    if TEMPLATE.search(miss.at.said):
        return "template"
    return "text in a text" if _in_block(miss) else None


def _in_block(miss: _Miss) -> bool:
    """Whether a line further out, above, opens a block of text."""
    inner = _indent(miss.line)
    for line in reversed(miss.lines[: miss.at.line - 1]):
        if line.strip() and _indent(line) < inner:
            inner = _indent(line)
            if _BLOCK.search(line):
                return True
    return False


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip())


def _by_document(miss: _Miss) -> str:
    kind = re.search(r"^[\"']?kind[\"']?:\s*(\S+)", miss.document, re.MULTILINE)
    version = re.search(r"^[\"']?apiVersion[\"']?:", miss.document, re.MULTILINE)
    if kind is None or version is None:
        return _without_object(miss)
    if kind[1] == "CustomResourceDefinition":
        return "schema"
    if re.search(r"[A-Za-z]Image[\"']?:", miss.line):
        return "key of another name"
    return UNEXPLAINED


def _without_object(miss: _Miss) -> str:
    if ".github/workflows/" in miss.file:
        return "workflow"
    if re.search(r"^services:", miss.document, re.MULTILINE):
        return "compose"
    shapes = {"repository and tag": "values by another name", "docker://": "disk without an object"}
    return shapes.get(miss.at.shape, "no object")
