"""Whom a valid OIDC token is taken for, and which valid tokens are worth nothing here."""

from __future__ import annotations

import pytest

from github_app.webhooks import DIALECTS
from github_app.webhooks.message import Credentials
from tests.webhooks.samples import SECRET
from tests.webhooks.senders import GOOGLE, JOB, TOKEN, Sent, Trusting, proven, usual


def test_googles_service_account_is_named() -> None:
    known = proven("gar", usual("gar", "insert"))
    assert known is not None
    assert known.name == "push@acme-shop.iam.gserviceaccount.com"


def token_for(dialect: str, claims: object) -> str | None:
    """Whom a dialect takes the bearer of a token with these claims for."""
    request = Sent({"Authorization": f"Bearer {TOKEN}"}, b"{}")
    assert isinstance(claims, dict)
    known = DIALECTS[dialect].proven(request.delivered(), Credentials((SECRET,), Trusting(claims)))
    return None if known is None else known.name


@pytest.mark.parametrize(
    "change",
    [
        {"iss": None},
        {"iss": ""},
        {"iss": "https://accounts.google.com.example.com"},
        {"iss": ["https://accounts.google.com"]},
        {"iss": JOB["iss"]},
        {"email": None},
        {"email": ""},
        {"email": ["push@acme-shop.iam.gserviceaccount.com"]},
        {"email_verified": None},
        {"email_verified": False},
        {"email_verified": "true"},
        {"email_verified": 1},
    ],
)
def test_googles_token_must_name_a_verified_address(change: dict[str, object]) -> None:
    assert token_for("gar", {**GOOGLE, **change}) is None
    missing = {name: value for name, value in GOOGLE.items() if name not in change}
    assert token_for("gar", missing) is None


@pytest.mark.parametrize(
    ("claims", "name"),
    [
        (JOB, "acme/model-training"),
        ({**JOB, "iss": f"{JOB['iss']}/acme-enterprise"}, "acme/model-training"),
        (
            {**JOB, "iss": "https://github.example.com/_services/token"},
            "github.example.com/acme/model-training",
        ),
        (
            {"iss": "https://gitlab.com", "sub": "project_path:a/b", "project_path": "acme/llm"},
            "gitlab.com/acme/llm",
        ),
        (
            {"iss": "https://agent.buildkite.com", "sub": "organization:acme:pipeline:llm"},
            "agent.buildkite.com/organization:acme:pipeline:llm",
        ),
    ],
)
def test_a_job_is_known_by_its_repository(claims: dict[str, object], name: str) -> None:
    assert token_for("post", claims) == name


@pytest.mark.parametrize(
    "claims",
    [
        {},
        GOOGLE,
        {"iss": JOB["iss"]},
        {**JOB, "iss": None},
        {**JOB, "iss": "token.actions.githubusercontent.com"},
        {**JOB, "iss": "https://["},
        {**JOB, "iss": ["https://token.actions.githubusercontent.com"]},
        {**JOB, "repository": None},
        {**JOB, "repository": ""},
        {**JOB, "repository": ["acme/model-training"]},
        {**JOB, "repository": "acme/model training"},
        {**JOB, "repository": "acme/" + "x" * 300},
        {**JOB, "repository": "acme/\ud800"},
    ],
)
def test_a_token_that_names_no_job_is_worth_nothing(claims: dict[str, object]) -> None:
    assert token_for("post", claims) is None


def test_a_bad_signature_is_not_made_good_by_a_token() -> None:
    request = usual("post", "image").but(authorization=f"Bearer {TOKEN}")
    forged = request.but(X_Towline_Signature_256="sha256=" + "0" * 64)
    trusting = Credentials((SECRET,), Trusting(JOB))
    assert DIALECTS["post"].proven(forged.delivered(), trusting) is None
