"""Renders the stages of promotions twice, at the base and at the merge result, and compares."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from github_app.difference.compare import compared, of_new
from github_app.difference.values import (
    Rendered,
    Rendering,
    RenderKey,
    ToRender,
    Unrendered,
    Why,
    bytes_of,
)
from github_app.github.mirror import Mirror
from github_app.remembering import Remembered
from github_app.rendered.deciding import Deciding
from github_app.rendered.work_trees import WorkTrees
from github_app.rounds import Place
from plugin.errors import Refusal
from plugin.inputs.answers import ENTRY
from plugin.inputs.closure import Closure
from plugin.printed import Printed
from plugin.render import Renderer
from plugin.settings import seconds, version
from plugin.sidecar.application import answer

PATIENCE = 20.0
"""Seconds of a round after which no more renders are begun: other repositories wait, too."""
# What fails for want of memory or time may go well later.
_FAILURE_LASTS = 600.0
_MOST_MANIFESTS = 64 << 20
_MOST_RENDERINGS = 32 << 20
_RENDERING = 2000


@dataclass(frozen=True, slots=True)
class _Setup:
    """Who renders now, and what tells it from another."""

    renderer: Renderer
    version: str


@dataclass(frozen=True, slots=True)
class _Known:
    """What came of a promotion's render, by what, and until when that counts (None: for ever)."""

    rendering: Rendering
    deciding: Deciding | None
    until: float | None


@dataclass(slots=True)
class Renders:
    """Renders for one worker, one thing at a time.

    `environ` sets kustomize up by the same variables as in the sidecar; `clock` counts seconds.
    What was rendered is remembered by the commit and, where another commit touches nothing that the
    render reads, by that.
    """

    mirror: Callable[[int], Mirror]
    trees: WorkTrees
    environ: Mapping[str, str]
    clock: Callable[[], float]
    patience: float = PATIENCE
    _manifests: Remembered[tuple[int, str, str, str], Printed] = field(
        default_factory=lambda: Remembered(_MOST_MANIFESTS)
    )
    _known: Remembered[tuple[int, str, str], _Known] = field(
        default_factory=lambda: Remembered(_MOST_RENDERINGS)
    )

    def rendered(self, place: Place, wanted: Sequence[ToRender]) -> Mapping[RenderKey, Rendering]:
        """What becomes of every promotion in `wanted`; raises Temporary.

        After `patience` the others come LATER: they are to be asked for again.
        """
        try:
            setup = self._setup()
        except Refusal as refusal:
            unable = Unrendered(Why.UNABLE, f"the App renders nothing: {refusal}")
            return {one.key: unable for one in wanted}
        until = self.clock() + self.patience
        found: dict[RenderKey, Rendering] = {}
        for one in sorted(wanted, key=lambda one: (one.base, one.directory)):
            found[one.key] = self._one(place, setup, one, until)
        return found

    def manifests(self, place: Place, directory: str, files: Mapping[str, str]) -> bytes:
        """What `directory` renders to in a tree of these files and no others.

        Raises Refusal in the renderer's words, and Temporary.
        """
        tree = self.trees.of(place.number).laid_over(None, _bytes(files))
        return self._printed(place, self._setup(), tree, directory).manifests

    def _setup(self) -> _Setup:
        renderer = Renderer.configured(self.environ, seconds(self.environ))
        return _Setup(renderer, version(self.environ))

    def _one(self, place: Place, setup: _Setup, wanted: ToRender, until: float) -> Rendering:
        known = self._remembered(place, setup, wanted)
        if known is not None:
            return known
        if self.clock() >= until:
            return Unrendered(Why.LATER)
        try:
            return self._made(place, setup, wanted)
        except OSError as error:
            return Unrendered(Why.UNABLE, f"the App cannot write its data: {error.strerror}")

    def _remembered(self, place: Place, setup: _Setup, wanted: ToRender) -> Rendering | None:
        exact = (place.number, wanted.key, setup.version)
        if exact in self._known:
            known = self._known[exact]
            if known.until is None or self.clock() < known.until:
                return known.rendering
        alike = (place.number, _alike(wanted), setup.version)
        if alike in self._known:
            known = self._known[alike]
            mirror = self.mirror(place.number)
            tree = mirror.commit(wanted.base).tree
            if known.deciding is not None and known.deciding.holds(mirror, tree):
                return self._keep(exact, known)
        return None

    def _made(self, place: Place, setup: _Setup, wanted: ToRender) -> Rendering:
        mirror = self.mirror(place.number)
        base = mirror.commit(wanted.base).tree
        there = (
            not wanted.directory
            or wanted.directory in mirror.entries({base: [wanted.directory]})[base]
        )
        before = self._tried(place, setup, wanted, {}) if there else _nothing(wanted.directory)
        after = self._tried(place, setup, wanted, wanted.files)
        rendering = rendering_of(before, after)
        exact = (place.number, wanted.key, setup.version)
        if isinstance(before, Refusal) or isinstance(after, Refusal):
            return self._keep(exact, _Known(rendering, None, self.clock() + _FAILURE_LASTS))
        deciding = Deciding.of((before.closure, after.closure), mirror, base)
        known = _Known(rendering, deciding, None)
        if deciding is not None:
            self._keep((place.number, _alike(wanted), setup.version), known)
        return self._keep(exact, known)

    def _keep(self, key: tuple[int, str, str], known: _Known) -> Rendering:
        weight = _RENDERING + len(known.deciding.paths) * 200 if known.deciding else _RENDERING
        if isinstance(known.rendering, Rendered):
            weight += sum(len(one.text) + 200 for one in known.rendering.resources)
        return self._known.keep(key, known, weight).rendering

    def _tried(
        self, place: Place, setup: _Setup, wanted: ToRender, files: Mapping[str, str | None]
    ) -> Printed | Refusal:
        try:
            tree = self.trees.of(place.number).laid_over(wanted.base, _bytes(files))
            return self._printed(place, setup, tree, wanted.directory)
        except Refusal as refusal:
            return refusal

    def _printed(self, place: Place, setup: _Setup, tree: str, directory: str) -> Printed:
        key = (place.number, tree, directory, setup.version)
        if key in self._manifests:
            return self._manifests[key]
        work_tree = self.trees.of(place.number)
        work_tree.show(tree)
        made = answer(work_tree.files, directory, setup.renderer)
        if made.closure.certain:
            self._manifests.keep(key, made, len(made.manifests) + 200 * len(made.closure.questions))
        return made


def _bytes(files: Mapping[str, str | None]) -> dict[str, bytes | None]:
    return {path: None if text is None else bytes_of(text) for path, text in files.items()}


def _nothing(directory: str) -> Printed:
    """What a stage renders to that is not there yet."""
    return Printed(b"", Closure(frozenset({ENTRY + os.fsencode(directory)})))


def _alike(wanted: ToRender) -> str:
    """The key of all promotions that differ in nothing but their base."""
    return ToRender("", "", wanted.directory, wanted.files).key


def rendering_of(before: Printed | Refusal, after: Printed | Refusal) -> Rendering:
    """What became of rendering the base and the merge result."""
    match before, after:
        case Refusal() as base, Refusal() as result:
            both = str(base) if str(base) == str(result) else f"{base}\n\n{result}"
            return Unrendered(Why.BOTH, both)
        case _, Refusal() as result:
            return Unrendered(Why.FAILED, str(result))
        case Refusal() as base, Printed() as printed:
            return of_new(printed.manifests, str(base))
        case Printed() as old, Printed() as new:
            return compared(old.manifests, new.manifests)
        case _:
            raise ValueError("a render is either manifests or a refusal")
