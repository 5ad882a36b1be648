"""What a machine's annotations allow: replacing its disks, and restarting it."""

from __future__ import annotations

import enum
import re
from collections.abc import Mapping
from dataclasses import dataclass

from plugin.artifact import is_checksum, is_digest
from plugin.errors import Refusal

POLICY = "towline.dev/disk-policy"
RESTART = "towline.dev/restart"
ALLOW = "towline.dev/allow-replace"


class DiskPolicy(enum.Enum):
    """Whether a disk may be replaced by a fresh one without asking."""

    REPLACE = "replace"
    STATEFUL = "stateful"


class Restart(enum.Enum):
    """Who restarts a machine that still runs its old disk."""

    AUTO = "auto"
    WINDOW = "window"
    MANUAL = "manual"
    NEVER = "never"


@dataclass(frozen=True, slots=True, order=True)
class Consent:
    """A person's word that one disk of one machine may be replaced by one version.

    `disk` is the volume's name, `version` the digest or checksum. Without a namespace it is for
    the only machine of that name.
    """

    vm: str
    disk: str
    version: str
    namespace: str = ""


class Loss(enum.Enum):
    """What becomes of what was written to a disk that is replaced."""

    NOTHING = "not lost"
    ALLOWED = "lost, as the machine's policy allows"
    CONSENTED = "lost, as a person consented"
    UNCONSENTED = "lost, and nobody consented"


class Unconsented(enum.Enum):
    """What becomes of a disk that would lose what nobody gave up: it stays, or is proposed."""

    REFUSED = "refused"
    PROPOSED = "proposed"


@dataclass(frozen=True, slots=True)
class Terms:
    """What a promotion may do to disks: how many previous ones it keeps, and who consented.

    Whoever has proposals of disks without consent must keep them from being merged. Disks that are
    moved `in_place` leave no previous one: their document only stands for what the record says.
    """

    keep: int = 1
    consents: frozenset[Consent] = frozenset()
    unconsented: Unconsented = Unconsented.REFUSED
    in_place: bool = False

    def __post_init__(self) -> None:
        if self.keep < 1:
            raise Refusal("keep at least one previous disk: a running machine still uses it")


USUAL = Terms()


@dataclass(frozen=True, slots=True)
class Policy:
    """What the annotations of one machine say; `allowed` are volumes with their new version."""

    disk: DiskPolicy = DiskPolicy.STATEFUL
    restart: Restart = Restart.MANUAL
    allowed: frozenset[tuple[str, str]] = frozenset()


def policy_of(said: Mapping[str, str]) -> Policy:
    """The policy that annotations say, by name; raises Refusal for words that mean nothing."""
    disk = _word(said, POLICY, [one.value for one in DiskPolicy], DiskPolicy.STATEFUL.value)
    restart = _word(said, RESTART, [one.value for one in Restart], Restart.MANUAL.value)
    allowed = frozenset(_allowed(one) for one in re.split(r"[,\s]+", said.get(ALLOW, "")) if one)
    return Policy(DiskPolicy(disk), Restart(restart), allowed)


def _word(said: Mapping[str, str], name: str, words: list[str], usual: str) -> str:
    found = said.get(name, usual)
    if found not in words:
        raise Refusal(f"annotation {name} is '{found[:80]}'; write {', '.join(words)}")
    return found


def _allowed(text: str) -> tuple[str, str]:
    disk, _, version = text.partition("@")
    if not disk or not (is_digest(version) or is_checksum(version)):
        raise Refusal(f"annotation {ALLOW} says '{text[:120]}'; write VOLUME@sha256:...")
    return disk, version
