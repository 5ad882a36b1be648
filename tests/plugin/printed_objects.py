"""Objects with hostile texts, as kustomize prints them."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from hypothesis import strategies as st

from plugin.artifact import Image, Repository
from plugin.freight import Freight
from plugin.record import Record

DIGEST = "sha256:0a" + "1" * 62
OTHER = "sha256:0b" + "2" * 62
WEB = Image(Repository.parse("ghcr.io/acme/web"), "1.10", DIGEST)
API = Image(Repository.parse("ghcr.io/acme/api"), "1e3", OTHER)
RECORDS = (
    Record(Freight("web", (WEB,)), "acme/shop", "towline/shop/prod/web"),
    Record(Freight("api.v2", (API,)), "acme/shop", "towline/shop/prod/api.v2"),
)
URL = "https://github.com"

Object = dict[str, Any]

LIKE_IMAGES = (
    f"image: {WEB}",
    f"  image: {WEB}\n",
    f"---\nimage: {WEB}\nmetadata:\n  annotations:\n    towline.dev/freight: x\n",
    f"{'word ' * 20}image: {WEB}\n  and more",
    f"{'word ' * 17}\\n image: {WEB} {'word ' * 20}",
    f"{'w' * 82} image: {WEB}",
    f"{'w' * 82}: {'w' * 82}: image: {WEB}",
)
HOSTILE = st.one_of(
    st.sampled_from(
        ("", "y", "on", "null", "~", "1e3", "0x1f", "1_0", "=", "<<", "- a", "? a", "a: b", "a #b")
    ),
    st.sampled_from(LIKE_IMAGES),
    st.text("ab01 :-#'\"|>{}[]&*!%@`,\\\n\té.", max_size=30),
    st.text("ab ", min_size=80, max_size=200),
)
KEYS = st.one_of(
    st.from_regex(r"[a-z][a-zA-Z0-9./_-]{0,12}", fullmatch=True),
    st.sampled_from(
        ("y", "on", "null", "towline.dev/alias", "towline.dev/freight", "towline.dev/zone", "image")
    ),
    st.sampled_from(("link.argocd.argoproj.io/towline", "link.argocd.argoproj.io/tow")),
)
VALUES: st.SearchStrategy[Any] = st.recursive(
    st.one_of(HOSTILE, st.booleans(), st.integers(-5, 5), st.none()),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=3),
    max_leaves=8,
)
# One that is too long for a key on one line.
_LONG = st.just("k" * 140)
ANNOTATIONS = st.one_of(st.none(), st.dictionaries(KEYS | _LONG, HOSTILE, max_size=4))


def deployment(images: Sequence[str]) -> Object:
    containers = [{"name": f"c{at}", "image": one} for at, one in enumerate(images)]
    return {"apiVersion": "apps/v1", "kind": "Deployment"} | {
        "spec": {"template": {"spec": {"containers": containers}}}
    }


def config(data: Mapping[str, str]) -> Object:
    return {"apiVersion": "v1", "kind": "ConfigMap", "data": dict(data)}


def custom(spec: Any) -> Object:
    return {"apiVersion": "acme.dev/v1", "kind": "Shop", "spec": spec}


def named(one: Object, name: str, annotations: Mapping[str, str] | None, space: str) -> Object:
    metadata: dict[str, Any] = {"name": name, "labels": {"app": "web"}}
    if annotations is not None:
        metadata["annotations"] = dict(annotations)
    if space:
        metadata["namespace"] = space
    return one | {"metadata": metadata}


def build(
    kustomize: Path,
    directory: Path,
    objects: Sequence[Object],
    more: Mapping[str, Any] | None = None,
) -> bytes | None:
    """What kustomize prints of the objects; None where it refuses."""
    directory.mkdir(parents=True, exist_ok=True)
    names = [f"{at}.yaml" for at, _ in enumerate(objects)]
    for name, one in zip(names, objects, strict=True):
        (directory / name).write_text(json.dumps(one))
    kustomization = {"resources": names} | dict(more or {})
    (directory / "kustomization.yaml").write_text(json.dumps(kustomization))
    done = subprocess.run([kustomize, "build", directory], capture_output=True, check=False)
    return None if done.returncode else done.stdout
