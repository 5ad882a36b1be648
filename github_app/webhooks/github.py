"""GitHub's webhooks: where to look, and which deliveries only echo what we did ourselves.

https://docs.github.com/en/webhooks/webhook-events-and-payloads
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import TypeAlias

from github_app.events import (
    Event,
    Ignored,
    InstallationChanged,
    Reading,
    Understood,
    Unknown,
)
from github_app.identity import Identity
from github_app.signatures import signed_by
from github_app.webhooks.fields import (
    Object,
    maybe_number,
    maybe_text,
    number,
    parsed,
    text,
)
from github_app.webhooks.github_commands import commented, pressed
from github_app.webhooks.github_packages import PACKAGES, published
from github_app.webhooks.github_places import by_us, changed, look
from github_app.webhooks.ids import kind_of
from github_app.webhooks.message import SECRET_HOLDER, Credentials, Delivered, Message, Sender
from plugin.errors import Refusal

_EVENT = re.compile(r"[a-z0-9_]{1,64}")
_OUR_HEADS = ("refs/heads/towline/", "refs/heads/towline-scratch/")
_LEDGER = "refs/heads/towline-ledger"
_ASKS_AGAIN = frozenset({"rerequested"})
_ECHOES = frozenset(
    {
        *("opened", "edited", "labeled", "unlabeled", "synchronize", "reopened"),
        *("assigned", "unassigned", "review_requested", "review_request_removed"),
        *("ready_for_review", "converted_to_draft", "auto_merge_enabled"),
    }
)
# Who calls its events GitHub's as well, and signs them alike.
_GITEA = frozenset({"x-gitea-event", "x-forgejo-event", "x-gogs-event"})
_IGNORED: Mapping[str, str] = {
    "ping": "a ping asks for nothing",
    "create": "the push of the new ref says the same",
    "delete": "the push that removed the ref says the same",
    "deployment": "a deployment says something once it has a status",
    "github_app_authorization": "nobody's authorisation is kept here",
}


def proven(delivered: Delivered, credentials: Credentials) -> Sender | None:
    """GitHub, if `X-Hub-Signature-256` signs these very bytes."""
    signature = delivered.headers.get("x-hub-signature-256")
    return SECRET_HOLDER if signed_by(credentials.secrets, delivered.body, signature) else None


def read(delivered: Delivered, identity: Identity, _sender: Sender) -> Message:
    """Where a delivery asks us to look; raises Refusal naming what is missing.

    Only places are taken from a delivery, never values: it is a picture of the past, and may come
    late, twice or out of order.
    """
    headers = delivered.headers
    if _GITEA & headers.keys():
        raise Refusal("this is Gitea or Forgejo, not GitHub: send it to /webhooks/gitea")
    event, guid = _header(headers, "X-GitHub-Event"), _header(headers, "X-GitHub-Delivery")
    if not _EVENT.fullmatch(event):
        raise Refusal("X-GitHub-Event is not the name of an event")
    payload = parsed(delivered.body)
    action = maybe_text(payload, "action")
    if event in PACKAGES:
        reading = published(payload, event, delivered.registry)
    elif (event, action) == ("check_run", "requested_action"):
        reading = pressed(payload, identity, guid)
    else:
        reading = _reading(event, payload, identity)
    return Message(guid, kind_of(event, action), reading)


def _header(headers: Mapping[str, str], name: str) -> str:
    value = headers.get(name.lower(), "")
    if not value:
        raise Refusal(f"the header {name} is missing")
    return value


def _reading(event: str, payload: Object, identity: Identity) -> Reading:
    if event in _IGNORED:
        return Ignored(_IGNORED[event])
    reader = _READERS.get(event)
    return Unknown(event) if reader is None else reader(payload, identity)


def _push(payload: Object, identity: Identity) -> Reading:
    ref = text(payload, "ref")
    if by_us(payload, identity) and (ref.startswith(_OUR_HEADS) or ref == _LEDGER):
        return Ignored("our own push")
    return look(payload, f"push to {ref[:200]}")


def _pull_request(payload: Object, identity: Identity) -> Reading:
    # A closing is looked at whoever did it: it may be the merge everything waits for.
    action = text(payload, "action")
    if by_us(payload, identity) and action in _ECHOES:
        return Ignored("our own change of a pull request")
    return look(payload, f"pull request {action[:40]}")


def _pull_request_review(payload: Object, identity: Identity) -> Reading:
    if by_us(payload, identity):
        return Ignored("our own review")
    return look(payload, f"review {text(payload, 'action')[:40]}")


def _check_run(payload: Object, identity: Identity) -> Reading:
    return _check(payload, identity, "check_run")


def _check_suite(payload: Object, identity: Identity) -> Reading:
    return _check(payload, identity, "check_suite")


def _check(payload: Object, identity: Identity, field: str) -> Reading:
    """Somebody's check ended, or a person pressed a button on one of ours."""
    action, app = text(payload, "action"), maybe_number(payload, field, "app", "id")
    if app == identity.app_id and action not in _ASKS_AGAIN:
        return Ignored("our own check")
    if action not in _ASKS_AGAIN and action != "completed":
        return Ignored("a check that has not ended")
    return look(payload, f"check {action}")


def _status(payload: Object, identity: Identity) -> Reading:
    if by_us(payload, identity):
        return Ignored("our own status")
    if text(payload, "state") == "pending":
        return Ignored("a status that has not ended")
    return look(payload, "status")


def _deployment_status(payload: Object, identity: Identity) -> Reading:
    creator = maybe_text(payload, "deployment_status", "creator", "login")
    if by_us(payload, identity) or creator == identity.login:
        return Ignored("our own deployment status")
    return look(payload, "deployment status")


def _merge_group(payload: Object, _identity: Identity) -> Reading:
    if text(payload, "action") != "checks_requested":
        return Ignored("a merge group that asks for no checks")
    return look(payload, "merge group")


def _installation(payload: Object, _identity: Identity) -> Reading:
    return Understood((InstallationChanged(number(payload, "installation", "id")),))


def _repository(payload: Object, _identity: Identity) -> Reading:
    """Renamed, transferred, archived or given another default branch: both lists are stale."""
    where = changed(payload, f"repository {text(payload, 'action')[:40]}")
    events: list[Event] = [where]
    if where.installation is not None:
        events.append(InstallationChanged(where.installation))
    return Understood(tuple(events))


_Reader: TypeAlias = Callable[[Object, Identity], Reading]
_READERS: Mapping[str, _Reader] = {
    "push": _push,
    "pull_request": _pull_request,
    "pull_request_review": _pull_request_review,
    "issue_comment": commented,
    "check_run": _check_run,
    "check_suite": _check_suite,
    "status": _status,
    "deployment_status": _deployment_status,
    "merge_group": _merge_group,
    "installation": _installation,
    "installation_repositories": _installation,
    "installation_target": _installation,
    "repository": _repository,
}
