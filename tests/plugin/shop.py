"""A repository with the project `shop`, as the tests of the sidecar send it."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import yaml

from plugin.artifact import Image, Repository
from plugin.freight import Freight
from plugin.record import Record, record_path, write_record

ROOT = Path(__file__).resolve().parent.parent.parent

OLD = Image(Repository.parse("ghcr.io/acme/web"), "2.3.0", f"sha256:{'1' * 64}")
NEW = Image(Repository.parse("ghcr.io/acme/web"), "2.4.0", f"sha256:{'2' * 64}")
DB = Image(Repository.parse("docker.io/library/postgres"), "16", f"sha256:{'3' * 64}")

PIPELINE = """\
project: shop
warehouses:
  web: [{image: ghcr.io/acme/web}]
  db: [{image: postgres}]
stages:
  dev: {warehouses: [web, db], path: stages/dev}
  staging: {after: [dev], path: stages/staging, overrides: true}
  gate: {after: [staging]}
  prod: {after: [gate], path: stages/prod}
  live: {after: [prod], branch: env/live}
"""
KUSTOMIZATION = """\
resources: [../../base]
nameSuffix: -{stage}
images: [{{name: ghcr.io/acme/web, newTag: 2.3.0, digest: {digest}}}]
"""
DEPLOYMENT = """\
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec: {containers: [{name: web, image: ghcr.io/acme/web}]}
"""


def write(root: Path, files: dict[str, str]) -> Path:
    """`files` below `root`, which is made if it is not there."""
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return root


def shop(root: Path) -> Path:
    """The project at the root of a repository, three stages with a base in common, no records."""
    files = {
        "towline.yaml": PIPELINE,
        "base/kustomization.yaml": "resources: [web.yaml]\n",
        "base/web.yaml": DEPLOYMENT,
    }
    for stage in ("dev", "staging", "prod"):
        text = KUSTOMIZATION.format(stage=stage, digest=OLD.digest)
        files[f"stages/{stage}/kustomization.yaml"] = text
    return write(root, files)


def record(stage: str, *artifacts: Image, warehouse: str = "web") -> Record:
    """What `stage` holds of a warehouse."""
    head = f"towline/shop/{stage}/{warehouse}"
    return Record(Freight(warehouse, artifacts or (OLD,)), "acme/shop", head)


def put(root: Path, directory: str, *records: Record) -> None:
    """The records' files in a stage's directory."""
    for one in records:
        write(root, {record_path(directory, one.freight.warehouse): write_record(one)})


def installed(place: Path) -> Path:
    """`towline-plugin` as an image has it: a script for an interpreter that starts bare.

    Beside it, in `towline/`, are the package and PyYAML, and nothing else.
    """
    library = place / "towline"
    library.mkdir(parents=True)
    (library / "plugin").symlink_to(ROOT / "plugin")
    (library / "yaml").symlink_to(Path(yaml.__file__).parent)
    script = place / "bin" / "towline-plugin"
    script.parent.mkdir()
    script.write_text(
        f"#!{sys.executable} -IS\nimport sys\nsys.path[:0] = [{os.fspath(library)!r}]\n"
        "from plugin.cli import leave\nleave()\n",
        encoding="utf-8",
    )
    script.chmod(0o755)
    return script
