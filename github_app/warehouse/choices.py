"""What a rule made of a tag list, remembered as long as the list stays the same."""

from __future__ import annotations

from github_app.remembering import Remembered
from github_app.warehouse.selection import candidates
from plugin.subscriptions import ImageSubscription

_MOST_TAGS = 1_000_000


class Choices:
    """The tags each subscription may take, best first, chosen anew only from another list.

    To read and sort 500 versions takes longer than to ask a registry near by for them. The lists
    of all subscriptions together may have a million tags.
    """

    def __init__(self, most_tags: int = _MOST_TAGS) -> None:
        self._known: Remembered[ImageSubscription, tuple[tuple[str, ...], tuple[str, ...]]]
        self._known = Remembered(most_tags)

    def of(self, subscription: ImageSubscription, tags: tuple[str, ...]) -> tuple[str, ...]:
        """`candidates` of these tags; raises Refusal."""
        if subscription in self._known:
            listed, best = self._known[subscription]
            if listed == tags:
                return best
        best = candidates(subscription, tags)
        self._known.keep(subscription, (tags, best), len(tags) + 1)
        return best
