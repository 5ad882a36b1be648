"""The `pins` of a stage: places in its files that nothing but the pipeline file tells of."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from plugin.errors import Refusal
from plugin.pins.declared import Holds
from plugin.pins.paths import SYNTAX, FieldPath
from plugin.pipeline import ExplicitPin, Line, Warehouse
from plugin.pipeline_file.fields import Fields, Reader, listed, names, record
from plugin.pipeline_file.mistakes import Mistakes, Position, shown, similar
from plugin.pipeline_file.nodes import Node
from plugin.pipeline_file.scalars import matching, text, word
from plugin.stage_files import is_candidate
from plugin.subscriptions import TakenWhole

_EXAMPLE = "{file: values.yaml, path: image.tag, subscription: web}"
_NAME = "[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
_subscription = matching(rf"{_NAME}(?:/{_NAME})?", "the name of a subscription", "web")
_path_text = text("where in the file", "image.tag")
_file_text = text("a file of the stage", "values.yaml")


def _file(node: Node, mistakes: Mistakes) -> str | None:
    value = _file_text(node, mistakes)
    if value is None:
        return None
    parts = [part for part in value.split("/") if part not in ("", ".")]
    problem = _file_problem(value, parts)
    if problem is not None:
        mistakes.add(node.at, f"{shown(value)} {problem[0]}", problem[1])
        return None
    return "/".join(parts)


def _file_problem(value: str, parts: list[str]) -> tuple[str, str] | None:
    if value.startswith("/") or ".." in parts or "\\" in value:
        return "does not lie below the stage's folder", "write a path from there: values.yaml"
    if {part.lower() for part in parts} & {".git", ".freight"}:
        return "is not for pins", "choose another file"
    if not is_candidate("", value):
        return "is no YAML or JSON file", "write a file that ends with .yaml, .yml or .json"
    return None


def _path(node: Node, mistakes: Mistakes) -> str | None:
    value = _path_text(node, mistakes)
    if value is None:
        return None
    try:
        return str(FieldPath.parse(value))
    except Refusal as refusal:
        mistakes.add(node.at, str(refusal), f"write {SYNTAX}")
        return None


_field = word(*(one.value for one in Holds))
_readers: dict[str, Reader[object]] = {
    "file": _file,
    "path": _path,
    "subscription": _subscription,
    "field": _field,
}
_fields = record("a pin", _EXAMPLE, _readers, required=("file", "path"))


def _pin(node: Node, mistakes: Mistakes) -> ExplicitPin | None:
    fields = _fields(node, mistakes)
    return None if fields is None else _explicit(fields, mistakes)


def _explicit(fields: Fields, mistakes: Mistakes) -> ExplicitPin | None:
    file, path = fields.read("file", _file), fields.read("path", _path)
    if file is None or path is None:
        return None
    return ExplicitPin(
        file,
        path,
        fields.read_or("subscription", _subscription, ""),
        fields.read("field", _field),
        mistakes.file,
        fields.node.at.line,
        fields.node.at.column,
    )


stage_pins = listed("pins", f"[{_EXAMPLE}]", _pin)


@dataclass(frozen=True, slots=True)
class Known:
    """What a stage's pins may name: its lines' warehouses, as far as they are sound."""

    warehouses: Sequence[Warehouse]

    @classmethod
    def by(cls, lines: Sequence[Line], warehouses: Sequence[Warehouse]) -> Known | None:
        """None where a mistake elsewhere hides a warehouse."""
        named = {one.name: one for one in warehouses}
        known = [named[line.warehouse] for line in lines if line.warehouse in named]
        return cls(known) if len(known) == len(lines) else None

    def resolved(
        self, pins: tuple[ExplicitPin, ...], mistakes: Mistakes
    ) -> tuple[ExplicitPin, ...]:
        """The pins with whole names, warehouse and subscription; a mistake for each unknown."""
        return tuple(self._one(pin, mistakes) for pin in pins)

    def _one(self, pin: ExplicitPin, mistakes: Mistakes) -> ExplicitPin:
        # A directory is no subject that a pin could be of.
        every = [
            f"{warehouse.name}/{one.name}"
            for warehouse in self.warehouses
            for one in warehouse.subscriptions
            if not isinstance(one, TakenWhole)
        ]
        said = pin.subscription
        meant = [one for one in every if not said or said in (one, one.rpartition("/")[2])]
        if len(meant) == 1:
            return replace(pin, subscription=meant[0])
        at = Position(pin.line, pin.column)
        if not every:
            what = "the warehouses of this stage watch directories, and pins belong to artifacts"
            mistakes.add(at, what, "remove this pin, or subscribe to its artifact")
        elif said and not meant:
            near = similar(said, [*every, *(one.rpartition("/")[2] for one in every)])
            instead = f"did you mean '{near}'?" if near else f"write one of {names(every)}"
            mistakes.add(at, f"no subscription of this stage is called '{said}'", instead)
        else:
            what = f"'{said}' may be each of" if said else "this pin may belong to each of"
            mistakes.add(at, f"{what} {names(meant)}", f"write subscription: {meant[0]}")
        return pin
