"""Every kind of sender at the real entrance: let in, sent away, sent away again and again."""

from __future__ import annotations

import io
import itertools
import json
import logging
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from github_app import logs
from github_app.app import create_app
from github_app.inbox.limits import Limits
from github_app.inbox.ports import Answer, Delivery
from github_app.inbox.sqlite import SqliteInbox
from github_app.oidc.tokens import OidcTokens
from github_app.oidc.trust import Trusted
from github_app.signatures import Secret
from github_app.webhooks import DIALECTS
from github_app.webhooks.message import MAX_BODY
from tests.clocks import Clock
from tests.github_app.apps import NOW, REGISTRY_SECRET, World
from tests.github_app.oidc.issuers import AUDIENCE, Issuer, issuer
from tests.webhooks.samples import SECRET, bodies, names, sample, spoiled
from tests.webhooks.senders import KINDS, TOKEN, Sent, Trusting, sent, usual, wire


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    inbox = SqliteInbox.open(tmp_path / "inbox.sqlite")
    yield World(inbox, tokens={"gar": Trusting(KINDS["gar"].said)})
    inbox.close()


def post(app: Flask, dialect: str, request: Sent) -> TestResponse:
    """The App's answer to a request as that sender makes it."""
    address = f"/webhooks/{dialect}" + (f"/{request.token}" if request.token else "")
    asked = {"registry": request.registry} if request.registry else {}
    return app.test_client().post(
        address, data=request.body, headers=dict(request.headers), query_string=asked
    )


def right(dialect: str, name: str) -> Sent:
    """A sample as its sender sends it to this App."""
    request = usual(dialect, name)
    if dialect == "distribution":
        return request.but(authorization=f"Bearer {REGISTRY_SECRET.reveal()}")
    return request


@pytest.mark.parametrize("dialect", DIALECTS)
def test_every_sample_is_let_in(world: World, dialect: str) -> None:
    app = world.app()
    answers = {
        name: post(app, dialect, right(dialect, name)).status_code for name in names(dialect)
    }
    assert set(answers.values()) <= {200, 202, 204, 400}, answers
    assert 202 in answers.values() or (dialect == "post" and answers)  # `at` stands still there


@pytest.mark.parametrize("dialect", DIALECTS)
def test_a_stranger_is_told_what_proves_him(world: World, dialect: str) -> None:
    request = replace(sent(dialect, names(dialect)[0], b"{}", "not our secret"), token="")
    if dialect == "gar":
        request = request.but(authorization="Bearer a.b.c")
    answer = post(world.app(), dialect, request)
    assert answer.status_code == 401
    assert answer.json is not None
    assert answer.json["error"].startswith("nothing proves who sent this: it takes ")
    assert sum(world.inbox.counts().values()) == 0


@pytest.mark.parametrize(
    "mimetype",
    [
        "application/json",
        "application/json; charset=utf-8",
        "application/cloudevents+json",
        "application/cloudevents+json; charset=UTF-8",
        "application/vnd.docker.distribution.events.v1+json",
        "application/vnd.docker.distribution.events.v2+json",
        "Application/JSON",
    ],
)
def test_json_has_many_names(world: World, mimetype: str) -> None:
    request = right("distribution", "push.manifest").but(content_type=mimetype)
    assert post(world.app(), "distribution", request).status_code == 202


@pytest.mark.parametrize("mimetype", ["text/plain", "application/x-www-form-urlencoded", "json"])
def test_what_is_not_json_is_told_what_to_set(world: World, mimetype: str) -> None:
    request = right("distribution", "push.manifest").but(content_type=mimetype)
    answer = post(world.app(), "distribution", request)
    assert answer.status_code == 415
    assert "application/json" in answer.text


@pytest.mark.parametrize("dialect", DIALECTS)
def test_bodies_are_bounded_for_everybody(world: World, dialect: str) -> None:
    answer = post(world.app(), dialect, right(dialect, names(dialect)[0]))
    assert answer.status_code < 500
    large = replace(right(dialect, names(dialect)[0]), body=b" " * (MAX_BODY + 1))
    assert post(world.app(), dialect, large).status_code == 413


def test_a_handshake_is_answered(world: World) -> None:
    answer = post(world.app(), "acr", right("acr", "grid.validation"))
    assert answer.status_code == 200
    assert answer.json is not None
    assert set(answer.json) == {"validationResponse"}
    assert sum(world.inbox.counts().values()) == 0


@dataclass
class Spoken:
    """Everything the App says while a test runs: log lines of every level."""

    stream: io.StringIO

    def text(self) -> str:
        return self.stream.getvalue()


@pytest.fixture
def spoken() -> Iterator[Spoken]:
    root = logging.getLogger()
    before = (root.handlers[:], root.level)
    stream = io.StringIO()
    logs.configure("debug", stream, logs.Redaction())
    yield Spoken(stream)
    root.handlers[:], level = before
    root.setLevel(level)


@pytest.mark.parametrize(
    "address",
    [
        "/webhooks/dockerhub/{}",
        "/webhooks/dockerhub/{}/",
        "/webhooks/dockerhub//{}",
        "/webhooks//dockerhub/{}",
        "/webhooks/dockerhub/x/{}",
        "/webhooks/github/{}",
        "/webhooks/{}",
        "/webhooks/nobody/{}",
        "/webhooks/dockerhub/{}?registry={}",
        "/nowhere/{}",
    ],
)
@pytest.mark.parametrize("method", ["POST", "GET", "PUT", "OPTIONS"])
def test_a_secret_in_an_address_is_repeated_nowhere(
    world: World, spoken: Spoken, address: str, method: str
) -> None:
    """Not in answers, redirections, metrics or logs: neither the right one nor an old one."""
    app = world.app()
    for secret in (SECRET.reveal().replace(" ", "%20"), "rotated-out-but-not-harmless"):
        where = address.replace("{}", secret)
        body = bodies({"push_data": {"tag": 5}})
        answer = app.test_client().open(
            where, method=method, data=body, content_type="application/json"
        )
        assert answer.status_code < 500
        said = answer.text + str(answer.headers) + spoken.text()
        said += app.test_client().get("/metrics").text
        for spelled in (secret, SECRET.reveal()):
            assert spelled not in said


def test_addresses_in_others_lines_are_cut(spoken: Spoken) -> None:
    """The server names the path of a request that hung up; libraries print whole addresses."""
    logging.getLogger("waitress").info(
        "Client disconnected while serving /webhooks/quay/se/cret%2F"
    )
    logging.getLogger("any").warning('POST "https://x/webhooks/quay/secret?registry=quay.io" 200')
    first, second = (json.loads(line)["message"] for line in spoken.text().splitlines())
    assert first == "Client disconnected while serving /webhooks/quay/[secret]"
    assert second == 'POST "https://x/webhooks/quay/[secret]?registry=quay.io" 200'


def test_refusals_are_no_errors_of_ours(world: World, spoken: Spoken) -> None:
    app = world.app()
    post(app, "quay", replace(right("quay", "push"), token="wrong"))
    post(app, "quay", replace(right("quay", "push"), body=b"not JSON"))
    post(app, "quay", right("quay", "push").but(content_type="text/plain"))
    levels = [json.loads(line)["level"] for line in spoken.text().splitlines()]
    assert levels == ["info"] * 3


def messages(spoken: Spoken) -> list[str]:
    """What the log says, line by line."""
    return [json.loads(line)["message"] for line in spoken.text().splitlines()]


def test_the_log_says_who_sent_what(world: World, spoken: Spoken) -> None:
    app = world.app()
    post(app, "dockerhub", right("dockerhub", "push"))
    post(app, "github", right("github", "push"))
    post(app, "quay", replace(right("quay", "push"), body=b"not JSON"))
    assert messages(spoken) == [
        "dockerhub push accepted: docker.io/acme/web:1.4.2",
        "github push accepted: acme/gitops (push to refs/heads/main)",
        "quay refused 400: the body is not JSON",
    ]


@pytest.mark.parametrize("secrets", [(SECRET,), ()])
def test_only_the_log_says_that_a_secret_is_not_set(
    world: World, spoken: Spoken, secrets: tuple[Secret, ...]
) -> None:
    parts = world.parts()
    app = create_app(replace(parts, secrets={**parts.secrets, "dockerhub": secrets}))
    answer = post(app, "dockerhub", replace(right("dockerhub", "push"), token="wrong"))
    (line,) = messages(spoken)
    assert answer.status_code == 401
    assert "not set" not in answer.text
    assert line.startswith("dockerhub refused 401: nothing proves who sent this: it takes ")
    assert line.endswith("; TOWLINE_DOCKERHUB_SECRET is not set") is (secrets == ())


@pytest.fixture
def ours() -> Iterator[Issuer]:
    with issuer() as made:
        yield made


def job(app: Flask, token: str) -> TestResponse:
    """The answer to a CI job that posts with its token."""
    request = right("post", "image").but(
        x_towline_signature_256=None, authorization=f"Bearer {token}"
    )
    return post(app, "post", request)


def test_a_job_may_post_with_its_token(world: World, ours: Issuer) -> None:
    world.tokens["post"] = ours.tokens(Clock())
    app = world.app()
    assert job(app, ours.token()).status_code == 202
    assert job(app, ours.token(repository_owner="evil")).status_code == 401
    assert job(app, ours.token()[:-2]).status_code == 401
    assert job(app, "").status_code == 401


def test_a_token_for_one_dialect_opens_no_other(world: World, ours: Issuer) -> None:
    judge = ours.tokens(Clock())
    world.tokens["post"] = OidcTokens(
        (Trusted(ours.url, f"{AUDIENCE}/webhooks/post", (("repository_owner", "acme"),)),),
        judge._keys,
        Clock(),
    )
    app = world.app()
    assert job(app, ours.token(aud=f"{AUDIENCE}/webhooks/post")).status_code == 202
    assert job(app, ours.token()).status_code == 401
    assert job(app, ours.token(aud=f"{AUDIENCE}/webhooks/gar")).status_code == 401


def test_when_keys_cannot_be_had_the_job_is_asked_to_come_back(
    world: World, ours: Issuer, spoken: Spoken
) -> None:
    world.tokens["post"] = ours.tokens(Clock())
    ours.status = 500
    answer = job(world.app(), ours.token())
    assert answer.status_code == 503
    assert answer.headers["Retry-After"] == "30"
    assert "send it again" in answer.text
    levels = {json.loads(line)["level"] for line in spoken.text().splitlines()}
    assert levels <= {"debug", "info", "warning"}


@pytest.mark.parametrize("dialect", DIALECTS)
def test_the_same_again_is_a_duplicate(world: World, dialect: str) -> None:
    app = world.app()
    for name in names(dialect):
        if post(app, dialect, right(dialect, name)).status_code == 202:
            answer = post(app, dialect, right(dialect, name))
            assert answer.status_code == 200
            assert answer.json is not None
            assert answer.json["answer"] == "duplicate"


@pytest.mark.parametrize(
    ("dialect", "name"), [("quay", "push"), ("artifactory", "pushed"), ("post", "image")]
)
def test_whoever_gives_no_id_may_say_the_same_later(world: World, dialect: str, name: str) -> None:
    app = world.app()
    assert post(app, dialect, right(dialect, name)).status_code == 202
    world.now += timedelta(seconds=59)
    assert post(app, dialect, right(dialect, name)).status_code == 200
    world.now += timedelta(seconds=1)
    assert post(app, dialect, right(dialect, name)).status_code == 202


@pytest.mark.parametrize("dialect", DIALECTS)
def test_spoiled_and_cut_bodies_rightly_proven_are_no_fault_of_ours(
    world: World, spoken: Spoken, dialect: str
) -> None:
    app = world.app()
    name = names(dialect)[-1]
    whole = wire(dialect, sample(dialect, name))
    mutants = [wire(dialect, mutant) for mutant in itertools.islice(mutated(dialect, name), 150)]
    for body in (*mutants, *(whole[:end] for end in range(0, len(whole), 41))):
        secret = (REGISTRY_SECRET if dialect == "distribution" else SECRET).reveal()
        answer = post(app, dialect, sent(dialect, name, body, secret))
        assert answer.status_code in {200, 202, 204, 400}, body
    levels = {json.loads(line)["level"] for line in spoken.text().splitlines()}
    assert levels <= {"debug", "info"}


def mutated(dialect: str, name: str) -> Iterator[object]:
    """The sample spoiled field by field, spread over all its fields."""
    payload = sample(dialect, name)
    mutants = list(spoiled(payload if isinstance(payload, dict) else payload[0]))
    return itertools.islice(mutants, 0, None, max(1, len(mutants) // 150))


@pytest.mark.parametrize(
    ("seconds", "status"), [(0, 202), (300, 202), (-300, 202), (301, 400), (-301, 400)]
)
def test_what_was_signed_long_ago_is_a_replay(world: World, seconds: int, status: int) -> None:
    at = (NOW - timedelta(seconds=seconds)).isoformat()
    request = usual("post", "image.at", {"at": at})
    answer = post(world.app(), "post", request)
    assert answer.status_code == status, answer.text
    if status == 400:
        assert "more than 5 minutes from now" in answer.text


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("", 202),
        ("?", 202),
        ("?registry=proxy.example.com:5000/hub", 202),
        ("?registry=", 400),
        ("?registry=http://proxy.example.com", 400),
        ("?regsitry=proxy.example.com", 400),
        ("?registry=proxy.example.com&registry=docker.io", 400),
        ("?registry=proxy.example.com&x", 400),
    ],
)
@pytest.mark.parametrize(
    ("dialect", "name"), [("dockerhub", "push"), ("gar", "insert"), ("github", "package.published")]
)
def test_an_address_says_a_registry_or_nothing(
    world: World, dialect: str, name: str, query: str, status: int
) -> None:
    request = right(dialect, name)
    client = world.app().test_client()
    answers = [
        client.post(
            f"/webhooks/{dialect}{token}{query}", data=request.body, headers=dict(headers)
        ).status_code
        for token, headers in (
            ("/wrong" if request.token else "", {"Content-Type": "application/json"}),
            (f"/{request.token}" if request.token else "", request.headers),
        )
    ]
    assert answers == [401, status]


class Counting(SqliteInbox):
    """An inbox that counts how often it is asked for anything."""

    asked = 0

    def accept(self, delivery: Delivery) -> Answer:
        """As ever."""
        self.asked += 1
        return super().accept(delivery)


def test_a_storm_of_forgeries_costs_the_store_nothing(tmp_path: Path) -> None:
    inbox = Counting.open(tmp_path / "inbox.sqlite")
    assert isinstance(inbox, Counting)
    app = World(inbox, tokens={"gar": Trusting(KINDS["gar"].said)}).app()
    for number, dialect in zip(range(1400), itertools.cycle(DIALECTS)):
        forged = sent(dialect, names(dialect)[0], b"{}", f"a guess, and number {number}")
        if dialect == "gar":
            forged = forged.but(authorization=f"Bearer {TOKEN}{number}")
        assert post(app, dialect, forged).status_code == 401
    assert inbox.asked == 0
    inbox.close()


def test_a_flood_is_told_to_come_later_and_others_are_not(tmp_path: Path) -> None:
    inbox = SqliteInbox.open(tmp_path / "inbox.sqlite", Limits(share=20))
    app = World(inbox).app()
    answers = [
        post(app, "quay", usual("quay", "push", {"updated_tags": [f"v{number}"]}))
        for number in range(25)
    ]
    assert [answer.status_code for answer in answers] == [202] * 20 + [429] * 5
    assert answers[-1].headers["Retry-After"] == "30"
    assert answers[-1].json == {"error": "20 deliveries of quay wait already: send it again"}
    assert post(app, "harbor", right("harbor", "push")).status_code == 202
    inbox.close()
