"""What people tell the App in GitHub's webhooks: comments, and buttons of its checks."""

from __future__ import annotations

import re

from github_app.commands.verbs import WORD
from github_app.events import ButtonPressed, CommentMade, Ignored, Reading, Understood
from github_app.identity import Identity
from github_app.webhooks.fields import Object, maybe, maybe_number, maybe_text, text
from github_app.webhooks.github_places import changed
from plugin.errors import Refusal

_NODE = re.compile(r"[A-Za-z0-9_=+/-]{1,200}")
_COMMIT = re.compile(r"[0-9a-f]{40}(?:[0-9a-f]{24})?")
_LOGIN = re.compile(r"[A-Za-z0-9_-]{1,100}")
# https://docs.github.com/rest/checks/runs#create-a-check-run
_BUTTON = re.compile(r"[a-z-]{1,20}")


def commented(payload: Object, _identity: Identity) -> Reading:
    """A person commented on a pull request; what it says is read from GitHub.

    https://docs.github.com/webhooks/webhook-events-and-payloads#issue_comment
    """
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
    where = changed(payload, "")
    comment = _word(_NODE, payload, "comment", "node_id")
    return Understood((CommentMade(where.installation, where.repository, comment),))


def _word(form: re.Pattern[str], payload: Object, *path: str) -> str:
    found = text(payload, *path)
    if not form.fullmatch(found):
        raise Refusal(f"{'.'.join(path)} is not what GitHub sends")
    return found


def pressed(payload: Object, identity: Identity, delivery: str) -> Reading:
    """A person pressed a button on a check.

    https://docs.github.com/webhooks/webhook-events-and-payloads#check_run
    """
    if maybe_number(payload, "check_run", "app", "id") != identity.app_id:
        return Ignored("a button of somebody else's check")
    if maybe_text(payload, "sender", "type") == "Bot":
        return Ignored("a bot pressed a button")
    where = changed(payload, "")
    oid = _word(_COMMIT, payload, "check_run", "head_sha")
    button = _word(_BUTTON, payload, "requested_action", "identifier")
    who = _word(_LOGIN, payload, "sender", "login")
    press = ButtonPressed(where.installation, where.repository, oid, button, who, delivery)
    return Understood((press,))
