"""Whether a machine lets one of its disks be replaced: its policy, and a person's consent."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import assert_never

from plugin.artifact import Wanted
from plugin.disks.hearing import Hearing
from plugin.disks.model import By, Machine, Pointer
from plugin.disks.policy import (
    ALLOW,
    POLICY,
    Consent,
    DiskPolicy,
    Loss,
    Policy,
    Terms,
    Unconsented,
)
from plugin.errors import Refusal
from plugin.pins.kubevirt_objects import INSTANCE

_DELETED = (
    "The old disk does not stay in Git: the change deletes it from the cluster while the machine "
    "still runs on it, and there is no way back to what is on it"
)


@dataclass(frozen=True, slots=True)
class Judgement:
    """A machine's policy, what a new disk costs it, and why somebody must consent first, or ''."""

    policy: Policy = Policy()  # noqa: RUF009 - frozen
    loss: Loss = Loss.NOTHING
    objection: str = ""


def judged(
    pointer: Pointer,
    wanted: Wanted,
    terms: Terms,
    hearing: Hearing,
    *,
    fresh: bool,
    kept: bool = True,
) -> Judgement:
    """What the machine says to another disk.

    A disk that is not `fresh` was there before, so going back to it needs nobody's consent. One
    that is not `kept` is deleted in the same change. Raises Refusal where the disk may not be
    replaced.
    """
    machine = pointer.machine
    if machine is None:
        return Judgement()
    if machine.kind == INSTANCE:
        raise Refusal(f"{machine} is an instance, which never changes; write a VirtualMachine")
    policy = hearing.policy(machine)
    if not fresh or not pointer.writable or pointer.by is By.EPHEMERAL:
        return Judgement(policy)
    other = machine.boot not in ("", pointer.holder)
    if policy.disk is DiskPolicy.REPLACE and not other:
        return Judgement(policy, Loss.ALLOWED)
    version = wanted.digest or ""
    given = _given(pointer, machine, version, terms, hearing)
    if given or (pointer.holder, version) in policy.allowed:
        return Judgement(policy, Loss.CONSENTED)
    objection = _objection(pointer, machine, wanted, replaced=policy.disk is DiskPolicy.REPLACE)
    return _unconsented(policy, objection if kept else f"{objection}. {_DELETED}", terms)


def _given(
    pointer: Pointer, machine: Machine, version: str, terms: Terms, hearing: Hearing
) -> bool:
    """Whether a person consented; raises Refusal where the word may be for another machine."""
    consent = Consent(machine.id.name, pointer.holder, version)
    spaces = hearing.namespaces(machine)
    if any(replace(consent, namespace=one) in terms.consents for one in spaces):
        return True
    if consent not in terms.consents:
        return False
    other = hearing.namesake(machine)
    if other is not None:
        raise Refusal(
            f"the consent to {consent.vm}:{consent.disk} may be for {machine} in {machine.file} or "
            f"for {other} in {other.file}; write NAMESPACE/{consent.vm}:{consent.disk}, or bump "
            "the files of one of them only"
        )
    return True


def _unconsented(policy: Policy, objection: str, terms: Terms) -> Judgement:
    match terms.unconsented:
        case Unconsented.REFUSED:
            raise Refusal(objection)
        case Unconsented.PROPOSED:
            return Judgement(policy, Loss.UNCONSENTED, objection)
        case _:
            assert_never(terms.unconsented)


def _objection(pointer: Pointer, machine: Machine, wanted: Wanted, *, replaced: bool) -> str:
    disk = pointer.holder
    advice = f"If nothing there matters, annotate the machine with '{POLICY}: replace'; to"
    if replaced:
        advice = f"'{POLICY}: replace' speaks of {machine.boot}, which it boots from; to"
    return (
        f"{machine} would start with a fresh disk of {wanted.subject} {wanted.tag}: everything "
        f"written to disk {disk} since {pointer.target.name} was imported is lost to it; other "
        f"disks stay. {advice} "
        f"consent to this once, annotate it with '{ALLOW}: {disk}@{wanted.digest}'"
    )
