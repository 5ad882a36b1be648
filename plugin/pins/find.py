"""The table of finders, and the quick look that spares most files a parse."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import assert_never

from plugin.artifact import (
    ChartName,
    CustomName,
    DiskFamily,
    GitRepository,
    Machine,
    Repository,
    Subject,
)
from plugin.errors import Refusal
from plugin.pins import (
    argocd_revisions,
    chart_dependencies,
    charts,
    container_disks,
    data_volumes,
    embedded,
    helm_values,
    image_overrides,
    kustomize_images,
    machine_versions,
    manifest_images,
    markers,
    remote_bases,
)
from plugin.pins.image_groups import IMAGE_KEYS
from plugin.pins.nodes import Refused, Tree
from plugin.pins.pin import Found, Named, Pin, Present
from plugin.pins.reading import mapping
from plugin.pins.tree import read

Finder = Callable[[str, Tree], Iterator[Pin | Refused]]

# A place that two finders take belongs to the first: the special stand before the general. Each
# comes with words of which a text has at least one where it finds anything: to look for words is
# many times cheaper than to walk a tree.
FINDERS: tuple[tuple[Finder, tuple[str, ...]], ...] = (
    (markers.find, ("towline:",)),
    (kustomize_images.find, ("images",)),
    (image_overrides.find, ("argoproj.io/", "fluxcd.io/")),
    (machine_versions.find, ("",)),
    (charts.find, ("helmCharts", "toolkit.fluxcd.io/", "helm.cattle.io/")),
    (chart_dependencies.find, ("dependencies",)),
    (argocd_revisions.find, ("argoproj.io/",)),
    (remote_bases.find, ("",)),
    (data_volumes.find, ("kubevirt.io/",)),
    (container_disks.find, ("kubevirt.io/", "x-k8s.io/", "harvesterhci.io/", "longhorn.io/")),
    (helm_values.find, (*IMAGE_KEYS, "repository", "parameters")),
    (manifest_images.find, IMAGE_KEYS),
    (embedded.find, IMAGE_KEYS),
)
# A marker comment names a subscription, so its file need not name what the subscription watches.
MARKER = "towline:"


def pins_in(file: str, text: str) -> Found:
    """Every pin of `text` in the order of the text, and the look-alikes that were not taken.

    `file` is the path for messages; its last part tells kustomizations from other files.
    """
    tree = read(file, text)
    if isinstance(tree, Refused):
        return Found(refused=(tree,))
    return found_in(file, tree)


def found_in(file: str, tree: Tree, declared: Iterable[Pin] = ()) -> Found:
    """As `pins_in`, for a text that was read already; what is declared is not looked for."""
    encrypted = _encrypted(file, tree)
    if encrypted is not None:
        return Found(refused=(encrypted,))
    found: dict[tuple[int, int], Pin | Refused] = {}
    own: tuple[Pin | Refused, ...] = tuple(declared)
    for one in own:
        found.update(dict.fromkeys(_places(one), one))
    for finder, words_ in FINDERS:
        if any(map(tree.text.__contains__, words_)):
            for one in list(finder(file, tree)):
                places = _places(one)
                if found.keys().isdisjoint(places):
                    found.update(dict.fromkeys(places, one))
    # By identity: what pins are equal by is a hundred values long.
    every = {id(one): one for one in (*own, *found.values())}.values()
    ordered = sorted(every, key=lambda one: (one.line, one.column))
    return Found(
        tuple(one for one in ordered if isinstance(one, Pin)),
        tuple(one for one in ordered if isinstance(one, Refused)),
    )


def _places(one: Pin | Refused) -> list[tuple[int, int]]:
    """Where something found stands: its own place, and that of each scalar it is written in."""
    slots = [part.slot for part in one.parts] if isinstance(one, Pin) else []
    present = [at.scalar for at in slots if isinstance(at, Present)]
    return [(one.line, one.column), *((scalar.line, scalar.column) for scalar in present)]


def needles(subjects: Iterable[Subject | Named]) -> tuple[str, ...]:
    """The words of which a text has at least one if it can hold a pin of one of `subjects`."""
    return (MARKER, *dict.fromkeys(word for one in subjects for word in _words(one)))


def _words(subject: Subject | Named) -> tuple[str, ...]:
    if isinstance(subject, Machine):
        return machine_versions.words(subject)
    return (_needle(subject),)


def mentions(text: str, subjects: Iterable[Subject | Named]) -> bool:
    """Whether `text` can hold a pin of one of `subjects`: cheap, and wrong only towards yes."""
    subjects = tuple(subjects)
    return any(one in text for one in needles(subjects)) or _folded_in(text, subjects)


def _folded_in(text: str, subjects: Iterable[Subject | Named]) -> bool:
    """Whether `text` names a Git repository in another case: GitHub's names have none."""
    folded = [_needle(one).lower() for one in subjects if isinstance(one, GitRepository)]
    return bool(folded) and any(one in text.lower() for one in folded)


def _needle(subject: Subject | Named) -> str:
    match subject:
        case Repository() | GitRepository():
            return subject.path.rpartition("/")[2]
        case ChartName():
            return subject.name
        case DiskFamily():
            return max(subject.pattern.rpartition("://")[2].split("*"), key=len)
        case Machine():
            return subject.name
        case Named() | CustomName():
            return MARKER
        case _:
            assert_never(subject)


def concerns(refused: Refused, text: str, subject: Subject | Named) -> bool:
    """Whether something refused may be a pin of `subject`, so that it can't be passed over."""
    if refused.subject is not None:
        return _may_be(refused.subject, subject)
    if not refused.text:
        path = subject.path if isinstance(subject, Repository) else _needle(subject)
        return path.removeprefix("library/") in text or _folded_in(text, (subject,))
    if _must_be_named(subject) and MARKER not in refused.text:
        return False
    if isinstance(subject, DiskFamily):
        return _family(refused.text) == subject
    pieces = refused.text.replace("@", ":").replace("/", ":").split(":")
    return _needle(subject) in [piece.strip("\"'{}[], \t\r\n") for piece in pieces]


def _must_be_named(subject: Subject | Named) -> bool:
    """Whether only places that say so are of `subject`: a subscription beside others to it."""
    return not isinstance(subject, Machine | Named) and bool(subject.subscription)


def _may_be(found: Subject, subject: Subject | Named) -> bool:
    if isinstance(found, ChartName) and isinstance(subject, ChartName):
        return found.includes(subject) or subject.includes(found)
    return found == subject


def _family(text: str) -> DiskFamily | None:
    try:
        return DiskFamily.parse(text)
    except Refusal:
        return None


def _encrypted(file: str, tree: Tree) -> Refused | None:
    """SOPS signs all values of a file, so any edit breaks its decryption."""
    for document in tree.documents if "sops" in tree.text else ():
        sops = mapping(document).get("sops")
        if sops is not None and mapping(sops).get("mac") is not None:
            reason = (
                "is encrypted with SOPS, whose checksum covers every value; keep pins elsewhere"
            )
            return Refused(file, sops.line, sops.column, reason)
    return None
