"""One exchange with GitHub: a transport of its own, and answers that a test writes down."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
import responses

from github_app.github.calls import CallCounter
from github_app.github.host import Host
from github_app.github.transport import Pace, Transport, Wire
from tests.github.api_server import OneToken, Time


@pytest.fixture
def github() -> Iterator[responses.RequestsMock]:
    with responses.RequestsMock() as mock:
        yield mock


@pytest.fixture
def transport() -> Iterator[Transport]:
    time = Time()
    pace = Pace(time.sleep, timedelta(0))
    made = Transport(Wire(Host(), time, pace, CallCounter()), OneToken())
    yield made
    made.close()
