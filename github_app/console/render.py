"""`towline render`: a stage's manifests, as the sidecar would give them to Argo CD."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from github_app.console.checkout import Checkout, directory_of
from github_app.surroundings import Surroundings
from plugin.errors import Refusal
from plugin.file_tree import FileTree
from plugin.render import Renderer
from plugin.settings import seconds
from plugin.sidecar.application import rendered_in, stage_of
from plugin.sidecar.argocd import Request

_OPTION = "--artifact"


def add_parser(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command to the parser."""
    parser = commands.add_parser("render", help="print the manifests of a stage")
    parser.add_argument("stage", help="the stage's name in the pipeline file")
    parser.add_argument("--path", default=".", type=Path, help="the checkout (default: .)")
    parser.add_argument("--project", help="where several projects have such a stage")
    parser.add_argument(
        _OPTION,
        action="append",
        default=[],
        metavar="REPOSITORY=TAG@DIGEST",
        help="instead of what the stage's record says, if it has overrides: true; may be repeated",
    )
    parser.set_defaults(run=run)


def run(options: argparse.Namespace, around: Surroundings) -> int:
    """Print the manifests."""
    checkout = Checkout.around(options.path)
    _, stage = checkout.stage(options.stage, options.project)
    tree = FileTree(checkout.root)
    asked = stage_of(_asking(options.artifact), tree, directory_of(stage))
    renderer = Renderer.configured(around.environ, seconds(around.environ))
    sys.stdout.buffer.write(rendered_in(tree, asked, renderer).manifests)
    sys.stdout.buffer.flush()
    return 0


def _asking(artifacts: Sequence[str]) -> Request:
    """A request for these artifacts, and for nothing else."""
    versions: dict[str, str] = {}
    for one in artifacts:
        repository, equals, version = one.partition("=")
        if not equals or not repository or not version:
            raise Refusal(f"{_OPTION} '{one}' is not REPOSITORY=TAG@DIGEST")
        if repository in versions:
            raise Refusal(f"{_OPTION} {repository} stands there twice; keep one")
        versions[repository] = version
    return Request(artifacts=tuple(sorted(versions.items())), option=_OPTION)
