"""How kustomize writes a single value and orders keys, so that what is added reads as its own.

kustomize prints every object through sigs.k8s.io/yaml, whose writer (go.yaml.in/yaml/v2) follows
libyaml: keys sorted, text in quotes where a reader would see something else, lines folded at 80.
"""

from __future__ import annotations

import re

_WIDTH = 80

# The words that YAML 1.1 takes for something else than text, as go.yaml.in/yaml/v2 knows them.
_WORDS = frozenset(
    "y Y yes Yes YES n N no No NO true True TRUE false False FALSE on On ON off Off OFF "
    "~ null Null NULL .nan .NaN .NAN .inf .Inf .INF +.inf +.Inf +.INF -.inf -.Inf -.INF".split()
) | {""}
_INTEGER = re.compile(r"([-+]?)(?:0[xX]([0-9a-fA-F]+)|0[bB]([01]+)|0[oO]?([0-7]+)|(0|[1-9][0-9]*))")
_FLOAT = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?")
_BASE_60 = re.compile(r"[-+]?[0-9][0-9_]*(?::[0-5]?[0-9])+(?:\.[0-9_]*)?")
_TIME = re.compile(
    r"[0-9]{4}-(?P<month>[0-9]{1,2})-(?P<day>[0-9]{1,2})"
    r"(?:[Tt ][0-9]{1,2}:[0-9]{1,2}:[0-9]{1,2}(?:[.,][0-9]+)?(?:Z|[-+][0-9]{2}:[0-9]{2})?)?"
)
_INDICATORS = frozenset("#,[]{}&*!|>'\"%@`")
_ESCAPES = {'"': '\\"', "\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r", "\0": "\\0"}
# More digits than any number of 64 bits has, and fewer than Python refuses to count.
_LONGEST = 1000
_LAST_OF_BMP = 0xFFFF
_LAST_OF_LATIN = 0xFF


def scalar(value: str, indent: int, column: int) -> str:
    """`value` as kustomize writes it behind a key that ends at `column`, of one line of text.

    Lines that it is folded over are indented by `indent`.
    """
    if not _printable(value):
        return _folded(value, indent, column, '"')
    if not _reads_as_text(value):
        return _folded(value, indent, column, '"')
    return _folded(value, indent, column, "" if _plain_allowed(value) else "'")


def comes_before(one: str, other: str) -> bool:
    """Whether the key `one` is written before `other`: letters last, numbers by their value.

    The rule is `keyList.Less` of https://github.com/yaml/go-yaml/blob/v2/sorter.go.
    """
    for at, (mine, its) in enumerate(zip(one, other, strict=False)):
        if mine == its:
            continue
        letters = mine.isalpha(), its.isalpha()
        if any(letters):
            return mine < its if all(letters) else letters[1]
        # A nought behind another digit stands in the middle of a number.
        inside = "0" in (mine, its) and one[:at].rstrip("0")[-1:].isdecimal()
        first, second = _number(one, at, int(inside)), _number(other, at, int(inside))
        return (*first, mine) < (*second, its)
    return len(one) < len(other)


def _number(text: str, at: int, number: int) -> tuple[int, int]:
    """The number that the digits from `at` on go on to say, and where it ends."""
    while at < len(text) and text[at].isdecimal():
        # 64 bits, as the writer counts: they overflow, and a key may have any length.
        number = (number * 10 + int(text[at]) + 2**63) % 2**64 - 2**63
        at += 1
    return number, at


def _reads_as_text(value: str) -> bool:
    if value in _WORDS or _BASE_60.fullmatch(value):
        return False
    if value[0] == ".":
        return not _is_float(value)
    if not (value[0].isdecimal() or value[0] in "+-"):
        return True
    plain = value.replace("_", "")
    return not (_is_time(value) or _is_integer(plain) or _is_float(plain))


def _is_integer(text: str) -> bool:
    """Whether it is an integer of 64 bits, in any notation."""
    found = _INTEGER.fullmatch(text)
    if found is None or len(text) > _LONGEST:
        return False
    sign, *digits = found.groups()
    number = next(int(one, base) for one, base in zip(digits, (16, 2, 8, 10), strict=True) if one)
    limit = {"": 2**64 - 1, "+": 2**63 - 1, "-": 2**63}[sign]
    return number <= limit


def _is_float(text: str) -> bool:
    return _FLOAT.fullmatch(text) is not None and abs(float(text)) != float("inf")


def _is_time(text: str) -> bool:
    found = _TIME.fullmatch(text)
    if found is None:
        return False
    month, day = int(found["month"]), int(found["day"])
    return 1 <= month <= 12 and 1 <= day <= (31 if month in (1, 3, 5, 7, 8, 10, 12) else 30)


def _plain_allowed(value: str) -> bool:
    if value[0] in _INDICATORS or value.startswith(("---", "...")):
        return False
    if value[0] in "?:-" and value[1:2] in ("", " "):
        return False
    spaced = value[0] == " " or value[-1] == " "
    return not (spaced or ": " in value or value.endswith(":") or " #" in value)


def _printable(value: str) -> bool:
    """Whether every character may stand for itself; those beyond 16 bits are escaped."""
    return all(one.isprintable() and ord(one) <= _LAST_OF_BMP for one in value)


def _folded(value: str, indent: int, column: int, quote: str) -> str:
    """The value in its quotes, broken at the first single space behind each 80th column."""
    if not quote and " " not in value:
        return value
    parts, column, spaced = [quote], column + len(quote), False
    for at, char in enumerate(value):
        text = _written(char, quote)
        breaks = char == " " and not spaced and column > _WIDTH
        if breaks and _may_break(value, at, quote):
            kept = "\\" if quote == '"' and value[at + 1] == " " else ""
            text, column = f"\n{' ' * indent}{kept}", indent + len(kept)
        else:
            column += len(text)
        parts.append(text)
        spaced = char == " "
    return "".join([*parts, quote])


def _may_break(value: str, at: int, quote: str) -> bool:
    inside = 0 < at < len(value) - 1
    return inside and (quote == '"' or value[at + 1] != " ")


def _written(char: str, quote: str) -> str:
    if quote == "'":
        return "''" if char == "'" else char
    if quote != '"' or (_printable(char) and char not in _ESCAPES):
        return char
    code = ord(char)
    wide = f"\\u{code:04X}" if code <= _LAST_OF_BMP else f"\\U{code:08X}"
    return _ESCAPES.get(char) or (f"\\x{code:02X}" if code <= _LAST_OF_LATIN else wide)
