"""The envelope of the CNCF distribution registry, which GitLab's registry sends as well.

https://distribution.github.io/distribution/about/notifications/
"""

from __future__ import annotations

from github_app.events import Ignored, ImagePushed, Reading, Understood
from github_app.webhooks.fields import Object, maybe_text, objects, parsed, text
from github_app.webhooks.ids import kind_of, known_by
from github_app.webhooks.images import image_at, tag_in
from github_app.webhooks.message import Delivered, Message

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


def read_envelope(delivered: Delivered) -> Message:
    """The tags an envelope says were pushed; raises Refusal.

    Whatever else happened is ignored, kinds of action nobody heard of too: a registry repeats
    what was refused for ever and keeps everything after it waiting.
    """
    events = objects(parsed(delivered.body), "events")
    ids = [text(event, "id") for event in events]
    pushed = dict.fromkeys(push for event in events for push in _pushes(event, delivered.registry))
    actions = sorted({maybe_text(event, "action") or "" for event in events})
    reading: Reading = Understood(tuple(pushed)) if pushed else Ignored("no tag was pushed")
    return Message(known_by(ids), kind_of(" ".join(actions) or "empty"), reading)


def _pushes(event: Object, registry: str) -> list[ImagePushed]:
    """The event's pushed tag, if it has one: layers and untagged children are pushed as well."""
    if maybe_text(event, "action") != "push" or not maybe_text(event, "target", "tag"):
        return []
    if maybe_text(event, "target", "mediaType") not in _MANIFESTS:
        return []
    tag = tag_in(event, "target", "tag")
    host, path = text(event, "request", "host"), text(event, "target", "repository")
    return [] if tag is None else [ImagePushed(image_at(registry, host, path), tag)]
