"""Asks Git which files hold one of some words: it reads packs faster than we read files."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from github_app.github.mirror.git import Git
from github_app.github.mirror.parsing import path_text
from github_app.github.mirror.values import checked_oid
from plugin.errors import Temporary

# Ids of trees on one command line: 41 bytes each, far from the least any system allows.
_AT_ONCE = 5000
_SPECIAL = re.compile(r"[.\[\\()*+?{|^$]")


def mentioning(git: Git, trees: Iterable[str], words: Sequence[str]) -> dict[str, list[str]]:
    """The paths, by tree, of the files that hold one of the words; links are no files.

    Words are bytes to Git, so files of any encoding are searched, as large as they may be.
    """
    wanted = [checked_oid(one) for one in dict.fromkeys(trees)]
    found: dict[str, list[str]] = {one: [] for one in wanted}
    for at in range(0, len(wanted), _AT_ONCE):
        for hit in _grep(git, wanted[at : at + _AT_ONCE], words).split(b"\0")[:-1]:
            tree, _, path = hit.partition(b":")
            found[tree.decode()].append(path_text(path))
    return found


def _grep(git: Git, trees: Sequence[str], words: Sequence[str]) -> bytes:
    """`tree:path NUL` for each file; one pattern, for Git tries several one after the other.

    Threads would wait for each other's turn to read the pack. Git may have been built without
    PCRE, or may not be allowed to compile for it: POSIX patterns take a little longer.
    """
    pattern = "|".join(_SPECIAL.sub(r"\\\g<0>", word) for word in words)
    for syntax in ("--perl-regexp", "--extended-regexp"):
        ran = git.run(
            *("grep", "--threads=1", "--text", "--files-with-matches", "--null"),
            *(syntax, "-e", pattern, *trees, "--"),
        )
        if ran.status in {0, 1}:
            return ran.out
    raise Temporary(f"git cannot search in {git.directory}: {ran.complaint}")
