"""A walk through kustomizations as their YAML says: every place that kustomize would look at."""

from __future__ import annotations

import os
import posixpath
import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from plugin.errors import Refusal
from plugin.inputs.answers import ALL
from plugin.inputs.charts import Chart, charts_of
from plugin.inputs.paths import below
from plugin.inputs.places import Kind, Place, Places
from plugin.kustomize.build import Helm
from plugin.local import tree_of
from plugin.pins.kustomization import NAMES
from plugin.pins.kustomize_references import Reference, Use, strangers, uses
from plugin.pins.nodes import Refused, Tree
from plugin.pins.tree import read
from plugin.record_files import SUFFIX, records_directory

if TYPE_CHECKING:
    from plugin.inputs.closure import Rules

_MOST = 2000
_MANIFESTS = (".yaml", ".yml", ".json")
# What kustomize clones, where it is no file (api/internal/git/repospec.go of kustomize).
_CLONED = re.compile(r"(git::|github\.com[/:]|[a-z][a-z0-9-]*@)", re.IGNORECASE)
_FETCHED = re.compile(r"https?:", re.IGNORECASE)
_BINARY = "tag:yaml.org,2002:binary"
_INFLATION = "HelmChartInflationGenerator"


class Walk:
    """A look at everything that decides a render, as its kustomizations say it.

    `places` has the questions that were asked; `certain` is as `Closure.certain`.
    """

    def __init__(self, root: Path, rules: Rules) -> None:
        self.places = Places(root)
        self.certain = True
        self._root = root
        self._rules = rules

    def stage(self, directory: str) -> None:
        """All that decides the manifests of the stage in `directory`; raises as `closure_of`."""
        stage = self.places.at(directory)
        if stage.kind is Kind.DIRECTORY:
            self._records(stage.path)
            if not self._built(stage.path):
                self._listed(stage.path, _MANIFESTS)

    def _records(self, stage: str) -> None:
        """The stage's records, or that there are none."""
        place = self.places.at(records_directory(stage))
        if place.kind is Kind.DIRECTORY:
            self._listed(place.path, (SUFFIX,))

    def _listed(self, directory: str, suffixes: tuple[str, ...]) -> None:
        """The names in a directory, and the files among them that end so."""
        for name in self.places.names(directory):
            if name.endswith(suffixes):
                self.places.at(posixpath.join(directory, name))

    def _built(self, directory: str) -> bool:
        """Whether kustomize builds `directory`, after a look at all it is built of."""
        waiting, seen = [directory], set[str]()
        found = False
        while waiting:
            current = waiting.pop()
            if current in seen:
                continue
            seen.add(current)
            if len(seen) > _MOST:
                raise Refusal(f"{directory}: is built of more than {_MOST} kustomizations")
            for file in self._kustomizations(current):
                found = True
                waiting += self._bases(file, current)
        return found

    def _kustomizations(self, directory: str) -> Iterator[str]:
        for name in NAMES:
            file = posixpath.join(directory, name)
            if self.places.at(file).kind is Kind.FILE:
                yield file

    def _bases(self, file: str, directory: str) -> Iterator[str]:
        """The directories a kustomization refers to, after a look at every reference in it."""
        tree = tree_of(self._root, file)
        _check_tags(file, tree)
        if strangers(tree):
            self._widen(directory)
        for use, scalar in uses(tree):
            if use is Use.PLUGIN:
                self._widen(directory)
            place = self._target(file, directory, Reference(use, scalar))
            if use is Use.PLUGIN and self._rules.helm is not Helm.OFF:
                self._check_plugin(f"{file}:{scalar.line}", scalar.value, place)
            if place is not None and place.kind is Kind.DIRECTORY:
                yield place.path
        for chart in charts_of(file, tree):
            self._chart(file, directory, chart)

    def _target(self, file: str, directory: str, reference: Reference) -> Place | None:
        """What a reference leads to; None for what is written in place or is fetched."""
        scalar, said = reference.scalar, reference.scalar.value
        in_place = reference.use in {Use.PATCH, Use.PLUGIN} and _is_document(said)
        if in_place:
            return self._perhaps(directory, said)
        where = f"{file}:{scalar.line}: '{said[:120]}'"
        if "://" in said or _FETCHED.match(said):
            self._fetch(where)
            return None
        path = below(directory, said)
        if path is None:
            raise Refusal(f"{where} lies outside the repository; copy it into it")
        place = self.places.at(path)
        if place.kind is not Kind.FILE and _CLONED.match(said):
            self._fetch(where)
            return None
        if place.kind is Kind.NOTHING:
            hint = "name what is there" if self._rules.remote else "remote bases are not fetched"
            raise Refusal(f"{where} is neither a file nor a directory of this repository; {hint}")
        return place

    def _perhaps(self, directory: str, said: str) -> Place | None:
        """The place with the name of a document written in place: kustomize may read that."""
        path = below(directory, said)
        if path is None:
            return None
        place = self.places.at(path)
        return None if place.kind is Kind.NOTHING else place

    def _fetch(self, where: str) -> None:
        if not self._rules.remote:
            raise Refusal(f"{where} is remote; copy it into the repository")
        self.certain = False

    def _widen(self, directory: str) -> None:
        """Take in the whole tree, because a plugin of `directory` may read any file of that.

        In the root that would be `.git`, too, which is never the same twice.
        """
        self.places.questions.add(ALL)
        online = self._rules.remote or self._rules.helm is Helm.ONLINE
        if online or not directory:
            self.certain = False

    def _check_plugin(self, where: str, said: str, place: Place | None) -> None:
        """Raises Refusal where Helm is run by more than `helmCharts`, which is looked through."""
        if place is None:
            tree = read(where, said)
        elif place.kind is Kind.FILE:
            tree = tree_of(self._root, place.path)
        else:
            raise Refusal(f"{where}: builds plugins, which may run Helm; name files of plugins")
        if isinstance(tree, Refused) or any(
            event[2] == _BINARY or event[3] == _INFLATION for event in tree.events
        ):
            raise Refusal(f"{where}: may run Helm; say what it is to render in 'helmCharts'")

    def _chart(self, file: str, directory: str, chart: Chart) -> None:
        where = f"{file}:{chart.line}"
        if self._rules.helm is Helm.OFF:
            raise Refusal(
                f"{where}: asks for a Helm chart, and Helm is off; "
                "who runs the renderer may set TOWLINE_HELM=offline"
            )
        for scalar in chart.files:
            self._target(file, directory, Reference(Use.FILE, scalar))
        path = below(directory, chart.directory)
        if path is None:
            raise Refusal(f"{where}: its chart lies outside the repository; copy it into it")
        place = self.places.at(path)
        if place.kind is Kind.DIRECTORY:
            self._below(place.path)
        elif chart.fetchable and self._rules.helm is Helm.ONLINE:
            self.certain = False
        else:
            raise Refusal(f"{where}: there is no chart in '{path}'; 'helm pull --untar' it there")

    def _below(self, directory: str) -> None:
        """Everything in a chart, wherever its links lead."""
        waiting, seen = [directory], set[str]()
        while waiting:
            current = waiting.pop()
            if current in seen:
                continue
            seen.add(current)
            self.places.questions.add(ALL + os.fsencode(current))
            self.certain = self.certain and bool(current)
            places = (self.places.at(link) for link in self.places.links(current))
            waiting += [one.path for one in places if one.kind is Kind.DIRECTORY]


def _check_tags(file: str, tree: Tree) -> None:
    """Raises Refusal for texts that are not what they seem."""
    if any(event[2] == _BINARY for event in tree.events):
        line = tree.text.count("\n", 0, max(tree.text.find("binary"), 0)) + 1
        raise Refusal(f"{file}:{line}: hides a text behind '!!binary'; write it as it is")


def _is_document(said: str) -> bool:
    return "\n" in said or said.startswith("{")
