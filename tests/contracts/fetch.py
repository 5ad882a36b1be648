"""Fetch GitHub's published contracts and the emulator, as `package-lock.json` pins them.

`python -m tests.contracts.fetch` leaves four things below `.tools/contracts/`: `openapi.json`,
`webhooks.json` and `schema.graphql`, each taken out of its npm package (the OpenAPI package is
385 MB unpacked, one file of it is needed), and `emulate/` with its three dependencies. It does
nothing when they are there for the same lock file.
"""

from __future__ import annotations

import base64
import hashlib
import json
import shutil
import subprocess
import sys
import tarfile
import tempfile
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
PLACE = ROOT / ".tools" / "contracts"
OPENAPI = PLACE / "openapi.json"
WEBHOOKS = PLACE / "webhooks.json"
SCHEMA = PLACE / "schema.graphql"
EMULATE = PLACE / "emulate" / "node_modules" / "emulate" / "dist" / "index.js"
COMMAND = "python -m tests.contracts.fetch"
_STAMP = PLACE / "stamp"
_LOCK = HERE / "package-lock.json"


@dataclass(frozen=True, slots=True)
class Pack:
    """One file wanted from an npm package; its version and integrity stand in the lock file."""

    package: str
    member: str
    target: Path


PACKS = (
    Pack("@octokit/openapi", "package/generated/api.github.com.json", OPENAPI),
    Pack("@octokit/openapi-webhooks", "package/generated/api.github.com.json", WEBHOOKS),
    Pack("@octokit/graphql-schema", "package/schema.graphql", SCHEMA),
)


def absent() -> str | None:
    """Why the contracts can't be read, with the command that fetches them; None if they can."""
    missing = [pack.target.name for pack in PACKS if not pack.target.is_file()]
    if not missing:
        return None
    return f"GitHub's contracts are absent ({', '.join(missing)}): run `{COMMAND}`"


def main() -> int:
    """Fetch what is absent or outdated; the exit status."""
    npm = shutil.which("npm")
    if npm is None:
        print("npm is not installed: the contract tests will be skipped", file=sys.stderr)
        return 1
    wanted = hashlib.sha256(_LOCK.read_bytes()).hexdigest()
    if _is_complete(wanted):
        return 0
    shutil.rmtree(PLACE, ignore_errors=True)
    PLACE.mkdir(parents=True)
    locked = json.loads(_LOCK.read_text())["packages"]
    for pack in PACKS:
        pin = locked[f"node_modules/{pack.package}"]
        _extract(npm, pack, pin["version"], pin["integrity"])
    _install_emulator(npm)
    _STAMP.write_text(wanted)
    return 0


def _is_complete(wanted: str) -> bool:
    stamped = _STAMP.is_file() and _STAMP.read_text() == wanted
    return stamped and absent() is None and EMULATE.is_file()


def _extract(npm: str, pack: Pack, version: str, integrity: str) -> None:
    with tempfile.TemporaryDirectory() as scratch:
        name = f"{pack.package}@{version}"
        print(f"fetching {name}", flush=True)
        subprocess.run(
            [npm, "pack", "--silent", "--pack-destination", scratch, name],
            check=True,
            stdout=subprocess.DEVNULL,
        )
        (archive,) = Path(scratch).glob("*.tgz")
        _check(archive, integrity, name)
        with tarfile.open(archive) as files:
            content = files.extractfile(pack.member)
            if content is None:
                raise SystemExit(f"{name} holds no {pack.member}")
            pack.target.write_bytes(content.read())


def _check(archive: Path, integrity: str, name: str) -> None:
    algorithm, _, expected = integrity.partition("-")
    actual = hashlib.new(algorithm, archive.read_bytes()).digest()
    if base64.b64encode(actual).decode() != expected:
        raise SystemExit(f"{name} is not the package that {_LOCK.name} pins")


def _install_emulator(npm: str) -> None:
    place = PLACE / "emulate"
    place.mkdir()
    for name in ("package.json", "package-lock.json"):
        shutil.copy(HERE / name, place)
    quiet = ["--omit=optional", "--ignore-scripts", "--no-audit", "--no-fund", "--silent"]
    subprocess.run([npm, "ci", *quiet], cwd=place, check=True)


if __name__ == "__main__":
    raise SystemExit(main())
