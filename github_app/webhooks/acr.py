"""Azure Container Registry: its own webhook, and its events through Event Grid.

https://learn.microsoft.com/azure/container-registry/container-registry-webhook-reference
https://learn.microsoft.com/azure/event-grid/event-schema-container-registry
https://learn.microsoft.com/azure/event-grid/end-point-validation-event-grid-events-schema
"""

from __future__ import annotations

import re

from github_app.events import Answered, Event, Ignored, Reading, Understood, Unknown
from github_app.identity import Identity
from github_app.webhooks import proofs
from github_app.webhooks.fields import Object, maybe, maybe_text, parsed, parsed_list, text
from github_app.webhooks.ids import kind_of, known_by
from github_app.webhooks.images import image_at, pushed, tag_in
from github_app.webhooks.message import Credentials, Delivered, Message, Sender
from plugin.errors import Refusal

_HANDSHAKE = "Microsoft.EventGrid.SubscriptionValidationEvent"
_GRID = "Microsoft.ContainerRegistry."
_CODE = re.compile(r"[A-Za-z0-9-]{1,128}")
# Charts were once kept in a registry's own way; those of today are pushed as images are.
_IGNORED = frozenset({"ping", "delete", "quarantine", "chart_push", "chart_delete"})
_GRID_IGNORED = frozenset({"ImageDeleted", "ChartPushed", "ChartDeleted"})


def proven(delivered: Delivered, credentials: Credentials) -> Sender | None:
    """Whoever put the secret into the custom header `Authorization` or, as Event Grid, the address.

    Event Grid signs nothing, and keeps the address's end secret as a key.
    """
    by_header = proofs.by_authorization(delivered, credentials)
    return proofs.by_address(delivered, credentials) or by_header


def read(delivered: Delivered, _identity: Identity, _sender: Sender) -> Message:
    """The tags that were pushed, or the answer that Event Grid waits for; raises Refusal."""
    if delivered.body.lstrip()[:1] == b"[":
        return _grid_message(parsed_list(delivered.body), delivered.registry)
    event = parsed(delivered.body)
    action = text(event, "action")
    guid = known_by([text(event, "id")])
    if action in _IGNORED:
        return Message(guid, kind_of(action), Ignored("nothing was pushed"))
    if action != "push":
        return Message(guid, kind_of(action), Unknown(kind_of(action)))
    return Message(guid, kind_of(action), _pushed(event, delivered.registry))


def _pushed(event: Object, registry: str) -> Reading:
    if not maybe_text(event, "target", "tag"):
        return Ignored("no tag was pushed")
    host, path = text(event, "request", "host"), text(event, "target", "repository")
    return pushed(image_at(registry, host, path), [tag_in(event, "target", "tag")])


def _grid_message(events: list[Object], registry: str) -> Message:
    guid = known_by(text(event, "id") for event in events)
    kinds = [text(event, "eventType") for event in events]
    if kinds == [_HANDSHAKE]:
        return Message(guid, "validation", _handshake(events[0]))
    readings = [_grid(kind, event, registry) for kind, event in zip(kinds, events, strict=True)]
    return Message(guid, kind_of(" ".join(sorted(set(kinds))) or "empty"), _together(readings))


def _handshake(event: Object) -> Answered:
    code = text(event, "data", "validationCode")
    if not _CODE.fullmatch(code):
        raise Refusal("data.validationCode is not a code")
    return Answered({"validationResponse": code})


def _grid(kind: str, event: Object, registry: str) -> Reading:
    name = kind.removeprefix(_GRID)
    if name in _GRID_IGNORED:
        return Ignored("nothing was pushed")
    if kind != f"{_GRID}ImagePushed":
        return Unknown(kind_of(kind))
    data = maybe(event, "data")
    if not isinstance(data, dict):
        raise Refusal("data is not an object")
    return _pushed(data, registry)


def _together(readings: list[Reading]) -> Reading:
    """What several events ask for; one nobody knows does not hold up the others."""
    events: list[Event] = []
    for reading in readings:
        if isinstance(reading, Understood):
            events.extend(reading.events)
    if events:
        return Understood(tuple(dict.fromkeys(events)))
    unknown = [reading for reading in readings if isinstance(reading, Unknown)]
    return unknown[0] if unknown else Ignored("nothing was pushed")
