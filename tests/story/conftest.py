"""Every story gets a world of its own."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.story.world import Story, told


@pytest.fixture
def story(tmp_path: Path) -> Iterator[Story]:
    """The usual shop with dev, staging and prod, at rest."""
    with told(tmp_path) as found:
        yield found
