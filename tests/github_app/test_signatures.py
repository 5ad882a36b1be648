"""Secrets stay secret; proofs hold for exactly the bytes they were made for."""

from __future__ import annotations

import hmac
import pickle
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from github_app.signatures import (
    Secret,
    borne_by,
    digested_by,
    given_by,
    signature_of,
    signed_by,
)
from plugin.errors import Refusal

OLD, NEW = Secret("It's a Secret to Everybody"), Secret("schlüssel")


def test_githubs_own_example_is_accepted() -> None:
    """https://docs.github.com/en/webhooks/using-webhooks/validating-webhook-deliveries."""
    signature = "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17"
    assert signed_by([OLD], b"Hello, World!", signature)


@given(st.binary(max_size=100))
def test_every_live_secret_signs_and_no_other(body: bytes) -> None:
    for secret in (OLD, NEW):
        assert signed_by([OLD, NEW], body, signature_of(secret, body))
    assert not signed_by([OLD, NEW], body, signature_of(Secret("another"), body))
    assert not signed_by([], body, signature_of(OLD, body))


@given(st.text(max_size=80) | st.none())
def test_no_header_guesses_a_signature_or_crashes(header: str | None) -> None:
    assert not signed_by([OLD, NEW], b"body", header)
    assert not borne_by([OLD, NEW], header)
    assert not given_by([OLD, NEW], header)
    assert not digested_by([OLD, NEW], b"body", header)
    assert not digested_by([OLD, NEW], b"body", header, "sha1")


@pytest.mark.parametrize("algorithm", ["sha1", "sha256"])
def test_ten_thousand_forged_digests_are_all_refused(algorithm: str) -> None:
    """Bits of a right one turned, pieces of it, other bodies', other secrets', junk."""
    chance = random.Random(7)
    body = b'{"tag": "1.2.3"}'
    right = hmac.new(NEW.reveal().encode(), body, algorithm).hexdigest()
    assert digested_by([OLD, NEW], body, right, algorithm)
    for number in range(10_000):
        match number % 5:
            case 0:
                place = chance.randrange(len(right))
                wrong = f"{int(right[place], 16) ^ chance.randint(1, 15):x}"
                forged = right[:place] + wrong + right[place + 1 :]
            case 1:
                forged = right[: chance.randrange(len(right))]
            case 2:
                other = body + str(number).encode()
                forged = hmac.new(NEW.reveal().encode(), other, algorithm).hexdigest()
            case 3:
                forged = hmac.new(str(number).encode(), body, algorithm).hexdigest()
            case _:
                forged = "".join(chance.choices("0123456789abcdefABCDEF", k=len(right)))
        assert not digested_by([OLD, NEW], body, forged, algorithm), forged
        assert not signed_by([OLD, NEW], body, f"sha256={forged}"), forged
        assert not given_by([OLD, NEW], forged), forged


def test_a_bearer_is_compared_by_the_bytes_on_the_wire() -> None:
    wire = f"Bearer {NEW.reveal()}".encode().decode("latin-1")
    assert borne_by([OLD, NEW], wire)
    assert not borne_by([OLD], wire)
    assert not borne_by([OLD, NEW], f"Bearer {NEW.reveal()} ")


def test_a_secret_does_not_show_itself() -> None:
    for shown in (repr(NEW), str(NEW), f"{NEW}", f"{[NEW]}", f"{NEW!r:>20}"):
        assert "schl" not in shown
    with pytest.raises(TypeError):
        pickle.dumps(NEW)
    assert Secret("schlüssel") == NEW != OLD
    assert NEW != "schlüssel"


@pytest.mark.parametrize("text", ["", " ", "\n"])
def test_an_empty_secret_is_refused(text: str) -> None:
    with pytest.raises(Refusal):
        Secret(text)
