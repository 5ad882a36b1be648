"""The sidecar's command line: render a stage; errors become exit statuses."""

from __future__ import annotations

import argparse
import os
import sys
import traceback
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NoReturn

from plugin.errors import Refusal, Temporary
from plugin.kustomize import Kustomize, find
from plugin.render import render

DONE = 0
REFUSED = 1
BUG = 3
INTERRUPTED = 130


def main(arguments: Sequence[str] | None = None) -> int:
    """The exit status: 0 done, 1 refused with the reason on stderr, 3 a bug, 130 interrupted."""
    try:
        return _run(sys.argv[1:] if arguments is None else arguments, os.environ)
    except (Refusal, Temporary) as refusal:
        print(refusal, file=sys.stderr)
        return REFUSED
    except KeyboardInterrupt:
        return INTERRUPTED
    except Exception as error:
        print(_report(error), file=sys.stderr)
        return BUG


def _run(arguments: Sequence[str], environ: Mapping[str, str]) -> int:
    options = _parser().parse_args(arguments)
    kustomize = Kustomize(find(environ), timeout=options.timeout, own_group=False)
    manifests = render(Path(options.root), options.stage, kustomize)
    sys.stdout.buffer.write(manifests)
    sys.stdout.buffer.flush()
    return DONE


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        """A wrong call is refused like everything else a person must change."""
        raise Refusal(f"{message}; see '{self.prog} --help'")


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(prog="towline-plugin", description="Render stages for Argo CD.")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    command = commands.add_parser("render", help="print the manifests of a stage")
    command.add_argument("--stage", required=True, metavar="DIR", help="the stage's directory")
    command.add_argument("--root", default=".", metavar="DIR", help="the repository (default: .)")
    command.add_argument(
        "--timeout", type=float, default=45.0, metavar="SECONDS", help="for kustomize (default: 45)"
    )
    return parser


def _report(error: Exception) -> str:
    """One line for Argo CD's screen: what broke and where, never a traceback with values."""
    frames = traceback.extract_tb(error.__traceback__)
    place = f"{Path(frames[-1].filename).name}:{frames[-1].lineno}" if frames else "?"
    return f"towline-plugin: bug in {place}: {type(error).__name__}; please report it"
