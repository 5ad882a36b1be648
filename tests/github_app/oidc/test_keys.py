"""Keys come from the issuer itself, are kept, and are not asked for in storms."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from github_app.oidc.fetch import MOST
from github_app.oidc.keys import IssuerKeys
from plugin.errors import Temporary
from tests.clocks import Clock
from tests.github_app.oidc.issuers import Issuer, ec_key, issuer, published, rsa_key

CONFIGURATION = "/.well-known/openid-configuration"


@pytest.fixture
def ours() -> Iterator[Issuer]:
    with issuer() as made:
        yield made


def test_keys_are_fetched_once_and_kept(ours: Issuer) -> None:
    clock = Clock()
    tokens = ours.tokens(clock)
    for _ in range(50):
        assert tokens.claims(ours.token(clock.now)) is not None
    assert ours.asked == [CONFIGURATION, "/keys"]


def test_a_storm_of_invented_keys_makes_no_storm_of_requests(ours: Issuer) -> None:
    """The class of CVE-2026-48524."""
    clock = Clock()
    tokens = ours.tokens(clock)
    for number in range(3000):
        forged = jwt.encode(
            ours.claims(clock.now), ec_key("theirs"), "ES256", {"kid": f"invented-{number}"}
        )
        assert tokens.claims(forged) is None
        clock.passes(seconds=0.19)  # nine and a half minutes in all
    assert len(ours.asked) == 4


def test_rotated_keys_are_found_and_old_ones_forgotten(ours: Issuer) -> None:
    clock = Clock()
    tokens = ours.tokens(clock)
    assert tokens.claims(ours.token()) is not None
    ours.keys = [published("two", rsa_key("two"))]
    clock.passes(minutes=5)
    new = jwt.encode(ours.claims(clock.now), rsa_key("two"), "RS256", {"kid": "two"})
    assert tokens.claims(new) is not None
    assert tokens.claims(ours.token(clock.now)) is None


def test_a_key_that_was_given_up_is_forgotten_within_the_hour(ours: Issuer) -> None:
    clock = Clock()
    tokens = ours.tokens(clock)
    assert tokens.claims(ours.token()) is not None
    ours.keys = []
    clock.passes(minutes=59)
    assert tokens.claims(ours.token(clock.now)) is not None
    clock.passes(minutes=1)
    assert tokens.claims(ours.token(clock.now)) is None


@pytest.mark.parametrize("status", [500, 404, 301, 204])
def test_without_keys_the_sender_is_asked_to_come_back(ours: Issuer, status: int) -> None:
    ours.status = status
    clock = Clock()
    tokens = ours.tokens(clock)
    for _ in range(20):
        with pytest.raises(Temporary, match=r"cannot be had now: send it again"):
            tokens.claims(ours.token())
    assert ours.asked == [CONFIGURATION]
    ours.status = 200
    clock.passes(seconds=30)
    assert tokens.claims(ours.token(clock.now)) is not None


def test_known_keys_outlive_their_issuer_for_a_day(ours: Issuer) -> None:
    clock = Clock()
    tokens = ours.tokens(clock)
    assert tokens.claims(ours.token()) is not None
    ours.status = 503
    clock.passes(hours=23)
    assert tokens.claims(ours.token(clock.now)) is not None
    unknown = jwt.encode(ours.claims(clock.now), rsa_key("two"), "RS256", {"kid": "two"})
    with pytest.raises(Temporary):
        tokens.claims(unknown)
    clock.passes(hours=1)
    with pytest.raises(Temporary):
        tokens.claims(ours.token(clock.now))


@pytest.mark.parametrize(
    "raw",
    [b"", b"[]", b"null", b"not JSON", b"[" * 100_000, b"\xff\xfe", b'{"issuer": 1}', b"{}"],
)
def test_whatever_an_issuer_says_is_no_crash(ours: Issuer, raw: bytes) -> None:
    ours.raw = raw
    with pytest.raises(Temporary):
        ours.tokens(Clock()).claims(ours.token())


def test_documents_are_bounded(ours: Issuer) -> None:
    ours.raw = b'{"a": "' + b"x" * MOST + b'"}'
    with pytest.raises(Temporary):
        ours.tokens(Clock()).claims(ours.token())


@pytest.mark.parametrize(
    "place",
    [
        None,
        7,
        "http://169.254.169.254/keys",
        "https://keys.elsewhere.example/keys",
        "file:///etc/passwd",
        "https://[::1/keys",
        "/keys",
    ],
)
def test_keys_elsewhere_are_not_fetched(ours: Issuer, place: object) -> None:
    ours.configuration = {"jwks_uri": place}
    with pytest.raises(Temporary):
        ours.tokens(Clock()).claims(ours.token())
    assert ours.asked == [CONFIGURATION]


def test_a_host_of_keys_may_be_named(ours: Issuer) -> None:
    with issuer() as other:
        ours.configuration = {"jwks_uri": f"{other.url}/keys"}
        host = other.url.removeprefix("http://")
        assert ours.tokens(Clock(), frozenset({host})).claims(ours.token()) is not None


def test_a_configuration_of_another_issuer_is_not_believed(ours: Issuer) -> None:
    ours.configuration = {"issuer": "https://accounts.google.com"}
    with pytest.raises(Temporary):
        ours.tokens(Clock()).claims(ours.token())


P384 = ec.generate_private_key(ec.SECP384R1())
SECRET = {"kty": "oct", "k": "c2VjcmV0", "kid": "one", "alg": "HS256"}


@pytest.mark.parametrize(
    "key",
    [
        published("one", rsa_key("one"), use="enc"),
        published("one", rsa_key("one"), alg="RS512"),
        published("one", rsa_key("one"), alg="HS256"),
        published("one", rsa_key("one"), d="AQAB"),
        published("one", rsa_key("one"), kid=1),
        published("one", rsa_key("short", 1024)),
        published("one", P384),
        SECRET,
        {"kid": "one"},
        {"kid": "one", "kty": "RSA", "n": "", "e": ""},
        {"kid": "one", "kty": "RSA", "n": 5, "e": []},
        {"kid": "one", "kty": "EC", "crv": "P-256", "x": "AA", "y": "AA"},
        "one",
        None,
    ],
)
def test_keys_of_other_kinds_are_left_out(ours: Issuer, key: Any) -> None:
    ours.keys = [key, published("good", rsa_key("good"))]
    clock = Clock()
    assert ours.tokens(clock).claims(ours.token()) is None
    good = jwt.encode(ours.claims(), rsa_key("good"), "RS256", {"kid": "good"})
    assert ours.tokens(clock).claims(good) is not None


def test_one_asks_while_the_others_do_not_pile_up() -> None:
    """A hanging issuer holds few threads: the others are answered at once."""
    entered, let_go = threading.Event(), threading.Event()
    asked: list[str] = []

    def hanging(address: str) -> bytes:
        asked.append(address)
        entered.set()
        let_go.wait(30)
        raise Temporary("too slow")

    keys = IssuerKeys(["https://idp.example"], hanging, Clock())

    def ask() -> None:
        with pytest.raises(Temporary):
            keys.key("https://idp.example", "one", "RS256")

    with ThreadPoolExecutor(20) as threads:
        first = threads.submit(ask)
        assert entered.wait(30)
        others = [threads.submit(ask) for _ in range(19)]
        for other in others:
            other.result(30)
        let_go.set()
        first.result(30)
    assert asked == ["https://idp.example" + CONFIGURATION]
