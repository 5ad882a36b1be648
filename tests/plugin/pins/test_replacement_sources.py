"""Versions in fields that kustomize copies into images: they are the pins, not the images."""

from __future__ import annotations

from pathlib import Path

import pytest

from plugin.freight import Freight
from plugin.pins.pin import Kind, UpToDate
from plugin.pins.sources import Sources
from plugin.pipeline import Warehouse
from plugin.promotion import Changes, Refused, promote
from plugin.record import Record
from plugin.subscriptions import ImageSubscription
from tests.plugin.pins.test_bump_renders import build
from tests.plugin.pins.texts import NEW, OLD, image, manifest

FULL = f"ghcr.io/acme/web:1.1.0@{NEW}"
IMAGE = "spec.template.spec.containers.[name=web].image"
WAREHOUSE = Warehouse("web", (ImageSubscription("web", image().repository),))


def kustomization(field: str, options: str = "", path: str = IMAGE, more: str = "") -> str:
    return (
        "resources: [web.yaml, versions.yaml]\n"
        "replacements:\n"
        f"- source: {{kind: ConfigMap, name: versions, fieldPath: '{field}'{more}}}\n"
        "  targets:\n"
        f"  - select: {{kind: Deployment, name: web}}\n    fieldPaths: ['{path}']\n{options}"
    )


def versions(line: str) -> str:
    return (
        "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: versions\n  annotations:\n"
        f"    config.kubernetes.io/local-config: 'true'\ndata:\n  {line}\n"
    )


def answer(files: dict[str, str]) -> Changes | UpToDate | Refused:
    record = Record(Freight("web", (image(),)), "acme/shop", "towline/shop/dev/web", None)
    return promote("", WAREHOUSE, files, record.freight, record)


def changed(files: dict[str, str]) -> dict[str, str]:
    changes = answer(files)
    assert isinstance(changes, Changes), changes
    assert isinstance(answer({**files, **changes.files}), UpToDate)
    return {name: text for name, text in changes.files.items() if not name.startswith(".freight")}


PART = "    options: {delimiter: '%s', index: 1}\n"


@pytest.mark.parametrize(
    ("line", "entry", "placeholder", "new"),
    [
        ("web: ghcr.io/acme/web:1.0 # x", ("data.web",), "x:0", f"web: {FULL} # x"),
        ("web.image: ghcr.io/acme/web:1", (r"data.web\.image",), "x", f"web.image: {FULL}"),
        ("tag: '1.0'", ("data.tag", PART % ":"), "ghcr.io/acme/web:0", "tag: '1.1.0'"),
        (f"d: {OLD}", ("data.d", PART % "@"), f"ghcr.io/acme/web@{OLD}", f"d: {NEW}"),
    ],
)
def test_the_source_is_bumped_and_rendered(
    line: str, entry: tuple[str, ...], placeholder: str, new: str, tmp_path: Path, kustomize: Path
) -> None:
    files = {
        "kustomization.yaml": kustomization(*entry),
        "versions.yaml": versions(line),
        "web.yaml": manifest(f"image: {placeholder}"),
    }
    after = changed(files)
    assert after == {"versions.yaml": versions(new)}
    for name, text in {**files, **after}.items():
        (tmp_path / name).write_text(text)
    rendered = build(kustomize, tmp_path)
    assert "image: ghcr.io/acme/web" in rendered
    assert ("1.1.0" in rendered) or (NEW in rendered)


def test_a_literal_of_a_generator_is_a_source(tmp_path: Path, kustomize: Path) -> None:
    generator = "configMapGenerator:\n- name: versions\n  literals:\n  - web=ghcr.io/acme/web:1.0\n"
    text = generator + kustomization("data.web").replace(", versions.yaml", "")
    files = {"kustomization.yaml": text, "web.yaml": manifest("image: x")}
    after = changed(files)
    assert after == {"kustomization.yaml": text.replace("ghcr.io/acme/web:1.0", FULL)}
    for name, one in {**files, **after}.items():
        (tmp_path / name).write_text(one)
    assert f"image: {FULL}" in build(kustomize, tmp_path)


def test_entries_may_stand_in_a_file_of_their_own() -> None:
    entry = kustomization("data.web").partition("replacements:\n")[2]
    files = {
        "kustomization.yaml": "replacements: [{path: more/r.yaml}]\n",
        "more/r.yaml": entry,
        "versions.yaml": versions("web: ghcr.io/acme/web:1.0"),
        "web.yaml": manifest("image: x"),
    }
    assert list(changed(files)) == ["versions.yaml"]


def test_a_container_disk_is_one_by_its_target() -> None:
    path = "spec.template.spec.volumes.[name=root].containerDisk.image"
    files = {
        "kustomization.yaml": kustomization("data.web", path=path),
        "versions.yaml": versions("web: ghcr.io/acme/web:1.0"),
    }
    (pin,) = Sources(files).found("versions.yaml").pins
    assert (pin.kind, pin.subject, pin.tag) == (Kind.CONTAINER_DISK, image().repository, "1.0")


@pytest.mark.parametrize(
    ("text", "line"),
    [
        (kustomization("data.other"), "web: ghcr.io/acme/web:1.0"),
        (kustomization("data.web", path="metadata.name"), "web: ghcr.io/acme/web:1.0"),
        (kustomization("data.web", more=", options: {delimiter: x}"), "web: ghcr.io/acme/web:1.0"),
        (kustomization("data.web", PART % "/"), "web: ghcr.io/acme/web:1.0"),
        (kustomization("data.web"), "web: ghcr.io/acme/web"),
        ("resources: []\n", "web: ghcr.io/acme/web:1.0"),
    ],
)
def test_what_no_image_is_copied_from_is_no_pin(text: str, line: str) -> None:
    sources = Sources({"kustomization.yaml": text, "versions.yaml": versions(line)})
    assert sources.found("versions.yaml").pins == ()


def test_a_source_that_a_template_fills_is_refused() -> None:
    files = {
        "kustomization.yaml": kustomization("data.tag", PART % ":"),
        "versions.yaml": versions("tag: ${TAG}"),
        "web.yaml": manifest("image: ghcr.io/acme/web:0"),
    }
    refused = answer(files)
    assert isinstance(refused, Refused)
    assert "versions.yaml:8: '${TAG}' is filled in by a template" in refused.reasons[0]
