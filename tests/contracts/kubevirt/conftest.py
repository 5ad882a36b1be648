"""The fixture `crds`, for the tests in this folder."""

from __future__ import annotations

from tests.contracts.kubevirt.schemas import crds

__all__ = ["crds"]
