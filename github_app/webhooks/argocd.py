"""Argo CD: its notifications-controller, with the template that manifests/ has for us.

What it says counts by itself, as nobody else may be there to be asked: but only about a commit of
the repository that it names, which the stage's branch must have.
https://argo-cd.readthedocs.io/en/stable/operator-manual/notifications/services/webhook/
"""

from __future__ import annotations

import re

from github_app.argocd.states import said_of, state_of
from github_app.events import ApplicationReported, Ignored, Reading, Understood
from github_app.identity import Identity
from github_app.webhooks import proofs
from github_app.webhooks.fields import Object, is_full_name, maybe, maybe_text, parsed, text
from github_app.webhooks.ids import hashed, kind_of
from github_app.webhooks.message import Delivered, Message, Sender
from plugin.errors import Refusal

proven = proofs.by_authorization

_NAME = re.compile(r"[a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9])?")
_COMMIT = re.compile(r"[0-9a-f]{40}(?:[0-9a-f]{24})?")
# `https://host/owner/name.git`, `ssh://git@host:22/owner/name`, or `git@host:owner/name`.
_PLACE = re.compile(r"(?:(?:https?|ssh)://[^/\s]+/|[\w.-]+@[\w.-]+:)([^/:]+/[^/:]+?)(?:\.git)?/?")
_LONGEST = 300


def read(delivered: Delivered, _identity: Identity, _sender: Sender) -> Message:
    """How the Application stands; raises Refusal."""
    payload = parsed(delivered.body)
    words = [maybe_text(payload, key) or "" for key in ("health", "sync", "phase", "finishedAt")]
    application, revisions = text(payload, "application"), _revisions(payload)
    place = text(payload, "repository")
    guid = hashed(place, application, list(revisions), *words, maybe_text(payload, "at"))
    return Message(guid, kind_of("application"), _reading(payload, application), repeats=True)


def _reading(payload: Object, application: str) -> Reading:
    if not _NAME.fullmatch(application):
        raise Refusal("application is not the name of an Application")
    place = _PLACE.fullmatch(text(payload, "repository"))
    if place is None or not is_full_name(place[1]):
        return Ignored("an Application of no GitHub repository")
    commits = tuple(one for one in _revisions(payload) if _COMMIT.fullmatch(one))
    if not commits:
        return Ignored("an Application that stands at no commit")
    health, sync, phase = (maybe_text(payload, key) or "" for key in ("health", "sync", "phase"))
    if (at := maybe_text(payload, "operationRevision")) and at not in commits:
        phase = ""
    said = said_of(health, sync, phase, maybe_text(payload, "message") or "")[:_LONGEST]
    state = state_of(health, sync, phase).value
    when = maybe_text(payload, "at") or maybe_text(payload, "finishedAt") or ""
    report = ApplicationReported(place[1], application, commits, state, said, when[:40])
    return Understood((report,))


def _revisions(payload: Object) -> tuple[str, ...]:
    """The commits it was compared with: one, or one for each of its sources."""
    several = maybe(payload, "revisions")
    one = maybe_text(payload, "revision")
    if several is None:
        return (one,) if one else ()
    if not isinstance(several, list) or not all(isinstance(each, str) for each in several):
        raise Refusal("revisions is not a list of texts")
    return tuple(dict.fromkeys([*([one] if one else []), *several]))[:20]
