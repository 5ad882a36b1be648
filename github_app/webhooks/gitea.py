"""Gitea and Forgejo: the webhook event `package`, for container images.

https://docs.gitea.com/usage/webhooks
https://forgejo.org/docs/latest/user/webhooks/
"""

from __future__ import annotations

from collections.abc import Mapping

from github_app.events import Ignored, Reading, Unknown
from github_app.identity import Identity
from github_app.signatures import digested_by
from github_app.webhooks.fields import Object, maybe_text, parsed, text
from github_app.webhooks.ids import kind_of, known_by
from github_app.webhooks.images import host_of, image_at, pushed, tag_in
from github_app.webhooks.message import SECRET_HOLDER, Credentials, Delivered, Message, Sender
from plugin.errors import Refusal

_NAMES = ("gitea", "forgejo")
_OTHERS = frozenset(
    {
        *("create", "delete", "fork", "push", "issues", "issue_comment", "pull_request"),
        *("pull_request_approved", "pull_request_rejected", "pull_request_comment"),
        *("repository", "release", "status", "wiki", "workflow_run", "workflow_job"),
        *("action_run_failure", "action_run_recover", "action_run_success"),
    }
)


def proven(delivered: Delivered, credentials: Credentials) -> Sender | None:
    """Whoever signed the body: in hex, without the prefix that GitHub's signatures have."""
    given = [delivered.headers.get(f"x-{name}-signature") for name in _NAMES]
    known = [digested_by(credentials.secrets, delivered.body, one) for one in given]
    return SECRET_HOLDER if any(known) else None


def read(delivered: Delivered, _identity: Identity, _sender: Sender) -> Message:
    """The tag that was pushed; raises Refusal."""
    headers = delivered.headers
    event, guid = _header(headers, "event"), _header(headers, "delivery")
    payload = parsed(delivered.body)
    action = maybe_text(payload, "action")
    reading = _reading(event, payload, delivered.registry)
    return Message(known_by([guid]), kind_of(event, action), reading)


def _header(headers: Mapping[str, str], name: str) -> str:
    """Both send GitHub's headers as well, which say nothing here."""
    found = [headers.get(f"x-{sender}-{name}") for sender in _NAMES]
    for value in found:
        if value:
            return value
    raise Refusal(f"the header X-Gitea-{name.title()} or X-Forgejo-{name.title()} is missing")


def _reading(event: str, payload: Object, registry: str) -> Reading:
    if event != "package":
        known = event in _OTHERS or event.startswith(("issue", "pull_request"))
        return Ignored("no package") if known else Unknown(kind_of(event))
    if text(payload, "package", "type") != "container":
        return Ignored("a package that is no image")
    if text(payload, "action") != "created":
        return Ignored("a package that was not pushed")
    tag = tag_in(payload, "package", "version")
    if tag is None:
        return Ignored("no tag was pushed")
    return pushed(image_at(registry, _host(payload), _path(payload)), [tag])


def _host(payload: Object) -> str:
    url = maybe_text(payload, "package", "html_url") or maybe_text(
        payload, "repository", "html_url"
    )
    return host_of(url or "")


def _path(payload: Object) -> str:
    owner, name = text(payload, "package", "owner", "login"), text(payload, "package", "name")
    return f"{owner}/{name}".lower()
