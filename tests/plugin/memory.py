"""How much memory programs took."""

from __future__ import annotations

import resource


def most_memory() -> int:
    """Of us and all we started, in KiB.

    What a process had before it became another program counts as that program's, so a bound below
    our own size could not be seen to hold.
    """
    who = (resource.RUSAGE_CHILDREN, resource.RUSAGE_SELF)
    return max(resource.getrusage(one).ru_maxrss for one in who)


def own_memory() -> int:
    """Of us alone, in KiB: a test run grows, and that is nobody's fault who is watched here."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
