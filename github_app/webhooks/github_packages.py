"""Images in GitHub's own registry, as its webhooks tell of them."""

from __future__ import annotations

from github_app.events import Ignored, ImagePushed, Reading, Understood
from github_app.webhooks.fields import Object, maybe_text, text
from github_app.webhooks.images import image_at
from plugin.artifact import Repository
from plugin.errors import Refusal

# Each has its package in a field of its own name.
PACKAGES = frozenset({"package", "registry_package"})
_IMAGE_KINDS = frozenset({"container", "docker"})


def published(payload: Object, field: str, registry: str) -> Reading:
    """An image in GitHub's own registry.

    Its tag is not kept: when several tags point to one digest the delivery may name another one.
    """
    kind = maybe_text(payload, field, "package_type") or text(payload, field, "ecosystem")
    if kind.lower() not in _IMAGE_KINDS:
        return Ignored("a package that is no image")
    if text(payload, "action") not in {"published", "updated"}:
        return Ignored("a package that was not published")
    return Understood((ImagePushed(_package_repository(payload, field, registry), None),))


def _package_repository(payload: Object, field: str, registry: str) -> Repository:
    url = maybe_text(payload, field, "package_version", "package_url")
    if not url:
        namespace, name = text(payload, field, "namespace"), text(payload, field, "name")
        return image_at(registry, "ghcr.io", f"{namespace}/{name}".lower())
    host, slash, rest = url.removeprefix("https://").partition("/")
    if not slash:
        raise Refusal(f"{field}.package_version.package_url names no repository")
    path = rest.partition("@")[0].partition(":")[0]
    return image_at(registry, host, path.lower())
