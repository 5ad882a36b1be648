"""What is asked in these tests: a real registry, and a real Git server."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from github_app.sandbox.registry import RunningRegistry, registry
from tests.warehouse.git_world import World, Written, world


@pytest.fixture(scope="module")
def running(
    registry_binary: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[RunningRegistry]:
    """A registry with nothing in it yet, which asks nobody for a password."""
    with registry(registry_binary, tmp_path_factory.mktemp("registry")) as running:
        yield running


@pytest.fixture
def there(tmp_path: Path) -> Iterator[World]:
    """A Git server with nothing on it yet, and the App's way to ask it."""
    with world(tmp_path) as made:
        yield made


@pytest.fixture
def written(there: World) -> Written:
    """The repository that subscriptions name."""
    return there.write()
