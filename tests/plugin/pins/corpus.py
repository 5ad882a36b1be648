"""The archives of real public files that tests read, and the forms people save a file in."""

from __future__ import annotations

import hashlib
import tarfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from plugin.pins.nodes import Refused
from plugin.pins.tree import decode

DATA = Path(__file__).resolve().parents[4] / "shared" / "data"
PLAIN = ("yaml-open.tar.gz", "vm-corpus.tar.gz")


def files(archive: str) -> Iterator[tuple[str, bytes]]:
    path = DATA / archive
    if not path.exists():
        pytest.skip(f"{path} is missing: the corpus of real files is not checked")
    with tarfile.open(path) as tar:
        for member in tar:
            stream = tar.extractfile(member)
            if stream is not None and not member.name.endswith(".tsv"):
                yield member.name, stream.read()


def texts() -> Iterator[tuple[str, str]]:
    """Every file of the two archives of YAML that is UTF-8."""
    for archive in PLAIN:
        for name, content in files(archive):
            text = decode(name, content)
            if not isinstance(text, Refused):
                yield name, text


def one_in(share: int, name: str) -> bool:
    """Whether a name belongs to the so many-th part that its hash chooses."""
    return int(hashlib.sha256(name.encode()).hexdigest(), 16) % share == 0


def dressed(text: str) -> Iterator[tuple[str, str]]:
    """The text as other editors save it, by what they do."""
    lines = text.replace("\r\n", "\n")
    yield "CRLF", lines.replace("\n", "\r\n")
    yield "BOM", f"\ufeff{text.removeprefix(chr(0xFEFF))}"
    yield "no final newline", text.rstrip("\r\n")
    yield "emoji", f"# 😀 \u00e9 image: a:1\n{text.removeprefix(chr(0xFEFF))}"
