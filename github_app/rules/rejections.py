"""Whether a person's rejection of one freight is also that of another. Pure."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from github_app.ledger import Note, Seen
from github_app.rules.overview import UNKNOWN
from plugin.freight import FreightId


def rejects(
    note: Note, freight: FreightId, seen: Sequence[Seen], order: Callable[[FreightId], int]
) -> bool:
    """Rejected freight, and all that is older, waits for newer freight to come.

    Not if the rejected freight has become the newest once more since then. `order` is freight's
    place in `seen`, -1 if unknown.
    """
    place = order(note.freight)
    if place == UNKNOWN or seen[place].newest_at > note.at:
        return False
    return order(freight) <= place
