"""Two manifests -> what becomes of every resource, as much of it as a check can show. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from hashlib import sha256

from github_app.difference.foreign_text import shown
from github_app.difference.lines import unified
from github_app.difference.resources import Differing, Identity, Resource, differing
from github_app.difference.values import Became, Changed, Counts, Rendered

MOST_TEXT = 50_000
"""Bytes of all differences that are kept: no check shows more."""
MOST_NAMED = 500
# What kustomize appends to the names of what it generates: ten characters of a hash, in letters
# that make no words. https://github.com/kubernetes-sigs/kustomize/blob/api/v0.20.1/api/hasher/hasher.go
_HASHED = re.compile(r"(.+)-[2456789bcdfghkmt]{10}")
_GENERATED = frozenset({"ConfigMap", "Secret"})


def compared(before: bytes, after: bytes) -> Rendered:
    """The difference between the manifests at the base and at the merge result."""
    found = differing(before, after)
    every = list(_changes(found))
    changed = sorted((one for one in every if one.size), key=_by_risk)
    return Rendered(
        base_sha256=sha256(before).hexdigest(),
        sha256=sha256(after).hexdigest(),
        counts=_counts(changed),
        resources=tuple(_fitting(changed[:MOST_NAMED])),
        unchanged=found.unchanged + len(every) - len(changed),
    )


def of_new(after: bytes, base_fails: str) -> Rendered:
    """The manifests of a merge result whose base cannot be rendered: all of them are added."""
    return replace(compared(b"", after), base_sha256="", base_fails=base_fails)


def _counts(every: Iterable[Changed]) -> Counts:
    became = dict.fromkeys(Became, 0)
    restarts = 0
    for one in every:
        became[one.became] += 1
        restarts += one.restarts
    added, changed, removed = (
        became[one] for one in (Became.ADDED, Became.CHANGED, Became.REMOVED)
    )
    return Counts(added, changed, removed, restarts)


def _by_risk(one: Changed) -> tuple[int, str]:
    """What goes first, then what restarts pods: whoever reads on to the end misses the least."""
    order = (Became.REMOVED, Became.CHANGED, Became.ADDED)
    return 2 * order.index(one.became) - one.restarts, one.name


def _fitting(every: Iterable[Changed]) -> Iterator[Changed]:
    """All of them, the texts of the largest left out until the others fit."""
    known = list(every)
    left, kept = MOST_TEXT, set()
    for one in sorted((one for one in known if one.text), key=lambda one: one.size):
        left -= one.size
        if left < 0:
            break
        kept.add(id(one))
    for one in known:
        yield one if id(one) in kept else replace(one, text="")


def _changes(found: Differing) -> Iterator[Changed]:
    before, after = dict(found.before), dict(found.after)
    for old, new in _renamed(before, after):
        yield _changed(before.pop(old), after.pop(new))
    for id_ in sorted({*before, *after}):
        old_one, new_one = before.get(id_), after.get(id_)
        if old_one is None and new_one is not None:
            yield _alone(Became.ADDED, new_one)
        elif new_one is None and old_one is not None:
            yield _alone(Became.REMOVED, old_one)
        elif old_one is not None and new_one is not None:
            yield _changed(old_one, new_one)


def _renamed(
    before: Iterable[Identity], after: Iterable[Identity]
) -> list[tuple[Identity, Identity]]:
    """What kustomize generated under another name, because its content changed."""
    old, new = set(before), set(after)
    gone, come = _by_stem(old - new), _by_stem(new - old)
    return [
        (gone[stem][0], come[stem][0])
        for stem in gone
        if len(gone[stem]) == len(come.get(stem, ())) == 1
    ]


def _by_stem(ids: Iterable[Identity]) -> dict[Identity, list[Identity]]:
    found: dict[Identity, list[Identity]] = {}
    for one in ids:
        name = _HASHED.fullmatch(one.name)
        if name and one.kind in _GENERATED and not one.group:
            found.setdefault(replace(one, name=name[1]), []).append(one)
    return found


def _alone(became: Became, resource: Resource) -> Changed:
    mark = "+" if became is Became.ADDED else "-"
    hidden, name = resource.concealed, str(resource.id)
    if hidden.whole:
        return _unread(became, name, len(resource.text))
    lines = hidden.shown().strip("\n").split("\n")
    return _read(became, name, "\n".join(f"{mark}{line}" for line in lines))


def _changed(old: Resource, new: Resource) -> Changed:
    """`size` is 0 where nothing but line ends differs."""
    same_name = old.id.name == new.id.name
    name = str(new.id) if same_name else f"{old.id} → {new.id.name}"
    before, after = old.concealed, new.concealed
    restarts = new.pods != "" and old.pods not in ("", new.pods)
    if before.whole or after.whole:
        return replace(_unread(Became.CHANGED, name, len(new.text)), restarts=restarts)
    text = unified(before.shown().strip("\n"), after.shown(before.differing(after)).strip("\n"))
    return replace(_read(Became.CHANGED, name, text), restarts=restarts)


def _unread(became: Became, name: str, size: int) -> Changed:
    return Changed(became, name, "", max(size, 1), unread=True)


def _read(became: Became, name: str, text: str) -> Changed:
    if len(text) > MOST_TEXT:
        return Changed(became, name, "", len(text.encode()))
    safe = shown(text)
    return Changed(became, name, safe, len(safe.encode()))
