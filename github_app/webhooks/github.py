"""GitHub's webhooks: where to look, and which deliveries only echo what we did ourselves.

https://docs.github.com/en/webhooks/webhook-events-and-payloads
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import TypeAlias

from github_app.commands.verbs import WORD
from github_app.events import (
    ButtonPressed,
    CommentMade,
    Event,
    Ignored,
    ImagePushed,
    InstallationChanged,
    Reading,
    RepositoryChanged,
    Understood,
    Unknown,
)
from github_app.identity import Identity
from github_app.signatures import signed_by
from github_app.webhooks.fields import (
    Object,
    full_name,
    maybe,
    maybe_number,
    maybe_text,
    number,
    parsed,
    text,
)
from github_app.webhooks.ids import kind_of
from github_app.webhooks.images import image_at
from github_app.webhooks.message import SECRET_HOLDER, Credentials, Delivered, Message, Sender
from plugin.artifact import Repository
from plugin.errors import Refusal

_EVENT = re.compile(r"[a-z0-9_]{1,64}")
_OUR_HEADS = ("refs/heads/towline/", "refs/heads/towline-scratch/")
_LEDGER = "refs/heads/towline-ledger"
_ASKS_AGAIN = frozenset({"rerequested"})
_NODE = re.compile(r"[A-Za-z0-9_=+/-]{1,200}")
_COMMIT = re.compile(r"[0-9a-f]{40}(?:[0-9a-f]{24})?")
_LOGIN = re.compile(r"[A-Za-z0-9_-]{1,100}")
# https://docs.github.com/rest/checks/runs#create-a-check-run
_BUTTON = re.compile(r"[a-z-]{1,20}")
_ECHOES = frozenset(
    {
        *("opened", "edited", "labeled", "unlabeled", "synchronize", "reopened"),
        *("assigned", "unassigned", "review_requested", "review_request_removed"),
        *("ready_for_review", "converted_to_draft", "auto_merge_enabled"),
    }
)
# Each has its package in a field of its own name.
_PACKAGES = frozenset({"package", "registry_package"})
_IMAGE_KINDS = frozenset({"container", "docker"})
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
    if event in _PACKAGES:
        reading = _published(payload, event, delivered.registry)
    elif (event, action) == ("check_run", "requested_action"):
        reading = _pressed(payload, identity, guid)
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
    if _by_us(payload, identity) and (ref.startswith(_OUR_HEADS) or ref == _LEDGER):
        return Ignored("our own push")
    return _look(payload, f"push to {ref[:200]}")


def _pull_request(payload: Object, identity: Identity) -> Reading:
    # A closing is looked at whoever did it: it may be the merge everything waits for.
    action = text(payload, "action")
    if _by_us(payload, identity) and action in _ECHOES:
        return Ignored("our own change of a pull request")
    return _look(payload, f"pull request {action[:40]}")


def _pull_request_review(payload: Object, identity: Identity) -> Reading:
    if _by_us(payload, identity):
        return Ignored("our own review")
    return _look(payload, f"review {text(payload, 'action')[:40]}")


def _issue_comment(payload: Object, _identity: Identity) -> Reading:
    if maybe(payload, "issue", "pull_request") is None:
        return Ignored("a comment on something else than a pull request")
    if "Bot" in (
        maybe_text(payload, "sender", "type"),
        maybe_text(payload, "comment", "user", "type"),
    ):
        return Ignored("a bot's comment")
    if text(payload, "action") != "created":
        # What is written later was never read by who answers for it: commands are new comments.
        return Ignored("a comment was edited or deleted")
    if WORD not in (maybe_text(payload, "comment", "body") or ""):
        return Ignored("a comment that commands nothing")
    where = _changed(payload, "")
    comment = _word(_NODE, payload, "comment", "node_id")
    return Understood((CommentMade(where.installation, where.repository, comment),))


def _word(form: re.Pattern[str], payload: Object, *path: str) -> str:
    found = text(payload, *path)
    if not form.fullmatch(found):
        raise Refusal(f"{'.'.join(path)} is not what GitHub sends")
    return found


def _pressed(payload: Object, identity: Identity, delivery: str) -> Reading:
    """A person pressed a button on a check.

    https://docs.github.com/webhooks/webhook-events-and-payloads#check_run
    """
    if maybe_number(payload, "check_run", "app", "id") != identity.app_id:
        return Ignored("a button of somebody else's check")
    if maybe_text(payload, "sender", "type") == "Bot":
        return Ignored("a bot pressed a button")
    where = _changed(payload, "")
    oid = _word(_COMMIT, payload, "check_run", "head_sha")
    button = _word(_BUTTON, payload, "requested_action", "identifier")
    who = _word(_LOGIN, payload, "sender", "login")
    pressed = ButtonPressed(where.installation, where.repository, oid, button, who, delivery)
    return Understood((pressed,))


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
    return _look(payload, f"check {action}")


def _status(payload: Object, identity: Identity) -> Reading:
    if _by_us(payload, identity):
        return Ignored("our own status")
    if text(payload, "state") == "pending":
        return Ignored("a status that has not ended")
    return _look(payload, "status")


def _deployment_status(payload: Object, identity: Identity) -> Reading:
    creator = maybe_text(payload, "deployment_status", "creator", "login")
    if _by_us(payload, identity) or creator == identity.login:
        return Ignored("our own deployment status")
    return _look(payload, "deployment status")


def _merge_group(payload: Object, _identity: Identity) -> Reading:
    if text(payload, "action") != "checks_requested":
        return Ignored("a merge group that asks for no checks")
    return _look(payload, "merge group")


def _published(payload: Object, field: str, registry: str) -> Reading:
    """An image in GitHub's own registry.

    Its tag is not kept: when several tags point to one digest the delivery may name another one.
    """
    kind = maybe_text(payload, field, "package_type") or text(payload, field, "ecosystem")
    if kind.lower() not in _IMAGE_KINDS:
        return Ignored("a package that is no image")
    if text(payload, "action") not in {"published", "updated"}:
        return Ignored("a package that was not published")
    return Understood((ImagePushed(_package_repository(payload, field, registry), None),))


def _package_repository(payload: Object, field: str, registry: str) -> Repository:
    url = maybe_text(payload, field, "package_version", "package_url")
    if not url:
        namespace, name = text(payload, field, "namespace"), text(payload, field, "name")
        return image_at(registry, "ghcr.io", f"{namespace}/{name}".lower())
    host, slash, rest = url.removeprefix("https://").partition("/")
    if not slash:
        raise Refusal(f"{field}.package_version.package_url names no repository")
    path = rest.partition("@")[0].partition(":")[0]
    return image_at(registry, host, path.lower())


def _installation(payload: Object, _identity: Identity) -> Reading:
    return Understood((InstallationChanged(number(payload, "installation", "id")),))


def _repository(payload: Object, _identity: Identity) -> Reading:
    """Renamed, transferred, archived or given another default branch: both lists are stale."""
    changed = _changed(payload, f"repository {text(payload, 'action')[:40]}")
    events: list[Event] = [changed]
    if changed.installation is not None:
        events.append(InstallationChanged(changed.installation))
    return Understood(tuple(events))


def _look(payload: Object, why: str) -> Understood:
    return Understood((_changed(payload, why),))


def _changed(payload: Object, why: str) -> RepositoryChanged:
    name = full_name(payload, "repository", "full_name")
    return RepositoryChanged(maybe_number(payload, "installation", "id"), name, why)


def _by_us(payload: Object, identity: Identity) -> bool:
    return maybe_text(payload, "sender", "login") == identity.login


_Reader: TypeAlias = Callable[[Object, Identity], Reading]
_READERS: Mapping[str, _Reader] = {
    "push": _push,
    "pull_request": _pull_request,
    "pull_request_review": _pull_request_review,
    "issue_comment": _issue_comment,
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
