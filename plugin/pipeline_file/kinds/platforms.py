"""`platform`: what images must run on, in the words of Go."""

from __future__ import annotations

from plugin.artifact.platform import Platform
from plugin.errors import Refusal
from plugin.pipeline_file.mistakes import Mistakes, shown, similar
from plugin.pipeline_file.nodes import Node
from plugin.pipeline_file.scalars import text

# Those for which there are images, of `go tool dist list`: a typing error would find none, in
# silence.
_SYSTEMS = ("linux", "windows", "darwin", "freebsd", "netbsd", "openbsd", "wasip1")
_ARCHITECTURES = (
    *("amd64", "arm64", "arm", "386", "ppc64le", "s390x", "riscv64", "loong64"),
    *("mips64le", "mips64", "mipsle", "mips", "ppc64", "wasm"),
)
_EXAMPLE = "linux/arm64"
_text = text("a platform", _EXAMPLE)


def platform(node: Node, mistakes: Mistakes) -> Platform | None:
    """The platform of `os/architecture` or `os/architecture/variant`."""
    value = _text(node, mistakes)
    if value is None:
        return None
    try:
        read = Platform.parse(value)
    except Refusal:
        what = f"{shown(value)} is not a platform"
        mistakes.add(node.at, what, f"write os/architecture, such as {_EXAMPLE}")
        return None
    for word, known, what in (
        (read.os, _SYSTEMS, "an operating system"),
        (read.architecture, _ARCHITECTURES, "an architecture"),
    ):
        if word not in known:
            meant = similar(word, known)
            instead = f"did you mean '{meant}'?" if meant else f"write one of: {', '.join(known)}"
            mistakes.add(node.at, f"'{word}' is not {what} that images are made for", instead)
            return None
    return read
