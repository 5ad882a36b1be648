"""Webhooks that got lost are sent again, some at a time, and not for ever."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
import responses

from github_app.github.calls import CallCounter
from github_app.github.host import Host
from github_app.github.redelivery import Redelivery
from github_app.github.transport import Pace, Transport, Wire
from tests.github.api_server import OneToken, Time

LIST = "https://api.github.com:443/app/hook/deliveries"
NOW = datetime(2026, 11, 21, 12, 30, tzinfo=UTC)


@pytest.fixture
def github() -> Iterator[responses.RequestsMock]:
    with responses.RequestsMock(assert_all_requests_are_fired=False) as mock:
        yield mock


@pytest.fixture
def lost() -> Iterator[Redelivery]:
    time = Time()
    made = Transport(Wire(Host(), time, Pace(time.sleep, timedelta(0)), CallCounter()), OneToken())
    yield Redelivery(made)
    made.close()


def failing(github: responses.RequestsMock, *numbers: int) -> None:
    given = [
        {
            "id": one,
            "guid": f"guid-{one}",
            "event": "push",
            "status_code": 503,
            "delivered_at": "2026-11-21T12:30:00Z",
        }
        for one in numbers
    ]
    github.upsert("GET", f"{LIST}?per_page=100", json=given)
    for one in numbers:
        github.upsert("POST", f"{LIST}/{one}/attempts", status=202, json={})


def asked(github: responses.RequestsMock) -> list[str]:
    return [str(one.request.url) for one in github.calls if one.request.method == "POST"]


def test_what_nobody_took_is_sent_again(github: responses.RequestsMock, lost: Redelivery) -> None:
    failing(github, 7, 8)
    assert lost.again(NOW) == 2
    assert asked(github) == [f"{LIST}/7/attempts", f"{LIST}/8/attempts"]


def test_nothing_lost_costs_one_request(github: responses.RequestsMock, lost: Redelivery) -> None:
    failing(github)
    assert lost.again(NOW) == 0
    assert len(github.calls) == 1


def test_what_fails_again_and_again_is_given_up(
    github: responses.RequestsMock, lost: Redelivery
) -> None:
    failing(github, 7)
    assert [lost.again(NOW) for _ in range(7)] == [1, 1, 1, 1, 1, 0, 0]


def test_a_day_s_losses_do_not_come_at_once(
    github: responses.RequestsMock, lost: Redelivery
) -> None:
    failing(github, *range(1, 51))
    assert lost.again(NOW) == 20
