"""Reading pins, promoting and recording without doing the same work twice.

The real functions, which are pure; thousands of histories ask them the same few questions.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from plugin import promotion
from plugin.freight import Freight
from plugin.pipeline import Warehouse
from plugin.record import Record
from plugin.stage_files import StageFiles

_HELD: dict[object, promotion.Holding] = {}
_PROMOTED: dict[object, object] = {}


@contextmanager
def remembered() -> Iterator[None]:
    """While this lasts, `promotion.holding` and `promotion.promote` remember their answers."""
    holding, promote = promotion.holding, promotion.promote

    def held(stage_dir: str, warehouse: Warehouse, files: StageFiles) -> promotion.Holding:
        key = stage_dir, warehouse, tuple(sorted(files.items()))
        if key not in _HELD:
            _HELD[key] = holding(stage_dir, warehouse, files)
        return _HELD[key]

    def promoted(
        stage_dir: str, warehouse: Warehouse, files: StageFiles, freight: Freight, record: Record
    ) -> object:
        key = stage_dir, warehouse, tuple(sorted(files.items())), freight, record
        if key not in _PROMOTED:
            _PROMOTED[key] = promote(stage_dir, warehouse, files, freight, record)
        return _PROMOTED[key]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(promotion, "holding", held)
        patch.setattr(promotion, "promote", promoted)
        yield
