"""Images as registries name them in what they send: checked, and under one name."""

from __future__ import annotations

from collections.abc import Iterable
from urllib.parse import urlsplit

from github_app.events import Ignored, ImagePushed, Reading, Understood
from github_app.webhooks.fields import Object, text
from plugin.artifact import Reference, Repository, is_digest, is_tag
from plugin.errors import Refusal

_MAX_NAME = 255
# Whoever pushes more tags at once is better asked for all it has.
_MANY = 20


def image(host: str, path: str) -> Repository:
    """The repository a sender names by host and path; raises Refusal.

    Longer names than 255 are refused: clients may refuse them as well
    (https://github.com/opencontainers/distribution-spec/blob/main/spec.md#pulling-manifests).
    """
    if len(host) + len(path) >= _MAX_NAME:
        raise Refusal("an image's name is longer than 255 characters")
    return Repository(host.lower(), path)


def image_at(registry: str, host: str, path: str) -> Repository:
    """The repository `path` of a registry; raises Refusal.

    `registry` is `host[:port][/prefix]` as the webhook's address says, '' if it says nothing:
    then `host` is the registry's name as it tells it itself, '' if it does not know.
    """
    if not registry and not host:
        raise Refusal(
            "the sender does not say which registry it is: "
            "add ?registry=HOST to the webhook's address, as images are pulled from there"
        )
    if not registry:
        return image(host, path)
    asked, _, prefix = registry.strip("/").partition("/")
    return image(asked, f"{prefix}/{path}" if prefix else path)


def reference(written: str) -> Reference:
    """The parts of `host/path:tag`; raises Refusal."""
    if len(written) > 2 * _MAX_NAME:
        raise Refusal("an image's reference is longer than 510 characters")
    found = Reference.parse(written)
    return Reference(image(found.repository.host, found.repository.path), found.tag, found.digest)


def tag_in(payload: Object, *path: str) -> str | None:
    """The tag at `path`, or None if there is a digest instead; raises Refusal."""
    found = text(payload, *path)
    if is_digest(found):
        return None
    if not is_tag(found):
        raise Refusal(f"{'.'.join(path)} is not a tag")
    return found


def pushed(repository: Repository, tags: Iterable[str | None]) -> Reading:
    """These tags of a repository were pushed; None is no tag."""
    found = list(dict.fromkeys(tag for tag in tags if tag is not None))
    if not found:
        return Ignored("no tag was pushed")
    if len(found) > _MANY:
        return Understood((ImagePushed(repository, None),))
    return Understood(tuple(ImagePushed(repository, tag) for tag in found))


def host_of(url: str) -> str:
    """The host and port of a web address, '' if it is none."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return ""
    return parts.netloc.rpartition("@")[2] if parts.scheme in {"http", "https"} else ""
