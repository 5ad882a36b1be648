"""Kustomizations so plain that no YAML parser is needed to see what kustomize reads for them."""

# The way to a first render: until kustomize runs, nothing is imported that costs a millisecond.
# ruff: noqa: PTH123
from __future__ import annotations

import os
import posixpath

from plugin.inputs.answers import ENTRY, FILE, NAMES
from plugin.inputs.paths import below
from plugin.record_files import DIRECTORY, SUFFIX, records_directory

_NAMES = ("kustomization.yaml", "kustomization.yml", "Kustomization")
_MOST_BYTES = 1 << 20
_MOST = 200
_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_FIRST = frozenset(_LETTERS + "0123456789./_-")
_WORD = _FIRST | frozenset(" @+=:")
_KEY = frozenset(_LETTERS + "0123456789._/-")
_PATH = _KEY
_QUOTES = "\"'"
# What they list is read; of the last one only what its items say for `path`.
_FILES, _BASES, _PATCHES, _NOTHING = "files", "bases", "patches", "nothing"
_FIELDS = {
    "resources": _BASES,
    "bases": _BASES,
    "components": _BASES,
    "crds": _FILES,
    "configurations": _FILES,
    "patchesStrategicMerge": _FILES,
    "patches": _PATCHES,
    **dict.fromkeys(
        "apiVersion kind metadata namePrefix nameSuffix namespace commonLabels labels "
        "commonAnnotations images replicas".split(),
        _NOTHING,
    ),
}
# What kustomize might take for a place to clone from (api/internal/git/repospec.go of kustomize).
_FOREIGN = ("github.com", ".git", "_git", "//")


def questions_of(root: str, directory: str) -> frozenset[bytes] | None:
    """The questions that decide the manifests of `directory` below `root`, beyond any doubt.

    `root` is a real path. Found only where no reading of the kustomizations can differ: one key or
    item in a line, of letters and digits, in fields that are known to read nothing or whose files
    and directories are there, below the root, with no link on the way. They are what
    `plugin.inputs.walk` finds, then. None says nothing: that must be asked.
    """
    if directory and posixpath.normpath(directory) != directory:
        return None
    tree = _Tree(root)
    waiting, seen = [directory], {directory}
    try:
        tree.records(directory)
        while waiting:
            for place in _bases(tree, waiting.pop()):
                if place not in seen:
                    seen.add(place)
                    waiting.append(place)
            if len(seen) > _MOST:
                return None
    except (_Doubt, OSError):
        return None
    return frozenset(tree.questions)


class _Doubt(Exception):
    """Something that needs a parser, or a closer look."""


class _Tree:
    """What lies below a root, in files and directories that no link leads to."""

    def __init__(self, root: str) -> None:
        self.questions: set[bytes] = set()
        self._root = root
        self._known: dict[str, dict[str, bytes]] = {}

    def records(self, stage: str) -> None:
        """Ask for the stage's records, or whether there are any."""
        place = records_directory(stage)
        if self.is_file(stage) or DIRECTORY not in self.names(stage):
            self.questions.add(FILE + os.fsencode(place))
        elif not self.is_file(place):
            self.questions.add(NAMES + os.fsencode(place))
            for name in self.names(place):
                if name.endswith(SUFFIX) and not self.is_file(f"{place}/{name}"):
                    raise _Doubt

    def names(self, directory: str) -> dict[str, bytes]:
        """What lies in a directory: how it is asked for, with nothing for what is a link."""
        if directory not in self._known:
            self._known[directory] = self._listed(directory)
        return self._known[directory]

    def is_file(self, path: str) -> bool:
        """Whether it is a file; in doubt where it is neither that nor a directory."""
        if not path:
            return False
        above, _, name = path.rpartition("/")
        kind = b"" if self.is_file(above) else self.names(above).get(name, b"")
        if not kind:
            raise _Doubt
        self.questions.add(kind + os.fsencode(path))
        return kind == FILE

    def lines(self, path: str) -> list[str]:
        with open(f"{self._root}/{path}", "rb") as file:
            content = file.read(_MOST_BYTES)
        # Whatever else ends a line ends comments, too, and hides what follows from us.
        lines = content.decode("latin-1").split("\n")
        if len(content) == _MOST_BYTES or not content.isascii() or not all(map(_printable, lines)):
            raise _Doubt
        return lines

    def _listed(self, directory: str) -> dict[str, bytes]:
        with os.scandir(f"{self._root}/{directory}") as entries:
            return {one.name: _kind(one) for one in entries}


def _kind(entry: os.DirEntry[str]) -> bytes:
    if entry.is_file(follow_symlinks=False):
        return FILE
    return ENTRY if entry.is_dir(follow_symlinks=False) else b""


def _printable(line: str) -> bool:
    return line.isprintable()


def _bases(tree: _Tree, directory: str) -> list[str]:
    """The directories that the kustomization of `directory` builds on."""
    if tree.is_file(directory):
        raise _Doubt
    names = [one for one in _NAMES if one in tree.names(directory)]
    if len(names) != 1:
        raise _Doubt
    tree.questions.update(FILE + os.fsencode(posixpath.join(directory, one)) for one in _NAMES)
    file = posixpath.join(directory, names[0])
    if not tree.is_file(file):
        raise _Doubt
    bases = []
    for use, said in _references(tree.lines(file)):
        path = _meant(directory, said)
        if not tree.is_file(path):
            if use != _BASES:
                raise _Doubt
            bases.append(path)
    return bases


def _meant(directory: str, said: str) -> str:
    """Where a reference leads: a path below the root, '' for the root itself."""
    if not said or not _PATH.issuperset(said) or said[0] in "-/" or said.lower() == "null":
        raise _Doubt
    if any(one in said.lower() for one in _FOREIGN):
        raise _Doubt
    path = below(directory, said)
    if path is None:
        raise _Doubt
    return path


def _references(lines: list[str]) -> list[tuple[str, str]]:
    """What the kustomization reads, each with how."""
    found: list[tuple[str, str]] = []
    seen: set[str] = set()
    use, column = _NOTHING, -1
    for line in lines:
        text = line.strip(" ")
        if not text or text[0] == "#":
            continue
        indent = len(line) - len(line.lstrip(" "))
        if indent == 0 and not text.startswith("- "):
            use, column = _opened(text, seen), -1
        elif not seen:
            raise _Doubt
        elif use in (_FILES, _BASES):
            column = indent if column < 0 else column
            if indent != column or not text.startswith("- "):
                raise _Doubt
            found.append((use, _value(text[2:].strip(" "))))
        else:
            found += _inside(text, use)
    return found


def _opened(text: str, seen: set[str]) -> str:
    """How the field is used that a line without indentation begins."""
    key, colon, value = text.partition(":")
    use = _FIELDS.get(key)
    if use is None or not colon or key in seen or (value and (value[0] != " " or use != _NOTHING)):
        raise _Doubt
    seen.add(key)
    _value(value.strip(" "))
    return use


def _inside(text: str, use: str) -> list[tuple[str, str]]:
    """What a line within a field reads."""
    while text.startswith("- "):
        text = text[2:].lstrip(" ")
    key, colon, value = text.partition(": ")
    if not colon and text.endswith(":"):
        key, colon = text[:-1], ":"
    if not colon and use == _NOTHING:
        _value(text)
        return []
    if not colon or not key or not _KEY.issuperset(key):
        raise _Doubt
    value = _value(value.strip(" "))
    if use == _NOTHING or key.lower() != "path":
        return []
    return [(_FILES, value)]


def _value(text: str) -> str:
    """What a scalar says, in quotes or not."""
    if text and text[0] in _QUOTES and len(text) > 1 and text[-1] == text[0]:
        text = text[1:-1]
    elif text and text[0] not in _FIRST:
        raise _Doubt
    if not _WORD.issuperset(text) or ": " in text or text.endswith(":"):
        raise _Doubt
    return text
