"""A noisy sender, from the entrance to the registry: many deliveries are little work."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from github_app.events import Told
from github_app.inbox.ports import State
from github_app.inbox.sqlite import SqliteInbox
from github_app.outcome import Applied
from github_app.rounds import Place, Report
from github_app.tidying import Tidying
from github_app.warehouse.memory import RememberingRegistry
from github_app.worker import Worker
from plugin.artifact import GitRepository, Repository
from tests.github_app.apps import REGISTRY_SECRET, World
from tests.warehouse.shelf import Counter
from tests.webhooks.senders import usual

WEB = Repository.parse("registry.example.com/acme/web")


@dataclass
class Looking:
    """Rounds that look at one image through the registry's memory."""

    registry: RememberingRegistry

    def run(self, place: Place, posts: tuple[Told, ...] = ()) -> Report:
        """Ask for its tags, and what is behind the first."""
        del place, posts
        for tag in self.registry.tags(WEB):
            self.registry.resolve(WEB, tag)
        return Report(None, frozenset({WEB}), None, Applied())

    def installations(self) -> tuple[int, ...]:
        return (7,)

    def places_of(self, installation: int) -> tuple[Place, ...]:
        return (Place(installation, "acme/shop", 1, "main"),)

    def git(self, repository: str) -> GitRepository:
        """Nobody subscribes to one."""
        return GitRepository.parse(f"https://github.com/{repository}")

    def tidy(self, place: Place) -> None:
        """Nothing to tidy."""


def test_ten_thousand_pushes_of_one_tag_cost_two_lookups(tmp_path: Path) -> None:
    """The first is looked at while the others arrive; those are looked at together."""
    inbox = SqliteInbox.open(tmp_path / "inbox.sqlite")
    world, counting = World(inbox), Counter()
    looking = Looking(RememberingRegistry(counting, lambda: world.now))
    worker = Worker(
        inbox,
        looking,
        looking,
        looking.registry.told,
        lambda: world.now,
        timedelta(minutes=2),
        Tidying(looking.tidy, lambda: None),
    )
    while worker.step():
        pass
    counting.asked.clear()
    app = world.app()
    values = {"request.host": WEB.host, "target.repository": WEB.path, "target.tag": "1.0.0"}
    at_event = {f"events.0.{place}": value for place, value in values.items()}
    pushed = usual("distribution", "push.manifest", {**at_event, "events.0.id": "the id"})
    headers = {**pushed.headers, "Authorization": f"Bearer {REGISTRY_SECRET.reveal()}"}

    def push(number: int) -> int:
        body = pushed.body.replace(b"the id", str(number).encode())
        client = app.test_client()
        return client.post("/webhooks/distribution", data=body, headers=headers).status_code

    assert push(0) == 202
    worker.step()
    with ThreadPoolExecutor(8) as senders:
        assert set(senders.map(push, range(1, 10_000))) == {202}
    while worker.step():
        pass
    assert inbox.counts()[State.PENDING] == 0
    assert 1 <= len(counting.asked) <= 2
    inbox.close()
