"""What Argo CD starts us for, as it calls it; light until the answer is not known yet."""

from __future__ import annotations

import os

from plugin.sent import SOURCE_PATH, below, root_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

TIMEOUT = "TOWLINE_TIMEOUT"
# Below the minute Argo CD waits for, which includes fetching the repository and sending it.
_SECONDS = 45.0
_A_DAY = 86400.0
_SIGNS = ("towline.yaml", ".freight")


def generate(environ: Mapping[str, str], cwd: str, clock: Callable[[], float]) -> bytes:
    """The manifests of the Application whose path is `cwd`; `clock` counts seconds.

    All of them or none: raises Refusal and Temporary.
    """
    deadline = clock() + seconds(environ)
    root = tree_root(environ, cwd)
    from plugin.application import manifests

    return manifests(environ, root, below(root, cwd), deadline - clock())


def parameters(environ: Mapping[str, str], cwd: str) -> bytes:
    """The parameters of the Application whose path is `cwd`, as Argo CD's JSON."""
    root = tree_root(environ, cwd)
    from plugin.application import parameters

    return parameters(environ, root, below(root, cwd))


def discover(environ: Mapping[str, str], cwd: str) -> bytes:
    """The stage's directory, a line, where `cwd` is a stage's; nothing where it is not.

    Argo CD may ask for every Application of every repository, so most answers need no YAML.
    """
    root = tree_root(environ, cwd)
    if not any(_exists(f"{place}/{sign}") for place in _upwards(root, cwd) for sign in _SIGNS):
        return b""
    from plugin.application import discovered

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


def seconds(environ: Mapping[str, str]) -> float:
    """How long a render may take in all, waiting included; raises Refusal."""
    text = environ.get(TIMEOUT) or _SECONDS
    try:
        allowed = float(text)
    except ValueError:
        allowed = 0.0
    if 0 < allowed <= _A_DAY:
        return allowed
    from plugin.errors import Refusal

    raise Refusal(f"{TIMEOUT} is '{text}', which is not a number of seconds; set 45, for instance")
