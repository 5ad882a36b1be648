"""Webhooks going out: who gets which, signed, kept, sent in order and again when asked.

https://docs.github.com/webhooks/using-webhooks/validating-webhook-deliveries
"""

from __future__ import annotations

import hashlib
import hmac
import json
import threading
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import replace
from uuid import UUID

import urllib3

from github_app.sandbox.access import at_least
from github_app.sandbox.payloads import payload
from github_app.sandbox.refused import not_found
from github_app.sandbox.rest.shapes import Json
from github_app.sandbox.state import App, Delivery, Installation
from github_app.sandbox.world import Happening, World

Post = Callable[[str, Mapping[str, str], bytes], tuple[int, str]]
PAYLOAD_LIMIT = 25 * 1024 * 1024
TIMEOUT = 10.0
# What an App needs to be able to subscribe; events that are not here need only an installation.
_NEEDS = {
    "push": "contents",
    "create": "contents",
    "delete": "contents",
    "pull_request": "pull_requests",
    "pull_request_review": "pull_requests",
    "issue_comment": "pull_requests",
    "check_run": "checks",
    "check_suite": "checks",
    "status": "statuses",
    "deployment": "deployments",
    "deployment_status": "deployments",
    "merge_group": "merge_queues",
    "package": "packages",
    "registry_package": "packages",
}
_OWNER_ONLY = frozenset({"requested", "rerequested", "requested_action"})


def post_over_http(url: str, headers: Mapping[str, str], body: bytes) -> tuple[int, str]:
    """Status and text of the answer; 0 when nobody answered within ten seconds."""
    try:
        answer = urllib3.request(
            "POST", url, headers=dict(headers), body=body, timeout=TIMEOUT, retries=False
        )
    except urllib3.exceptions.HTTPError as why:
        return 0, str(why)
    return answer.status, answer.data.decode("utf-8", "replace")


class Webhooks:
    """Every delivery, and those that wait to be sent."""

    def __init__(self, world: World, post: Post) -> None:
        self._world = world
        self._post = post
        self._all: dict[int, Delivery] = {}
        self._waiting: deque[int] = deque()
        self._changed = threading.Condition()
        self._sending = threading.Lock()
        self._thread: threading.Thread | None = None
        self._stopping = False
        self._in_flight = False

    # what happens becomes deliveries

    def hear(self, happening: Happening) -> None:
        """Queue a delivery for every App that wants to know."""
        if happening.action is None and happening.event == "check_run":
            return
        repository = self._world.repositories[happening.repository]
        receivers = [
            installation
            for installation in self._world.installations_for(repository)
            if _wanted(self._world.apps[installation.app], installation, happening)
        ]
        if not receivers:
            return
        body = payload(self._world, happening)
        for installation in receivers:
            own = {"id": installation.id, "node_id": f"MDIz_{installation.id}"}
            self._queue(installation, happening.event, {**body, "installation": own}, repository.id)

    def tell_app(
        self, app: App, event: str, body: Json, installation: Installation | None = None
    ) -> None:
        """Queue an event that every App gets: its installations, and ping."""
        if app.webhook_url:
            self._add(app, event, body, installation.id if installation else None, None)

    def _queue(self, installation: Installation, event: str, body: Json, repository: int) -> None:
        self._add(self._world.apps[installation.app], event, body, installation.id, repository)

    def _add(
        self, app: App, event: str, body: Json, installation: int | None, repository: int | None
    ) -> None:
        data = json.dumps(body, separators=(",", ":")).encode()
        if len(data) > PAYLOAD_LIMIT:
            return
        guid = str(UUID(bytes=self._world.random.randbytes(16), version=4))
        action = body.get("action")
        delivery = Delivery(
            self._world.new_id("delivery"),
            guid,
            app.slug,
            event,
            str(action) if action else None,
            app.webhook_url,
            headers(app, event, guid, data),
            data,
            installation,
            repository,
            self._world.now(),
        )
        self._enqueue(delivery)

    def _enqueue(self, delivery: Delivery) -> None:
        with self._changed:
            self._all[delivery.id] = delivery
            self._waiting.append(delivery.id)
            self._changed.notify_all()

    # sending

    def deliver(self) -> int:
        """Send what waits, in order, in this thread; also what the receivers cause meanwhile."""
        count = 0
        while self._send_next():
            count += 1
        return count

    def start(self) -> None:
        """Send in the background from now on."""
        if self._thread is None:
            self._stopping = False
            self._thread = threading.Thread(target=self._run, name="webhooks", daemon=True)
            self._thread.start()

    def stop(self) -> None:
        """No more deliveries after the one being sent."""
        with self._changed:
            self._stopping = True
            self._changed.notify_all()
        if self._thread is not None:
            self._thread.join()
            self._thread = None

    def drained(self, within: float = 30.0) -> bool:
        """Whether nothing waited, or was being sent, before the time was up."""
        with self._changed:
            return self._changed.wait_for(lambda: not self._waiting and not self._in_flight, within)

    def _run(self) -> None:
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._stopping or bool(self._waiting))
                if self._stopping:
                    return
            self._send_next()

    def _send_next(self) -> bool:
        with self._sending:
            with self._changed:
                if not self._waiting:
                    return False
                delivery = self._all[self._waiting.popleft()]
                self._in_flight = True
            code, text = self._post(delivery.url, delivery.request_headers, delivery.request_body)
            sent = replace(
                delivery,
                delivered_at=self._world.now(),
                status_code=code,
                status="OK" if 200 <= code < 300 else _failure(code),
                response_body=text,
            )
            with self._changed:
                self._all[sent.id] = sent
                self._in_flight = False
                self._changed.notify_all()
        return True

    # what was sent

    def of_app(self, slug: str) -> tuple[Delivery, ...]:
        """All deliveries to an App, oldest first."""
        with self._changed:
            return tuple(d for d in self._all.values() if d.app == slug)

    def one(self, app: App, number: int) -> Delivery:
        """A delivery by id; 404 if the App has none such."""
        with self._changed:
            found = self._all.get(number)
        if found is None or found.app != app.slug:
            raise not_found()
        return found

    def again(self, delivery: Delivery) -> None:
        """Queue it once more, with the same guid and the same body."""
        self._enqueue(
            replace(
                delivery,
                id=self._world.new_id("delivery"),
                redelivery=True,
                created_at=self._world.now(),
                delivered_at=None,
                status_code=0,
                status="pending",
                response_body="",
            )
        )


def headers(app: App, event: str, guid: str, body: bytes) -> dict[str, str]:
    """What GitHub sends along; the signature only if the App has a secret."""
    sent = {
        "Content-Type": "application/json",
        "User-Agent": "GitHub-Hookshot/0000000",
        "X-GitHub-Event": event,
        "X-GitHub-Delivery": guid,
        "X-GitHub-Hook-ID": str(app.id),
        "X-GitHub-Hook-Installation-Target-ID": str(app.id),
        "X-GitHub-Hook-Installation-Target-Type": "integration",
    }
    if app.webhook_secret:
        key = app.webhook_secret.encode()
        sent["X-Hub-Signature"] = "sha1=" + hmac.new(key, body, hashlib.sha1).hexdigest()
        sent["X-Hub-Signature-256"] = "sha256=" + hmac.new(key, body, hashlib.sha256).hexdigest()
    return sent


def _wanted(app: App, installation: Installation, happening: Happening) -> bool:
    if not app.webhook_url or happening.event not in installation.events:
        return False
    need = _NEEDS.get(happening.event)
    if need and not at_least(installation.permissions.get(need, "none"), "read"):
        return False
    checks = happening.event in ("check_run", "check_suite")
    if checks and happening.action in _OWNER_ONLY:
        return getattr(happening.subject, "app", None) == app.slug
    return True


def _failure(code: int) -> str:
    return f"Invalid HTTP Response: {code}" if code else "failed to connect to host"
