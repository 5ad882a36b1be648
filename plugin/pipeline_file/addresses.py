"""Addresses of the web, without what does not belong into a file that many people read."""

from __future__ import annotations

import re

from plugin.pipeline_file.fields import Reader, wrong
from plugin.pipeline_file.mistakes import Mistakes, shown
from plugin.pipeline_file.nodes import Node
from plugin.pipeline_file.scalars import text

_WEB = re.compile(r"https?://[^\s/?#@]+(?:/[^\s?#]*)?", re.ASCII)
_WITH_USER = re.compile(r"(?P<scheme>https?://)[^\s/?#]*@(?P<rest>\S*)")


def web_address(expected: str, example: str) -> Reader[str]:
    """Reads an http or https address, without user and query."""
    line = text(expected, example)

    def read(node: Node, mistakes: Mistakes) -> str | None:
        value = line(node, mistakes)
        if value is None or _WEB.fullmatch(value):
            return value
        if found := _WITH_USER.fullmatch(value):
            mistakes.add(
                node.at,
                "this address holds a user or a password, which everybody can read here",
                f"write {shown(found['scheme'] + found['rest'])}",
            )
        elif _WEB.match(value):
            bare = re.split("[?#]", value)[0]
            mistakes.add(node.at, f"{shown(value)} has a '?' or '#'", f"write {shown(bare)}")
        else:
            wrong(node, mistakes, expected, f"write {example}")
        return None

    return read
