"""Where a path that a file of the repository says leads, by its words alone.

On the way to a first render: nothing is imported that costs a millisecond.
"""

from __future__ import annotations

import posixpath


def below(directory: str, said: str) -> str | None:
    """The path that `said` in `directory` means, '' for the root; None for what leads out of it.

    Paths are from the repository's root; where links on the way lead is not looked at.
    """
    path = posixpath.normpath(posixpath.join(directory, said))
    if path == ".." or path.startswith(("../", "/")):
        return None
    return "" if path == "." else path
