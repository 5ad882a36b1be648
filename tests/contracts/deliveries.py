"""One webhook as GitHub would send it, held against GitHub's description of its event."""

from __future__ import annotations

import hashlib
import hmac
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.contracts.schemas import Schemas

_GUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_SIGNATURE = "x-hub-signature-256"


@dataclass(frozen=True, slots=True)
class Sent:
    """The headers and the raw body of one webhook; header names in any case."""

    headers: Mapping[str, str]
    body: bytes

    def header(self, name: str) -> str:
        """The value of a header, "" when it was not sent."""
        return next((text for key, text in self.headers.items() if key.lower() == name), "")

    @property
    def event(self) -> str:
        """The event and, where there is one, its action: `push`, `pull_request.opened`."""
        event, action = self.header("x-github-event"), self._payload().get("action")
        return f"{event}.{action}" if action else event

    def _payload(self) -> Mapping[str, Any]:
        try:
            value = json.loads(self.body)
        except ValueError:
            return {}
        return value if isinstance(value, dict) else {}


class Webhooks:
    """GitHub's webhooks as its OpenAPI description has them."""

    def __init__(self, description: Mapping[str, Any]) -> None:
        self._events = description["webhooks"]
        self._schemas = Schemas(description["components"]["schemas"])

    @classmethod
    def read(cls, path: Path) -> Webhooks:
        """The webhooks in the file that `tests.contracts.fetch` put at `path`."""
        return cls(json.loads(path.read_bytes()))

    def faults(self, sent: Sent) -> list[str]:
        """Everything in which a webhook departs from the description; [] when nothing does."""
        described = self._events.get(sent.event.replace(".", "-").replace("_", "-"))
        if described is None:
            return [f"webhook {sent.event}: not an event of GitHub's"]
        post = described["post"]
        faults = list(_header_faults(post["parameters"], sent))
        schema = post["requestBody"]["content"]["application/json"]["schema"]
        faults += self._schemas.faults(schema, json.loads(sent.body))
        if "app" not in post["x-github"]["supported-webhook-types"]:
            faults.append("this event is not sent to Apps")
        return [f"webhook {sent.event}: {fault}" for fault in faults]


def signature_fault(sent: Sent, secret: str) -> str | None:
    """What is wrong with a webhook's signature; None when it is of the raw body with `secret`.

    https://docs.github.com/webhooks/using-webhooks/validating-webhook-deliveries
    """
    expected = "sha256=" + hmac.new(secret.encode(), sent.body, hashlib.sha256).hexdigest()
    if hmac.compare_digest(sent.header(_SIGNATURE), expected):
        return None
    return f"webhook {sent.event}: X-Hub-Signature-256 is not that of the body"


def _header_faults(parameters: list[Mapping[str, Any]], sent: Sent) -> Iterator[str]:
    for parameter in parameters:
        name = parameter["name"].lower()
        # A hook without a secret sends no signature, whatever the description says.
        if name != _SIGNATURE and not sent.header(name):
            yield f"header {parameter['name']} is missing"
    if not sent.header("user-agent").startswith("GitHub-Hookshot/"):
        yield "User-Agent is not GitHub-Hookshot/..."
    if not _GUID.fullmatch(sent.header("x-github-delivery")):
        yield "X-GitHub-Delivery is not a GUID"
    if sent.header("content-type").partition(";")[0] != "application/json":
        yield "Content-Type is not application/json"
