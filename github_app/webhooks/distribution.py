"""Notifications of the CNCF distribution registry, and of what speaks its dialect.

https://distribution.github.io/distribution/about/notifications/
"""

from __future__ import annotations

import hashlib

from github_app.events import Ignored, ImagePushed, Reading, Understood
from github_app.identity import Identity
from github_app.signatures import borne_by
from github_app.webhooks.fields import Object, image, maybe_text, parsed, text
from github_app.webhooks.message import SECRET_HOLDER, Credentials, Delivered, Message, Sender
from plugin.artifact import is_tag
from plugin.errors import Refusal

_MANIFESTS = frozenset(
    {
        "application/vnd.docker.distribution.manifest.v1+json",
        "application/vnd.docker.distribution.manifest.v1+prettyjws",
        "application/vnd.docker.distribution.manifest.v2+json",
        "application/vnd.docker.distribution.manifest.list.v2+json",
        "application/vnd.oci.image.manifest.v1+json",
        "application/vnd.oci.image.index.v1+json",
    }
)


def proven(delivered: Delivered, credentials: Credentials) -> Sender | None:
    """Whoever sent the `Authorization: Bearer` that the registry's configuration was given."""
    known = borne_by(credentials.secrets, delivered.headers.get("authorization"))
    return SECRET_HOLDER if known else None


def read(delivered: Delivered, _identity: Identity, _sender: Sender) -> Message:
    """The tags an envelope says were pushed; raises Refusal.

    Whatever else happened is ignored, kinds of action nobody heard of too: a registry repeats
    what was refused for ever and keeps everything after it waiting.
    """
    events = _events(parsed(delivered.body))
    ids = [text(event, "id") for event in events]
    pushed = dict.fromkeys(push for event in events for push in _pushes(event))
    actions = sorted({maybe_text(event, "action") or "" for event in events})
    reading: Reading = Understood(tuple(pushed)) if pushed else Ignored("no tag was pushed")
    return Message(_guid(ids), " ".join(actions)[:80] or "empty", reading)


def _events(payload: Object) -> list[Object]:
    events = payload.get("events")
    if not isinstance(events, list):
        raise Refusal("events is missing")
    if not all(isinstance(event, dict) for event in events):
        raise Refusal("events holds something else than objects")
    return events


def _pushes(event: Object) -> list[ImagePushed]:
    """The event's pushed tag, if it has one: layers and untagged children are pushed as well."""
    if maybe_text(event, "action") != "push":
        return []
    tag = maybe_text(event, "target", "tag")
    if not tag or maybe_text(event, "target", "mediaType") not in _MANIFESTS:
        return []
    if not is_tag(tag):
        raise Refusal("target.tag is not a tag")
    host, path = text(event, "request", "host"), text(event, "target", "repository")
    return [ImagePushed(image(host, path), tag)]


def _guid(ids: list[str]) -> str:
    """One event keeps its id, which a registry repeats when it tries again; several are hashed."""
    if len(ids) == 1 and len(ids[0]) <= 128:
        return ids[0]
    return "sha256:" + hashlib.sha256("\n".join(ids).encode()).hexdigest()
