"""What a person should know before a merge: moved tags, downgrades, stopped upstreams. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from github_app.commands.verbs import WORD
from github_app.ledger import Seen
from github_app.ledger_times import time_text
from github_app.notes import Way
from github_app.rules.adoption import is_downgrade
from github_app.rules.asking import standing_hold
from github_app.rules.causes import asked_for
from github_app.rules.line_rules import LineRules
from github_app.rules.neighbours import upstream_rules
from github_app.warehouse.versions import version_of
from plugin.artifact import Artifact, Watched
from plugin.freight import Freight, FreightId, alias_of
from plugin.held import Held

Before = Mapping[Watched, Held]


def reviewer_warnings(
    freight: Freight, before: Before, seen: Sequence[Seen], place: int
) -> tuple[str, ...]:
    """One sentence for each thing about `freight` that needs a person's eye.

    `before` is what the stage holds, `seen` the warehouse's freight as it became newest and
    `place` the freight's own place in it: a tag that moved later does not concern it.
    """
    earlier = seen[: max(place, 0)]
    return tuple(
        sentence
        for artifact in freight.artifacts
        for sentence in (
            *_moved(artifact, earlier),
            *_downgraded(artifact, before.get(artifact.subject)),
            *_unfinished(artifact),
        )
    )


def upstream_warnings(rules: LineRules, freight: FreightId) -> Iterator[str]:
    """One sentence for each upstream that somebody stopped after `freight` had come there.

    The freight stays available, as in Kargo; but whoever takes it out of a stage, or holds it
    there, may well not want it further on.
    """
    for upstream in upstream_rules(rules):
        stays = rules.rules.stays(upstream.stage.name, upstream.line.warehouse, freight)
        if not stays:
            continue
        name, last = upstream.stage.name, stays[-1]
        if upstream.current == freight:
            hold = upstream.on_hold()
            yield from (f"{name} is {one.reason}" for one in (hold,) if one)
        elif upstream.stopped():
            # A stay without length is one whose end nobody saw.
            known = last.until is not None and last.until > last.since
            since = f" since {time_text(last.until)}" if last.until and known else ""
            yield f"{name} no longer holds {alias_of(freight)}{since}"


def drift_warnings(rules: LineRules) -> Iterator[str]:
    """One sentence where the stage holds what came past its upstreams and never was in them.

    The promotion takes that out again, with whatever it mended.
    """
    held, upstreams = rules.current, list(upstream_rules(rules))
    if held is None or held not in _let_past(rules):
        return
    warehouse = rules.line.warehouse
    if not any(one.rules.stays(one.stage.name, warehouse, held) for one in upstreams):
        names = " or ".join(one.stage.name for one in upstreams)
        yield (
            f"{rules.stage.name} holds {alias_of(held)}, which never was in {names}: "
            "what it mended may not be in this freight"
        )


def _let_past(rules: LineRules) -> frozenset[FreightId]:
    """Freight that people let into the stage whatever its upstreams say."""
    notes = rules.rules.picture.ledger.notes(rules.stage.name)
    hotfixes = (one.freight for one in notes.asked if one.way is Way.HOTFIX)
    return frozenset((*hotfixes, *(one.freight for one in notes.approved)))


def command_warnings(rules: LineRules, freight: Freight) -> Iterator[str]:
    """What it means that somebody asked for freight out of its turn."""
    asked, name = asked_for(rules, freight), rules.stage.name
    match asked.way if asked else None:
        case Way.ROLLBACK:
            yield f"a rollback: {name} goes back to what it held before"
        case Way.HOTFIX:
            yield (
                f"a hotfix: {freight.alias} comes straight to {name}, past the stages "
                "before it; they get it afterwards"
            )
        case _:
            pass
    if asked and standing_hold(rules.notes, rules.line.warehouse):
        yield f"{name} is held: nothing else comes there by itself before '{WORD} resume'"


def _moved(artifact: Artifact, earlier: Sequence[Seen]) -> Iterator[str]:
    """A tag that names other content than it did: what was tested under it is not this."""
    contents = {
        other.content
        for one in earlier
        for other in one.freight.artifacts
        if other.subject == artifact.subject and other.tag == artifact.tag and other.content
    } - {artifact.content}
    if contents and artifact.content:
        known = ", ".join(sorted(contents))
        yield (
            f"tag {artifact.tag} of {artifact.subject} was moved: it was {known} before, "
            f"it is {artifact.content} now"
        )


def _downgraded(artifact: Artifact, held: Held | None) -> Iterator[str]:
    if held is not None and held.tag and is_downgrade(held.tag, artifact.tag):
        yield f"{artifact.subject} goes back from {held.tag} to {artifact.tag}, a lower version"


def _unfinished(artifact: Artifact) -> Iterator[str]:
    version = version_of(artifact.tag, strict=True)
    if version is not None and version.prerelease:
        yield f"{artifact.tag} of {artifact.subject} is a pre-release"
