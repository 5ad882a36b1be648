"""Shops that take one image, and what their files say of it."""

from __future__ import annotations

import re

from tests.sources.world import Shop, World, images, pipeline

KUSTOMIZATION = "stages/{}/kustomization.yaml"
DEV, PROD = (KUSTOMIZATION.format(stage) for stage in ("dev", "prod"))
STAGES = (
    "dev: {warehouses: [web], path: stages/dev, merge: auto, verify: none}",
    "prod: {after: [dev], path: stages/prod}",
)


def shop(world: World, name: str, more: str = "", stages: tuple[str, ...] = ()) -> Shop:
    """A shop that takes `acme/<name>`, with 0.1.0 in each stage."""
    image = world.image(f"acme/{name}")
    places = [KUSTOMIZATION.format(one.partition(":")[0]) for one in stages] or [DEV]
    files = {
        "towline.yaml": pipeline(f"web:\n  - {{image: '{image}', name: web{more}}}", *stages),
        **dict.fromkeys(places, images(web=f"{image}:0.1.0")),
    }
    return world.found(name, files)


def pin(text: str) -> tuple[str, str]:
    """Tag and digest of the one image in a kustomization, '' for what is not there."""
    tag, digest = (re.search(rf"{key}: '?([^\s']+)", text) for key in ("newTag", "digest"))
    return tag[1] if tag else "", digest[1] if digest else ""
