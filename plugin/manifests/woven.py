"""Documents among others that nobody reads: taken out, changed as one text, and put back."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from itertools import pairwise

from plugin.divided import BETWEEN, is_by_hand, printed_texts, texts_by_hand
from plugin.manifests.canonical import scalar
from plugin.manifests.documents import Document, field_of, unquoted

_ELSEWHERE = re.compile(r"(?:---\n)?elsewhere: ([0-9]+)-([0-9]+)\n")

# The order in which kustomize prints kinds unless a kustomization says another one; all others
# stand between them (`defaultOrderFirst` and `defaultOrderLast` of its sort order transformer,
# https://github.com/kubernetes-sigs/kustomize/blob/master/api/internal/builtins/SortOrderTransformer.go).
_FIRST = (
    "Namespace ResourceQuota StorageClass CustomResourceDefinition ServiceAccount "
    "PodSecurityPolicy Role ClusterRole RoleBinding ClusterRoleBinding ConfigMap Secret Endpoints "
    "Service LimitRange PriorityClass PersistentVolume PersistentVolumeClaim Deployment "
    "StatefulSet CronJob PodDisruptionBudget"
).split()
_LAST = ("MutatingWebhookConfiguration", "ValidatingWebhookConfiguration")
_RANKS = {kind: number - len(_FIRST) for number, kind in enumerate(_FIRST)} | {
    kind: number for number, kind in enumerate(_LAST, 1)
}


@dataclass(frozen=True, slots=True)
class Woven:
    """The documents of manifests as texts; `by_hand` where people wrote them, each with `---`."""

    texts: tuple[str, ...]
    by_hand: bool

    @classmethod
    def of(cls, manifests: bytes) -> Woven:
        """What kustomize printed begins with an object, the files of a directory with `---`."""
        if is_by_hand(manifests):
            return cls(texts_by_hand(manifests.decode()), by_hand=True)
        return cls(printed_texts(manifests), by_hand=False)

    def text(self, chosen: Collection[int]) -> str:
        """The chosen documents in their order, with a short one for each run of others."""
        parts: list[str] = []
        first = 0
        for at in [*sorted(chosen), len(self.texts)]:
            if first < at:
                parts.append(f"{BETWEEN if self.by_hand else ''}elsewhere: {first}-{at}\n")
            parts += self.texts[at : at + 1]
            first = at + 1
        return ("" if self.by_hand else BETWEEN).join(parts)

    def with_text(self, old: str, new: str) -> bytes:
        """All documents, with those of `text` as they are now.

        As kustomize would print them: a value that changed in the quotes that it needs, and in
        kustomize's order where they were in that order before. What people wrote stays theirs.
        """
        if self.by_hand:
            return "".join(self._unfolded(texts_by_hand(new))).encode()
        known = frozenset(old.split("\n"))
        lines = (one if one in known else _printed(one) for one in new.split("\n"))
        every = list(self._unfolded(printed_texts("\n".join(lines).encode())))
        return BETWEEN.join(_ordered(self.texts, every)).encode()

    def _unfolded(self, parts: Iterable[str]) -> Iterator[str]:
        for part in parts:
            found = _ELSEWHERE.fullmatch(part)
            if found is None:
                yield part
            else:
                yield from self.texts[int(found[1]) : int(found[2])]


def _printed(line: str) -> str:
    """A line of one field with its value as kustomize would write it."""
    field = field_of(line.encode())
    if field is None or not field.value or field.value[:1] in b"|>{[":
        return line
    said = field.value.decode()
    if said[0] in "\"'" and (len(said) == 1 or said[-1] != said[0]):
        return line
    before = line[: len(line) - len(said)]
    return before + scalar(unquoted(field.value), field.column + 2, len(before))


def _ordered(before: Collection[str], after: list[str]) -> list[str]:
    """`after` in kustomize's order if `before` was; only names of objects may have changed."""
    if set(before) == set(after):
        return after
    was = [_rank(one) for one in before]
    if any(one > other for one, other in pairwise(was)):
        return after
    return sorted(after, key=_rank)


def _rank(text: str) -> tuple[int, str, str]:
    """What kustomize sorts an object by."""
    encoded = text.encode()
    one = Document(encoded, 0, len(encoded))
    group, slash, version = one.api_version.rpartition("/")
    api = "_".join((group if slash else "~G", version or "~V", one.kind or "~K"))
    return _RANKS.get(one.kind, 0), api, f"|{one.namespace or '~X'}|{one.name or '~N'}"
