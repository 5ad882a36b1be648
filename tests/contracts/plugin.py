"""pytest fixtures: GitHub's contracts, and the stand-in under their eyes in every test.

Loaded for the whole suite (`pytest_plugins`), it puts a `Recorder` around each stand-in that any
test starts and fails the test during which an exchange, document or webhook broke a contract.
"""

from __future__ import annotations

import pytest

from tests.contracts import fetch


@pytest.fixture(scope="session")
def published() -> None:
    """Skip, with the reason and the command, where GitHub's contracts were not fetched."""
    why = fetch.absent()
    if why is not None:
        pytest.skip(why)
