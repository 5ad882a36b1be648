"""What kustomize may ask of helm: no program, no file outside the tree, no fetching unasked."""

from __future__ import annotations

import os

from plugin.errors import Refusal

# It is imported at every start of helm, so it imports next to nothing.
# What the Helm chart inflation generator of kustomize says, and no more:
# https://github.com/kubernetes-sigs/kustomize/blob/kustomize/v5.8.1/api/types/helmchartargs.go
_FLAGS = frozenset({"--include-crds", "--skip-tests", "--no-hooks", "--debug", "--devel"})
_VALUED = frozenset({"--namespace", "--api-versions", "--kube-version"})
_PULL_VALUED = frozenset({"--untardir", "--repo", "--version"})
# helm splits a list of values files as CSV, so that one name can be two, the second a URL.
_SPLITS = frozenset(',"\n\r')


def permitted(arguments: list[str], root: str, own: str, *, online: bool) -> list[str]:
    """The arguments helm gets in place of `arguments`, which kustomize gave; raises Refusal.

    `root` and `own` are the real paths of the tree and of the directory kustomize itself works in;
    `online` says whether charts may be fetched.

    kustomize passes what a repository says as arguments, unchecked: a release named
    `--post-renderer=...` runs a program, and `--name-template` can ask the network for names.
    Offline helm does not hold values against a chart's schema: a schema may refer to any file and
    any URL, and what is rendered does not depend on it.
    """
    match arguments:
        case ["version", "--short"]:
            return arguments
        case ["template", release, chart, *rest] if not release.startswith("-"):
            _check_chart(chart, root)
            _check_template(rest, (root, own))
            return arguments if online else [*arguments, "--skip-schema-validation"]
        case ["template", "--generate-name", *_]:
            raise Refusal("a chart has no releaseName, so helm would invent one each time; add it")
        case ["template", release, *_]:
            raise Refusal(f"'{release}' is no name for a release")
        case ["pull", "--untar", *rest]:
            _check_pull(rest, root, online=online)
            return arguments
    raise Refusal(f"helm {' '.join(arguments)[:120]}: kustomize may not ask that")


def _check_chart(chart: str, root: str) -> None:
    """Helm follows the links in a chart, also from one directory of the tree to the next."""
    waiting, seen = [_check_inside(chart, (root,), "chart")], set[str]()
    while waiting:
        directory = waiting.pop()
        if directory in seen:
            continue
        seen.add(directory)
        with os.scandir(directory) as entries:
            for entry in entries:
                if entry.is_symlink():
                    _check_inside(entry.path, (root,), "link in a chart")
                if entry.is_dir():
                    waiting.append(os.path.realpath(entry.path))


def _check_template(rest: list[str], places: tuple[str, ...]) -> None:
    for flag, value in _pairs(rest, _VALUED | {"-f"}):
        if flag == "-f":
            if _SPLITS & set(value):
                raise Refusal(f"values file '{value[:120]}': rename it, helm reads it as several")
            _check_inside(value, places, "values file")


def _check_pull(rest: list[str], root: str, *, online: bool) -> None:
    said = dict(_pairs(rest, _PULL_VALUED, loose=True))
    name, repo = said.get("", ""), said.get("--repo", "https://")
    home = _check_inside(said.get("--untardir", ""), (root,), "chartHome")
    if not online:
        raise Refusal(_vendoring(name, os.path.relpath(home, root), said))
    if not name or not repo.startswith(("https://", "http://")):
        raise Refusal(f"'{repo[:120]}': charts come from https:// and oci:// repositories")


def _vendoring(name: str, place: str, said: dict[str, str]) -> str:
    repo = f" --repo {said['--repo']}" if "--repo" in said else ""
    version = f" --version {said['--version']}" if "--version" in said else ""
    return (
        f"chart '{name}' is not in {place}, and charts are not fetched; vendor it: "
        f"helm pull --untar --untardir {place}{repo} {name}{version}"
    )


def _pairs(
    rest: list[str], valued: frozenset[str], *, loose: bool = False
) -> list[tuple[str, str]]:
    """Flags with their values; with `loose` also words, under the flag ''. Refuses all others."""
    words, found = iter(rest), []
    for word in words:
        if word in valued:
            found.append((word, next(words, "")))
        elif loose and not word.startswith("-"):
            found.append(("", word))
        elif word not in _FLAGS:
            raise Refusal(f"'{word[:120]}' may not be said to helm here; remove it")
    return found


def _check_inside(path: str, places: tuple[str, ...], what: str) -> str:
    """The real path; it must be absolute and lie below one of `places`."""
    real = os.path.realpath(path)
    if path.startswith("/") and any(f"{real}/".startswith(f"{one}/") for one in places):
        return real
    raise Refusal(f"{what} '{path[:120]}': leads out of the repository; copy it into it")
