"""Notifications of the CNCF distribution registry, and of what speaks its dialect.

https://distribution.github.io/distribution/about/notifications/
"""

from __future__ import annotations

from github_app.identity import Identity
from github_app.signatures import borne_by
from github_app.webhooks.message import SECRET_HOLDER, Credentials, Delivered, Message, Sender
from github_app.webhooks.registry_events import read_envelope


def proven(delivered: Delivered, credentials: Credentials) -> Sender | None:
    """Whoever sent the `Authorization: Bearer` that the registry's configuration was given."""
    known = borne_by(credentials.secrets, delivered.headers.get("authorization"))
    return SECRET_HOLDER if known else None


def read(delivered: Delivered, _identity: Identity, _sender: Sender) -> Message:
    """The tags that were pushed; raises Refusal."""
    return read_envelope(delivered)
