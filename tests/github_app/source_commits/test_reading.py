"""Commits of sources, read over real HTTP: bounded, remembered, and never another tenant's."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from github_app.body.origins import SourceRepository
from github_app.github.calls import CallCounter
from github_app.github.host import Host
from github_app.github.mirror.fetch import GitCredentials
from github_app.github.mirror.watched_mirrors import WatchedMirrors
from github_app.source_commits.reading import KnownCommits, SourceHistories
from github_app.source_commits.values import Between
from tests.story.registries import Clock
from tests.warehouse.git_world import World, Written, world

WEB = "acme/web"


@dataclass(frozen=True)
class Key:
    """A token of one installation."""

    word: str = "ours"

    def token(self) -> str:
        return self.word

    def forget(self, token: str) -> None:
        assert token


class Reading:
    """A source with a history, and an installation that may read it."""

    def __init__(self, told: World) -> None:
        self.told, self.clock = told, Clock()
        self.web: Written = told.write(WEB)
        self.commits = [self.web.commit({"a": str(at)}, f"Change {at}") for at in range(30)]
        self.told.server.tokens = {"ours"}
        self.readable = {WEB}
        self.calls = CallCounter()
        environment = {"PATH": os.environ["PATH"]}
        self.mirrors = WatchedMirrors(told.data / "watched", self.calls, environment)
        self.known = KnownCommits(self.clock)

    def by(self, tenant: str = "1") -> SourceHistories:
        host = Host(self.told.server.url)
        return SourceHistories(self.mirrors, host, self._key, tenant, self.known)

    def _key(self, name: str) -> GitCredentials | None:
        return Key() if name in self.readable else None

    def pair(self, old: str, new: str, name: str = WEB) -> Between:
        return Between(SourceRepository(urlsplit(self.told.server.url).netloc, name), old, new)

    def subjects(self, pair: Between) -> list[str] | None:
        self.by().read([pair])
        found = self.by().of([pair]).get(pair)
        return [one.subject for one in found.commits] if found else None


@pytest.fixture
def reading(tmp_path: Path) -> Iterator[Reading]:
    with world(tmp_path) as told:
        yield Reading(told)


def test_it_tells_what_lies_between_the_newest_first(reading: Reading) -> None:
    old, new = reading.commits[3], reading.commits[6]
    assert reading.subjects(reading.pair(old, new)) == ["Change 6", "Change 5", "Change 4"]
    pair = reading.pair(old[:9], new[:7])
    assert reading.subjects(pair) == ["Change 6", "Change 5", "Change 4"]
    found = reading.by().of([pair])[pair]
    assert [one.oid for one in found.commits] == reading.commits[4:7][::-1]
    assert {one.author for one in found.commits} == {"Ann Müller"}
    assert not found.more


def test_of_many_it_tells_twenty_and_that_there_are_more(reading: Reading) -> None:
    pair = reading.pair(reading.commits[0], reading.commits[29])
    assert reading.subjects(pair) == [f"Change {29 - at}" for at in range(20)]
    assert reading.by().of([pair])[pair].more


def test_it_asks_once(reading: Reading) -> None:
    pair = reading.pair(reading.commits[0], reading.commits[1])
    assert reading.by().read([pair])
    before = len(reading.told.server.requests)
    assert not reading.by().read([pair])
    assert len(reading.told.server.requests) == before


def test_nothing_is_asked_to_say_what_is_known(reading: Reading) -> None:
    assert not reading.by().of([reading.pair(reading.commits[0], reading.commits[1])])
    assert not reading.told.server.requests


def test_a_way_back_and_strange_revisions_tell_nothing(reading: Reading) -> None:
    one, other = reading.commits[2], reading.commits[5]
    for pair in (
        reading.pair(other, one),
        reading.pair("f" * 40, other),
        reading.pair(one, "0123456"),
    ):
        assert reading.subjects(pair) is None


def test_what_the_installation_may_not_read_is_not_asked_for(reading: Reading) -> None:
    reading.readable.clear()
    assert reading.subjects(reading.pair(*reading.commits[:2])) is None
    assert not reading.told.server.requests


def test_another_host_is_never_asked(reading: Reading) -> None:
    elsewhere = Between(SourceRepository("github.com", WEB), *reading.commits[:2])
    assert reading.subjects(elsewhere) is None
    assert not reading.told.server.requests


def test_what_one_tenant_knows_another_is_not_told(reading: Reading) -> None:
    pair = reading.pair(*reading.commits[:2])
    assert reading.by("1").read([pair])
    assert not reading.by("2").of([pair])


def test_a_server_in_trouble_fails_nothing_and_is_asked_again_later(reading: Reading) -> None:
    pair = reading.pair(*reading.commits[:2])
    reading.told.server.status = 500
    assert not reading.by().read([pair])
    reading.told.server.status = 0
    assert not reading.by().read([pair])
    reading.clock.now += timedelta(minutes=31)
    assert reading.by().read([pair])


def test_few_are_read_at_once(reading: Reading) -> None:
    pairs = [reading.pair(*reading.commits[at : at + 2]) for at in range(5)]
    reading.by().read(pairs)
    assert len(reading.by().of(pairs)) == 3
    reading.by().read(pairs)
    assert len(reading.by().of(pairs)) == 5
