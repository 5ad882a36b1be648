"""Versions of the demo's image: built, pushed, and the freight they make."""

from __future__ import annotations

from github_app.sandbox.demo.gitops import WAREHOUSE
from github_app.sandbox.images import Pusher, image
from plugin.artifact import Image, Repository
from plugin.freight import Freight


def push(place: Repository, version: str) -> Freight:
    """The freight of an image that is now at `place` under this version.

    Raises Refusal if the version is no tag, and requests' errors where no registry answers.
    """
    built = image(
        {"version": version.encode()},
        labels={
            "org.opencontainers.image.title": WAREHOUSE,
            "org.opencontainers.image.version": version,
        },
    )
    digest = Image(place, version, built.manifest.digest).digest
    Pusher(f"http://{place.host}").push_image(place.path, version, built)
    return Freight(WAREHOUSE, (Image(place, version, digest),))
