"""The text of a comment -> the commands in it, with what is wrong in words. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from difflib import get_close_matches

from github_app.commands.verbs import USAGES, WORD, Command, Misread, Verb
from github_app.markdown import shortened
from plugin.aliases import ADJECTIVES, ANIMALS

MOST_COMMANDS = 10
MOST_REASON = 500
_LONGEST = 300
_HIDDEN = re.compile(r"<!--.*?(?:-->|\Z)", re.DOTALL)
# Where GitHub shows a new line, and nowhere else: https://github.github.com/gfm/#line-ending
_LINE = re.compile(r"\r\n|\r|\n")
# What has backticks behind its backticks is code within a line.
_FENCE = re.compile(r" {0,3}(`{3,}(?=[^`]*$)|~{3,})")
_ALIAS = frozenset({*ADJECTIVES, *ANIMALS})


def read_commands(text: str) -> tuple[Command | Misread, ...]:
    """The commands of a comment, one for each line that begins with `/towline`, in their order.

    What is quoted, in a code block or hidden in an HTML comment commands nothing: people paste
    what they have not read.
    """
    found = [_command(line) for line in _meant(text)]
    if len(found) <= MOST_COMMANDS:
        return tuple(found)
    many = f"a comment may hold {MOST_COMMANDS} commands, and what is below is left out"
    return (*found[:MOST_COMMANDS], Misread(WORD, many))


def _meant(text: str) -> Iterator[str]:
    fence = ""
    for line in _LINE.split(_HIDDEN.sub("", text)):
        mark = _FENCE.match(line)
        if fence:
            fence = "" if mark and _closes(line, fence) else fence
        elif mark:
            fence = mark[1]
        elif line == WORD or line.startswith((f"{WORD} ", f"{WORD}\t")):
            yield line


def _closes(line: str, fence: str) -> bool:
    """Whether the line ends a code block (https://github.github.com/gfm/#fenced-code-blocks)."""
    bare = line.strip()
    return set(bare) == {fence[0]} and len(bare) >= len(fence)


def _command(line: str) -> Command | Misread:
    said = line[:_LONGEST]
    words = [word for word in (one.strip("`") for one in line.split()[1:]) if word]
    if not words:
        return Command(Verb.HELP)
    name = words.pop(0).lower()
    verbs = {one.value: one for one in Verb}
    if name not in verbs:
        return Misread(said, _no_such(name, list(verbs)))
    verb = verbs[name]
    try:
        return _READERS.get(verb, _only_reason)(verb, words)
    except _WrongError as wrong:
        return Misread(said, f"{wrong}; write `{WORD} {USAGES[verb].words}`")


def _no_such(name: str, known: list[str]) -> str:
    near = get_close_matches(name, known, 1)
    if near:
        return f"there is no command of this name (did you mean `{near[0]}`?)"
    return f"there is no command of this name; `{WORD} help` lists them"


class _WrongError(Exception):
    """What is wrong with the words behind a verb."""


def _only_reason(verb: Verb, words: list[str]) -> Command:
    return Command(verb, reason=_reason(words))


def _promote(verb: Verb, words: list[str]) -> Command:
    freight = words.pop(0) if words and words[0].lower() not in {"to", "downstream"} else ""
    stage = _after("to", words)
    downstream = stage.lower() == "downstream"
    if not stage and words and words[0].lower() == "downstream":
        downstream = bool(words.pop(0))
    return Command(
        verb,
        freight=freight,
        stage="" if downstream else stage,
        downstream=downstream,
        reason=_reason(words),
    )


def _approve(verb: Verb, words: list[str]) -> Command:
    freight = _freight(words, before="for")
    return Command(verb, freight=freight, stage=_after("for", words), reason=_reason(words))


def _hotfix(verb: Verb, words: list[str]) -> Command:
    freight = _freight(words, before="to")
    stage = _after("to", words)
    if not stage:
        raise _WrongError("a hotfix needs the stage it is for")
    return Command(verb, freight=freight, stage=stage, reason=_needed(words))


def _reject(verb: Verb, words: list[str]) -> Command:
    freight = _freight(words)
    return Command(verb, freight=freight, reason=_needed(words))


def _rollback(verb: Verb, words: list[str]) -> Command:
    previous = words and words[0].lower() == "previous"
    freight = words.pop(0).lower() if previous else _freight(words)
    return Command(verb, freight="" if previous else freight, reason=_reason(words))


def _override(verb: Verb, words: list[str]) -> Command:
    if not words:
        raise _WrongError("an override needs the name of a gate")
    gate = words.pop(0).lower()
    return Command(verb, gate=gate, reason=_needed(words))


def _allow_replace(verb: Verb, words: list[str]) -> Command:
    named = words.pop(0).removeprefix("vm/") if words else ""
    vm, _, disk = named.rpartition(":")
    if not vm or not disk:
        raise _WrongError("a disk is named by its machine and volume")
    return Command(verb, vm=vm, disk=disk, reason=_reason(words))


def _after(preposition: str, words: list[str]) -> str:
    """The word behind the preposition, if the words begin with it; '' else."""
    if not words or words[0].lower() != preposition:
        return ""
    words.pop(0)
    if not words:
        raise _WrongError(f"a name is missing behind `{preposition}`")
    return words.pop(0)


def _freight(words: list[str], before: str = "") -> str:
    """The first word where it names freight rather than begins a reason; '' else."""
    named = len(words) > 1 and words[1].lower() == before and words[0].lower() != before
    return words.pop(0) if words and (named or _names_freight(words[0])) else ""


def _names_freight(word: str) -> bool:
    """Whether somebody means an alias, an id or a tag: to take it for a reason would be worse."""
    parts = word.lower().split("-")
    alias = len(parts) == 2 and not _ALIAS.isdisjoint(parts)
    return alias or any(one.isdigit() for one in word)


def _needed(words: list[str]) -> str:
    if not words:
        raise _WrongError("a reason is missing")
    return _reason(words)


def _reason(words: list[str]) -> str:
    return shortened(" ".join(words), MOST_REASON)


_READERS: Mapping[Verb, Callable[[Verb, list[str]], Command]] = {
    Verb.PROMOTE: _promote,
    Verb.APPROVE: _approve,
    Verb.OVERRIDE: _override,
    Verb.ALLOW_REPLACE: _allow_replace,
    Verb.REJECT: _reject,
    Verb.ROLLBACK: _rollback,
    Verb.HOTFIX: _hotfix,
}
