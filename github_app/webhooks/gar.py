"""Google Artifact Registry: messages of the topic `gcr`, which Pub/Sub pushes.

https://cloud.google.com/artifact-registry/docs/configure-notifications
https://cloud.google.com/pubsub/docs/authenticate-push-subscriptions
"""

from __future__ import annotations

import base64

from github_app.events import Ignored, Reading, Unknown
from github_app.identity import Identity
from github_app.webhooks.fields import Object, maybe_text, parsed, text
from github_app.webhooks.ids import kind_of, known_by
from github_app.webhooks.images import image_at, pushed, reference
from github_app.webhooks.message import Credentials, Delivered, Message, Sender
from github_app.webhooks.proofs import bearer
from plugin.errors import Refusal

_ISSUERS = ("https://accounts.google.com", "accounts.google.com")


def proven(delivered: Delivered, credentials: Credentials) -> Sender | None:
    """The service account whose token came along, if we were told to trust it.

    Everybody with a Google account can have a token for us, so its e-mail address counts, and
    only one that Google has verified.
    """
    claims = credentials.tokens.claims(bearer(delivered))
    if claims is None or claims.get("iss") not in _ISSUERS:
        return None
    email = claims.get("email")
    if not isinstance(email, str) or not email or claims.get("email_verified") is not True:
        return None
    return Sender(email, claims)


def read(delivered: Delivered, _identity: Identity, _sender: Sender) -> Message:
    """The tag that was pushed; raises Refusal."""
    envelope = parsed(delivered.body)
    change = parsed(_decoded(text(envelope, "message", "data")))
    action = text(change, "action")
    guid = known_by([text(envelope, "message", "messageId")])
    return Message(guid, kind_of(action), _reading(action, change, delivered.registry))


def _decoded(data: str) -> bytes:
    try:
        return base64.b64decode(data, validate=True)
    except ValueError:
        raise Refusal("message.data is not base64") from None


def _reading(action: str, change: Object, registry: str) -> Reading:
    if action == "DELETE":
        return Ignored("something was deleted")
    if action != "INSERT":
        return Unknown(kind_of(action))
    written = maybe_text(change, "tag")
    if not written:
        return Ignored("no tag was pushed")
    found = reference(written)
    if found.tag is None:
        raise Refusal("tag names no tag")
    at, path = found.repository.host, found.repository.path
    return pushed(image_at(registry, at, path), [found.tag])
