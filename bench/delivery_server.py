"""A process that takes deliveries as the App does, with its own inbox or one that keeps nothing.

    python -m bench.delivery_server inbox|nothing DIRECTORY

prints its address and serves until it is killed.
"""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from pathlib import Path

from bench.delivery_generator import SECRET
from github_app import logs
from github_app.app import Parts, create_app
from github_app.identity import Identity
from github_app.inbox.ports import Accepted, Answer, Delivery
from github_app.inbox.sqlite import FILE, SqliteInbox
from github_app.metrics import Metrics
from github_app.wsgi_server import Server


class NothingKept(SqliteInbox):
    """Says yes to every delivery at once and forgets it: the floor."""

    def accept(self, delivery: Delivery) -> Answer:
        """Accepted, whatever it is."""
        return Accepted()


STORES: dict[str, type[SqliteInbox]] = {"inbox": SqliteInbox, "nothing": NothingKept}
# Thirty-two threads pay only where they wait for a commit together; without one, few are faster.
THREADS = {"inbox": 32, "nothing": 4}


def main(store: str, directory: Path) -> None:
    """Serve until the process is killed."""
    logs.configure("info", sys.stderr, logs.Redaction((SECRET,)))
    parts = Parts(
        inbox=STORES[store].open(directory / FILE),
        identity=Identity(1, "towline"),
        secrets={"github": (SECRET,)},
        metrics=Metrics(),
        clock=lambda: datetime.now(UTC),
        new_id=lambda: "error",
        wake=lambda: None,
    )
    server = Server(create_app(parts), "127.0.0.1", 0, threads=THREADS[store])
    print(server.port, flush=True)
    server.serve()


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
