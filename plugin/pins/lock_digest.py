"""The digest with which Helm tells whether a lock fits the dependencies of its chart."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence as Several
from typing import TypeAlias

from plugin.pins.nodes import Alias, Mapping, Node, Sequence
from plugin.pins.reading import is_null, sequence
from plugin.pins.versions import said

Json: TypeAlias = "str | bool | list[Json] | dict[str, Json] | None"
Dependency: TypeAlias = dict[str, Json]

# Go escapes these in JSON, Python does not (https://pkg.go.dev/encoding/json#Marshal).
_ESCAPED = str.maketrans({one: f"\\u{ord(one):04x}" for one in "<>&\u2028\u2029"})


def dependency(entry: Mapping) -> Dependency:
    """An entry of `dependencies` with the keys and in the order in which Helm hashes it.

    https://github.com/helm/helm/blob/v3.22.0/pkg/chart/dependency.go#L24. Values that are neither
    text nor true are taken for text, so that the digest of such a lock is told to be another one.
    """
    found: Dependency = {
        "name": said(entry.get("name")),
        "version": said(entry.get("version")),
        "repository": said(entry.get("repository")),
        "condition": said(entry.get("condition")),
        "tags": _json(sequence(entry.get("tags"))),
        "enabled": said(entry.get("enabled")) == "true",
        "import-values": _json(sequence(entry.get("import-values"))),
        "alias": said(entry.get("alias")),
    }
    return {key: value for key, value in found.items() if value or key in ("name", "repository")}


def hash_of(asked: Several[Dependency], locked: Several[Dependency]) -> str:
    """Helm's HashReq: what a chart asks for, and what its lock names.

    https://github.com/helm/helm/blob/v3.22.0/internal/resolver/resolver.go#L214
    """
    return _sha256([list(asked), list(locked)])


def hash_of_helm_2(asked: Several[Dependency], _locked: Several[Dependency]) -> str:
    """Helm's HashV2Req, which it still takes: what a chart asks for alone."""
    return _sha256({"dependencies": list(asked)})


def _sha256(value: object) -> str:
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":")).translate(_ESCAPED)
    return "sha256:" + hashlib.sha256(text.encode()).hexdigest()


def _json(node: Node) -> Json:
    """What Go reads a node as; the keys of its maps are sorted."""
    if isinstance(node, Alias):
        return _json(node.target)
    if isinstance(node, Sequence):
        return [_json(item) for item in node.items]
    if isinstance(node, Mapping):
        pairs = {key.value: _json(value) for key, value in node.named()}
        return dict(sorted(pairs.items()))
    return None if is_null(node) else node.value
