"""How large disks are: quantities as Kubernetes writes them, and which of two is smaller."""

from __future__ import annotations

import re
from decimal import Decimal

_QUANTITY = re.compile(r"([0-9]{1,30}(?:\.[0-9]{1,30})?)(?:([numkKMGTPE]?)(i?)|[eE]([0-9]{1,2}))")
_POWERS = {"": 0, "n": -3, "u": -2, "m": -1, "k": 1} | {
    letter: at for at, letter in enumerate("KMGTPE", start=1)
}


def bytes_of(quantity: str) -> Decimal | None:
    """The number that a quantity means, or None where it is none.

    https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/quantity/
    """
    found = _QUANTITY.fullmatch(quantity)
    if found is None:
        return None
    if found[4]:
        return Decimal(found[1]) * Decimal(10) ** int(found[4])
    return Decimal(found[1]) * Decimal(1024 if found[3] else 1000) ** _POWERS[found[2]]


def shrinks(before: str, after: str) -> bool | None:
    """Whether `after` is smaller; None where that cannot be told."""
    if before == after:
        return False
    old, new = bytes_of(before), bytes_of(after)
    return None if old is None or new is None else new < old
