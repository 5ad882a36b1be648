"""What senders are answered, and what has happened by then."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Blueprint, abort

from github_app.app import create_app
from github_app.events import ImagePushed, RepositoryChanged
from github_app.inbox.limits import Limits
from github_app.inbox.ports import Delivery, State
from github_app.inbox.sqlite import SqliteInbox
from github_app.signatures import Secret, signature_of
from github_app.webhooks.message import MAX_BODY
from plugin.artifact import Repository
from tests.github_app.apps import NOW, REGISTRY_SECRET, World, post
from tests.webhooks.samples import GUID, SECRET, bodies, changed, posted, sample, spoiled

PUSH = bodies(sample("github", "push"))
BEARER = {"Authorization": f"Bearer {REGISTRY_SECRET.reveal()}"}
ENVELOPE = "application/vnd.docker.distribution.events.v2+json"


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    inbox = SqliteInbox.open(tmp_path / "inbox.sqlite")
    yield World(inbox)
    inbox.close()


def counted(world: World, state: State = State.PENDING) -> int:
    return world.inbox.counts()[state]


def test_a_delivery_is_durable_and_the_worker_woken_before_the_answer(world: World) -> None:
    answer = post(world.app(), "push", PUSH)
    assert (answer.status_code, answer.json) == (202, {"answer": "accepted", "delivery": GUID})
    assert world.woken == 1
    claim = world.inbox.claim(NOW)
    assert claim is not None
    assert claim.events == (RepositoryChanged(9001, "acme/gitops", "push to refs/heads/main"),)
    assert claim.since == NOW


def test_a_redelivery_is_answered_and_not_worked_on(world: World) -> None:
    app = world.app()
    post(app, "push", PUSH)
    answer = post(app, "push", PUSH)
    assert (answer.status_code, answer.json) == (200, {"answer": "duplicate", "delivery": GUID})
    assert (counted(world), world.woken) == (1, 1)


def test_what_is_ignored_on_purpose_is_answered_without_a_body(world: World) -> None:
    answer = post(world.app(), "ping", bodies(sample("github", "ping")))
    assert (answer.status_code, answer.data) == (204, b"")
    assert counted(world) == 0


def test_an_unknown_event_is_named(world: World) -> None:
    answer = post(world.app(), "sponsorship", b"{}")
    assert answer.status_code == 400
    assert "'sponsorship'" in answer.text


@pytest.mark.parametrize(
    ("body", "text"),
    [
        (bodies(changed(sample("github", "push"), {"ref": None})), "ref is missing"),
        (b"not JSON", "the body is not JSON"),
        (b"[" * 200_000, "nested too deeply"),
    ],
)
def test_a_malformed_delivery_is_told_what_is_missing(world: World, body: bytes, text: str) -> None:
    answer = post(world.app(), "push", body)
    assert answer.status_code == 400
    assert text in answer.json["error"]  # type: ignore[index] # the assertion is the check
    assert counted(world) == 0


@pytest.mark.parametrize(
    "signature",
    [
        "",
        "sha256=",
        "sha256=" + "0" * 64,
        "sha1=" + "0" * 40,
        posted("push", PUSH)["X-Hub-Signature-256"].upper(),
        posted("push", PUSH)["X-Hub-Signature-256"][7:],
        posted("push", PUSH + b" ")["X-Hub-Signature-256"],
        "sha256=\x80\xff",
        "x" * 60_000,
    ],
)
def test_a_forged_delivery_is_refused_unread(world: World, signature: str) -> None:
    answer = post(world.app(), "push", b"not JSON", X_Hub_Signature_256=signature)
    assert answer.status_code == 401
    assert counted(world) == 0


def test_every_byte_of_the_body_is_signed(world: World) -> None:
    app, headers = world.app(), posted("push", PUSH)
    client = app.test_client()
    for place in range(0, len(PUSH), 41):
        body = PUSH[:place] + bytes([PUSH[place] ^ 1]) + PUSH[place + 1 :]
        assert client.post("/webhooks/github", data=body, headers=headers).status_code == 401


def test_a_registry_with_its_secret_is_let_in(world: World) -> None:
    answer = (
        world.app()
        .test_client()
        .post(
            "/webhooks/distribution",
            data=bodies(sample("distribution", "push.manifest")),
            headers=BEARER,
            content_type=ENVELOPE,
        )
    )
    assert answer.status_code == 202
    claim = world.inbox.claim(NOW)
    assert claim is not None
    assert claim.events == (
        ImagePushed(Repository("registry.example.com:5000", "acme/web"), "1.0.0"),
    )


@pytest.mark.parametrize("secret", ["the old one", SECRET.reveal()])
def test_every_live_secret_is_accepted_while_one_is_rotated(world: World, secret: str) -> None:
    signature = signature_of(Secret(secret), PUSH)
    assert post(world.app(), "push", PUSH, X_Hub_Signature_256=signature).status_code == 202


@pytest.mark.parametrize(
    "authorization",
    ["", "Bearer", "Bearer ", "Basic dTpw", f"bearer {REGISTRY_SECRET.reveal()}", "Bearer \xff"],
)
def test_a_registry_without_its_secret_is_refused(world: World, authorization: str) -> None:
    answer = (
        world.app()
        .test_client()
        .post(
            "/webhooks/distribution",
            data=bodies(sample("distribution", "push.manifest")),
            headers={"Authorization": authorization},
            content_type=ENVELOPE,
        )
    )
    assert answer.status_code == 401


def test_a_body_that_is_too_large_is_refused(world: World) -> None:
    body = b'{"ref": "' + b"x" * MAX_BODY + b'"}'
    assert post(world.app(), "push", body).status_code == 413
    assert counted(world) == 0


def test_form_bodies_are_told_what_to_set(world: World) -> None:
    answer = post(
        world.app(), "push", b"payload=%7B%7D", Content_Type="application/x-www-form-urlencoded"
    )
    assert answer.status_code == 415
    assert "application/json" in answer.text


def test_a_full_store_is_never_a_lost_202(tmp_path: Path) -> None:
    inbox = SqliteInbox.open(tmp_path / "inbox.sqlite", Limits(size=120 * 1024))
    world = World(inbox, ready={"store": True})
    app = world.app()
    statuses = {}
    for number in range(2000):
        answer = post(app, "push", PUSH, X_GitHub_Delivery=f"guid-{number}")
        statuses[f"guid-{number}"] = answer.status_code
        if answer.status_code == 503:
            break
    assert answer.headers["Retry-After"] == "30"
    kept = {row.guid for row in inbox.listing(None, 5000)}
    assert kept == {guid for guid, status in statuses.items() if status == 202}
    inbox.close()


def test_no_page_and_no_method_are_answered_as_json(world: World) -> None:
    client = world.app().test_client()
    assert client.get("/nowhere").json is not None
    answer = client.get("/webhooks/github")
    assert answer.status_code == 405
    assert set(answer.headers["Allow"].split(", ")) == {"POST", "OPTIONS"}
    assert "distribution" in client.post("/webhooks/bitbucket", data=b"{}").text


@pytest.mark.parametrize("path", ["/", "/webhooks", "/webhooks/", "/nowhere", "/webhook/github"])
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_whoever_has_no_address_is_told_the_addresses(world: World, path: str, method: str) -> None:
    answer = world.app().test_client().open(path, method=method)
    assert answer.status_code == 404
    assert answer.json is not None
    assert (
        "webhooks are posted to /webhooks/NAME, where NAME is one of github, distribution, "
        in (answer.json["error"])
    )


def test_a_page_may_say_itself_what_is_missing(world: World) -> None:
    board = Blueprint("board", __name__)
    board.add_url_rule("/board", view_func=lambda: abort(404, "no such stage"))
    answer = create_app(world.parts(), [board]).test_client().get("/board")
    assert answer.json == {"error": "no such stage"}


class Broken(SqliteInbox):
    """An inbox with a bug."""

    def accept(self, delivery: Delivery) -> None:  # type: ignore[override] # it never answers
        raise RuntimeError(f"the secret is {SECRET.reveal()}, for {delivery.guid}")


def test_a_bug_is_answered_with_an_id_and_logged_with_the_rest(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    inbox = Broken.open(tmp_path / "inbox.sqlite")
    with caplog.at_level(logging.ERROR):
        answer = post(World(inbox).app(), "push", PUSH)
    inbox.close()
    assert answer.status_code == 500
    assert answer.json == {
        "error": "an unexpected error; the log has it under this id",
        "id": "error-1",
    }
    assert "error-1" in caplog.text
    assert "RuntimeError" in caplog.text


def test_health_is_being_alive(world: World) -> None:
    assert world.app().test_client().get("/healthz").status_code == 200


def test_readiness_names_what_is_missing(world: World) -> None:
    world.ready = {"store": True, "worker": True, "sweep": False}
    client = world.app().test_client()
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert answer.json == {"ready": False, **world.ready}
    world.ready["sweep"] = True
    assert client.get("/readyz").status_code == 200


def test_answers_and_the_inbox_are_measured(world: World) -> None:
    app = world.app()
    post(app, "push", PUSH)
    post(app, "push", PUSH)
    post(app, "push", PUSH, X_Hub_Signature_256="")
    text = app.test_client().get("/metrics").text
    for line in (
        'towline_deliveries_total{answer="accepted",dialect="github"} 1.0',
        'towline_deliveries_total{answer="duplicate",dialect="github"} 1.0',
        'towline_deliveries_total{answer="forged",dialect="github"} 1.0',
        'towline_inbox_rows{state="pending"} 1.0',
    ):
        assert line in text


def test_further_pages_can_be_added(world: World) -> None:
    board = Blueprint("board", __name__)
    board.add_url_rule("/board", view_func=lambda: "stages")
    assert create_app(world.parts(), [board]).test_client().get("/board").text == "stages"


@pytest.mark.parametrize("name", ["push", "check_run.completed", "registry_package.published"])
def test_spoiled_bodies_rightly_signed_are_never_a_server_error(world: World, name: str) -> None:
    app = world.app()
    for number, mutant in enumerate(spoiled(sample("github", name))):
        if number % 7 == 0:
            answer = post(app, name, bodies(mutant), X_GitHub_Delivery=f"guid-{number}")
            assert answer.status_code in {202, 204, 400}, mutant


def test_a_redelivery_a_month_later_is_still_a_duplicate(world: World) -> None:
    app = world.app()
    post(app, "push", PUSH)
    claim = world.inbox.claim(NOW)
    assert claim is not None
    world.inbox.finish(claim)
    world.inbox.purge(NOW - timedelta(days=30))
    assert post(app, "push", PUSH).status_code == 200
