"""Quay: a repository's notification `repo_push`, which nobody signs.

https://docs.quay.io/guides/notifications.html
"""

from __future__ import annotations

from github_app.events import Ignored, Reading
from github_app.identity import Identity
from github_app.webhooks import proofs
from github_app.webhooks.fields import Object, maybe, parsed, text
from github_app.webhooks.ids import hashed
from github_app.webhooks.images import image_at, pushed, tag_in
from github_app.webhooks.message import Delivered, Message, Sender
from plugin.errors import Refusal

proven = proofs.by_address


def read(delivered: Delivered, _identity: Identity, _sender: Sender) -> Message:
    """The tags that were pushed; raises Refusal.

    Notifications do not say of which kind they are: only those of pushes have `updated_tags`.
    """
    payload = parsed(delivered.body)
    host, slash, path = text(payload, "docker_url").partition("/")
    if not slash:
        raise Refusal("docker_url names no repository")
    repository = image_at(delivered.registry, host, path)
    tags = _tags(payload)
    guid = hashed(str(repository), sorted(tags))
    reading: Reading = pushed(repository, tags) if tags else Ignored("nothing was pushed")
    return Message(guid, "repo_push" if tags else "notification", reading, repeats=True)


def _tags(payload: Object) -> list[str]:
    """Old versions say which layer each tag has."""
    found = maybe(payload, "updated_tags")
    if found is None:
        return []
    if not isinstance(found, list | dict):
        raise Refusal("updated_tags is not a list")
    tags = [tag_in({"updated_tags": tag}, "updated_tags") for tag in found]
    return [tag for tag in tags if tag is not None]
