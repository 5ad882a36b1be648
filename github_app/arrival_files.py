"""A warehouse's arrivals as a file of the ledger, and back. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, TypeAlias

from github_app.arrivals import Arrivals, Facts, FirstSeen, Posted, Settling
from github_app.ledger_times import time_of, time_text
from plugin.artifact import Artifact
from plugin.artifact.entries import artifact_of, entry_of
from plugin.freight import Freight

Tree: TypeAlias = Mapping[str, Any]


def arrivals_tree(arrivals: Arrivals) -> dict[str, object]:
    """What the file says, without what there is nothing of."""
    tree: dict[str, object] = {
        "since": {name: time_text(at) for name, at in sorted(arrivals.since.items())},
        "firstSeen": [
            {**entry_of(one.artifact), "at": time_text(one.at)} for one in arrivals.first_seen
        ],
        "posted": [_posted_tree(one) for one in arrivals.posted],
        "settling": _settling_tree(arrivals.settling),
    }
    return {key: value for key, value in tree.items() if value}


def arrivals_of(warehouse: str, tree: Tree) -> Arrivals:
    """The arrivals of a file; KeyError, TypeError, ValueError and Refusal where it is broken."""
    return Arrivals(
        {name: time_of(at) for name, at in tree.get("since", {}).items()},
        tuple(FirstSeen(*_dated(one)) for one in tree.get("firstSeen", ())),
        tuple(_posted(one) for one in tree.get("posted", ())),
        _settling(warehouse, tree["settling"]) if tree.get("settling") else None,
    )


def facts_of(tree: Tree) -> Facts:
    """What a source said, as it was written."""
    return tuple((name, text) for name, text in tree.items())


def _dated(tree: Tree) -> tuple[Artifact, datetime]:
    artifact = artifact_of({key: value for key, value in tree.items() if key != "at"})
    return artifact, time_of(tree["at"])


def _posted_tree(post: Posted) -> dict[str, object]:
    return {
        "name": post.name,
        "version": post.version,
        "at": time_text(post.at),
        "who": post.who,
        **({"metadata": dict(post.metadata)} if post.metadata else {}),
    }


def _posted(tree: Tree) -> Posted:
    metadata = facts_of(tree.get("metadata", {}))
    return Posted(tree["name"], tree["version"], metadata, time_of(tree["at"]), tree["who"])


def _settling_tree(settling: Settling | None) -> dict[str, object]:
    if settling is None:
        return {}
    return {
        "since": time_text(settling.since),
        "began": time_text(settling.began),
        "artifacts": [entry_of(one) for one in settling.freight.artifacts],
    }


def _settling(warehouse: str, tree: Tree) -> Settling:
    freight = Freight(warehouse, tuple(artifact_of(one) for one in tree["artifacts"]))
    return Settling(freight, time_of(tree["since"]), time_of(tree["began"]))
