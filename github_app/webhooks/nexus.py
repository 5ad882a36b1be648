"""Sonatype Nexus Repository: the webhook capability of a Docker repository.

https://help.sonatype.com/en/enabling-a-repository-webhook-capability.html
https://help.sonatype.com/en/example-headers-and-payloads.html
"""

from __future__ import annotations

from github_app.events import Ignored, Reading, Unknown
from github_app.identity import Identity
from github_app.signatures import digested_by
from github_app.webhooks.fields import Object, parsed, text
from github_app.webhooks.ids import kind_of, known_by
from github_app.webhooks.images import image_at, pushed, tag_in
from github_app.webhooks.message import SECRET_HOLDER, Credentials, Delivered, Message, Sender
from plugin.errors import Refusal

_ACTIONS = frozenset({"CREATED", "UPDATED", "DELETED"})


def proven(delivered: Delivered, credentials: Credentials) -> Sender | None:
    """Whoever signed the body; with HMAC-SHA1, which is all Nexus has."""
    signature = delivered.headers.get("x-nexus-webhook-signature")
    signed = digested_by(credentials.secrets, delivered.body, signature, "sha1")
    return SECRET_HOLDER if signed else None


def read(delivered: Delivered, _identity: Identity, _sender: Sender) -> Message:
    """The tag that was pushed; raises Refusal.

    Nexus does not say under which host and port or path its repository is pulled from: the
    webhook's address must.
    """
    event = delivered.headers.get("x-nexus-webhook-id", "")
    guid = delivered.headers.get("x-nexus-webhook-delivery", "")
    if not event or not guid:
        raise Refusal("the header X-Nexus-Webhook-Id or X-Nexus-Webhook-Delivery is missing")
    payload = parsed(delivered.body)
    reading = _reading(event.lower(), payload, delivered.registry)
    return Message(known_by([guid]), kind_of(event), reading)


def _reading(event: str, payload: Object, registry: str) -> Reading:
    if event != "rm:repository:component":
        known = event.startswith("rm:")
        return Ignored("no component of a repository") if known else Unknown(kind_of(event))
    action = text(payload, "action")
    if action not in _ACTIONS:
        return Unknown(kind_of(event, action))
    if action == "DELETED":
        return Ignored("a component was deleted")
    if text(payload, "component", "format") != "docker":
        return Ignored("a component that is no image")
    repository = image_at(registry, "", text(payload, "component", "name"))
    return pushed(repository, [tag_in(payload, "component", "version")])
