"""Who or what made a promotion come: a person's command, a source's news, an upstream. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import assert_never

from github_app.gates import Gate, GateState
from github_app.ledger import Seen
from github_app.ledger_times import time_text
from github_app.notes import Asked, Way
from github_app.rules.line_gates import UPSTREAM
from github_app.rules.line_rules import LineRules
from github_app.rules.overview import UNKNOWN
from plugin.artifact import Artifact, Custom, Revision
from plugin.freight import Freight

_MOST_NEWS = 3


def cause(rules: LineRules, freight: Freight, gates: Iterable[Gate]) -> str:
    """What made `freight` come to the line, and what let it in, in one sentence."""
    asked = asked_for(rules, freight)
    causes = [_command(asked)] if asked else list(_news(rules, freight))
    # What comes past the upstreams does so by that command, and the gate says nothing else.
    if asked is None or asked.way is Way.PROMOTE:
        passed = (one for one in gates if one.name == UPSTREAM and one.state is GateState.PASSED)
        causes += [one.text for one in passed]
    return "; ".join(causes) or f"{freight.alias} was asked for"


def asked_for(rules: LineRules, freight: Freight) -> Asked | None:
    """The command that asks for `freight` here, if there is one that counts still."""
    asked = rules.asked
    return asked if asked is not None and asked.freight == freight.aim else None


def _command(asked: Asked) -> str:
    why = f": {asked.why}" if asked.why else ""
    return f"{asked.who} {_wanted(asked.way)} at {time_text(asked.at)}{why}"


def _wanted(way: Way) -> str:
    match way:
        case Way.PROMOTE:
            return "asked for it"
        case Way.ROLLBACK:
            return "asked to roll back to it"
        case Way.HOTFIX:
            return "asked for it as a hotfix"
        case _:
            assert_never(way)


def _news(rules: LineRules, freight: Freight) -> Iterator[str]:
    seen, place = rules.rules.picture.ledger.seen(freight.warehouse), rules.order(freight.id)
    if place == UNKNOWN:
        return
    newest = seen[place]
    said = f"{freight.alias} became the newest freight of warehouse {freight.warehouse}"
    yield f"{said} at {time_text(newest.newest_at)}"
    before = set(seen[place - 1].freight.artifacts) if place else set()
    new = [one for one in freight.artifacts if one not in before][:_MOST_NEWS]
    yield from (_arrival(rules, newest, one) for one in new)


def _arrival(rules: LineRules, seen: Seen, artifact: Artifact) -> str:
    """Where one artifact came from, in the words of its source."""
    facts = dict(seen.facts.get(artifact.subject, ()))
    match artifact:
        case Revision():
            by = f" by {facts['author']}" if "author" in facts else ""
            said = f": {facts['subject']}" if "subject" in facts else ""
            return f"{artifact.version} was committed to {artifact.subject}{by}{said}"
        case Custom():
            posted = rules.rules.picture.ledger.arrived(seen.freight.warehouse).posted
            who = [one.who for one in posted if one.version == artifact.tag]
            return f"{artifact.version} was posted{f' by {who[-1]}' if who else ''}"
        case _:
            return f"{artifact.version} was found at {artifact.subject}"
