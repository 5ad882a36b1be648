"""Harbor: a project's webhook policy, in its default format or as CloudEvents.

https://goharbor.io/docs/main/working-with-projects/project-configuration/configure-webhooks/
"""

from __future__ import annotations

from collections.abc import Mapping

from github_app.events import Ignored, Reading, Unknown
from github_app.identity import Identity
from github_app.webhooks import proofs
from github_app.webhooks.cloud_events import cloud_event, is_cloud_event
from github_app.webhooks.fields import Object, maybe_scalar, objects, parsed, text
from github_app.webhooks.ids import hash_of, kind_of
from github_app.webhooks.images import image_at, pushed, tag_in
from github_app.webhooks.message import Delivered, Message, Sender
from plugin.artifact import Repository
from plugin.errors import Refusal

proven = proofs.by_authorization

# What CloudEvents call each type of the default format.
_CLOUD_TYPES: Mapping[str, str] = {
    "PUSH_ARTIFACT": "harbor.artifact.pushed",
    "CREATE_TAG": "harbor.tag.created",
    "PULL_ARTIFACT": "harbor.artifact.pulled",
    "DELETE_ARTIFACT": "harbor.artifact.deleted",
    "QUOTA_EXCEED": "harbor.quota.exceeded",
    "QUOTA_WARNING": "harbor.quota.warned",
    "REPLICATION": "harbor.replication.status.changed",
    "SCANNING_COMPLETED": "harbor.scan.completed",
    "SCANNING_FAILED": "harbor.scan.failed",
    "SCANNING_STOPPED": "harbor.scan.stopped",
    "TAG_RETENTION": "harbor.tag_retention.finished",
}
_PUSHES = frozenset({"PUSH_ARTIFACT", "CREATE_TAG"})
_DEFAULT_TYPES = {cloud: default for default, cloud in _CLOUD_TYPES.items()}


def read(delivered: Delivered, _identity: Identity, _sender: Sender) -> Message:
    """The tags that were pushed, of artifacts of any type; raises Refusal."""
    if is_cloud_event(delivered):
        event = cloud_event(delivered)
        kind = _DEFAULT_TYPES.get(event.kind, event.kind)
        reading = _reading(kind, event.data, delivered.registry)
        return Message(event.guid, kind_of(event.kind), reading)
    payload = parsed(delivered.body)
    kind, at = text(payload, "type"), maybe_scalar(payload, "occur_at")
    data = payload.get("event_data")
    if not isinstance(data, dict):
        raise Refusal("event_data is not an object")
    reading = _reading(kind, data, delivered.registry)
    return Message(hash_of(delivered.body), kind_of(kind), reading, repeats=at is None)


def _reading(kind: str, data: Object, registry: str) -> Reading:
    if kind not in _CLOUD_TYPES:
        return Unknown(kind_of(kind))
    if kind not in _PUSHES:
        return Ignored("nothing was pushed")
    resources = objects(data, "resources")
    if not resources:
        return Ignored("nothing was pushed")
    tags = [tag_in(resource, "tag") for resource in resources]
    return pushed(_repository(resources[0], data, registry), tags)


def _repository(resource: Object, data: Object, registry: str) -> Repository:
    host = text(resource, "resource_url").partition("/")[0]
    return image_at(registry, host, text(data, "repository", "repo_full_name"))
