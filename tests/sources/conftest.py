"""One world for each module: its tests have repositories and images of their own."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.sources.world import World, running


@pytest.fixture(scope="module")
def world(registry_binary: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """The App at rest, installed at acme."""
    with running(registry_binary, tmp_path_factory.mktemp("world")) as found:
        yield found
