"""JFrog Artifactory: a webhook's events of the domain `docker`.

https://jfrog.com/help/r/jfrog-platform-administration-documentation/webhooks
https://docs.jfrog.com/administration/docs/event-types
"""

from __future__ import annotations

from github_app.events import Ignored, Reading, Unknown
from github_app.identity import Identity
from github_app.signatures import digested_by
from github_app.webhooks import proofs
from github_app.webhooks.fields import Object, maybe_text, parsed, text
from github_app.webhooks.ids import hash_of, kind_of
from github_app.webhooks.images import host_of, image_at, pushed, tag_in
from github_app.webhooks.message import SECRET_HOLDER, Credentials, Delivered, Message, Sender
from plugin.artifact import Repository

_HEADER = "x-jfrog-event-auth"
_DOMAINS = frozenset(
    {
        *("artifact", "artifact_property", "docker", "build", "release_bundle", "distribution"),
        *("artifactory_release_bundle", "destination", "user", "release_bundle_v2"),
        *("release_bundle_v2_promotion", "artifact_lifecycle"),
    }
)


def proven(delivered: Delivered, credentials: Credentials) -> Sender | None:
    """Whoever sent the secret token, or, where the webhook is set to sign, signed the body."""
    signature = delivered.headers.get(_HEADER)
    signed = digested_by(credentials.secrets, delivered.body, signature)
    bare = proofs.by_header(delivered, credentials, _HEADER)
    return SECRET_HOLDER if signed else bare


def read(delivered: Delivered, _identity: Identity, _sender: Sender) -> Message:
    """The tag that was pushed; raises Refusal. No event has an id or a time."""
    event = parsed(delivered.body)
    domain, kind = text(event, "domain"), text(event, "event_type")
    reading = _reading(domain, kind, event, delivered.registry)
    return Message(hash_of(delivered.body), kind_of(domain, kind), reading, repeats=True)


def _reading(domain: str, kind: str, event: Object, registry: str) -> Reading:
    if domain not in _DOMAINS:
        return Unknown(kind_of(domain, kind))
    if (domain, kind) != ("docker", "pushed"):
        return Ignored("no image was pushed")
    return pushed(_repository(event, registry), [tag_in(event, "data", "tag")])


def _repository(event: Object, registry: str) -> Repository:
    """By the repository path method, unless the webhook's address says what comes before.

    https://jfrog.com/help/r/jfrog-artifactory-documentation/the-repository-path-method-for-docker
    """
    name = text(event, "data", "image_name")
    if registry:
        return image_at(registry, "", name)
    host = host_of(maybe_text(event, "jpd_origin") or "")
    return image_at("", host, f"{text(event, 'data', 'repo_key')}/{name}")
