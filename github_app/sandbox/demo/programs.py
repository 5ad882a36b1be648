"""The programs the demo runs beside itself: kustomize and the registry."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from plugin.errors import Refusal
from plugin.kustomize import build as kustomize

REGISTRY = "TOWLINE_REGISTRY"
_OWN = Path(__file__).resolve().parents[3] / ".tools" / "bin" / "registry"
_SETUP = "run 'make setup-demo' in a checkout of Towline"


@dataclass(frozen=True, slots=True)
class Programs:
    """Commands that are known to exist; `kustomize` builds the directory put after it."""

    kustomize: tuple[str, ...]
    registry: Path

    @classmethod
    def find(cls, environ: Mapping[str, str], own: Path = _OWN) -> Programs:
        """Both, from variables, PATH or the checkout; raises one Refusal that says what to run."""
        missing: list[str] = []
        try:
            command = kustomize.find(environ)
        except Refusal as refusal:
            missing.append(f"{refusal}; or {_SETUP}")
        try:
            registry = _registry(environ, own)
        except Refusal as refusal:
            missing.append(str(refusal))
        if missing:
            raise Refusal("\n".join(missing))
        return cls(command, registry)


def _registry(environ: Mapping[str, str], own: Path) -> Path:
    """The checkout's own goes before PATH: many a program is called registry."""
    chosen = environ.get(REGISTRY)
    if chosen and shutil.which(chosen, path="") is None:
        raise Refusal(f"{REGISTRY} is '{chosen}', which is not a program; set its full path")
    found = chosen or (str(own) if own.is_file() else None)
    found = found or shutil.which("registry", path=environ.get("PATH", ""))
    if found is None:
        raise Refusal(f"the registry is not installed: {_SETUP}, or name the program in {REGISTRY}")
    return Path(found)
