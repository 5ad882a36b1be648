"""`criteria`: an expression of CEL over a warehouse's subscriptions, looked at from afar.

Whoever evaluates it parses it; here is found what a typing error does: brackets, quotes, names
(https://github.com/google/cel-spec/blob/master/doc/langdef.md#syntax).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from plugin.pipeline_file.mistakes import Mistakes, Position, shown, similar
from plugin.pipeline_file.nodes import Node
from plugin.pipeline_file.scalars import long_text
from plugin.subscriptions import Subscription, TakenWhole, criteria_name

_LONGEST = 2000
_EXAMPLE = "web.tag == api.tag"
_GRAMMAR = r"""(?P<space>\s+|//[^\n]*)
    |(?P<string>[bB]?[rR][bB]?(?:'[^'\n]*'|"[^"\n]*")
      |[rRbB]{0,2}(?:'{3}(?:\\.|[^\\])*?'{3}|"{3}(?:\\.|[^\\])*?"{3}
      |'(?:\\.|[^'\\\n])*'|"(?:\\.|[^"\\\n])*"))
    |(?P<number>0[xX][0-9a-fA-F]+[uU]?|(?:[0-9]+(?:\.[0-9]+)?|\.[0-9]+)(?:[eE][-+]?[0-9]+)?[uU]?)
    |(?P<word>[A-Za-z_][A-Za-z0-9_]*)
    |(?P<open>[(\[{])
    |(?P<close>[)\]}])
    |(?P<other>&&|\|\||[=!<>]=|[-+*/%<>!?:.,])
"""
_CLOSED_BY = {"(": ")", "[": "]", "{": "}"}
_MACROS = frozenset({"all", "exists", "exists_one", "existsOne", "map", "filter"})
_MEANT = {"=": "==", "&": "&&", "|": "||"}
_LITERALS = frozenset({"true", "false", "null", "in"})
_TYPES = frozenset(
    "bool bytes double duration dyn int list map null_type string timestamp type uint".split()
)
# Words that CEL keeps for itself: nothing can be called so.
_RESERVED = _LITERALS | frozenset(
    "as break const continue else for function if import let loop package namespace return var "
    "void while".split()
)


class _Token(NamedTuple):
    kind: str
    text: str


def criteria(node: Node, mistakes: Mistakes) -> str | None:
    """An expression, perhaps of several lines, whose brackets and quotes are closed."""
    value = long_text("an expression of CEL", _EXAMPLE, _LONGEST)(node, mistakes)
    if value is None:
        return None
    tokens, rest = _tokens(value)
    problem = _broken(rest) if rest else _unbalanced(tokens)
    if problem:
        mistakes.add(node.at, *problem)
        return None
    return value.strip()


def refuse_strangers(
    text: str, at: Position, subscriptions: Sequence[Subscription], mistakes: Mistakes
) -> None:
    """Adds a mistake for each name in `text` that is no subscription's, and if there is none."""
    known = {
        criteria_name(one.name): one.name
        for one in subscriptions
        if not isinstance(one, TakenWhole)
    }
    named = tuple(dict.fromkeys(_names(_tokens(text)[0])))
    reserved = [one for one in named if one in _RESERVED and one in known]
    strange = [one for one in named if one not in known and one not in _RESERVED | _TYPES]
    for one in reserved:
        what = f"'{one}' is a word of CEL, so criteria cannot name the subscription called so"
        mistakes.add(at, what, "give the subscription another name")
    for one in strange:
        mistakes.add(at, *_stranger(one, text, known, subscriptions))
    if not reserved and not strange and known.keys().isdisjoint(named):
        what = "these criteria name no subscription, so they hold for every set or for none"
        mistakes.add(at, what, f"name one of: {', '.join(known)}" if known else "remove them")


def _stranger(
    name: str, text: str, known: dict[str, str], subscriptions: Sequence[Subscription]
) -> tuple[str, str]:
    if any(one.name == name for one in subscriptions):
        what = f"criteria cannot name '{name}': a directory may hold several artifacts"
        return what, "compare other subscriptions, or remove the criteria"
    for said, called in known.items():
        if name in called.split("-") and re.search(rf"(?<![\w-]){called}(?![\w-])", text):
            # The same for each part of the name, and so said once.
            return f"'{called}' is a subtraction in CEL", f"write {said}"
    what = f"no subscription of this warehouse is called '{name}'"
    if meant := similar(name, known):
        return what, f"did you mean '{meant}'?"
    return what, f"write one of: {', '.join(known)}" if known else "remove the criteria"


def _tokens(text: str) -> tuple[list[_Token], str]:
    """The tokens of `text` without space, and the rest that none begins with."""
    # Compiled when somebody has criteria, for that takes longer than to read a small file.
    token = re.compile(_GRAMMAR, re.VERBOSE | re.DOTALL)
    tokens: list[_Token] = []
    at = 0
    while match := token.match(text, at):
        at = match.end()
        if match.lastgroup and match.lastgroup != "space":
            tokens.append(_Token(match.lastgroup, match.group()))
    return tokens, text[at:]


def _broken(rest: str) -> tuple[str, str]:
    if rest[0] in "'\"":
        return f"the quote in {shown(rest)} is never closed", "close it"
    instead = f"write {_MEANT[rest[0]]}" if rest[0] in _MEANT else f"write CEL, such as {_EXAMPLE}"
    return f"{shown(rest[0])} means nothing here", instead


def _unbalanced(tokens: Sequence[_Token]) -> tuple[str, str] | None:
    if not tokens:
        return "this is a comment, and no expression", f"write {_EXAMPLE}"
    open_: list[str] = []
    for kind, text in tokens:
        if kind == "open":
            open_.append(text)
        elif kind == "close" and (not open_ or _CLOSED_BY[open_.pop()] != text):
            return f"the bracket '{text}' closes none that is open", "remove it, or open one"
    if open_:
        return f"the bracket '{open_[-1]}' is never closed", f"write {_CLOSED_BY[open_[-1]]}"
    return None


def _names(tokens: Sequence[_Token]) -> Iterator[str]:
    """What stands for a value: no fields, no functions, no variables of macros."""
    variables = _variables(tokens)
    for before, (kind, text), after in zip(
        (None, *tokens), tokens, (*tokens[1:], None), strict=False
    ):
        is_field = before is not None and before.text == "."
        is_function = after is not None and after.text == "("
        if kind == "word" and not is_field and not is_function and text not in variables:
            yield text


def _variables(tokens: Sequence[_Token]) -> frozenset[str]:
    """The names that macros such as `list.all(x, x > 1)` give to what they go through."""
    return frozenset(
        fourth.text
        for first, second, third, fourth in zip(
            tokens, tokens[1:], tokens[2:], tokens[3:], strict=False
        )
        if (first.text, second.text in _MACROS, third.text) == (".", True, "(")
        if fourth.kind == "word"
    )
