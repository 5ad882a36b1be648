"""What Argo CD sends with an Application, as it stands: where its tree begins, and its words.

Light, because a render whose answer is known needs nothing else: no dataclasses, no JSON.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

# https://argo-cd.readthedocs.io/en/stable/user-guide/build-environment/
SOURCE_PATH = "ARGOCD_APP_SOURCE_PATH"
# https://argo-cd.readthedocs.io/en/stable/operator-manual/config-management-plugins/
PARAMETERS = "ARGOCD_APP_PARAMETERS"
STAGE = "ARGOCD_ENV_TOWLINE_STAGE"

_WORK_DIRECTORY = "_cmp_server"
_UUID = (8, 4, 4, 4, 12)
_HEX = frozenset("0123456789abcdef")
# Absent: no plugin section; `null`: one without parameters.
_NOTHING = ("", "null", "[]")


def root_of(cwd: str, source_path: str, is_repository: Callable[[str], bool]) -> str:
    """The directory where the tree around `cwd` begins, an absolute path.

    In order: the directory of random name that the plugin's server unpacks into, the deepest one;
    `cwd` without the Application's path where it really ends in it; the nearest directory above
    that is a repository; `cwd` itself. The repository's own root may be missing: Argo CD can send
    a part of it only (`--plugin-use-manifest-generate-paths`).
    """
    return _unpacked(cwd) or _without(cwd, source_path) or _nearest(cwd, is_repository) or cwd


def _unpacked(cwd: str) -> str:
    parts = cwd.split("/")
    for end in range(len(parts) - 1, 0, -1):
        if parts[end - 1] == _WORK_DIRECTORY and _is_uuid(parts[end]):
            return "/".join(parts[: end + 1])
    return ""


def _is_uuid(name: str) -> bool:
    groups = name.lower().split("-")
    return tuple(map(len, groups)) == _UUID and _HEX.issuperset("".join(groups))


def _without(cwd: str, source_path: str) -> str:
    wanted = [part for part in source_path.split("/") if part not in ("", ".")]
    if not wanted:
        return cwd if source_path else ""
    parts = cwd.split("/")
    if parts[-len(wanted) :] != wanted:
        return ""
    return "/".join(parts[: -len(wanted)]) or "/"


def _nearest(cwd: str, is_repository: Callable[[str], bool]) -> str:
    place = cwd
    while not is_repository(place):
        above = place.rpartition("/")[0] or "/"
        if above == place:
            return ""
        place = above
    return place


def below(root: str, path: str) -> str:
    """`path` from `root`, which it lies in; '' is the root itself."""
    return path[len(root) :].strip("/")


def words(environ: Mapping[str, str]) -> str:
    """All that the Application says about its stage, raw: equal words ask for the same.

    What Argo CD adds of its own (revision, versions of the cluster, the project) is not in it,
    because none of it may decide what is rendered.
    """
    parameters = environ.get(PARAMETERS, "")
    return "\0".join((environ.get(STAGE, ""), "" if parameters in _NOTHING else parameters))


def says_parameters(environ: Mapping[str, str]) -> bool:
    """Whether there is any parameter to be read."""
    return environ.get(PARAMETERS, "") not in _NOTHING
