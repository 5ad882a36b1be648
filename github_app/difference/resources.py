"""Manifests as resources: which differ, and what is to be known of each to compare it. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from github_app.difference.secrets import Concealed, concealed
from plugin.divided import is_by_hand, printed_texts, texts_by_hand
from plugin.manifests.documents import Document
from plugin.pins.nodes import Mapping, Node, Tree
from plugin.pins.reading import mapping, text_of
from plugin.pins.tree import read

_FILE = "manifests"
# Who replaces running pods when their template changes; a CronJob's next run is no restart.
# https://kubernetes.io/docs/concepts/workloads/controllers/
_RESTARTING = frozenset(
    {
        ("apps", "DaemonSet"),
        ("apps", "Deployment"),
        ("apps", "StatefulSet"),
        ("argoproj.io", "Rollout"),
    }
)


@dataclass(frozen=True, slots=True, order=True)
class Identity:
    """What stays the same of a resource while it changes, another version of its API included.

    `number` tells apart what has one identity more than once, as only files by hand can.
    """

    kind: str
    namespace: str
    name: str
    group: str
    number: int = 0

    def __str__(self) -> str:
        where = f"{self.namespace}/" if self.namespace else ""
        return f"{self.kind or 'Something without a kind'} {where}{self.name}".rstrip()


@dataclass(frozen=True, slots=True)
class Resource:
    """One document of the manifests; `tree` is None where its text is more than we read."""

    id: Identity
    text: str
    tree: Tree | None

    @property
    def pods(self) -> str:
        """The template of the pods that it replaces when that changes, as written; or ''."""
        root = self._root
        if (self.id.group, self.id.kind) not in _RESTARTING:
            return ""
        spec = mapping(root.get("spec"))
        strategy = mapping(spec.get("updateStrategy"))
        if text_of(strategy.get("type")) == "OnDelete" or text_of(spec.get("replicas")) == "0":
            return ""
        template = spec.get("template")
        if not isinstance(template, Mapping) or self.tree is None:
            return ""
        return self.tree.text[template.start : template.end].rstrip()

    @property
    def concealed(self) -> Concealed:
        """What of it nobody shall see."""
        return concealed(self.text, self.tree)

    @property
    def _root(self) -> Mapping:
        return mapping(_only(self.tree))


@dataclass(slots=True)
class Differing:
    """The resources on each side that are not, to the byte, on the other one too."""

    before: dict[Identity, Resource] = field(default_factory=dict)
    after: dict[Identity, Resource] = field(default_factory=dict)
    unchanged: int = 0


def differing(before: bytes, after: bytes) -> Differing:
    """What must be compared; what is equal on both sides is only counted, and never parsed."""
    old, new = _texts(before), _texts(after)
    left = dict.fromkeys(old, 0)
    for text in old:
        left[text] += 1
    found, others = Differing(), []
    for text in new:
        if left.get(text, 0):
            left[text] -= 1
            found.unchanged += 1
        else:
            others.append(text)
    found.before = _identified(text for text, count in left.items() for _ in range(count))
    found.after = _identified(iter(others))
    return found


def _texts(manifests: bytes) -> list[str]:
    if not is_by_hand(manifests):
        return list(printed_texts(manifests))
    every = texts_by_hand(manifests.decode("utf-8", "replace"))
    return [one for one in every if one.removeprefix("---").strip()]


def _identified(texts: Iterator[str]) -> dict[Identity, Resource]:
    found: dict[Identity, Resource] = {}
    counts: dict[Identity, int] = {}
    for text in texts:
        tree = read(_FILE, text)
        known = tree if isinstance(tree, Tree) else None
        plain = _identity(known) if known else _identity_at_a_glance(text)
        number = counts[plain] = counts.get(plain, -1) + 1
        id_ = Identity(plain.kind, plain.namespace, plain.name, plain.group, number)
        found[id_] = Resource(id_, text, known)
    return found


def _identity_at_a_glance(text: str) -> Identity:
    """Of what is too large or too strange to be read, if kustomize printed it."""
    body = text.encode("utf-8", "replace")
    glance = Document(body, 0, len(body))
    group, slash, _ = glance.api_version.partition("/")
    return Identity(glance.kind, glance.namespace, glance.name, group if slash else "")


def _identity(tree: Tree) -> Identity:
    root = mapping(_only(tree))
    metadata = mapping(root.get("metadata"))
    group, slash, _ = text_of(root.get("apiVersion")).partition("/")
    name = text_of(metadata.get("name")) or text_of(metadata.get("generateName"))
    kind = text_of(root.get("kind"))
    return Identity(kind, text_of(metadata.get("namespace")), name, group if slash else "")


def _only(tree: Tree | None) -> Node | None:
    return tree.documents[0] if tree is not None and tree.documents else None
