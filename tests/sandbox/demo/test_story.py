"""The story inside one process: what it costs, and what it says when something does not happen."""

from __future__ import annotations

import io
import random
import threading
import time
import uuid
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from github_app.github.mirror.git import Git
from github_app.sandbox.demo.checkout import Checkout
from github_app.sandbox.demo.gitops import REPOSITORY
from github_app.sandbox.demo.pulls import Pulls
from github_app.sandbox.demo.push import push
from github_app.sandbox.demo.screen import Screen
from github_app.sandbox.demo.servers import SLUG, Plot, Servers, running
from github_app.sandbox.demo.story import BUDGET, Story
from github_app.sandbox.demo.waiting import Patience
from github_app.surroundings import Surroundings
from plugin.errors import Refusal
from plugin.freight import Freight
from plugin.kustomize.build import Kustomize
from plugin.render import Renderer

PATH = {"PATH": "/usr/local/bin:/usr/bin:/bin", "DOCKER_CONFIG": "/nonexistent"}


def now() -> datetime:
    return datetime.now(UTC)


def around() -> Surroundings:
    return Surroundings(PATH, now, time.sleep, lambda: uuid.UUID(int=random.getrandbits(128)).hex)


@pytest.fixture
def plot(registry_binary: Path, tmp_path: Path) -> Plot:
    return Plot(tmp_path, registry_binary)


@pytest.fixture
def servers(plot: Plot) -> Iterator[Servers]:
    with running(plot, around()) as started:
        yield started


def story(servers: Servers, plot: Plot, kustomize: Path, seconds: float) -> Story:
    root = plot.directory / "shop"
    program = Renderer(Kustomize((str(kustomize), "build")), servers.stand_in.url)
    return Story(
        servers,
        Checkout.clone(root, Git(root / ".git", PATH), servers.git, program),
        Patience(now, threading.Event(), timedelta(seconds=seconds), plot.log),
        Screen(io.StringIO(), live=False),
        now,
    )


def test_a_promotion_costs_at_most_four_requests(
    servers: Servers, plot: Plot, kustomize: Path
) -> None:
    told = story(servers, plot, kustomize, 30)
    told.tell()
    promotions = ["dev 1.0.0", "staging 1.0.0", "dev 1.1.0", "staging 1.1.0", "prod 1.1.0"]
    assert list(told.costs) == promotions
    assert {name: cost for name, cost in told.costs.items() if cost > BUDGET} == {}
    assert told.report.shortcomings() == ()
    calls = servers.stand_in.calls.counts()
    assert told.report.calls.graphql == calls["graphql"]
    assert told.report.calls.mints == calls["tokens"]

    # A delivery that comes again is answered, and nobody asks GitHub anything because of it.
    asked = len(servers.journal)
    for delivery in servers.stand_in.deliveries(SLUG):
        servers.stand_in.redeliver(SLUG, delivery.id)
    told.patience.until("everything is sent again", lambda: servers.settled() or None)
    again = [one for one in servers.stand_in.deliveries(SLUG) if one.redelivery]
    assert {one.status_code for one in again if one.event == "pull_request"} <= {200, 204}
    assert len(servers.journal) == asked


def test_what_does_not_happen_is_said_with_the_last_words_of_the_app(
    plot: Plot, kustomize: Path
) -> None:
    deaf = replace(plot, notify=False)
    with running(deaf, around()) as servers:
        told = story(servers, deaf, kustomize, 0.5)
        told.patience = replace(told.patience, limit=timedelta(seconds=30))
        told._settle()
        told.patience = replace(told.patience, limit=timedelta(seconds=0.5))
        with pytest.raises(Refusal) as refused:
            told.tell()
    first, words, *lines = str(refused.value).splitlines()
    expected = "the pull request that takes 1.0.0 to dev merges by itself"
    assert first == f"{expected}: this did not happen in 0.5 seconds"
    assert words == "The App's last words:"
    assert lines
    assert told.report.pull_requests == 0


def test_a_stop_ends_the_waiting(servers: Servers, plot: Plot, kustomize: Path) -> None:
    told = story(servers, plot, kustomize, 30)
    told.patience.stop.set()
    with pytest.raises(KeyboardInterrupt):
        told.tell()


def test_a_second_version_only_updates_the_pull_request_of_a_person(
    servers: Servers, plot: Plot, kustomize: Path
) -> None:
    told = story(servers, plot, kustomize, 30)
    pulls = Pulls(servers.stand_in)

    def pushed(version: str) -> Freight:
        told._settle()
        freight = push(servers.image, version)
        told.patience.until("staging follows", lambda: pulls.ready("staging", freight))
        return freight

    pushed("1.0.0")
    freight = pushed("1.1.0")
    into_staging = [one for one in pulls.all() if one.head_ref.startswith("towline/shop/staging/")]
    assert [one.number for one in into_staging] == [2]
    assert pulls.merged("staging", freight) is None
    assert servers.stand_in.pull_request(REPOSITORY, 2).author == f"{SLUG}[bot]"
