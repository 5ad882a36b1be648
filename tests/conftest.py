"""What every test may ask for: the tools below the checkout, and how hard properties are tried."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

# No deadlines: machines are shared, and a slow second says nothing about the property.
settings.register_profile("towline", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("soak", settings.get_profile("towline"), max_examples=20_000)
settings.load_profile("towline")

# Every stand-in of every test is held against GitHub's published contracts.
pytest_plugins = ["tests.contracts.plugin"]

ROOT = Path(__file__).resolve().parent.parent


def tool(name: str) -> Path:
    """The program `make setup` installed, else the one on PATH; skips the test loudly without."""
    installed = ROOT / ".tools" / "bin" / name
    found = str(installed) if installed.exists() else shutil.which(name)
    if found is None:
        pytest.skip(f"{name} is missing: run 'make setup'")
    return Path(found)


@pytest.fixture(scope="session")
def kustomize() -> Path:
    """The kustomize binary."""
    return tool("kustomize")


@pytest.fixture(scope="session")
def registry_binary() -> Path:
    """The CNCF distribution registry binary."""
    return tool("registry")
