"""The lock of a chart's dependencies, after one of them was bumped."""

from __future__ import annotations

from collections.abc import Iterator
from collections.abc import Mapping as Texts
from types import MappingProxyType

from plugin.pins.lock_digest import Dependency, dependency, hash_of, hash_of_helm_2
from plugin.pins.nodes import Mapping, Node, Refused, Scalar, Tree
from plugin.pins.reading import mapping, sequence, word
from plugin.pins.splice import Splice, spliced
from plugin.pins.tree import BOM, read
from plugin.pins.versions import unmovable
from plugin.pins.writing import replaced

# The second pair is Helm 2's, which Helm 3 still reads.
LOCKS: Texts[str, str] = MappingProxyType(
    {"Chart.yaml": "Chart.lock", "requirements.yaml": "requirements.lock"}
)
_RUN = "run 'helm dependency update' beside it and bump again"
# Helm looks such names of repositories up before it hashes; the lock has their addresses.
_LOOKED_UP = ("@", "alias:")


def locks_after(
    texts: Texts[str, str], files: Texts[str, str]
) -> Iterator[tuple[str, str, str | Refused]]:
    """For each chart among the changed `files` that has a lock among `texts`: both, and its text.

    Refused where Helm would not take the lock any more; neither of the two may change then.
    """
    for chart, after in files.items():
        directory, slash, name = chart.rpartition("/")
        lock = f"{directory}{slash}{LOCKS.get(name, '')}"
        if name in LOCKS and lock in texts:
            yield chart, lock, relocked(lock, texts[lock], texts[chart], after)


def relocked(file: str, text: str, before: str, after: str) -> str | Refused:
    """The text of the lock at `file` for a Chart.yaml that was `before` and is `after` now.

    Versions and digest change, the time of generation stays: Helm compares the digest alone
    (https://github.com/helm/helm/blob/v3.22.0/pkg/downloader/manager.go#L117). Refused when the
    digest is not Helm's, or when a dependency is locked at another version than the chart's.
    """
    trees = [read(file, one) for one in (text, before, after)]
    readable = [one for one in trees if isinstance(one, Tree)]
    if len(readable) < len(trees):
        return next(one for one in trees if isinstance(one, Refused))
    lock, old, new = readable
    if _dependencies(old) == _dependencies(new):
        return text
    splices = _splices(lock, _dependencies(old), _dependencies(new))
    answer = spliced(lock, splices) if splices else None
    if answer is None:
        reason = f"is not what Helm writes for the chart beside it; {_RUN}"
        return Refused(file, 1, 1, reason, "digest")
    return (BOM if text.startswith(BOM) else "") + answer


def _splices(lock: Tree, old: list[Dependency], new: list[Dependency]) -> list[Splice]:
    """The new versions and the new digest; none when the lock does not fit."""
    entries, locked = _entries(lock), _dependencies(lock)
    if not len(locked) == len(old) == len(new):
        return []
    old, new = _looked_up(old, locked), _looked_up(new, locked)
    digest = _root(lock).get("digest")
    hashes = (hash_of, hash_of_helm_2)
    hashed = next((one for one in hashes if one(old, locked) == word(digest)), None)
    moved = [at for at, one in enumerate(new) if one.get("version") != old[at].get("version")]
    if hashed is None or any(locked[at].get("version") != old[at].get("version") for at in moved):
        return []
    slots = [(entries[at].get("version"), str(new[at].get("version"))) for at in moved]
    for at in moved:
        locked[at] = {**locked[at], "version": new[at].get("version")}
    return _replaced(lock, [*slots, (digest, hashed(new, locked))])


def _replaced(lock: Tree, slots: list[tuple[Node | None, str]]) -> list[Splice]:
    """Every slot with its new value, or none of them."""
    scalars = [slot for slot, _ in slots if isinstance(slot, Scalar) and not unmovable(lock, slot)]
    if len(scalars) < len(slots):
        return []
    values = [value for _, value in slots]
    return [replaced(lock, one, value) for one, value in zip(scalars, values, strict=True)]


def _looked_up(asked: list[Dependency], locked: list[Dependency]) -> list[Dependency]:
    return [
        {**one, "repository": there["repository"]}
        if str(one["repository"]).startswith(_LOOKED_UP)
        else one
        for one, there in zip(asked, locked, strict=True)
    ]


def _root(tree: Tree) -> Mapping:
    return mapping(tree.documents[0]) if tree.documents else mapping(None)


def _entries(tree: Tree) -> list[Mapping]:
    return [mapping(one) for one in sequence(_root(tree).get("dependencies")).items]


def _dependencies(tree: Tree) -> list[Dependency]:
    return [dependency(one) for one in _entries(tree)]
