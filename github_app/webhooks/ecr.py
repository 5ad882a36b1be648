"""Amazon Elastic Container Registry: its events through an EventBridge API destination.

https://docs.aws.amazon.com/AmazonECR/latest/userguide/ecr-eventbridge.html
https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-api-destinations.html
"""

from __future__ import annotations

import re

from github_app.events import Ignored, Reading, Unknown
from github_app.identity import Identity
from github_app.webhooks import proofs
from github_app.webhooks.fields import Object, maybe_text, parsed, text
from github_app.webhooks.ids import kind_of, known_by
from github_app.webhooks.images import image_at, pushed, tag_in
from github_app.webhooks.message import Credentials, Delivered, Message, Sender
from plugin.errors import Refusal

_ACCOUNT = re.compile(r"[0-9]{12}")
_REGION = re.compile(r"[a-z]{2}(?:-[a-z]{2,12}){1,3}-[0-9]{1,2}")


def proven(delivered: Delivered, credentials: Credentials) -> Sender | None:
    """Whoever holds the connection's key: in `Authorization` or `X-Api-Key`."""
    by_key = proofs.by_header(delivered, credentials, "x-api-key")
    return proofs.by_authorization(delivered, credentials) or by_key


def read(delivered: Delivered, _identity: Identity, _sender: Sender) -> Message:
    """The tag that was pushed; raises Refusal."""
    event = parsed(delivered.body)
    kind = text(event, "detail-type")
    reading = _reading(kind, event, delivered.registry)
    return Message(known_by([text(event, "id")]), kind_of(kind), reading)


def _reading(kind: str, event: Object, registry: str) -> Reading:
    if not kind.startswith("ECR "):
        return Unknown(kind_of(kind))
    if kind != "ECR Image Action" or text(event, "detail", "action-type") != "PUSH":
        return Ignored("nothing was pushed")
    if text(event, "detail", "result") != "SUCCESS":
        return Ignored("the push failed")
    if not maybe_text(event, "detail", "image-tag"):
        return Ignored("no tag was pushed")
    repository = image_at(registry, _host(event), text(event, "detail", "repository-name"))
    return pushed(repository, [tag_in(event, "detail", "image-tag")])


def _host(event: Object) -> str:
    """https://docs.aws.amazon.com/AmazonECR/latest/userguide/Registries.html."""
    account, region = text(event, "account"), text(event, "region")
    if not _ACCOUNT.fullmatch(account):
        raise Refusal("account is not the number of an account")
    if not _REGION.fullmatch(region):
        raise Refusal("region is not a region")
    domain = "amazonaws.com.cn" if region.startswith("cn-") else "amazonaws.com"
    return f"{account}.dkr.ecr.{region}.{domain}"
