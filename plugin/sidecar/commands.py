"""The commands as people type them, with options and help."""

from __future__ import annotations

import argparse
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NoReturn

from plugin.errors import Refusal
from plugin.render import Renderer
from plugin.settings import seconds
from plugin.sidecar.application import render

_DESCRIPTION = "Render stages for Argo CD, as a config management plugin."
_EPILOG = """\
Argo CD calls discover, parameters and generate in the Application's directory; whoever wants to
know what it will see can do the same. TOWLINE_KUSTOMIZE names the kustomize to use, TOWLINE_TIMEOUT
the seconds a render may take (45). Exit status: 0 done, 1 refused, 3 a bug, 130 interrupted.
"""
_ASKED = {
    "discover": "print this directory if it is a stage's, else nothing",
    "parameters": "print the stage's parameters as Argo CD's JSON",
    "generate": "print the manifests of the stage in this directory",
}


def run(arguments: Sequence[str], environ: Mapping[str, str]) -> bytes:
    """What the command prints; raises Refusal, and SystemExit after a help text."""
    options = _parser().parse_args(arguments)
    renderer = Renderer.configured(environ, seconds(environ), own_group=False)
    return render(Path(options.root), options.stage, renderer)


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        """A wrong call is refused like everything else a person must change."""
        raise Refusal(f"{message}; see '{self.prog} --help'")


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(
        prog="towline-plugin",
        description=_DESCRIPTION,
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    for name, text in _ASKED.items():
        commands.add_parser(name, help=text, description=f"{text[0].upper()}{text[1:]}.")
    command = commands.add_parser("render", help="print the manifests of a stage")
    command.add_argument("--stage", required=True, metavar="DIR", help="the stage's directory")
    command.add_argument("--root", default=".", metavar="DIR", help="the repository (default: .)")
    return parser
