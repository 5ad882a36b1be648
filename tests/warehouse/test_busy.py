"""One repository that fails silences itself; a host that lets everybody wait rests for a while."""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, datetime, timedelta

import pytest

from github_app.warehouse.busy import Busy
from plugin.artifact import Repository
from plugin.errors import Refusal, Temporary

HOUR, SECOND = timedelta(hours=1), timedelta(seconds=1)
OTHERS = [Repository("shared.io", f"other/{number}") for number in range(10)]
OURS = Repository("shared.io", "acme/web")


class Host:
    """A host with its clock: each question takes time, and some end badly."""

    def __init__(self) -> None:
        self.now = datetime(2026, 1, 1, tzinfo=UTC)
        self.busy = Busy(lambda: self.now)
        self.asked = 0

    def ask(self, one: Repository, takes: int = 0, error: Exception | None = None) -> None:
        with self.busy.kept(one):
            self.asked += 1
            self.now += takes * SECOND
            if error is not None:
                raise error

    def fail(self, one: Repository, takes: int = 0, after: timedelta = HOUR) -> None:
        with suppress(Temporary):
            self.ask(one, takes, Temporary(f"no answer for {one}", after))


@pytest.fixture
def host() -> Host:
    return Host()


def test_one_that_fails_is_left_alone_and_no_other(host: Host) -> None:
    host.fail(OTHERS[0], takes=20)
    host.now += HOUR - SECOND
    with pytest.raises(Temporary, match=r"shared\.io/other/0") as caught:
        host.ask(OTHERS[0])
    assert caught.value.after == SECOND
    host.ask(OURS)
    host.now += SECOND
    host.ask(OTHERS[0])


def test_quick_failures_of_many_harm_nobody_else(host: Host) -> None:
    for one in OTHERS:
        host.fail(one)
    host.ask(OURS)


def test_a_host_that_lets_several_wait_rests_for_half_a_minute_at_most(host: Host) -> None:
    for one in OTHERS:
        host.fail(one, takes=20)
    assert host.asked == 3, "the others are not waited for"
    with pytest.raises(Temporary, match=r"^shared\.io keeps us waiting$") as caught:
        host.ask(OURS)
    assert caught.value.after == 30 * SECOND
    host.ask(Repository("elsewhere.io", "acme/web"))
    host.now += 30 * SECOND
    host.ask(OURS)


def test_a_rest_is_as_short_as_was_asked_for(host: Host) -> None:
    for one in OTHERS[:3]:
        host.fail(one, takes=20, after=2 * SECOND)
    host.now += 2 * SECOND
    host.ask(OURS)


@pytest.mark.parametrize("answer", [None, Refusal("no such repository")])
def test_an_answer_in_between_shows_that_the_host_is_there(
    host: Host, answer: Exception | None
) -> None:
    for one in OTHERS:
        host.fail(one, takes=20)
        with suppress(Refusal):
            host.ask(OURS, error=answer)
    assert host.asked == 20


def test_one_that_fails_over_and_over_is_not_several(host: Host) -> None:
    for _ in range(10):
        host.fail(OTHERS[0], takes=20, after=SECOND)
        host.now += SECOND
    assert host.asked == 10
    host.ask(OURS)
