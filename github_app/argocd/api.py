"""Argo CD's API: how an Application stands, asked now.

https://argo-cd.readthedocs.io/en/stable/developer-guide/api-docs/
"""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from typing import Any
from urllib.parse import quote

import requests

from github_app.argocd.settings import ArgocdSettings
from github_app.argocd.states import said_of, state_of
from github_app.events import ApplicationReported
from github_app.guarded_http.client import Bound, GuardedHttp, Patience
from github_app.guarded_http.reach import Reach
from plugin.errors import Refusal, Temporary

log = logging.getLogger(__name__)
_MOST = Bound(16 * 1024 * 1024, "gives more than 16 MiB for one Application")
# A round waits for it: whoever is slow is asked again in the next.
_PATIENCE = Patience(connect=3, read=5)
_LONGEST = 300


class ArgocdApi:
    """The port `Applications` on one Argo CD.

    Plain HTTP is spoken to loopback addresses and the hosts in `insecure` alone.
    """

    def __init__(
        self,
        settings: ArgocdSettings,
        session: requests.Session,
        clock: Callable[[], datetime],
        insecure: frozenset[str] = frozenset(),
    ) -> None:
        self._settings = settings
        self._http = GuardedHttp(session, Reach(insecure), clock, _PATIENCE)

    def report(self, application: str) -> ApplicationReported | None:
        """How the Application stands; None where nobody says so, which is logged."""
        try:
            return _report(application, self._asked(application))
        except (Refusal, Temporary) as error:
            log.warning("Argo CD does not say how %s stands: %s", application, error)
            return None

    def _asked(self, application: str) -> Mapping[str, Any]:
        url = f"{self._settings.url}/api/v1/applications/{quote(application, safe='')}"
        headers = {
            "Accept": "application/json",
            "Authorization": f"Bearer {self._settings.token.reveal()}",
        }
        answer = self._http.read(requests.Request("GET", url, headers), _MOST, follow=False)
        if answer.status != 200:
            # It answers 403 for what is not there, too.
            raise Refusal(f"it answers {answer.status}: may the token read that Application?")
        try:
            found = json.loads(answer.body)
        except ValueError:
            raise Refusal("its answer is no JSON") from None
        if not isinstance(found, dict):
            raise Refusal("its answer is no Application")
        return found


def _report(name: str, application: Mapping[str, Any]) -> ApplicationReported | None:
    """The parts of its status that count; an Application that was never compared has none."""
    status = _object(application, "status")
    sync, health = _object(status, "sync"), _object(status, "health")
    operation = _object(status, "operationState")
    revisions = tuple(dict.fromkeys(_revisions(sync)))
    if not revisions:
        return None
    applied = set(_revisions(_object(operation, "syncResult")))
    phase = _text(operation, "phase") if applied & set(revisions) else ""
    words = _text(health, "status"), _text(sync, "status"), phase
    why = _text(health, "message") or (_text(operation, "message") if phase else "")
    said = said_of(*words, why)[:_LONGEST]
    at = _text(status, "reconciledAt")
    return ApplicationReported("", name, revisions, state_of(*words).value, said, at)


def _revisions(part: Mapping[str, Any]) -> Iterator[str]:
    """The commit, or those of several sources."""
    one, several = part.get("revision"), part.get("revisions")
    yield from (one,) if isinstance(one, str) and one else ()
    for each in several if isinstance(several, list) else ():
        if isinstance(each, str) and each:
            yield each


def _object(part: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    found = part.get(key)
    return found if isinstance(found, dict) else {}


def _text(part: Mapping[str, Any], key: str) -> str:
    found = part.get(key)
    return found if isinstance(found, str) else ""
