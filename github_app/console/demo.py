"""`towline demo`: the whole story on this machine, without an account and without root."""

from __future__ import annotations

import argparse
import os
import shlex
import shutil
import sys
import threading
from dataclasses import replace
from pathlib import Path

import requests

from github_app.sandbox.demo.gitops import Scenario
from github_app.sandbox.demo.programs import Programs
from github_app.sandbox.demo.push import push
from github_app.sandbox.demo.run import Demo, Wish
from github_app.sandbox.demo.screen import Screen
from github_app.sandbox.demo.signals import stop_on_signals
from github_app.surroundings import Surroundings
from plugin.artifact import Repository
from plugin.errors import Refusal

_PROXIES = frozenset({"http_proxy", "https_proxy", "all_proxy"})


def add_parser(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command to the parser."""
    parser = commands.add_parser(
        "demo",
        help="run the whole story on this machine: GitHub stand-in, registry and App",
        description=(
            "Push two versions of an image and watch four pull requests pull them through dev, "
            "staging and prod. Everything is real but GitHub, and listens on 127.0.0.1 alone."
        ),
    )
    parser.add_argument("--once", action="store_true", help="end with the story, for scripts")
    parser.add_argument("--report", type=Path, metavar="FILE", help="write what was found as JSON")
    parser.add_argument(
        "--directory", type=Path, metavar="DIR", help="keep all data in this new directory"
    )
    parser.add_argument(
        "--scenario",
        type=_scenario,
        default=Scenario.PINS,
        metavar="{pins,record}",
        help="what promotions write: pins in files, or records that the plugin applies",
    )
    parser.add_argument("--port", type=_port, default=0, help="of the pages (default: a free one)")
    parser.set_defaults(run=run)
    more = parser.add_subparsers(metavar="[push]")
    pushing = more.add_parser("push", help="push another version to a demo that is running")
    pushing.add_argument("version", help="the image's tag, for example 1.2.0")
    pushing.add_argument(
        "--to", required=True, metavar="IMAGE", help="the image, as the running demo prints it"
    )
    pushing.set_defaults(run=run_push)


def run(options: argparse.Namespace, around: Surroundings) -> int:
    """Tell the story; 0 only if every stage rendered what was pushed last."""
    around = _at_home(around)
    _check_writable(options.report)
    stop = threading.Event()
    wish = Wish(
        once=options.once,
        report=options.report,
        directory=options.directory,
        port=options.port,
        command=_command(),
        scenario=options.scenario,
    )
    screen = Screen.on(sys.stdout, around.environ)
    demo = Demo(wish, Programs.find(around.environ), around, screen, stop)
    with stop_on_signals(stop):
        demo.run()
    return 0


def run_push(options: argparse.Namespace, around: Surroundings) -> int:
    """Push a version to the registry of a demo that runs."""
    del around
    image = Repository.parse(options.to)
    try:
        freight = push(image, options.version)
    except requests.RequestException:
        raise Refusal(
            f"{options.to}: no demo's registry answers there; take the image from the words of "
            "a demo that is running"
        ) from None
    print(f"pushed {freight.artifacts[0]}")
    return 0


def _port(text: str) -> int:
    if not text.isascii() or not text.isdigit() or int(text) > 65535:
        raise argparse.ArgumentTypeError(f"'{text}' is not a port")
    return int(text)


def _scenario(text: str) -> Scenario:
    try:
        return Scenario(text)
    except ValueError:
        names = ", ".join(one.value for one in Scenario)
        raise argparse.ArgumentTypeError(f"'{text}' is not a scenario: {names}") from None


def _at_home(around: Surroundings) -> Surroundings:
    """Surroundings in which nothing leaves this machine: no proxy, and nobody's registry logins.

    The libraries read the variables of proxies themselves, so they go from the process as well.
    """
    proxies = {name for name in around.environ if name.lower() in _PROXIES}
    for name in proxies:
        os.environ.pop(name, None)
    kept = {name: text for name, text in around.environ.items() if name not in proxies}
    return replace(around, environ={**kept, "DOCKER_CONFIG": os.devnull})


def _check_writable(report: Path | None) -> None:
    """Said before the story, not after it."""
    if report is not None and not report.parent.is_dir():
        raise Refusal(f"{report}: there is no directory {report.parent} to write the report to")


def _command() -> str:
    """How this very program can be called again."""
    called = Path(sys.argv[0])
    if called.name != "towline":
        return f"{shlex.quote(sys.executable)} -m github_app.cli"
    return "towline" if shutil.which("towline") == str(called) else shlex.quote(str(called))
