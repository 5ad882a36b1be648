"""The directory the demo keeps everything in: a person's own, or one that goes with the demo."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from plugin.errors import Refusal, Temporary

LOG = "app.log"


@contextmanager
def directory(chosen: Path | None) -> Iterator[Path]:
    """An empty directory.

    A chosen one stays; a temporary one is removed, unless the App came to write its log there and
    the demo was refused: then the reason says where everything is.
    """
    if chosen is not None:
        yield _empty(chosen)
        return
    made = Path(tempfile.mkdtemp(prefix="towline-demo-")).resolve()
    keep = False
    try:
        yield made
    except (Refusal, Temporary) as error:
        keep = (made / LOG).exists()
        kept = f"\nEverything was kept in {made}" if keep else ""
        raise Refusal(f"{error}{kept}") from error
    finally:
        if not keep:
            shutil.rmtree(made, ignore_errors=True)


def _empty(chosen: Path) -> Path:
    try:
        chosen.mkdir(parents=True, exist_ok=True)
        if any(chosen.iterdir()):
            raise Refusal(f"{chosen}: is not empty; name a new directory for the demo's data")
    except OSError as error:
        raise Refusal(f"{chosen}: cannot be used: {error.strerror}") from None
    return chosen.resolve()
