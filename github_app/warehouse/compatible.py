"""The newest set of versions that go together, one of each subscription; pure.

Kargo judges the best of each subscription only and makes no freight if they do not go together
(https://docs.kargo.io/user-guide/how-to-guides/working-with-warehouses#freight-creation-criteria);
here the next best are tried (https://github.com/akuity/kargo/issues/4959).

Newest means: the sum of the ranks is least, rank 0 being a subscription's best; among equal sums
the subscription that stands first in the file has the better rank, then the second, and so on. A
new version on top moves every set without it by the same amount, so sets never overtake each other
because something unrelated was pushed.
"""

from __future__ import annotations

import heapq
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TypeAlias

from github_app.warehouse.candidate import Candidate
from github_app.warehouse.criteria import Criteria, shown
from plugin.artifact import Artifact, Chart, Image
from plugin.errors import Refusal

MOST_TRIED = 10_000
"""How many sets are tried before somebody is asked to narrow the search."""

Chosen: TypeAlias = Mapping[str, Candidate]
_Ranks: TypeAlias = tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Compatible:
    """The newest set that goes together; `passed_over` says why not the best of each, if so."""

    chosen: Chosen
    passed_over: str | None = None


@dataclass(frozen=True, slots=True)
class Incompatible:
    """Why no set goes together."""

    reason: str


@dataclass(frozen=True, slots=True)
class _Axis:
    """What is chosen together: ranks of the subscriptions at these places, the newest first."""

    places: tuple[int, ...]
    choices: tuple[_Ranks, ...]


def compatible(
    offered: Mapping[str, Iterable[Candidate]], *, match_tags: bool, criteria: Criteria | None
) -> Compatible | Incompatible:
    """The newest set of the versions offered, by subscription in the order of the file, best first.

    `match_tags` asks for one version in all images and charts, where a leading `v` does not count
    and a tag's `_` is a version's `+`. Without it and without criteria it is the best of each
    (Kargo's rule). More than the best is asked for only where those do not go together. Raises
    Refusal where too many sets do not satisfy the criteria.
    """
    sources = {name: iter(versions) for name, versions in offered.items()}
    first = {name: next(source, None) for name, source in sources.items()}
    best = {name: one for name, one in first.items() if one is not None}
    if len(best) < len(first) or not best:
        empty = [name for name in first if name not in best]
        return Incompatible(f"nothing to take from {', '.join(empty) or 'no subscription'}")
    matched = _matched(best) if match_tags else ()
    objection = _tags_differ(best, matched) or (criteria.objection(best) if criteria else None)
    if objection is None:
        return Compatible(best)
    # Only these are worth another try: of the others the best will do.
    tried = {*matched, *(criteria.names if criteria else ())}
    full = {name: (one, *(sources[name] if name in tried else ())) for name, one in best.items()}
    return _searched(full, matched, criteria, objection)


def _searched(
    offered: Mapping[str, Sequence[Candidate]],
    matched: Collection[str],
    criteria: Criteria | None,
    objection: str,
) -> Compatible | Incompatible:
    axes = [
        _Axis((place,), tuple((rank,) for rank in range(len(versions))))
        for place, (name, versions) in enumerate(offered.items())
        if name not in matched
    ]
    if matched:
        together = _together(offered, matched)
        if not together.choices:
            return Incompatible(f"no version is in all of {', '.join(matched)}: {objection}")
        if criteria is None or set(matched).isdisjoint(criteria.names):
            # The criteria would only say the same again.
            together = replace(together, choices=together.choices[:1])
        axes.append(together)
    for tried, ranks in enumerate(_newest_first(axes)):
        if tried == MOST_TRIED:
            raise Refusal(
                f"none of the {MOST_TRIED} newest sets goes together: {objection}; "
                "narrow the search with 'constraint' or 'limit'"
            )
        chosen = {name: offered[name][rank] for name, rank in zip(offered, ranks, strict=True)}
        if criteria is None or criteria.objection(chosen) is None:
            return Compatible(chosen, objection)
    return Incompatible(f"no set goes together: {objection}")


def _tags_differ(best: Chosen, matched: Collection[str]) -> str | None:
    if len({plain_tag(best[name].artifact) for name in matched}) < 2:
        return None
    return f"the tags differ: {shown({name: best[name] for name in matched})}"


def _matched(best: Chosen) -> tuple[str, ...]:
    """The subscriptions whose tags must be the same: those of images and charts."""
    return tuple(name for name, one in best.items() if isinstance(one.artifact, Image | Chart))


def plain_tag(artifact: Artifact) -> str:
    """A version as it is compared: without `v`, and a chart's `+` as a registry's tag has it."""
    return artifact.tag.removeprefix("v").replace("_", "+")


def _together(offered: Mapping[str, Sequence[Candidate]], matched: Collection[str]) -> _Axis:
    """The versions that all of these have; of two tags of one version the better one counts."""
    ranks = [
        {plain_tag(one.artifact): rank for rank, one in reversed(list(enumerate(offered[name])))}
        for name in matched
    ]
    shared = [one for one in ranks[0] if all(one in other for other in ranks)]
    choices = (tuple(one[version] for one in ranks) for version in shared)
    places = tuple(place for place, name in enumerate(offered) if name in matched)
    return _Axis(places, tuple(sorted(choices, key=_newness)))


def _newness(ranks: _Ranks) -> tuple[int, _Ranks]:
    return sum(ranks), ranks


def _newest_first(axes: Sequence[_Axis]) -> Iterator[_Ranks]:
    """Every set as the ranks of its subscriptions, the newest first, each once."""
    first = (0,) * len(axes)
    waiting = [(_newness(_ranks(axes, first)), first)]
    known = {first}
    while waiting:
        (_, ranks), at = heapq.heappop(waiting)
        yield ranks
        for axis, one in enumerate(at):
            after = (*at[:axis], one + 1, *at[axis + 1 :])
            if one + 1 < len(axes[axis].choices) and after not in known:
                known.add(after)
                heapq.heappush(waiting, (_newness(_ranks(axes, after)), after))


def _ranks(axes: Sequence[_Axis], at: _Ranks) -> _Ranks:
    """The ranks in the order of the file of the choices at these positions of the axes."""
    found = {
        place: rank
        for axis, position in zip(axes, at, strict=True)
        for place, rank in zip(axis.places, axis.choices[position], strict=True)
    }
    return tuple(found[place] for place in range(len(found)))
