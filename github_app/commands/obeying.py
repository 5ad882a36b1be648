"""The commands of one comment, one after the other: what they change, and the reply. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from github_app.commands import deciding, looking, moving, status, stopping
from github_app.commands.parser import read_commands
from github_app.commands.verbs import WORD, Command, Misread, Verb
from github_app.commands.wish import Obeyed, Wish
from github_app.ledger import Ledger
from github_app.markdown import code, plain, shortened
from plugin.errors import Refusal

_OBEY: Mapping[Verb, Callable[[Wish], Obeyed]] = {
    Verb.PROMOTE: moving.promote,
    Verb.APPROVE: deciding.approve,
    Verb.OVERRIDE: deciding.override,
    Verb.ALLOW_REPLACE: deciding.allow_replace,
    Verb.REJECT: deciding.reject,
    Verb.HOLD: stopping.hold,
    Verb.RESUME: stopping.resume,
    Verb.ROLLBACK: moving.rollback,
    Verb.RETRY: looking.retry,
    Verb.VERIFY: looking.verify,
    Verb.REFRESH: looking.refresh,
    Verb.STATUS: status.status,
    Verb.HOTFIX: moving.hotfix,
    Verb.HELP: looking.usage,
}
MOST_OF_ANSWER = 60_000
"""Characters of an answer: GitHub takes no comment of more than 65,536."""
_MOST_WORDS = 2_000
# Their answers are Markdown of ours already, and no sentence.
_TABLES = frozenset({Verb.STATUS, Verb.HELP})


@dataclass(frozen=True, slots=True)
class Reply:
    """What the commands of one comment come to.

    `verb` names them for the ledger; `accepted` says that each of them was obeyed.
    """

    ledger: Ledger
    verb: str
    body: str
    accepted: bool
    refresh: bool


def reply_to(wish: Wish) -> Reply | None:
    """What comes of the comment of `wish`; None if it commands nothing."""
    commands = read_commands(wish.spoken.said.text)
    if not commands:
        return None
    lines, accepted, refresh = list[str](), True, False
    for one in commands:
        answer = _answer(wish, one)
        match answer:
            case Obeyed(ledger):
                wish = wish.standing_on(ledger)
                refresh = refresh or answer.refresh
                lines.append(_done(one, answer))
            case Refusal():
                accepted = False
                lines.append(_refused(one, answer))
    verb = ", ".join(dict.fromkeys(_verb(one) for one in commands))
    return Reply(wish.ledger, verb, _fitting("\n".join(lines)), accepted, refresh)


def _fitting(body: str) -> str:
    """As many whole lines as a comment may have."""
    if len(body) <= MOST_OF_ANSWER:
        return body
    return body[:MOST_OF_ANSWER].rpartition("\n")[0] + "\n\nThe rest is too long to be shown."


def _answer(wish: Wish, command: Command | Misread) -> Obeyed | Refusal:
    match command:
        case Misread(_, wrong):
            return Refusal(wrong)
        case Command(verb):
            try:
                return _OBEY[verb](replace(wish, command=command))
            except Refusal as refusal:
                return refusal


def _verb(command: Command | Misread) -> str:
    return command.verb.value if isinstance(command, Command) else "unknown"


def _done(command: Command | Misread, obeyed: Obeyed) -> str:
    if isinstance(command, Command) and command.verb in _TABLES:
        return f"{obeyed.words}\n"
    return f"* {code(_verb(command))}: {plain(shortened(obeyed.words, _MOST_WORDS))}."


def _refused(command: Command | Misread, refusal: Refusal) -> str:
    match command:
        case Misread(line, wrong):
            # What is wrong is in words of ours, with code in them.
            return f"* {code(line)}: {wrong}."
        case Command(verb):
            words = plain(shortened(str(refusal), _MOST_WORDS))
            return f"* {code(f'{WORD} {verb.value}')} was not done: {words}."
