"""The inbox under test."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from github_app.inbox.limits import Limits
from github_app.inbox.sqlite import SqliteInbox


@pytest.fixture
def inbox(tmp_path: Path) -> Iterator[SqliteInbox]:
    found = SqliteInbox.open(tmp_path / "inbox.sqlite", Limits(attempts=3))
    yield found
    found.close()
