"""The `towline` command: a table of subcommands; errors become exit statuses."""

from __future__ import annotations

import argparse
import os
import sys
import traceback
from collections.abc import Sequence
from typing import Any, NoReturn, Protocol

from plugin import __version__
from plugin.errors import Refusal, Temporary

REFUSED, BUG, INTERRUPTED = 1, 3, 130


def main(arguments: Sequence[str] | None = None) -> int:
    """The exit status: 0 done, 1 refused with the reason on stderr, 3 a bug, 130 interrupted."""
    try:
        # Ctrl-C while the commands are still being imported is an interruption like any other.
        from github_app.wsgi import process_surroundings

        options = _parser().parse_args(arguments)
        return _done(options.run(options, process_surroundings()))
    except (Refusal, Temporary) as refusal:
        print(refusal, file=sys.stderr)
        return REFUSED
    except KeyboardInterrupt:
        return INTERRUPTED
    except BrokenPipeError:
        # Whoever read our output has enough; Python would complain once more while it exits.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return REFUSED
    except Exception:
        traceback.print_exc()
        print("towline: this is a bug; please report it with the lines above", file=sys.stderr)
        return BUG


class Command(Protocol):
    """A module of one subcommand."""

    def add_parser(self, commands: argparse._SubParsersAction[Any]) -> None:
        """Add the subcommand, with what runs it as the default of `run`."""


def table() -> tuple[Command, ...]:
    """Every subcommand."""
    from github_app.console import bump, demo, lint, pins, plan, render, serve
    from github_app.inbox import commands as deliveries

    return (demo, lint, plan, pins, bump, render, serve, deliveries)


def _done(status: int) -> int:
    sys.stdout.flush()
    return status


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        """A wrong call is refused like everything else a person must change."""
        raise Refusal(f"{self.prog}: {message}; see '{self.prog} --help'")


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(
        prog="towline",
        description="Pull freight through your stages, one pull request at a time.",
        epilog="Exit status: 0 done, 1 refused (stderr says why), 3 a bug, 130 interrupted.",
    )
    parser.add_argument("--version", action="version", version=f"towline {__version__}")
    commands = parser.add_subparsers(required=True, metavar="COMMAND", parser_class=_Parser)
    for command in table():
        command.add_parser(commands)
    return parser


if __name__ == "__main__":
    raise SystemExit(main())
