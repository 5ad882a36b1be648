"""Which part of a repository's tree is looked at, so that Git does not walk the rest; pure."""

from __future__ import annotations

import posixpath
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

_RECORDS = ":(glob)**/.freight/*.yaml"
_HOLDER = ".freight"
# Far from the least that a system allows for a command line.
_LONGEST = 50_000


@dataclass(frozen=True, slots=True)
class Scope:
    """Where differences are looked for: the words that Git calls pathspecs; none is everywhere.

    https://git-scm.com/docs/gitglossary#Documentation/gitglossary.txt-pathspec
    """

    pathspecs: tuple[str, ...] = ()

    @classmethod
    def of(cls, within: Iterable[str], without: Iterable[str]) -> Scope:
        """Below these paths (none: anywhere), but not below those; plain paths from the root.

        A promotion changes its stage's directory and the records at the top of it: where its files
        are within, the records are too, be they in a directory above.
        """
        wanted, unwanted = tuple(dict.fromkeys(within)), tuple(dict.fromkeys(without))
        if not all(map(_is_plain, wanted)):
            wanted = ()
        unwanted = tuple(one for one in unwanted if _is_plain(one) and not _is_record(one))
        holders = dict.fromkeys(one for path in wanted for one in _holders(path))
        words = (
            *(f":(literal){one}" for one in (*wanted, *holders)),
            *(f":(exclude,literal){one}" for one in unwanted),
        )
        return cls(words) if sum(map(len, words)) <= _LONGEST else cls()


EVERYWHERE = Scope()
RECORDS = Scope((_RECORDS,))


def _holders(path: str) -> Iterator[str]:
    """Where the records of stages are that the path may belong to."""
    while path:
        path = posixpath.dirname(path)
        yield posixpath.join(path, _HOLDER)


def _is_plain(path: str) -> bool:
    """Whether Git takes the path for what it is; a replaced character may stand for any byte."""
    try:
        path.encode("utf-8")
    except UnicodeEncodeError:
        return False
    parts = path.split("/")
    return "\0" not in path and "�" not in path and not {"", ".", ".."} & set(parts)


def _is_record(path: str) -> bool:
    return _HOLDER in path.split("/")
