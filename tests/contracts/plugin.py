"""pytest fixtures: GitHub's contracts, and every stand-in of every test under their eyes.

Loaded for the whole suite (`pytest_plugins`), it puts a `Recorder` around each stand-in that any
test makes, and fails the test during which an exchange, a document or a webhook broke a contract.
"""

from __future__ import annotations

import functools
import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

from tests.contracts import fetch

if TYPE_CHECKING:
    from tests.contracts.watch import Watch

_STAND_IN = "github_app.sandbox.stand_in"


@pytest.fixture(scope="session")
def published() -> None:
    """Skip, with the reason and the command, where GitHub's contracts were not fetched."""
    why = fetch.absent()
    if why is not None:
        pytest.skip(why)


@functools.lru_cache(maxsize=1)
def _watch() -> Watch:
    from tests.contracts.watch import Watch

    return Watch()


@pytest.fixture(autouse=True)
def every_exchange() -> Iterator[None]:
    """After each test: what went through the stand-ins kept to GitHub's contracts.

    Tests that never load the stand-in pay nothing.
    """
    if _STAND_IN not in sys.modules or fetch.absent() is not None:
        yield
        return
    watch = _watch()
    watch.new_faults()
    yield
    faults = watch.new_faults()
    if faults:
        pytest.fail("GitHub's contracts were broken:\n" + "\n".join(faults), pytrace=False)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say how much was judged, or loudly that nothing could be."""
    why = fetch.absent()
    if why is not None:
        terminalreporter.section("contracts")
        terminalreporter.write_line(f"NOT CHECKED against GitHub's contracts: {why}")
    elif _watch.cache_info().currsize:
        seen = _watch().record.seen
        total = sum(seen.values())
        terminalreporter.section("contracts")
        terminalreporter.write_line(
            f"{total} exchanges and webhooks of {len(seen)} kinds held against GitHub's contracts"
        )
