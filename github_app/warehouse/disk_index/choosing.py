"""Which of the listed versions of one disk a subscription may take, newest first; pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import assert_never

from semver import Version

from github_app.warehouse.comparators import Precedence
from github_app.warehouse.disk_index.listed import Listed, ListedImage, ListedVersion
from github_app.warehouse.disk_index.publishers import PUBLISHERS
from github_app.warehouse.filtered import Rules
from github_app.warehouse.patterns import Patterns
from github_app.warehouse.versions import Constraint, precedence, version_of
from plugin.artifact import DiskFamily
from plugin.errors import Refusal
from plugin.subscriptions import DiskSubscription

_NUMBER = re.compile(r"\d+")
# What may stand for a star; which of it is a version the family says.
_VERSION = r"[0-9A-Za-z.-]{1,60}"
# Without a constraint everything counts but pre-releases.
_ANY = "*"


@dataclass(frozen=True, slots=True)
class Offered:
    """A version of a disk: its address in the subscription's own form, and what is said of it."""

    version: str
    address: str
    checksum: str | None
    created: datetime | None


def offered(family: DiskFamily, listed: Iterable[Listed]) -> tuple[Offered, ...]:
    """The versions of the family among all that is listed, each once."""
    found = {one.version: one for one in _of_family(family, listed)}
    return tuple(found.values())


def rules_of(subscription: DiskSubscription) -> Rules:
    """What the subscription asks of a version; raises Refusal.

    Patterns as for tags. A constraint is for publishers of dotted versions: it reads three numbers
    (43-1.6 is 43.1.6) and a pre-release if there is one; pre-releases count only where it names
    one. The others' versions are dates.
    """
    patterns = Patterns.of(subscription.allow, subscription.ignore)
    publisher, constraint = subscription.publisher, subscription.constraint
    if PUBLISHERS[publisher].dotted:
        wanted = Constraint.parse(constraint or _ANY)
        return Rules(patterns, subscription.limit, read=_semantic, constraint=wanted)
    if constraint is not None:
        raise Refusal(
            f"versions of {publisher.value} are dates: instead of the constraint '{constraint}' "
            "say which to take with 'allow', such as '^2026'"
        )
    return Rules(patterns, subscription.limit)


def taken(rules: Rules, versions: Iterable[Offered]) -> tuple[Offered, ...]:
    """Those that the rules let pass, newest first, at most the limit.

    Publishers' versions are numbers between dots and dashes, compared number by number:
    20260705.10 comes after 20260705.9, and 1.14.0 after 1.14.0-rc.1.
    """
    passed = [one for one in versions if rules.objection(one.version) is None]
    return tuple(sorted(passed, key=_order, reverse=True)[: rules.limit])


def _of_family(family: DiskFamily, listed: Iterable[Listed]) -> Iterator[Offered]:
    pieces = (re.escape(piece) for piece in family.pattern.split("*"))
    form = re.compile(_VERSION.join(pieces))
    for one in listed:
        match one:
            case ListedImage(path, checksum, created):
                address = _with_end(family.pattern, path)
            case ListedVersion(text, created):
                address, checksum = family.pattern.replace("*", text), None
            case _:
                assert_never(one)
        version = family.version_in(address) if form.fullmatch(address) else None
        if version is not None:
            yield Offered(version, address, checksum, created)


def _with_end(pattern: str, path: str) -> str:
    """The pattern with its end, from the first directory with a star, as the publisher has it."""
    base = pattern.partition("*")[0].rpartition("/")[0]
    parts = pattern.count("/") - base.count("/")
    return "/".join((base, *path.split("/")[-parts:]))


def _semantic(version: str) -> Version | None:
    """Talos's versions are semantic; Fedora CoreOS's have four numbers, Fedora's releases less."""
    three = ".".join(_NUMBER.findall(version)[:3])
    return version_of(version, strict=True) or version_of(three, strict=False)


def _order(one: Offered) -> tuple[Precedence, tuple[int, ...]]:
    """What orders versions: what is semantic in them, then every number."""
    version = _semantic(one.version) or Version(0)
    return precedence(version), tuple(int(number) for number in _NUMBER.findall(one.version))
