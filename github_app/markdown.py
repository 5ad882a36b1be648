"""Foreign text inside our Markdown: shown as it is, never read as markup, mention or link. Pure."""

from __future__ import annotations

import re
import unicodedata

_RUNS = re.compile(r"`+")
_BREAKS = re.compile(r"[\r\n\t\v\f\x85\u2028\u2029]+")
_INVISIBLE = frozenset({"Cc", "Cf", "Cs", "Co", "Cn"})
# Words and moments that GitHub shows as they are: no markup, no mention, no reference, no link.
_PLAIN = re.compile(
    r"""[('"]{0,2}[^\W_](?:[^\W_]|[./%+'-])*(?:\([^\W_]*\))?['")]{0,2}[.,;:]?"""
    r"""|[('"]?\d[\d:TZ-]*['")]?[.,;]?|[-—→]"""
)
# What GitHub makes a link of without being asked: issues as GH-1, commits, addresses.
_LINKED = re.compile(r"\b(?:gh-\d|[0-9a-f]{7,}\b|www\.)|://", re.IGNORECASE)
# What makes a mention, an issue or an address of what follows, where there is no code to put it in.
_LINKING = re.compile(r"(?<![A-Za-z0-9_])@|#|(?<=\bgh)-(?=\d)|:(?=//)", re.IGNORECASE | re.ASCII)
_WORDS = re.compile(r"'(?P<command>/towline [^']{1,80})'(?P<end>[.,;:]?)(?!\S)|\S+")
_LIST_ITEM = re.compile(r"\d+[.)]|[-—→]")


def visible(text: str) -> str:
    """`text` on one line, without control, bidirectional and zero-width characters."""
    if text.isascii() and text.isprintable():
        return text
    plain = _BREAKS.sub(" ", text)
    return "".join(one for one in plain if unicodedata.category(one) not in _INVISIBLE)


def unlinked(text: str) -> str:
    """`text` on one line of a title or a commit message, which GitHub reads without Markdown.

    In them a mention calls people, and `fixes #12` closes an issue
    (https://docs.github.com/issues/tracking-your-work-with-issues/using-issues/linking-a-pull-request-to-an-issue),
    also through the title of a pull request when it is merged. What makes one is written in its
    full width: it reads the same and nothing is hidden in it.
    """
    # Full-width forms are the printable ASCII characters, moved.
    return _LINKING.sub(lambda found: chr(ord(found[0]) + 0xFEE0), visible(text))


def plain(text: str) -> str:
    """`text` as running text: words as they are, everything that is not a plain word as code.

    Escaping is not enough: GitHub looks for mentions, issues, commits and addresses in the text
    that the Markdown gives, and only code spans are spared
    (https://docs.github.com/get-started/writing-on-github).
    """
    shown = [_shown(found) for found in _WORDS.finditer(visible(text))]
    if shown and _LIST_ITEM.fullmatch(shown[0]):
        shown[0] = code(shown[0])
    return " ".join(shown)


def _shown(found: re.Match[str]) -> str:
    """A word; a command in quotes is one, and ready to be copied."""
    if found["command"]:
        return code(found["command"]) + found["end"]
    return found[0] if _is_plain(found[0]) else code(found[0])


def _is_plain(word: str) -> bool:
    return _PLAIN.fullmatch(word) is not None and not _LINKED.search(word)


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
        one if one.isalnum() or one in " .,_-+/" else f"#{ord(one)};" for one in visible(text)
    )


def shortened(text: str, most: int) -> str:
    """`text`, cut with an ellipsis where it is longer than `most` characters."""
    return text if len(text) <= most else text[: most - 1] + "…"
