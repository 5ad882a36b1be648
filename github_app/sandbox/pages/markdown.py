"""Markdown as GitHub shows it in pull requests, comments and check summaries, safe to embed.

CommonMark with tables and strikethrough; a ```mermaid``` block becomes a drawing; of raw HTML only
a few tags without attributes live, everything else is shown as text and comments are hidden
(https://github.github.com/gfm/#disallowed-raw-html-extension- allows more than is needed here).
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.token import Token
from markdown_it.utils import EnvType, OptionsDict
from markupsafe import Markup, escape

from github_app.sandbox.pages.mermaid import drawing

_LIVE = "details|summary|sub|sup|br|kbd|b|i|strong|em"
_TAG = re.compile(rf"<!--.*?-->|</?(?:{_LIVE})(?: open)?\s*/?>", re.IGNORECASE | re.DOTALL)
_ALERT = re.compile(r"\[!(NOTE|TIP|IMPORTANT|WARNING|CAUTION)\]\n?")


def rendered(text: str | None) -> Markup:
    """`text` as HTML; nothing in it becomes a script, a style, a form or an attribute."""
    return Markup(_READER.render(text or ""))  # noqa: S704 - built from escaped parts only


def _harmless(html: str) -> str:
    """Raw HTML with the few living tags kept, comments dropped and the rest as text."""
    parts, at = [], 0
    for found in _TAG.finditer(html):
        parts.append(str(escape(html[at : found.start()])))
        tag = found.group()
        parts.append("" if tag.startswith("<!--") else tag.lower())
        at = found.end()
    parts.append(str(escape(html[at:])))
    return "".join(parts)


def _coloured(text: str) -> str:
    colours = {"+": "added", "-": "removed", "@": "hunk"}
    return "".join(
        f'<span class="{colours.get(line[:1], "same")}">{escape(line)}</span>'
        for line in text.splitlines()
    )


class _Renderer(RendererHTML):
    """markdown-it finds the rules by the names of the methods."""

    def html_inline(
        self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: EnvType
    ) -> str:
        """Raw HTML between words."""
        return _harmless(tokens[idx].content)

    html_block = html_inline

    def fence(self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: EnvType) -> str:
        """A code block; a difference in its colours, a Mermaid block as its drawing."""
        token = tokens[idx]
        language = token.info.strip()
        if language == "diff":
            return f'<pre class="difference">{_coloured(token.content)}</pre>\n'
        drawn = drawing(token.content) if language == "mermaid" else None
        if drawn is None:
            return super().fence(tokens, idx, options, env)
        return f'<div class="drawing">{drawn}</div>\n'

    def blockquote_open(
        self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: EnvType
    ) -> str:
        """A block quote, or an alert if it starts with [!WARNING] and the like."""
        inline = next(
            (token for token in tokens[idx + 1 : idx + 3] if token.type == "inline"), None
        )
        kind = _ALERT.match(inline.content) if inline else None
        if inline is None or kind is None:
            return "<blockquote>\n"
        _drop(inline, len(kind.group()))
        word = kind.group(1)
        title = f'<p class="title">{word.capitalize()}</p>'
        return f'<blockquote class="alert {word.lower()}">{title}\n'

    @staticmethod
    def renderAttrs(token: Token) -> str:  # noqa: N802 - the library's name
        """Attributes, with a class for a cell's alignment: the pages allow no style in place."""
        style = token.attrs.pop("style", None)
        if style is not None:
            token.attrs["class"] = str(style).rpartition(":")[2]
        return RendererHTML.renderAttrs(token)


def _drop(inline: Token, length: int) -> None:
    """Remove the first `length` characters of a paragraph."""
    children = inline.children or []
    while children and length > 0:
        length -= len(children.pop(0).content) or 1


_READER = MarkdownIt("commonmark", renderer_cls=_Renderer).enable(["table", "strikethrough"])
