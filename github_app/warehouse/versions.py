"""Semantic versions as tags write them, and the constraints that pick among them; pure.

Kargo reads both with Masterminds/semver 3.5.0 (https://github.com/Masterminds/semver), and what is
said here is what that says. No Python library is: of the maintained ones, semver has no ranges,
semantic-version and node-semver follow npm, which lets other pre-releases pass, and refuse what
Masterminds reads. So versions are semver's, constraints our own, and both are held to Masterminds
itself by tests/warehouse/test_masterminds.py.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from semver import Version

from github_app.warehouse.comparators import TESTS, Partial, Precedence, Test
from plugin.errors import Refusal

_MAX_VERSION = 256
_MAX_CONSTRAINT = 512
_MAX_ALTERNATIVES = 32
_MAX_NUMBER = 2**64 - 1

_SPACE = r"[\t\n\f\r ]"
_IDENTIFIERS = r"[0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*"
_SUFFIX = rf"(?P<pre>-{_IDENTIFIERS})?(?P<build>\+{_IDENTIFIERS})?"
_LOOSE = re.compile(rf"v?(?P<x>[0-9]+)(?:\.(?P<y>[0-9]+))?(?:\.(?P<z>[0-9]+))?{_SUFFIX}")
_STRICT_NUMBER = re.compile("0|[1-9][0-9]*")
# A lone `|` is among them because Masterminds looks no closer at what follows a wildcard.
_NUMBER = "[0-9xX*|]+"
_PARTIAL = rf"v?(?P<x>{_NUMBER})(?:\.(?P<y>{_NUMBER}))?(?:\.(?P<z>{_NUMBER}))?{_SUFFIX}"
_OPERATOR = r"!=|>=|=>|<=|=<|~>|=|>|<|~|\^|"
_COMPARATOR = re.compile(rf"(?P<operator>{_OPERATOR}){_SPACE}*(?P<version>{_PARTIAL})")
_BETWEEN = re.compile(rf"{_SPACE}*,{_SPACE}*|{_SPACE}+")
_BOUND = re.sub(r"\?P<\w+>", "?:", _PARTIAL)
_HYPHEN = re.compile(rf"{_SPACE}*({_BOUND}){_SPACE}+-{_SPACE}+({_BOUND}){_SPACE}*")
_WILDCARDS = frozenset({None, "x", "X", "*"})


def version_of(tag: str, *, strict: bool) -> Version | None:
    """The semantic version a tag writes, None if it is none; a leading `v` is taken.

    `strict` asks for major, minor and patch without leading zeros (https://semver.org, 2);
    otherwise `1`, `1.2` and `2026.01.05` are versions too.
    """
    parts = _LOOSE.fullmatch(tag) if len(tag) <= _MAX_VERSION else None
    if parts is None:
        return None
    written = [parts[name] for name in "xyz"]
    if strict and not all(one and _STRICT_NUMBER.fullmatch(one) for one in written):
        return None
    numbers = [int(one or "0") for one in written]
    if max(numbers) > _MAX_NUMBER:
        return None
    try:
        return Version.parse(
            ".".join(map(str, numbers)) + (parts["pre"] or "") + (parts["build"] or "")
        )
    except ValueError:
        return None


def precedence(version: Version) -> Precedence:
    """What orders versions (https://semver.org, 11); build metadata does not count.

    As in Masterminds, a number too big for 64 bits counts as a word in a pre-release.
    """
    said = version.prerelease
    identifiers = tuple(map(_identifier, said.split("."))) if said else ()
    return (version.major, version.minor, version.patch, not said, identifiers)


def _identifier(text: str) -> tuple[bool, int, str]:
    number = int(text) if text.isdigit() else -1
    if 0 <= number <= _MAX_NUMBER:
        return False, number, ""
    return True, 0, text


@dataclass(frozen=True, slots=True)
class Constraint:
    """Alternatives of comparators that must all hold.

    The grammar and its rules are those of Kargo's constraints
    (https://github.com/Masterminds/semver#checking-version-constraints): `^ ~ = != > >= < <=`,
    `1.2 - 2.3`, `1.x`, spaces or commas for *and*, `||` for *or*. Pre-releases count only within
    an alternative that names one itself: `>=1.0.0-0` admits them all.
    """

    text: str
    alternatives: tuple[_Alternative, ...]

    @classmethod
    def parse(cls, text: str) -> Constraint:
        """The constraint `text` writes; raises Refusal."""
        if len(text) > _MAX_CONSTRAINT:
            raise Refusal(f"a version constraint may have {_MAX_CONSTRAINT} characters, not more")
        # As Masterminds does it: before anything else, and with the space around it.
        alternatives = _HYPHEN.sub(r">= \1, <= \2 ", text).split("||")
        if len(alternatives) > _MAX_ALTERNATIVES:
            raise Refusal(
                f"a version constraint may have {_MAX_ALTERNATIVES} alternatives, not more"
            )
        return cls(text, tuple(_alternative(one, text) for one in alternatives))

    def admits(self, version: Version) -> bool:
        """Whether one alternative holds for `version`."""
        place = precedence(version)
        return any(one.admits(place) for one in self.alternatives)

    @property
    def names_prerelease(self) -> bool:
        """Whether pre-releases may be admitted at all."""
        return any(one.names_prerelease for one in self.alternatives)


@dataclass(frozen=True, slots=True)
class _Alternative:
    comparators: tuple[Test, ...]
    names_prerelease: bool

    def admits(self, place: Precedence) -> bool:
        _, _, _, is_release, _ = place
        return (is_release or self.names_prerelease) and all(
            holds(place) for holds in self.comparators
        )


def _alternative(text: str, whole: str) -> _Alternative:
    found = list(_comparators(text.strip("\t\n\f\r "), whole))
    return _Alternative(
        tuple(_comparator(one, whole) for one in found), any(one["pre"] for one in found)
    )


def _comparators(text: str, whole: str) -> Iterator[re.Match[str]]:
    """The comparators of an alternative, with a space or a comma between each two."""
    position = 0
    while found := _COMPARATOR.match(text, position):
        yield found
        if found.end() == len(text):
            return
        between = _BETWEEN.match(text, found.end())
        if between is None:
            break
        position = between.end()
    raise Refusal(f"'{whole}' is not a version constraint: write for example '^2.0' or '>=1.4 <3'")


def _comparator(found: re.Match[str], whole: str) -> Test:
    """What one comparator asks of a version; numbers behind a wildcard are not read."""
    written = [found[name] for name in "xyz"]
    given = next((place for place, one in enumerate(written) if one in _WILDCARDS), 3)
    numbers = ".".join([*written[:given], "0", "0", "0"][:3])
    low = version_of(
        found["version"] if given == 3 else numbers + (found["pre"] or ""), strict=False
    )
    if low is None:
        raise Refusal(f"'{found[0]}' in '{whole}' is not a version to compare with")
    return TESTS[found["operator"]](Partial(precedence(low), given))
