"""Foreign text inside our Markdown: shown as it is, never read as markup, mention or link."""

from __future__ import annotations

import re
import unicodedata

_RUNS = re.compile(r"`+")
_BREAKS = re.compile(r"[\r\n\t]+")


def visible(text: str) -> str:
    """`text` on one line, without control, bidirectional and zero-width characters."""
    plain = _BREAKS.sub(" ", text)
    return "".join(one for one in plain if unicodedata.category(one) not in {"Cc", "Cf", "Cs"})


def code(text: str) -> str:
    """`text` as a code span that no character in it can leave.

    The fence is longer than any run of backticks inside, as
    https://github.github.com/gfm/#code-spans asks; a `|` is escaped because a table's cell ends at
    it even inside a code span (https://github.github.com/gfm/#tables-extension-).
    """
    inside = visible(text).replace("|", "\\|") or " "
    longest = max((len(run) for run in _RUNS.findall(inside)), default=0)
    fence = "`" * (longest + 1)
    pad = " " if inside.startswith("`") or inside.endswith("`") else ""
    return f"{fence}{pad}{inside}{pad}{fence}"


def mermaid(text: str) -> str:
    """`text` as the quoted label of a Mermaid node (https://mermaid.js.org/syntax/flowchart.html)."""
    return "".join(
        one if one.isalnum() or one in " ._-+/" else f"#{ord(one)};" for one in visible(text)
    )
