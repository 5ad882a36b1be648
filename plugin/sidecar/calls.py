"""What Argo CD starts us for, as it calls it; light until the answer is not known yet."""

from __future__ import annotations

import os

from plugin.inputs.cache import Cache
from plugin.record_files import DIRECTORY
from plugin.settings import (
    CACHE,
    cache_size,
    check,
    seconds,
    slots,
    slots_directory,
    version,
)
from plugin.sidecar.sent import SOURCE_PATH, below, root_of, words
from plugin.sidecar.slots import Slot

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

_SIGNS = ("towline.yaml", DIRECTORY)
# https://argo-cd.readthedocs.io/en/stable/user-guide/build-environment/
_REPOSITORY = "ARGOCD_APP_SOURCE_REPO_URL"
# Of a render's time: what must be left when it gets a slot, and what kustomize leaves to us.
_LEAST = 0.1
_AFTER = 0.05


def generate(environ: Mapping[str, str], cwd: str, clock: Callable[[], float]) -> bytes:
    """The manifests of the Application whose path is `cwd`; `clock` counts seconds.

    All of them or none: raises Refusal and Temporary. Asked again about the same files it answers
    from `TOWLINE_CACHE`, if there is one; otherwise it waits for one of the slots, as long as there
    is time left for a render.
    """
    check(environ)
    allowed = seconds(environ)
    deadline = clock() + allowed
    root = tree_root(environ, cwd)
    render = _Render(environ, root, below(root, cwd))
    found = render.found()
    if found is not None:
        return found
    patience = deadline - allowed * _LEAST - clock()
    with Slot(slots_directory(environ), slots(environ), patience) as slot:
        # Whom we waited for may have been asked the same.
        found = render.found() if slot.waited else None
        if found is not None:
            return found
        return render.rendered(lambda: max(deadline - allowed * _AFTER - clock(), 0.0))


class _Render:
    """The render of one Application: as it was found in the cache, or done now and kept there."""

    def __init__(self, environ: Mapping[str, str], root: str, here: str) -> None:
        self._environ, self._root, self._here = environ, root, here
        asked = words(environ)
        known = version(environ)
        directory = environ.get(CACHE, "")
        self._cache = Cache(directory, cache_size(environ)) if known and directory else None
        self._version = "\0".join((known, here, asked))
        self._hint = "\0".join((environ.get(_REPOSITORY, ""), here, asked))

    def found(self) -> bytes | None:
        if self._cache is None:
            return None
        return self._cache.found(self._hint, self._version, self._root)

    def rendered(self, left: Callable[[], float]) -> bytes:
        from plugin.sidecar.ahead import started_ahead

        ahead = started_ahead(self._environ, self._root, self._here, left())
        try:
            # Slow to load: kustomize may run meanwhile.
            from plugin.sidecar.application import manifests

            answer = manifests(self._environ, self._root, self._here, left(), ahead)
        finally:
            if ahead is not None:
                ahead.stop()
        if self._cache is not None:
            shape = answer.closure.shape
            self._cache.keep(self._hint, self._version, self._root, shape, answer.manifests)
        return answer.manifests


def parameters(environ: Mapping[str, str], cwd: str) -> bytes:
    """The parameters of the Application whose path is `cwd`, as Argo CD's JSON."""
    root = tree_root(environ, cwd)
    from plugin.sidecar.screen import parameters

    return parameters(environ, root, below(root, cwd))


def discover(environ: Mapping[str, str], cwd: str) -> bytes:
    """The stage's directory, a line, where `cwd` is a stage's; nothing where it is not.

    Argo CD may ask for every Application of every repository, so most answers need no YAML.
    """
    root = tree_root(environ, cwd)
    if not any(_exists(f"{place}/{sign}") for place in _upwards(root, cwd) for sign in _SIGNS):
        return b""
    from plugin.sidecar.screen import discovered

    place = discovered(environ, root, below(root, cwd))
    return os.fsencode(f"{place}\n") if place else b""


def _upwards(root: str, cwd: str) -> list[str]:
    places = [cwd]
    while places[-1] not in (root, "/"):
        places.append(places[-1].rpartition("/")[0] or "/")
    return places


def tree_root(environ: Mapping[str, str], cwd: str) -> str:
    """The root of the tree around `cwd`."""
    return root_of(cwd, environ.get(SOURCE_PATH, ""), lambda place: _exists(f"{place}/.git"))


def _exists(path: str) -> bool:
    return os.path.exists(path)  # noqa: PTH110  (pathlib costs more than all else here)
