"""Reading pins, promoting and recording without doing the same work twice.

The real functions, which are pure; thousands of histories ask them the same few questions.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator
from contextlib import contextmanager

import pytest

from plugin import holding as holdings
from plugin import promotion
from plugin.pipeline import Warehouse
from plugin.stage_files import StageFiles

_HELD: dict[object, holdings.Holding] = {}
_PROMOTED: dict[object, object] = {}


@contextmanager
def remembered() -> Iterator[None]:
    """While this lasts, `holdings.holding` and `promotion.promote` remember their answers."""
    holding, promote = holdings.holding, promotion.promote

    def held(
        stage_dir: str, warehouse: Warehouse, files: StageFiles, *stage: Hashable
    ) -> holdings.Holding:
        key = stage_dir, warehouse, tuple(sorted(files.items())), stage
        if key not in _HELD:
            _HELD[key] = holding(stage_dir, warehouse, files, *stage)  # type: ignore[arg-type]  # passed on
        return _HELD[key]

    def promoted(
        stage_dir: str, warehouse: Warehouse, files: StageFiles, *what: Hashable, **more: Hashable
    ) -> object:
        key = stage_dir, warehouse, tuple(sorted(files.items())), what, tuple(more.items())
        if key not in _PROMOTED:
            _PROMOTED[key] = promote(stage_dir, warehouse, files, *what, **more)  # type: ignore[arg-type]  # passed on
        return _PROMOTED[key]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(holdings, "holding", held)
        patch.setattr(promotion, "promote", promoted)
        yield
