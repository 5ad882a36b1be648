"""The stand-in on a free port of this computer, under the eyes of the contracts."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from threading import Thread
from wsgiref.types import WSGIApplication

from werkzeug.serving import make_server

from github_app.sandbox.pages import pages
from github_app.sandbox.stand_in import StandIn
from tests.contracts.forge import (
    EVENTS,
    OWNER,
    PERMISSIONS,
    REPOSITORY,
    SECRET,
    SLUG,
    Forge,
    app_key,
    receiving,
)


def new_stand_in(root: Path) -> StandIn:
    """An empty stand-in with its pages."""
    return StandIn(root, clock=lambda: datetime.now(UTC), random=Random(1), blueprints=(pages,))


@contextmanager
def served(app: WSGIApplication) -> Iterator[str]:
    """The address at which an application answers until the block ends."""
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@contextmanager
def standing_in(place: Path) -> Iterator[Forge]:
    """The stand-in with the same organization, repository and App as the emulator has."""
    stand_in, key = new_stand_in(place), app_key()
    stand_in.create_user("alice")
    stand_in.create_organization(OWNER)
    stand_in.create_repository(OWNER, REPOSITORY, {"README.md": "# deploy\n"})
    with receiving() as receiver, served(stand_in.wsgi) as url:
        stand_in.url = url
        app = stand_in.register_app(
            SLUG,
            public_key=key.public,
            webhook_url=receiver.url,
            webhook_secret=SECRET,
            permissions=PERMISSIONS,
            events=EVENTS,
        )
        installation = stand_in.install(SLUG, OWNER)
        stand_in.start_sending()
        try:
            yield Forge(f"{url}/api/v3", key, app.id, installation.id, receiver)
        finally:
            stand_in.stop()
