"""Foreign text on a terminal: shown as it is, and never obeyed. Pure."""

from __future__ import annotations


def escaped(text: str) -> str:
    """`text` on one line, with what a terminal would obey or not show as Python writes it.

    Control characters of both sets (C0 and C1), line ends, bidirectional and zero-width ones; also
    where the output is no terminal, for it may be shown on one later.
    """
    if text.isprintable():
        return text
    return "".join(one if one.isprintable() else _written(one) for one in text)


def lines_escaped(text: str) -> str:
    """`text` with each of its lines escaped: the line ends are ours."""
    return "\n".join(map(escaped, text.split("\n")))


def _written(character: str) -> str:
    return character.encode("unicode_escape").decode("ascii")
