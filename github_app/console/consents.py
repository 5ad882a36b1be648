"""How a person who bumps by hand consents to losing what is on a disk."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from github_app.console.asked import Asked
from plugin.disks.move import Replaced
from plugin.disks.moves import moves
from plugin.disks.policy import ALLOW, Unconsented
from plugin.pins.nodes import Refused
from plugin.pins.sources import Sources


def with_consents(refused: Sequence[Refused], sources: Sources, asked: Asked) -> Iterator[Refused]:
    """`refused`, with the option that consents behind each reason that asks for consent."""
    options = _options(sources, asked) if any(ALLOW in one.reason for one in refused) else {}
    for one in refused:
        option = options.get(one.reason)
        yield (
            replace(one, reason=f"{one.reason}. To consent by hand, add {option}")
            if option
            else one
        )


def _options(sources: Sources, asked: Asked) -> dict[str, str]:
    """The option by the reason for which it is needed: what moves if nobody need consent."""
    terms = replace(asked.terms, unconsented=Unconsented.PROPOSED)
    replaced = moves(sources, asked.wanted, terms).replaced
    return {one.objection: _option(one) for one in replaced if one.objection}


def _option(one: Replaced) -> str:
    where = f"{one.namespace}/" if one.namespace else ""
    return f"--allow-replace {where}{one.vm}:{one.disk}@{one.artifact.digest}"
