"""`towline serve`: the App, until it is told to stop."""

from __future__ import annotations

import argparse
import logging
import sys

from github_app import logs
from github_app.settings import Settings
from github_app.surroundings import Surroundings
from github_app.wsgi import App
from github_app.wsgi_server import serve_until_signalled

log = logging.getLogger(__name__)


def add_parser(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command to the parser."""
    parser = commands.add_parser(
        "serve", help="run the GitHub App; its settings are TOWLINE_ variables of the environment"
    )
    parser.set_defaults(run=run)


def run(options: argparse.Namespace, around: Surroundings) -> int:
    """Serve until SIGTERM or SIGINT, then finish what is under way."""
    del options
    settings = Settings.from_env(around.environ)
    logs.configure(settings.log_level, sys.stderr, logs.Redaction(settings.secrets()))
    app = App(settings, around)
    app.start()
    log.info("listening on %s", app.server.url)
    serve_until_signalled(app.server, app.stop)
    log.info("stopped")
    return 0
