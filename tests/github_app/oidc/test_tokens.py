"""Which tokens are believed: exactly those a trusted issuer gave for us, now."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import random
from collections.abc import Iterator
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from hypothesis import given
from hypothesis import strategies as st

from github_app.oidc.tokens import OidcTokens
from github_app.oidc.trust import Trusted
from tests.clocks import START, Clock
from tests.github_app.oidc.issuers import AUDIENCE, Issuer, ec_key, issuer, published, rsa_key

NOW = int(START.timestamp())


@pytest.fixture(scope="module")
def ours() -> Iterator[Issuer]:
    with issuer() as made:
        made.keys.append(published("curve", ec_key("curve")))
        yield made


@pytest.fixture(scope="module")
def tokens(ours: Issuer) -> OidcTokens:
    return ours.tokens(Clock())


def spelled(header: object, claims: object, signature: bytes = b"") -> str:
    """A token of these parts, whatever they are."""
    parts = [json.dumps(header).encode(), json.dumps(claims).encode(), signature]
    return ".".join(base64.urlsafe_b64encode(part).rstrip(b"=").decode() for part in parts)


def test_a_good_token_gives_its_claims(ours: Issuer, tokens: OidcTokens) -> None:
    assert tokens.claims(ours.token()) == ours.claims()


def test_both_algorithms_are_spoken(ours: Issuer, tokens: OidcTokens) -> None:
    token = jwt.encode(ours.claims(), ec_key("curve"), "ES256", {"kid": "curve"})
    assert tokens.claims(token) == ours.claims()


@pytest.mark.parametrize("change", ["missing", "empty", "wrong", "array", "null", "object", "true"])
@pytest.mark.parametrize("claim", ["iss", "aud", "sub", "exp", "iat", "repository_owner"])
def test_no_claim_may_be_otherwise(
    ours: Issuer, tokens: OidcTokens, claim: str, change: str
) -> None:
    values: dict[str, object] = {
        "missing": ...,
        "empty": "",
        "wrong": {"exp": NOW - 31, "iat": NOW + 31, "sub": " "}.get(claim, "someone else's"),
        "array": [ours.claims()[claim], "another"],
        "null": None,
        "object": {"x": 1},
        "true": True,
    }
    claims = ours.claims(**{claim: values[change]})
    # The library refuses to sign some of these: hostile issuers' libraries would not.
    assert tokens.claims(signed(claims)) is None


def signed(claims: dict[str, Any], header: dict[str, Any] | None = None) -> str:
    """The claims signed with the issuer's own key, without the library's scruples."""
    head = header or {"alg": "RS256", "kid": "one", "typ": "JWT"}
    return jwt.api_jws.PyJWS().encode(
        json.dumps(claims).encode(), rsa_key("one"), head["alg"], headers=head
    )


@pytest.mark.parametrize(
    ("moments", "believed"),
    [
        ({"exp": NOW - 29}, True),
        ({"exp": NOW - 30}, False),
        ({"iat": NOW + 30}, True),
        ({"iat": NOW + 31}, False),
        ({"nbf": NOW + 30}, True),
        ({"nbf": NOW + 31}, False),
        ({"nbf": None}, False),
        ({"nbf": "now"}, False),
        ({"nbf": ...}, True),
        ({"exp": NOW + 0.5, "iat": NOW - 0.5}, True),
        ({"exp": 10**400}, False),
        ({"exp": float("inf")}, False),
        ({"exp": float("nan")}, False),
        ({"iat": float("-inf")}, False),
    ],
)
def test_a_token_is_for_now(
    ours: Issuer, tokens: OidcTokens, moments: dict[str, object], believed: bool
) -> None:
    assert (tokens.claims(signed(ours.claims(**moments))) is not None) is believed


@pytest.mark.parametrize(
    "header",
    [
        {"alg": "none", "kid": "one"},
        {"alg": "None", "kid": "one"},
        {"alg": "RS256"},
        {"alg": "RS256", "kid": ""},
        {"alg": "RS256", "kid": None},
        {"alg": "RS256", "kid": ["one"]},
        {"alg": "RS256", "kid": "../one"},
        {"alg": "RS256", "kid": "curve"},
        {"alg": "ES256", "kid": "one"},
        {"alg": "RS384", "kid": "one"},
        {"alg": "PS256", "kid": "one"},
        {"alg": ["RS256"], "kid": "one"},
        {"alg": "RS256", "kid": "one", "crit": ["exp"]},
        {"alg": "RS256", "kid": "one", "b64": False},
        {},
        [],
        "RS256",
    ],
)
def test_a_header_cannot_choose_how_it_is_judged(
    ours: Issuer, tokens: OidcTokens, header: object
) -> None:
    signature = base64.urlsafe_b64decode(ours.token().split(".")[2] + "==")
    for end in (b"", signature):
        assert tokens.claims(spelled(header, ours.claims(), end)) is None


def test_the_public_key_is_no_shared_secret(ours: Issuer, tokens: OidcTokens) -> None:
    public = rsa_key("one").public_key()
    for spelling in (
        public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo),
        public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo),
        public.public_bytes(Encoding.PEM, PublicFormat.PKCS1),
    ):
        unsigned = spelled({"alg": "HS256", "kid": "one"}, ours.claims()).rstrip(".")
        mac = hmac.new(spelling, unsigned.encode(), hashlib.sha256).digest()
        token = f"{unsigned}.{base64.urlsafe_b64encode(mac).rstrip(b'=').decode()}"
        assert tokens.claims(token) is None


def test_addresses_of_keys_in_a_token_are_not_visited(ours: Issuer) -> None:
    with issuer() as theirs:
        theirs.keys = [published("theirs", rsa_key("theirs"))]
        for name in ("jku", "x5u", "jwk", "x5c"):
            value: object = f"{theirs.url}/keys"
            if name == "jwk":
                value = theirs.keys[0]
            header = {"kid": "theirs", name: value}
            token = jwt.encode(ours.claims(), rsa_key("theirs"), "RS256", header)
            assert ours.tokens(Clock()).claims(token) is None
        assert theirs.asked == []


def test_another_issuers_good_token_is_not_ours(ours: Issuer, tokens: OidcTokens) -> None:
    with issuer() as theirs:
        assert tokens.claims(theirs.token()) is None
        assert tokens.claims(theirs.token(iss=ours.url)) is not None  # the same key by accident
        theirs.keys = [published("one", rsa_key("theirs"))]
        forged = jwt.encode(ours.claims(), rsa_key("theirs"), "RS256", {"kid": "one"})
        assert tokens.claims(forged) is None
        assert theirs.asked == []


def test_one_line_of_trust_must_hold_wholly(ours: Issuer, tokens: OidcTokens) -> None:
    trusted = (
        Trusted(ours.url, AUDIENCE, (("repository", "acme/web"),)),
        Trusted(ours.url, "another", (("repository", "acme/api"),)),
    )
    judge = OidcTokens(trusted, tokens._keys, Clock())
    assert judge.claims(ours.token()) is not None
    assert judge.claims(ours.token(aud="another", repository="acme/api")) is not None
    assert judge.claims(ours.token(aud="another")) is None
    assert judge.claims(ours.token(repository="acme/api")) is None
    assert OidcTokens((), tokens._keys, Clock()).claims(ours.token()) is None


@pytest.mark.parametrize(
    ("claims", "reason"),
    [
        ({"sub": ""}, "it names no subject"),
        ({"exp": NOW - 60}, "it is not valid now"),
        ({"repository_owner": "evil"}, "satisfy no line of TOWLINE_OIDC"),
    ],
)
def test_the_log_says_why_and_quotes_nothing(
    ours: Issuer,
    tokens: OidcTokens,
    claims: dict[str, object],
    reason: str,
    caplog: pytest.LogCaptureFixture,
) -> None:
    with caplog.at_level("INFO"):
        assert tokens.claims(ours.token(**claims)) is None
        assert tokens.claims(ours.token()[:-4] + "AAAA") is None
    first, second = caplog.messages
    assert reason in first
    assert second == "a token is refused: its signature is wrong"
    assert "evil" not in caplog.text


@given(st.text(max_size=200) | st.from_regex(r"[\w-]*\.[\w-]*\.[\w-]*"))
def test_no_text_is_a_token(text: str) -> None:
    assert OidcTokens((), NoKeys(), Clock()).claims(text) is None


class NoKeys:
    """Has no key for anybody."""

    def key(self, issuer: str, name: str, algorithm: str) -> None:
        """None."""


@pytest.mark.parametrize(
    "token",
    [
        "",
        "..",
        "a.b.c",
        "é.é.é",
        "\0",
        "x" * 1_000_000,
        spelled({"alg": "RS256", "kid": "one"}, {"iss": "x" * 20_000}),
        ".".join(
            base64.urlsafe_b64encode(part).rstrip(b"=").decode()
            for part in (b'{"alg":"RS256","kid":"one"}', b"[" * 9000, b"")
        ),
        ".".join(
            base64.urlsafe_b64encode(part).rstrip(b"=").decode()
            for part in (b"[" * 9000, b"{}", b"")
        ),
        ".".join(
            base64.urlsafe_b64encode(part).rstrip(b"=").decode()
            for part in (b'{"alg":"RS256","kid":"one"}', b'{"exp":' + b"9" * 9000 + b"}", b"")
        ),
    ],
)
def test_junk_is_nothing(tokens: OidcTokens, token: str) -> None:
    assert tokens.claims(token) is None


def test_ten_thousand_forgeries_are_all_refused(ours: Issuer, tokens: OidcTokens) -> None:
    """Every byte of a good token spoiled in turn, signatures swapped, claims changed unsigned."""
    chance = random.Random(5)
    good = ours.token()
    assert tokens.claims(good) is not None
    head, claims, signature = good.split(".")
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    forged = 0
    asked = len(ours.asked)
    while forged < 10_000:
        token = list(good)
        for _ in range(chance.randint(1, 3)):
            token[chance.randrange(len(token))] = chance.choice([*alphabet, ".", "=", "é", "\0"])
        text = "".join(token)
        if chance.random() < 0.3:
            other = spelled({"alg": "RS256", "kid": "one"}, ours.claims(sub=f"s{forged}"))
            text = f"{other.rsplit('.', 1)[0]}.{signature}"
        elif chance.random() < 0.1:
            text = f"{head}.{claims}.{signature[chance.randrange(len(signature)) :]}"
        if text == good:
            continue
        assert tokens.claims(text) is None, text
        forged += 1
    assert len(ours.asked) - asked <= 2
