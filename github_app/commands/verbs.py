"""The verbs of commands, how each is written and what it does, in one table."""

from __future__ import annotations

import enum
from collections.abc import Mapping
from dataclasses import dataclass

WORD = "/towline"


class Verb(enum.Enum):
    """What may be asked for."""

    PROMOTE = "promote"
    APPROVE = "approve"
    OVERRIDE = "override"
    ALLOW_REPLACE = "allow-replace"
    REJECT = "reject"
    HOLD = "hold"
    RESUME = "resume"
    ROLLBACK = "rollback"
    RETRY = "retry"
    VERIFY = "verify"
    REFRESH = "refresh"
    STATUS = "status"
    HOTFIX = "hotfix"
    HELP = "help"


@dataclass(frozen=True, slots=True)
class Usage:
    """How a command is written behind `/towline`, and what it does."""

    words: str
    does: str


USAGES: Mapping[Verb, Usage] = {
    Verb.PROMOTE: Usage(
        "promote [FREIGHT] [to STAGE | downstream]",
        "proposes freight for this stage, another one, or every stage after this one",
    ),
    Verb.APPROVE: Usage(
        "approve [FREIGHT] [for STAGE] [reason]",
        "lets freight into a stage past verification and soak",
    ),
    Verb.OVERRIDE: Usage(
        "override GATE reason", "lets this freight past the gate `upstream`, `window` or `rollout`"
    ),
    Verb.ALLOW_REPLACE: Usage(
        "allow-replace VM:DISK [reason]", "gives up what is on a disk, for this freight only"
    ),
    Verb.REJECT: Usage(
        "reject [FREIGHT] reason", "keeps freight out of this stage until newer freight comes"
    ),
    Verb.HOLD: Usage("hold [reason]", "nothing comes to this stage by itself any more"),
    Verb.RESUME: Usage(
        "resume [reason]", "lifts a hold; where pins were changed by hand, adopts that change"
    ),
    Verb.ROLLBACK: Usage(
        "rollback [FREIGHT | previous] [reason]",
        "proposes what this stage held before, and holds the stage",
    ),
    Verb.RETRY: Usage("retry", "proposes once more what was closed or rejected, and looks again"),
    Verb.VERIFY: Usage("verify", "asks for the verification of what this stage holds once more"),
    Verb.REFRESH: Usage("refresh", "asks the registries for what is new"),
    Verb.STATUS: Usage("status", "says what the stages hold and what they wait for"),
    Verb.HOTFIX: Usage(
        "hotfix [FREIGHT] to STAGE reason",
        "proposes freight for a stage past its upstreams, holds the stage, and brings the freight "
        "to the upstreams, too",
    ),
    Verb.HELP: Usage("help", "lists the commands"),
}


@dataclass(frozen=True, slots=True)
class Command:
    """One thing asked for, in the words of who asked: nothing in it has been looked up yet.

    `downstream` is every stage after the pull request's; `vm` may have its namespace before it.
    """

    verb: Verb
    freight: str = ""
    stage: str = ""
    downstream: bool = False
    gate: str = ""
    vm: str = ""
    disk: str = ""
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Misread:
    """A line that is meant for us and no command, and what is wrong with it."""

    line: str
    wrong: str
