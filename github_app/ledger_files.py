"""The ledger as files, small and readable by people, and back. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any, TypeAlias, TypeVar

import yaml

from github_app.arrival_files import arrivals_of, arrivals_tree, facts_of
from github_app.ledger import BRANCH, EMPTY, Ledger, Seen
from github_app.ledger_times import time_of, time_text
from github_app.note_files import FIRST_KINDS, notes_of, notes_tree
from github_app.notes import StageNotes
from plugin.artifact import Artifact, Image, Watched
from plugin.artifact.entries import artifact_of, entry_of
from plugin.errors import Refusal
from plugin.freight import Freight

# The newest format; a file is written in the first where that can say it.
FORMAT = 3
_FACTS = "facts"


def ledger_files(project: str, ledger: Ledger) -> dict[str, str]:
    """The ledger as files: path on the ledger branch -> text."""
    return {
        path: text
        for path, text in ledger_changes(project, EMPTY, ledger).items()
        if text is not None
    }


def ledger_changes(project: str, before: Ledger, after: Ledger) -> dict[str, str | None]:
    """The files that differ between two ledgers, with their text in the second (None: gone)."""
    files: dict[str, str | None] = {}
    for name in {**before.warehouses, **after.warehouses}:
        old, new = before.seen(name), after.seen(name)
        if old != new:
            files[_path(project, "warehouses", name)] = _freight_text(new)
    for name in {**before.arrivals, **after.arrivals}:
        if before.arrived(name) != after.arrived(name):
            files[_path(project, "arrivals", name)] = _dump(arrivals_tree(after.arrived(name)))
    for name in {**before.stages, **after.stages}:
        if before.notes(name) != after.notes(name):
            files[_path(project, "stages", name)] = _notes_text(after.notes(name))
    return files


def read_ledger(project: str, files: Mapping[str, str]) -> Ledger:
    """The project's ledger out of the branch's files; raises Refusal naming the file."""
    warehouses = {}
    stages = {}
    arrivals = {}
    for path, text in files.items():
        owner, _, rest = path.partition("/")
        kind, _, name = rest.removesuffix(".yaml").partition("/")
        if owner != project or not path.endswith(".yaml"):
            continue
        if kind == "warehouses":
            warehouses[name] = _read(path, text, _warehouse_reader(name))
        elif kind == "stages":
            stages[name] = _read(path, text, notes_of)
        elif kind == "arrivals":
            arrivals[name] = _read(path, text, partial(arrivals_of, name))
    return Ledger(warehouses, stages, arrivals)


def _path(project: str, kind: str, name: str) -> str:
    return f"{project}/{kind}/{name}.yaml"


def _freight_text(seen: Sequence[Seen]) -> str | None:
    every = (artifact for one in seen for artifact in one.freight.artifacts)
    plain = all(isinstance(one, Image) and not one.repository.subscription for one in every)
    return _dump({"freight": [_seen_tree(one) for one in seen]}, 1 if plain else 2)


def _notes_text(notes: StageNotes) -> str | None:
    tree = notes_tree(notes)
    return _dump(tree, 1 if FIRST_KINDS.issuperset(tree) else 3)


def _dump(tree: Mapping[str, object], format_: int = 1) -> str | None:
    """The file's text; None if there is nothing to say."""
    if not any(tree.values()):
        return None
    dumped: str = yaml.dump(
        {"format": format_, **tree},
        Dumper=getattr(yaml, "CSafeDumper", yaml.SafeDumper),
        sort_keys=False,
        allow_unicode=True,
        width=2**20,
    )
    return dumped


def _seen_tree(seen: Seen) -> dict[str, object]:
    return {
        "id": seen.freight.id,
        "alias": seen.freight.alias,
        "newestAt": time_text(seen.newest_at),
        "artifacts": [
            entry_of(one) | _facts_tree(seen, one.subject) for one in seen.freight.artifacts
        ],
    }


def _facts_tree(seen: Seen, subject: Watched) -> dict[str, object]:
    facts = seen.facts.get(subject)
    return {_FACTS: dict(facts)} if facts else {}


Tree: TypeAlias = Mapping[str, Any]
Read = TypeVar("Read")


def _read(path: str, text: str, reader: Callable[[Tree], Read]) -> Read:
    try:
        # BaseLoader leaves every scalar as it is written: a tag `1.10` stays text.
        tree = yaml.load(text, Loader=getattr(yaml, "CBaseLoader", yaml.BaseLoader))  # noqa: S506
        newer = tree.get("format") not in map(str, range(1, FORMAT + 1))
        read = None if newer else reader(tree)
    except (yaml.YAMLError, Refusal, AttributeError, KeyError, TypeError, ValueError) as error:
        raise Refusal(
            f"{path} on {BRANCH} cannot be read ({error}): restore its last version"
        ) from error
    if read is None:
        raise Refusal(
            f"{path} on {BRANCH} has format {tree.get('format')}, this Towline reads 1 to "
            f"{FORMAT}: upgrade Towline"
        )
    return read


def _warehouse_reader(name: str) -> Callable[[Tree], tuple[Seen, ...]]:
    def read(tree: Tree) -> tuple[Seen, ...]:
        return tuple(_seen(name, entry) for entry in tree.get("freight", ()))

    return read


def _seen(warehouse: str, entry: Tree) -> Seen:
    artifacts: list[Artifact] = []
    facts = {}
    for said in entry["artifacts"]:
        artifact = artifact_of({key: text for key, text in said.items() if key != _FACTS})
        artifacts.append(artifact)
        if said.get(_FACTS):
            facts[artifact.subject] = facts_of(said[_FACTS])
    return Seen(Freight(warehouse, tuple(artifacts)), time_of(entry["newestAt"]), facts)
