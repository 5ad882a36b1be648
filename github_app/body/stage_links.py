"""The links that a stage declares for its reviewers, such as to a dashboard. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from string import Template
from urllib.parse import quote

from github_app.body.subject import Subject, words_of
from github_app.markdown import plain, shortened

_MOST_LINKS = 10
_MOST_TITLE = 60
_LONGEST = 500
_WEB = re.compile(r"https?://", re.IGNORECASE)
# All that an address may have but what ends a link in Markdown, or a cell.
_KEPT = ":/?#@!$&*+,;=%-._~"


def links(subject: Subject) -> str:
    """The declared links, one behind the other; '' where there are none."""
    found = " · ".join(_links(subject))
    return f"**Links:** {found}" if found else ""


def _links(subject: Subject) -> Iterator[str]:
    for title, template in subject.stage.links[:_MOST_LINKS]:
        address = address_of(template, words_of(subject))
        if address:
            yield f"[{plain(shortened(title, _MOST_TITLE))}]({address})"


def address_of(template: str, words: Mapping[str, str]) -> str:
    """The address that a link's template gives with these words; '' if that is none."""
    # A version is the registry's word: in an address it is one word, whatever it holds.
    quoted = {name: quote(text, safe="") for name, text in words.items()}
    address = quote(Template(template).safe_substitute(quoted), safe=_KEPT)
    return address if _WEB.match(address) and len(address) <= _LONGEST else ""
