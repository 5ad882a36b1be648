"""The CloudEvents envelope over HTTP, structured or binary.

https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/bindings/http-protocol-binding.md
"""

from __future__ import annotations

from dataclasses import dataclass

from github_app.webhooks.fields import Object, maybe, parsed, text
from github_app.webhooks.ids import hashed, known_by
from github_app.webhooks.message import Delivered
from plugin.errors import Refusal

_STRUCTURED = "application/cloudevents+json"


@dataclass(frozen=True, slots=True)
class CloudEvent:
    """One event: what it is known by, of which kind, from where, and what it says."""

    guid: str
    kind: str
    source: str
    data: Object


def is_cloud_event(delivered: Delivered) -> bool:
    """Whether a delivery says that it is a single CloudEvent."""
    return _is_structured(delivered) or "ce-specversion" in delivered.headers


def cloud_event(delivered: Delivered) -> CloudEvent:
    """The event in a delivery; raises Refusal."""
    if _is_structured(delivered):
        return _structured(parsed(delivered.body))
    headers = delivered.headers
    _refuse_other_versions(headers.get("ce-specversion", ""))
    attributes = {name: headers.get(f"ce-{name}") for name in ("id", "type", "source")}
    return _event(attributes, parsed(delivered.body))


def _is_structured(delivered: Delivered) -> bool:
    content_type = delivered.headers.get("content-type", "")
    return content_type.partition(";")[0].strip().lower() == _STRUCTURED


def _structured(envelope: Object) -> CloudEvent:
    _refuse_other_versions(text(envelope, "specversion"))
    data = maybe(envelope, "data")
    if not isinstance(data, dict):
        raise Refusal("data is not an object")
    return _event(envelope, data)


def _refuse_other_versions(version: str) -> None:
    if not version.startswith("1."):
        raise Refusal("specversion is not 1.x: only CloudEvents 1 are understood")


def _event(attributes: Object, data: Object) -> CloudEvent:
    """An id is one only together with its source, which several registries may share."""
    name, source = text(attributes, "id"), text(attributes, "source")
    guid = known_by([name])
    return CloudEvent(
        guid if guid == name else hashed(source, name), text(attributes, "type"), source, data
    )
