"""The first line of a promotion: what must be mended, or what merging it does. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from github_app.artifact_words import count_of, counted
from github_app.body.artifacts import is_held
from github_app.body.subject import Subject
from github_app.difference.values import Counts
from github_app.gates import GateState
from github_app.markdown import code, plain, shortened
from github_app.replaced_disks import machines_to_restart
from plugin.stage_policy import Write

REVIEWS = "reviews"
_MOST_NAMED = 5


def risk(subject: Subject) -> str:
    """What merging does, counted: `2 images, 3 restarts, 1 deletion, no disk`."""
    return (
        f"**{', '.join(_counts(subject))}.** Merging this promotes freight "
        f"{_named(subject)} to **{subject.stage.name}**."
    )


def stop(subject: Subject, most: int) -> str:
    """What must be mended first, if anything; then nothing below it invites to merge."""
    failed = [one for one in subject.gates if one.state is GateState.FAILED]
    # Who is asked for a review shall read what it is about; GitHub shows who has given one.
    failed = [one for one in failed if one.name.partition(" (")[0] != REVIEWS]
    if not failed:
        return ""
    reasons = "; ".join(f"{one.name}: {_first_sentence(one.text)}" for one in failed)
    return (
        f"**Do not merge: {plain(shortened(reasons, most))}.** This proposes freight "
        f"{_named(subject)} for **{subject.stage.name}**."
    )


def _first_sentence(text: str) -> str:
    """What is wrong; what to do about it stands with the gate."""
    return text.partition(". ")[0].rstrip(". ")


def _counts(subject: Subject) -> Iterator[str]:
    lines = subject.lines
    yield from counted(
        one for line in lines for one in line.freight.artifacts if not is_held(line, one)
    )
    if subject.counts is None:
        yield _pins(subject)
    else:
        yield from _rendered(subject.counts)
    # Where nothing was rendered, nobody knows how many pods restart: a workload may be anybody's.
    machines = machines_to_restart(subject.disks, subject.restarts)
    if machines:
        yield count_of(machines, "machine restart")
    yield f"{count_of(len(subject.disks), 'disk')} replaced" if subject.disks else "no disk"


def _named(subject: Subject) -> str:
    """The aliases of the freight, a few of them."""
    names = [code(one.whole.alias) for one in subject.lines]
    left = len(names) - _MOST_NAMED
    return ", ".join([*names[:_MOST_NAMED], *([f"{left} more"] if left > 0 else [])])


def _pins(subject: Subject) -> str:
    if not subject.bumps:
        return "the record alone" if subject.stage.write is Write.RECORD else "no pin"
    files = len({bump.pin.file for bump in subject.bumps})
    return f"{count_of(len(subject.bumps), 'pin')} in {count_of(files, 'file')}"


def _rendered(counts: Counts) -> Iterator[str]:
    yield count_of(counts.restarts, "restart") if counts.restarts else "no restart"
    yield count_of(counts.removed, "deletion") if counts.removed else "no deletion"
