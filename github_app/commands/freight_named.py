"""Which freight a person means by a word: an alias, an id or its beginning, or a tag. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import islice

from github_app.ledger import Seen
from plugin.freight import Freight

LEAST_OF_ID = 7
_MOST = 5


def freight_named(word: str, seen: Sequence[Seen]) -> tuple[Freight, ...]:
    """The freight of this name, the newest first; several if it is unclear which is meant.

    Ids and aliases come before tags: nobody can push a tag that takes their place.
    """
    known = [one.freight for one in reversed(seen)]
    name = word.lower()
    exact = [one for one in known if one.alias == name or _begins(one, name)]
    tagged = (one for one in known if word in _tags(one))
    return tuple(islice(exact or tagged, _MOST))


def _begins(freight: Freight, name: str) -> bool:
    return len(name) >= LEAST_OF_ID and freight.id.startswith(name)


def _tags(freight: Freight) -> frozenset[str]:
    said = ((one.tag, one.version) for one in freight.artifacts)
    return frozenset(text for pair in said for text in pair if text)
