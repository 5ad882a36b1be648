"""The App's key, its name, and tokens that are minted once and kept."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from github_app.github.auth import AppKey, Scope, Tokens, identity
from github_app.github.calls import Calls
from github_app.github.connections import Connections
from github_app.github.transport import Transport, Wire
from github_app.identity import Identity
from plugin.errors import Refusal, Temporary
from tests.github.api_server import Answer, ApiServer, Asked, Time, private_key, serving


class Mint:
    """GitHub's token endpoint: every token another, of no particular length."""

    def __init__(self, time: Time) -> None:
        self.time = time
        self.good: set[str] = set()
        self.minted = 0

    def __call__(self, asked: Asked) -> Answer:
        if asked.path.endswith("/access_tokens"):
            return self._mint()
        token = asked.headers["authorization"].removeprefix("token ")
        if token in self.good:
            return Answer(200, {"ok": True})
        return Answer(401, {"message": "Bad credentials"})

    def _mint(self) -> Answer:
        self.minted += 1
        token = f"ghs_{self.minted}_{'x' * self.minted * 300}"
        self.good.add(token)
        end = self.time.now + timedelta(hours=1)
        return Answer(201, {"token": token, "expires_at": f"{end:%Y-%m-%dT%H:%M:%SZ}"})


@pytest.fixture
def api() -> Iterator[ApiServer]:
    with serving(ApiServer()) as running:
        yield running


@pytest.fixture
def time() -> Time:
    return Time()


@pytest.fixture
def mint(api: ApiServer, time: Time) -> Mint:
    made = Mint(time)
    api.otherwise = made
    return made


@pytest.fixture
def wire(api: ApiServer, time: Time) -> Wire:
    return api.wire(time, between_writes=1.0)


@pytest.fixture
def connections(wire: Wire, time: Time) -> Iterator[Connections]:
    made = Connections(wire, AppKey(99, private_key(), time))
    yield made
    made.close()


def test_the_app_signs_every_call_by_its_own_clock(
    api: ApiServer, time: Time, connections: Connections
) -> None:
    api.otherwise = lambda asked: Answer(200, {"id": 99, "slug": "towline-acme"})
    assert identity(connections.app) == Identity(99, "towline-acme")
    assert identity(connections.app).login == "towline-acme[bot]"
    scheme, _, signed = api.asked[0].headers["authorization"].partition(" ")
    assert scheme == "Bearer"
    key = load_pem_private_key(private_key().encode(), None)
    assert isinstance(key, RSAPrivateKey)
    claims = jwt.decode(
        signed, key.public_key(), ["RS256"], options={"verify_exp": False, "verify_iat": False}
    )
    now = int(time.now.timestamp())
    assert claims == {"iss": "99", "iat": now - 60, "exp": now + 300}


@pytest.mark.parametrize("key", ["no key", "-----BEGIN RSA PRIVATE KEY-----\ncanary\n"])
def test_a_bad_key_is_refused_without_showing_it(time: Time, key: str) -> None:
    with pytest.raises(Refusal, match="private key is not an RSA key") as refused:
        AppKey(99, key, time)
    assert "canary" not in repr(refused.value)


def test_a_key_github_does_not_know_is_refused(api: ApiServer, connections: Connections) -> None:
    api.otherwise = lambda asked: Answer(401, {"message": "A JSON web token could not be decoded"})
    with pytest.raises(Refusal, match=r"credentials of the App for GET /app.*machine's clock"):
        identity(connections.app)
    assert len(api.asked) == 1


def test_a_token_is_kept_until_five_minutes_before_its_end(
    api: ApiServer, time: Time, mint: Mint, connections: Connections
) -> None:
    transport = connections.installation(7)
    for minutes in (0, 30, 24):
        time.now += timedelta(minutes=minutes)
        transport.rest("GET", "/x")
    assert mint.minted == 1
    time.now += timedelta(minutes=1)
    transport.rest("GET", "/x")
    assert mint.minted == 2
    assert api.seen("POST") == ["POST /api/v3/app/installations/7/access_tokens"] * 2
    assert api.asked[0].body == {}


def test_many_threads_mint_one_token(mint: Mint, wire: Wire, connections: Connections) -> None:
    transport = connections.installation(7)
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda at: transport.rest("GET", f"/{at}"), range(16)))
    assert mint.minted == 1
    assert wire.calls.calls() == Calls(rest=16, mints=1)


def test_a_token_revoked_early_is_minted_once_and_tried_once(
    api: ApiServer, mint: Mint, connections: Connections
) -> None:
    transport = connections.installation(7)
    transport.rest("GET", "/x")
    mint.good.clear()
    assert transport.rest("POST", "/y", {"a": 1}).json == {"ok": True}
    assert mint.minted == 2
    assert api.seen("POST")[1:] == [
        "POST /api/v3/y",
        "POST /api/v3/app/installations/7/access_tokens",
        "POST /api/v3/y",
    ]


def test_an_installation_that_accepts_no_token_is_no_loop(
    api: ApiServer, mint: Mint, connections: Connections
) -> None:
    def answer(asked: Asked) -> Answer:
        minting = asked.path.endswith("/access_tokens")
        return mint(asked) if minting else Answer(401, {"message": "Bad credentials"})

    api.otherwise = answer
    with pytest.raises(Refusal, match="credentials of installation 7"):
        connections.installation(7).rest("GET", "/x")
    assert mint.minted == 2


def test_a_token_can_be_for_one_repository(
    api: ApiServer, mint: Mint, connections: Connections
) -> None:
    narrow, wide = connections.credentials(7, (42,)), connections.credentials(7)
    assert narrow.token() != wide.token()
    assert narrow.token() == connections.credentials(7, (42,)).token()
    assert api.asked[0].body == {"repository_ids": [42]}
    assert mint.minted == 2


def test_forgetting_an_old_token_keeps_the_new_one(
    time: Time, mint: Mint, connections: Connections
) -> None:
    tokens, scope = Tokens(connections.app, time), Scope(7)
    old = tokens.token(scope).value
    tokens.forget(scope, old)
    new = tokens.token(scope).value
    tokens.forget(scope, old)
    assert tokens.token(scope).value == new
    assert mint.minted == 2


def test_a_mint_is_tried_again_and_not_paced(
    api: ApiServer, time: Time, mint: Mint, connections: Connections
) -> None:
    api.script = [Answer(502)]
    connections.credentials(7).token()
    connections.credentials(8).token()
    assert time.slept == [0.2]


def test_no_token_is_minted_inside_a_limit(
    api: ApiServer, time: Time, mint: Mint, connections: Connections
) -> None:
    transport = connections.installation(7)
    transport.rest("GET", "/x")
    api.script = [Answer(429, {}, {"Retry-After": "7200"})]
    with pytest.raises(Temporary):
        transport.rest("GET", "/x")
    time.now += timedelta(minutes=90)
    asked = len(api.asked)
    with pytest.raises(Temporary):
        transport.rest("GET", "/x")
    assert len(api.asked) == asked


@pytest.mark.parametrize("status", [403, 404, 422])
def test_an_installation_that_is_gone_or_suspended_is_refused(
    api: ApiServer, connections: Connections, status: int
) -> None:
    api.otherwise = lambda asked: Answer(status, {"message": "This installation is suspended"})
    with pytest.raises(Refusal, match="installation"):
        connections.installation(7).rest("GET", "/x")


def test_a_token_does_not_show_itself(time: Time, mint: Mint, connections: Connections) -> None:
    token = Tokens(connections.app, time).token(Scope(7))
    assert "ghs_" not in repr(token)


def test_an_installation_has_one_transport(connections: Connections) -> None:
    assert connections.installation(7) is connections.installation(7)
    assert isinstance(connections.installation(8), Transport)
    assert connections.installation(8) is not connections.installation(7)
