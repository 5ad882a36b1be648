"""Zot: CloudEvents of its events extension.

https://zotregistry.dev/v2.1.21/articles/events/
"""

from __future__ import annotations

from github_app.events import Ignored, Reading, Unknown
from github_app.identity import Identity
from github_app.webhooks import proofs
from github_app.webhooks.cloud_events import CloudEvent, cloud_event, is_cloud_event
from github_app.webhooks.fields import text
from github_app.webhooks.ids import kind_of
from github_app.webhooks.images import host_of, image_at, pushed, tag_in
from github_app.webhooks.message import Delivered, Message, Sender
from plugin.errors import Refusal

proven = proofs.by_authorization

_PROJECT = "zotregistry.dev"
# What comes before is `zotregistry`, or what the configuration says.
_IGNORED = (".repository.created", ".image.deleted", ".image.lint_failed")


def read(delivered: Delivered, _identity: Identity, _sender: Sender) -> Message:
    """The tag that was pushed; raises Refusal."""
    if not is_cloud_event(delivered):
        raise Refusal("this is no CloudEvent: the header ce-specversion is missing")
    event = cloud_event(delivered)
    return Message(event.guid, kind_of(event.kind), _reading(event, delivered.registry))


def _reading(event: CloudEvent, registry: str) -> Reading:
    if event.kind.endswith(_IGNORED):
        return Ignored("nothing was pushed")
    if not event.kind.endswith(".image.updated"):
        return Unknown(kind_of(event.kind))
    repository = image_at(registry, _host(event), text(event.data, "name"))
    return pushed(repository, [tag_in(event.data, "reference")])


def _host(event: CloudEvent) -> str:
    """The source is the project's own name unless the configuration says the registry's address."""
    host = host_of(event.source)
    return "" if host == _PROJECT else host
