"""Exactly what a render reads: whether it lies inside the repository, and what identifies it."""

from __future__ import annotations

import os
from dataclasses import dataclass, replace
from pathlib import Path

from plugin.inputs.places import Kind, Places
from plugin.inputs.plain import questions_of
from plugin.kustomize.build import Helm


@dataclass(frozen=True, slots=True)
class Rules:
    """What the sidecar's operator allows: to fetch from elsewhere, to run Helm."""

    remote: bool = False
    helm: Helm = Helm.OFF


@dataclass(frozen=True, slots=True)
class Closure:
    """The questions (`plugin.inputs.answers`) whose answers decide what a render of a tree gives.

    `certain` is false when something else decides it, too: what is fetched over the network.
    """

    questions: frozenset[bytes]
    certain: bool = True

    @property
    def shape(self) -> bytes:
        """The questions in one text, for the cache; empty when nothing can be remembered."""
        return b"\0".join(sorted(self.questions)) if self.certain else b""

    def also(self, root: Path, path: str) -> Closure:
        """The closure of a render that looks at `path` below `root`, too, and at names there."""
        places = Places(root)
        place = places.at(path)
        if place.kind is Kind.DIRECTORY:
            places.names(place.path)
        return replace(self, questions=self.questions | places.questions)


def closure_of(root: Path, directory: str, rules: Rules) -> Closure:
    """What decides the manifests of the stage in `directory` below `root`.

    That is every file with its content, every link with its target, what is not there but would be
    read, the records of `.freight`, and the names in a directory without a kustomization. What is
    not known for sure (fields of a newer kustomize, what plugins' configurations name) takes the
    whole tree in. Raises Refusal with file and line for whatever leads out of the repository, is
    missing, or is not allowed by `rules`; OSError for what the file system does not let us read.
    """
    plain = questions_of(os.path.realpath(root), directory)
    return walked(root, directory, rules) if plain is None else Closure(plain)


def walked(root: Path, directory: str, rules: Rules) -> Closure:
    """The same from a parser of YAML, which also tells where a text is none."""
    from plugin.inputs.walk import Walk  # loads YAML

    walk = Walk(root, rules)
    walk.stage(directory)
    return Closure(frozenset(walk.places.questions), walk.certain)
