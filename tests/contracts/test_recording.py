"""The recorder changes no answer, judges what GitHub describes, and leaves the rest alone."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import TYPE_CHECKING

import pytest
from werkzeug.test import Client

from tests.contracts.recording import Record, Recorder
from tests.contracts.test_deliveries import SECRET, renamed

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

pytestmark = pytest.mark.usefixtures("published")

AGENT = {"User-Agent": "towline"}
REF = {
    "ref": "refs/heads/main",
    "node_id": "x",
    "url": "https://api.example/ref",
    "object": {"type": "commit", "sha": "a" * 40, "url": "https://api.example/commit"},
}
PATH = "/api/v3/repos/acme/deploy/git/ref/heads/main"


def answering(body: object, status: str = "200 OK") -> WSGIApplication:
    """An application that answers everything alike and repeats the request's body in a header."""

    def app(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        request = environ["wsgi.input"].read().decode()
        start_response(status, [("Content-Type", "application/json"), ("X-Request", request)])
        text = json.dumps(body)
        return [text[:10].encode(), text[10:].encode()]

    return app


def record_of(app: WSGIApplication) -> tuple[Client, Record]:
    record = Record()
    return Client(Recorder(app, record)), record


def test_a_good_answer_passes_unchanged_and_is_counted() -> None:
    client, record = record_of(answering(REF))
    answer = client.get(PATH, headers=AGENT)
    assert (answer.status_code, answer.get_json()) == (200, REF)
    assert record.faults == []
    assert dict(record.seen) == {"GET /repos/{owner}/{repo}/git/ref/{ref}": 1}


def test_a_bad_answer_passes_unchanged_and_is_told_once() -> None:
    client, record = record_of(answering(REF | {"colour": "red"}))
    for _ in range(3):
        assert client.get(PATH, headers=AGENT).get_json()["colour"] == "red"
    (fault,) = record.faults
    assert "'colour' was unexpected" in fault


def test_the_application_still_reads_the_request() -> None:
    client, record = record_of(answering(REF, "201 CREATED"))
    wish = '{"ref": "refs/heads/main", "sha": "%s"}' % ("a" * 40)
    answer = client.post("/api/v3/repos/acme/deploy/git/refs", data=wish, headers=AGENT)
    assert answer.headers["X-Request"] == wish
    assert record.faults == []


def test_git_and_pages_are_not_judged() -> None:
    client, record = record_of(answering({"not": "described"}))
    for path in ("/acme/deploy.git/info/refs", "/acme/deploy/pull/1", "/"):
        assert client.get(path).status_code == 200
    assert not record.seen


@pytest.mark.parametrize(
    ("document", "answer", "faults"),
    [
        ("{ viewer { login } }", {"data": {"viewer": {"login": "alice"}}}, 0),
        ("{ viewer { colour } }", {"data": {"viewer": {"colour": "red"}}}, 1),
        ("{ viewer { colour } }", {"errors": [{"message": "no such field"}]}, 0),
        ("{ viewer { login } }", {"result": "alice"}, 1),
        ("{ viewer { login } }", {"data": None, "errors": [{"message": "x", "code": 5}]}, 1),
    ],
)
def test_documents_and_their_answers_are_judged(document: str, answer: object, faults: int) -> None:
    client, record = record_of(answering(answer))
    client.post("/api/graphql", json={"query": document})
    assert len(record.faults) == faults


def test_webhooks_are_judged_with_their_signature() -> None:
    record = Record()
    record.webhook(renamed(), SECRET)
    assert record.faults == []
    record.webhook(renamed(), "another")
    record.webhook(renamed(target_type=5))
    assert len(record.faults) == 2
