"""The `towline` command: a table of subcommands; errors become exit statuses."""

from __future__ import annotations

import argparse
import gc
import importlib
import os
import sys
import time
import traceback
import uuid
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, NoReturn, Protocol, cast

from github_app.surroundings import Surroundings
from github_app.terminal import lines_escaped
from plugin import __version__
from plugin.errors import Refusal, Temporary

REFUSED, BUG, INTERRUPTED = 1, 3, 130


def main(arguments: Sequence[str] | None = None) -> int:
    """The exit status: 0 done, 1 refused with the reason on stderr, 3 a bug, 130 interrupted."""
    try:
        said = sys.argv[1:] if arguments is None else arguments
        options = _parsed(said)
        collect_rarely()
        return _done(options.run(options, process_surroundings()))
    except (Refusal, Temporary) as refusal:
        print(lines_escaped(str(refusal)), file=sys.stderr)
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


def _parsed(said: Sequence[str]) -> argparse.Namespace:
    """What was said; the whole parser would send people to the wrong help."""
    options, unknown = _parser(said[0] if said else "").parse_known_args(said)
    if unknown:
        raise _wrong(options.called, f"unrecognized arguments: {' '.join(unknown)}")
    return options


def process_surroundings() -> Surroundings:
    """The real ones of this process."""
    return Surroundings(
        environ=dict(os.environ),
        clock=lambda: datetime.now(UTC),
        sleep=time.sleep,
        new_id=lambda: uuid.uuid4().hex,
    )


def collect_rarely() -> None:
    """Have Python look for dead cycles less often: a file's tree is thousands of living nodes.

    With the usual thresholds, reading many files and keeping their trees takes three times as long.
    """
    gc.freeze()
    gc.set_threshold(50_000, 20, 50)


class Command(Protocol):
    """A module of one subcommand."""

    def add_parser(self, commands: argparse._SubParsersAction[Any]) -> None:
        """Add the subcommand, with what runs it as the default of `run`."""


# The modules are imported when they are called for: they need more time than most commands.
COMMANDS = {
    "demo": "github_app.console.demo",
    "lint": "github_app.console.lint",
    "plan": "github_app.console.plan",
    "discover": "github_app.console.discover",
    "freight": "github_app.console.freight",
    "pins": "github_app.console.pins",
    "bump": "github_app.console.bump",
    "render": "github_app.console.render",
    "disk": "github_app.console.disk",
    "serve": "github_app.console.serve",
    "deliveries": "github_app.inbox.commands",
}


def table(called: str = "") -> tuple[Command, ...]:
    """The subcommand `called`, or every one where that is none."""
    names = [called] if called in COMMANDS else COMMANDS
    return tuple(cast(Command, importlib.import_module(COMMANDS[name])) for name in names)


def _done(status: int) -> int:
    sys.stdout.flush()
    return status


def _wrong(called: str, message: str) -> Refusal:
    return Refusal(f"{called}: {message}; see '{called} --help'")


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        """A wrong call is refused like everything else a person must change."""
        raise _wrong(self.prog, message)


def _parser(called: str) -> argparse.ArgumentParser:
    parser = _Parser(
        prog="towline",
        description="Pull freight through your stages, one pull request at a time.",
        epilog="Exit status: 0 done, 1 refused (stderr says why), 3 a bug, 130 interrupted.",
    )
    parser.add_argument("--version", action="version", version=f"towline {__version__}")
    commands = parser.add_subparsers(required=True, metavar="COMMAND", parser_class=_Parser)
    for command in table(called):
        command.add_parser(commands)
    for parser_of_one in commands.choices.values():
        parser_of_one.set_defaults(called=parser_of_one.prog)
    return parser


if __name__ == "__main__":
    raise SystemExit(main())
