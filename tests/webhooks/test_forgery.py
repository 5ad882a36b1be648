"""Who is let in: whoever proves to hold a secret or a token, and nobody else."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from github_app.signatures import Secret
from github_app.webhooks import DIALECTS
from github_app.webhooks.message import SECRET_HOLDER, Credentials
from tests.webhooks.samples import SECRET, names
from tests.webhooks.senders import KINDS, Sent, Trusting, proven, sent, usual

# Where each dialect's proof stands; '' is the address.
PROOFS = {
    "github": "x-hub-signature-256",
    "distribution": "authorization",
    "dockerhub": "",
    "quay": "",
    "harbor": "authorization",
    "acr": "authorization",
    "ecr": "x-api-key",
    "gar": "authorization",
    "artifactory": "x-jfrog-event-auth",
    "gitlab": "x-gitlab-token",
    "gitea": "x-gitea-signature",
    "nexus": "x-nexus-webhook-signature",
    "zot": "authorization",
    "argocd": "authorization",
    "post": "x-towline-signature-256",
}
SIGNED = ("github", "artifactory", "gitea", "nexus", "post")
WITH_SECRET = [dialect for dialect in DIALECTS if dialect != "gar"]
OLD = Secret("the secret that was there before")


def given(dialect: str, request: Sent, proof: str) -> Sent:
    """The request with another proof."""
    header = PROOFS[dialect]
    return request.but(**{header: proof}) if header else replace(request, token=proof)


def proof_of(dialect: str, request: Sent) -> str:
    header = PROOFS[dialect]
    return request.delivered().headers[header] if header else request.token


def worthless(dialect: str) -> Iterator[str]:
    """Proofs of nothing, made of the right one."""
    right = proof_of(dialect, usual(dialect, names(dialect)[0]))
    yield from (
        "",
        " ",
        "Bearer",
        "Bearer ",
        "Basic",
        "Basic Og==",
        "Basic \xff",
        "sha256=",
        "\x00",
    )
    yield from (right[:-1], right[1:], right + "\xff", right.swapcase(), f" {right}", right * 2)
    yield from (
        "\xe9\x80\xff",
        "None",
        "null",
        "0" * 64,
        "0" * 40,
        "x" * 60_000,
        right + "," + right,
    )
    yield from ("\u20ac", "\U0001f680", "\ud800", "Bearer \u20ac", "Basic w6k6w6k=")


def test_every_dialect_says_where_its_proof_stands() -> None:
    assert set(PROOFS) == set(KINDS) == set(DIALECTS)


@pytest.mark.parametrize("dialect", DIALECTS)
def test_the_right_proof_lets_every_sample_in(dialect: str) -> None:
    for name in names(dialect):
        assert proven(dialect, usual(dialect, name)) is not None, name


@pytest.mark.parametrize("dialect", WITH_SECRET)
def test_both_secrets_are_valid_while_one_is_rotated(dialect: str) -> None:
    request = usual(dialect, names(dialect)[0])
    assert proven(dialect, request, OLD, SECRET) == SECRET_HOLDER
    assert proven(dialect, request, SECRET, OLD) == SECRET_HOLDER
    assert proven(dialect, request, OLD) is None


@pytest.mark.parametrize("dialect", DIALECTS)
def test_without_a_secret_nobody_is_let_in(dialect: str) -> None:
    request = usual(dialect, names(dialect)[0])
    nothing = Credentials((), Trusting({}))
    for asked in (request, *(given(dialect, request, proof) for proof in worthless(dialect))):
        assert DIALECTS[dialect].proven(asked.delivered(), nothing) is None


@pytest.mark.parametrize("dialect", DIALECTS)
def test_a_worthless_proof_lets_nobody_in(dialect: str) -> None:
    request = usual(dialect, names(dialect)[0])
    for proof in worthless(dialect):
        assert proven(dialect, given(dialect, request, proof)) is None, proof


@pytest.mark.parametrize("dialect", DIALECTS)
def test_a_missing_proof_lets_nobody_in(dialect: str) -> None:
    request = replace(usual(dialect, names(dialect)[0]), token="")
    if header := PROOFS[dialect]:
        request = request.but(**{header: None})
    assert proven(dialect, request) is None


@pytest.mark.parametrize("dialect", SIGNED)
def test_every_byte_of_a_signed_body_counts(dialect: str) -> None:
    request = usual(dialect, names(dialect)[0])
    for place in range(len(request.body)):
        body = bytearray(request.body)
        body[place] ^= 1
        assert proven(dialect, replace(request, body=bytes(body))) is None
    assert proven(dialect, replace(request, body=request.body + b"\n")) is None
    assert proven(dialect, replace(request, body=b"")) is None


@pytest.mark.parametrize("dialect", SIGNED)
def test_no_dialects_signature_is_good_for_another(dialect: str) -> None:
    request = usual(dialect, names(dialect)[0])
    for other in set(SIGNED) - {dialect, "github", "gitea"}:
        assert proven(other, request) is None
        signature = proof_of(dialect, request)
        if len(signature) != len(proof_of(other, usual(other, names(other)[0]))):
            assert proven(other, given(other, request, signature)) is None


@pytest.mark.parametrize("dialect", ["harbor", "acr", "ecr", "gitlab", "zot"])
@pytest.mark.parametrize(
    "authorization",
    [
        SECRET.reveal(),
        f"Bearer {SECRET.reveal()}",
        "Basic dG93bGluZTp0aGUgd2ViaG9vaydzIHNlY3JldA==",
    ],
)
def test_a_secret_may_come_in_any_form_of_authorization(dialect: str, authorization: str) -> None:
    bare = usual(dialect, names(dialect)[0]).but(**{PROOFS[dialect]: None})
    assert proven(dialect, bare.but(authorization=authorization)) == SECRET_HOLDER


@pytest.mark.parametrize("dialect", ["dockerhub", "quay", "acr"])
def test_a_secret_in_the_address_is_compared_as_it_is(dialect: str) -> None:
    secret = "gr\u00fc\u00dfe aus dem Norden"
    request = sent(dialect, names(dialect)[0], b"{}", "another secret, and a long one")
    assert proven(dialect, replace(request, token=secret), Secret(secret)) == SECRET_HOLDER
    assert proven(dialect, replace(request, token=secret.upper()), Secret(secret)) is None


@pytest.mark.parametrize("dialect", sorted(set(DIALECTS) - {"dockerhub", "quay", "acr"}))
def test_senders_that_can_prove_more_are_not_known_by_their_address(dialect: str) -> None:
    header = PROOFS[dialect]
    request = usual(dialect, names(dialect)[0]).but(**{header: None})
    assert proven(dialect, replace(request, token=SECRET.reveal())) is None


def test_artifactory_may_send_the_secret_itself() -> None:
    request = usual("artifactory", "pushed").but(X_JFrog_Event_Auth=SECRET.reveal())
    assert proven("artifactory", request) == SECRET_HOLDER


def test_forgejo_signs_in_a_header_of_its_own() -> None:
    request = usual("gitea", "package.created")
    signature = request.headers["X-Gitea-Signature"]
    forgejo = request.but(X_Gitea_Signature=None, X_Forgejo_Signature=signature)
    assert proven("gitea", forgejo) == SECRET_HOLDER
    assert proven("gitea", request.but(X_Gitea_Signature=None)) is None, "GitHub's is not enough"
