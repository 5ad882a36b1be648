"""A process that serves the App over an inbox, until it is told to stop or killed.

    python -m tests.github_app.serving DIRECTORY

prints its address; what it did on stopping, in order, as it does it.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path

from flask import Blueprint

from github_app.app import create_app
from github_app.inbox.sqlite import SqliteInbox
from github_app.wsgi_server import Server, serve_until_signalled
from tests.github_app.apps import World


def slow() -> Blueprint:
    """A page that takes a while, and says when it was asked for."""
    blueprint = Blueprint("slow", __name__)

    @blueprint.get("/slow")
    def page() -> str:
        print("asked", flush=True)
        time.sleep(0.5)
        return "finished"

    return blueprint


def main() -> None:
    inbox = SqliteInbox.open(Path(sys.argv[1]) / "inbox.sqlite")
    server = Server(create_app(World(inbox).parts(), [slow()]), "127.0.0.1", 0)
    print(server.url, flush=True)

    def after() -> None:
        inbox.close()
        print("worker stopped", flush=True)

    serve_until_signalled(server, after)
    print("ended", flush=True)


if __name__ == "__main__":
    main()
