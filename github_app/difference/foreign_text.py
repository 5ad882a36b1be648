"""Foreign text in a fenced block of Markdown: what nobody sees is made visible. Pure."""

from __future__ import annotations

import re
import unicodedata

_RUNS = re.compile(r"`{3,}")
_ODD = re.compile(r"[^\x20-\x7e\n\t]")
# Control, format (bidirectional, zero-width), surrogate, private, unassigned; line separators.
_INVISIBLE = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})


def shown(text: str) -> str:
    """`text` with each character that nobody sees, or that turns others around, as `<U+202E>`."""
    return text if text.isascii() and text.isprintable() else _ODD.sub(_visible, text)


def _visible(found: re.Match[str]) -> str:
    one = found[0]
    return f"<U+{ord(one):04X}>" if unicodedata.category(one) in _INVISIBLE else one


def fenced(text: str, language: str = "") -> str:
    """`text` as a block of code, the fence longer than any run of backticks inside.

    https://github.github.com/gfm/#fenced-code-blocks
    """
    longest = max((len(run) for run in _RUNS.findall(text)), default=2)
    fence = "`" * (longest + 1)
    return f"{fence}{language}\n{text}\n{fence}"
