"""What the tests of the real Argo CD share: short directories, for sockets have short names."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest


@pytest.fixture(scope="module")
def short_directory() -> Iterator[Path]:
    """An empty directory whose path leaves room for a socket's name (108 bytes in all)."""
    directory = Path(tempfile.mkdtemp(prefix="argo-", dir="/tmp"))
    yield directory
    shutil.rmtree(directory)
