"""A pipeline file's text -> Project, or every mistake in it with its line.

A file is read in four steps, each in a module of its own: YAML becomes located values (`nodes`),
these become declared warehouses and stages (`warehouses`, `stages`), names and patterns become a
graph (`graph`), and the graph gives each stage its lines (`lines`).
What the grammar knows and Towline does not carry out yet is refused by one table (`not_yet`).
"""

from __future__ import annotations

from functools import partial
from typing import NoReturn

from plugin.pipeline import Mode, Project
from plugin.pipeline_file import pull_request_form, stages, warehouses
from plugin.pipeline_file.ahead import notify
from plugin.pipeline_file.composer import MOST_CHARACTERS, compose, place
from plugin.pipeline_file.fields import Fields, found
from plugin.pipeline_file.graph import resolved
from plugin.pipeline_file.kinds.shared import Setting
from plugin.pipeline_file.lines import with_lines
from plugin.pipeline_file.mistakes import START, InvalidProject, Mistake, Mistakes
from plugin.pipeline_file.nodes import Mapping, Node, Text
from plugin.pipeline_file.people import may
from plugin.pipeline_file.places import refuse_shared
from plugin.pipeline_file.promotable import refuse_unpromotable
from plugin.pipeline_file.scalars import choice, name
from plugin.pipeline_file.vocabulary import opened

__all__ = ["InvalidProject", "Mistake", "read_project", "read_project_bytes"]

_FORMAT = 1
_WAREHOUSES = "warehouses: {web: [{image: ghcr.io/acme/web}]}"
_STAGES = "stages: {dev: {warehouses: [web], path: stages/dev}}"
_EXAMPLE = "project: shop, then warehouses: and stages:"


def read_project_bytes(file: str, content: bytes) -> Project:
    """The project in `content`; raises InvalidProject, also for bytes that are not UTF-8."""
    mistakes = Mistakes(file)
    if len(content) > MOST_CHARACTERS:
        mistakes.refuse(START, "the file is larger than 1 MiB", "split it into several projects")
    try:
        return read_project(file, content.decode())
    except UnicodeDecodeError as error:
        before = content[: error.start].decode()
        byte = content[error.start]
        mistakes.refuse(
            place(before, len(before)),
            f"the byte 0x{byte:02x} here is not UTF-8",
            "save the file as UTF-8",
        )


def read_project(file: str, text: str) -> Project:
    """The project `text` declares; `file` is its path in the repository, as in `Project`.

    Raises InvalidProject with every mistake at once, and nothing else, whatever the text.
    Of broken YAML only the first mistake can be known.
    """
    mistakes = Mistakes(file)
    root = compose(text, mistakes)
    if not isinstance(root, Mapping):
        _refuse_root(root, mistakes)
    _refuse_newer(root, mistakes)
    fields = opened("project file", root, mistakes)
    project = _project(file, fields)
    mistakes.settle()
    return project


def _refuse_root(root: Node | None, mistakes: Mistakes) -> NoReturn:
    if root is None:
        mistakes.refuse(START, "the file is empty", f"begin with {_EXAMPLE}")
    what = f"expected a map of keys, found {found(root)}"
    mistakes.refuse(root.at, what, f"write {_EXAMPLE}")


def _refuse_newer(root: Mapping, mistakes: Mistakes) -> None:
    """Alone: what else looks wrong in a newer file may well be right."""
    entry = root.get("format")
    if entry is None:
        return
    node = entry.value
    written = node.text if isinstance(node, Text) else ""
    if written == str(_FORMAT):
        return
    if written.isascii() and written.isdecimal() and int(written[:9]) > _FORMAT:
        mistakes.apart().refuse(
            node.at,
            f"format {written[:9]} is newer than this Towline, which reads format {_FORMAT}",
            "update Towline, or write the file in the older format",
        )
    mistakes.add(
        node.at, f"expected format {_FORMAT}, found {found(node)}", f"write format: {_FORMAT}"
    )


def _project(file: str, fields: Fields) -> Project:
    mistakes = fields.mistakes
    called = fields.required("project", name("a project"), "project: shop")
    mode = fields.read_or("mode", choice(Mode), Mode.LIVE)
    directory = file.rpartition("/")[0]
    home = Setting(directory, project=called or "")
    read_warehouses = partial(warehouses.read_warehouses, home)
    declared = fields.required("warehouses", read_warehouses, _WAREHOUSES) or warehouses.NONE
    fields.read("notify", notify)
    rights = fields.read("may", may) or {}
    links = fields.read("links", pull_request_form.links) or ()
    setting = stages.Setting(directory, mode, tuple(declared.named), rights, links)
    read = partial(stages.read_stages, setting)
    section = fields.required("stages", read, _STAGES) or stages.NONE
    refuse_shared((one.placed for one in section.stages.values() if one.placed), mistakes)
    graph = resolved(section, declared.named, mistakes)
    lines = with_lines(section.stages, graph, declared, mistakes)
    refuse_unpromotable(lines, section.stages, declared, mistakes)
    return Project(called or "?", file, declared.sound, lines, rights, links)
