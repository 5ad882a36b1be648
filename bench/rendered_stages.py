"""Stages of any number of resources, with and without a record, and what they must render to."""

from __future__ import annotations

import json
from pathlib import Path

from plugin.artifact import Image, Repository
from plugin.freight import Freight
from plugin.manifests.annotate import annotations_for
from plugin.record import Record, record_path, write_record
from plugin.settings import GITHUB
from plugin.stage_policy import Write

WEB = Image(Repository.parse("ghcr.io/acme/web"), "1.0.0", f"sha256:{'1' * 64}")

_DEPLOYMENT = """apiVersion: apps/v1
kind: Deployment
metadata:
  name: web-{number}
spec:
  replicas: 2
  template:
    metadata:
      annotations:
        example.com/number: "{number}"
    spec:
      containers:
        - name: web
          image: ghcr.io/acme/web
          ports:
            - name: http
              containerPort: 8080
          env:
            - name: NUMBER
              value: "{number}"
"""
_IMAGES = f"images:\n  - name: {WEB.repository}\n    newTag: {WEB.tag}\n    digest: {WEB.digest}\n"
# What kustomize itself does where it is told to annotate as the sidecar does.
_ANNOTATED = """\
transformers:
  - |-
    apiVersion: builtin
    kind: AnnotationsTransformer
    metadata: {{name: freight}}
    annotations: {annotations}
    fieldSpecs: [{{path: metadata/annotations, create: true}}]
"""


def base(root: Path, directory: str, count: int, images: str = _IMAGES) -> Path:
    """A directory of `count` Deployments, each in a file, with a kustomization and the image."""
    place = root / directory
    place.mkdir(parents=True)
    names = [f"deployment-{number}.yaml" for number in range(count)]
    for number, name in enumerate(names):
        (place / name).write_text(_DEPLOYMENT.format(number=number), encoding="utf-8")
    resources = "".join(f"  - {name}\n" for name in names)
    text = f"kind: Kustomization\nresources:\n{resources}{images}"
    (place / "kustomization.yaml").write_text(text, encoding="utf-8")
    return place


def recorded(root: Path, directory: str, count: int) -> tuple[Path, Path]:
    """The same with a record; and a directory that kustomize prints so with no help of ours."""
    place = base(root, directory, count)
    return place, _with_record(root, directory, Write.PINS)


def applied(root: Path, directory: str, count: int) -> tuple[Path, Path]:
    """The same without a version in any file: only the record, which is applied to all, has it."""
    place = base(root, directory, count, images="")
    return place, _with_record(root, directory, Write.RECORD)


def _with_record(root: Path, directory: str, write: Write) -> Path:
    """Put the record beside the stage; the directory that kustomize prints as we should."""
    stage = Path(directory).name
    record = Record(Freight("web", (WEB,)), "acme/shop", f"towline/shop/{stage}/web", write=write)
    file = root / record_path(directory, "web")
    file.parent.mkdir()
    file.write_text(write_record(record), encoding="utf-8")
    wanted = root / f"{directory}-by-kustomize"
    wanted.mkdir()
    annotations = json.dumps(annotations_for((record,), stage, GITHUB))
    text = f"resources: [../{stage}]\n{_IMAGES}{_ANNOTATED.format(annotations=annotations)}"
    (wanted / "kustomization.yaml").write_text(text, encoding="utf-8")
    return wanted


def applications(root: Path, directory: str, count: int, resources: int) -> list[Path]:
    """`count` directories that each build on the same `resources` Deployments."""
    base(root, f"{directory}/base", resources)
    places = [root / directory / f"application-{number}" for number in range(count)]
    for number in range(count):
        change(places[number], number)
    return places


def change(place: Path, number: int) -> None:
    """Give an Application a suffix to the names of all its resources."""
    place.mkdir(exist_ok=True)
    text = f"resources:\n  - ../base\nnameSuffix: -of-{number}\n"
    (place / "kustomization.yaml").write_text(text, encoding="utf-8")
