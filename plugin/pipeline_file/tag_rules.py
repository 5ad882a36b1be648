"""The rules a subscription picks tags by: version constraints and tag patterns, as text."""

from __future__ import annotations

import re

from plugin.artifact import is_tag
from plugin.pipeline_file.fields import Reader, distinct, listed
from plugin.pipeline_file.mistakes import Mistakes, shown
from plugin.pipeline_file.nodes import Node
from plugin.pipeline_file.scalars import text, whole_number
from plugin.subscriptions import LIMIT

_LONGEST = 200
_LABEL = r"(?:0|[1-9][0-9]*|[0-9]*[A-Za-z-][0-9A-Za-z-]*)"
_SUFFIX = rf"(?:-{_LABEL}(?:\.{_LABEL})*)?(?:\+[0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*)?"
_REST = r"(?:\.(?:[0-9]+|[xX*])){0,2}"
_VERSION = rf"v?[0-9]+{_REST}{_SUFFIX}"
_ANY = rf"(?:=|>=|=>|~|~>|\^)? *[xX*]{_REST}"
_ONE = rf"(?:(?:!=|>=|=>|<=|=<|~>|=|>|<|~|\^)? *{_VERSION}|{_ANY})"
_RANGE = rf"{_VERSION} +- +{_VERSION}"
_ALL = rf" *(?:{_RANGE}|{_ONE}(?:(?: +| *, *){_ONE})*) *"
_CONSTRAINT = re.compile(rf"{_ALL}(?:\|\|{_ALL})*")
# Tags are matched by RE2, which lacks some of what Python's module takes.
_NOT_RE2 = re.compile(r"\(\?(?!:|[ims]+[:)]|P<)|\\[0-9ZNuU]|[*+?}]\+|\{,")
_MOST_REPEATS = 1000

_constraint_text = text("a version constraint", "^2.0")
_pattern_text = text("a regular expression", "'^v2'")
_tag_text = text("a tag", "latest")

limit = whole_number(1, 100, LIMIT)


def version_constraint(node: Node, mistakes: Mistakes) -> str | None:
    """A constraint such as `^2.0` or `>=1.2 <2 || 3.x`.

    The grammar is that of https://github.com/Masterminds/semver#checking-version-constraints,
    which Kargo uses.
    """
    value = _constraint_text(node, mistakes)
    if value is None or (len(value) <= _LONGEST and _CONSTRAINT.fullmatch(value)):
        return value
    mistakes.add(
        node.at,
        f"{shown(value)} is not a version constraint",
        "write ^2.0, ~1.4, '>=1.2 <2' or 1.x",
    )
    return None


def exact_tag(node: Node, mistakes: Mistakes) -> str | None:
    """The one tag whose digest is followed."""
    value = _tag_text(node, mistakes)
    if value is None or is_tag(value):
        return value
    mistakes.add(node.at, f"{shown(value)} is not a tag", "write one tag, such as latest")
    return None


def tag_pattern(node: Node, mistakes: Mistakes) -> str | None:
    """A regular expression that RE2 understands too (https://github.com/google/re2/wiki/Syntax)."""
    value = _pattern_text(node, mistakes)
    if value is None:
        return None
    if problem := _pattern_problem(value):
        mistakes.add(
            node.at,
            f"{shown(value)} is not a usable regular expression: {problem}",
            "write one in RE2's syntax, such as '^v2\\.'",
        )
        return None
    return value


def _pattern_problem(value: str) -> str | None:
    if len(value) > _LONGEST:
        return f"longer than {_LONGEST} characters"
    repeats = re.findall(r"\{(\d+)(?:,(\d*))?\}", value)
    if any(int(one or 0) > _MOST_REPEATS for pair in repeats for one in pair):
        return f"it repeats something more than {_MOST_REPEATS} times"
    if _NOT_RE2.search(value.replace("\\\\", "")):
        return "RE2 has no look-around, back references and possessive repeats"
    try:
        re.compile(value)
    except re.error as error:
        return str(error)
    except (OverflowError, RecursionError, Warning):
        return "too complex"
    return None


patterns: Reader[tuple[str, ...]] = distinct(listed("regular expressions", "['^v2']", tag_pattern))
