"""`towline render`: a stage's manifests, as the sidecar would give them to Argo CD."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from github_app.console.checkout import Checkout, directory_of
from github_app.surroundings import Surroundings
from plugin.render import Renderer, render

_SECONDS = 45.0


def add_parser(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command to the parser."""
    parser = commands.add_parser("render", help="print the manifests of a stage")
    parser.add_argument("stage", help="the stage's name in the pipeline file")
    parser.add_argument("--path", default=".", type=Path, help="the checkout (default: .)")
    parser.add_argument("--project", help="where several projects have such a stage")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace, around: Surroundings) -> int:
    """Print the manifests."""
    checkout = Checkout.read(options.path)
    _, stage = checkout.stage(options.stage, options.project)
    renderer = Renderer.configured(around.environ, _SECONDS)
    manifests = render(checkout.root, directory_of(stage), renderer)
    sys.stdout.buffer.write(manifests)
    sys.stdout.buffer.flush()
    return 0
