"""Whom a valid OIDC token is taken for, and which valid tokens are worth nothing here."""

from __future__ import annotations

import pytest

from github_app.webhooks import DIALECTS
from github_app.webhooks.message import Credentials
from tests.webhooks.samples import SECRET
from tests.webhooks.senders import GOOGLE, HOME, JOB, TOKEN, Sent, Trusting, proven, usual


def test_googles_service_account_is_named() -> None:
    known = proven("gar", usual("gar", "insert"))
    assert known is not None
    assert known.name == "push@acme-shop.iam.gserviceaccount.com"


def token_for(dialect: str, claims: object, home: str = HOME) -> str | None:
    """Whom a dialect takes the bearer of a token with these claims for."""
    request = Sent({"Authorization": f"Bearer {TOKEN}"}, b"{}")
    assert isinstance(claims, dict)
    given = Credentials((SECRET,), Trusting(claims), home)
    known = DIALECTS[dialect].proven(request.delivered(), given)
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
            {"iss": "https://sso.example.com/realms/ci/", "sub": "acme/llm"},
            "sso.example.com/realms/ci/acme/llm",
        ),
        (
            {"iss": "https://agent.buildkite.com", "sub": "organization:acme:pipeline:llm"},
            "agent.buildkite.com/organization:acme:pipeline:llm",
        ),
    ],
)
def test_a_job_is_known_by_its_repository(claims: dict[str, object], name: str) -> None:
    assert token_for("post", claims) == name


SERVER = "https://ghe.acme.io/_services/token"


def test_on_an_enterprise_server_its_own_jobs_are_known_by_their_repository_alone() -> None:
    ours = {**JOB, "iss": SERVER, "repository": "acme/gitops"}
    assert token_for("post", ours, home=SERVER) == "acme/gitops"
    others = {**ours, "iss": HOME}
    assert token_for("post", others, SERVER) == "token.actions.githubusercontent.com/acme/gitops"
    enterprise = {**ours, "iss": f"{HOME}/acme"}
    assert token_for("post", enterprise, SERVER) == (
        "token.actions.githubusercontent.com/acme/acme/gitops"
    )
    other = {**ours, "iss": "https://ghe.other.io/_services/token"}
    assert token_for("post", other, SERVER) == "ghe.other.io/acme/gitops"


def test_where_nobody_said_which_github_is_ours_no_job_has_a_bare_name() -> None:
    assert token_for("post", JOB, home="") == (
        "token.actions.githubusercontent.com/acme/model-training"
    )


@pytest.mark.parametrize(
    "claims",
    [
        {"iss": "https://acme", "sub": "gitops"},
        {"iss": "https://acme/", "sub": "gitops"},
        {"iss": "https://ACME", "project_path": "gitops"},
        {"iss": "https://acme/_services/token", "repository": "gitops"},
        {"iss": "https://user@acme", "sub": "gitops"},
    ],
)
def test_no_other_issuer_can_make_a_name_of_our_own_github(claims: dict[str, object]) -> None:
    for home in (HOME, SERVER, ""):
        assert token_for("post", claims, home) is None


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
        {**JOB, "repository": "acme"},
        {**JOB, "repository": "gitlab.com/acme/llm"},
        {"iss": JOB["iss"], "sub": "acme/model-training"},
        {"iss": JOB["iss"], "project_path": "acme/model-training"},
        {"iss": "https://gitlab.com", "project_path": ""},
        {"iss": "https://gitlab.com", "project_path": "acme/\u202ellm"},
    ],
)
def test_a_token_that_names_no_job_is_worth_nothing(claims: dict[str, object]) -> None:
    assert token_for("post", claims) is None


def test_a_bad_signature_is_not_made_good_by_a_token() -> None:
    request = usual("post", "image").but(authorization=f"Bearer {TOKEN}")
    forged = request.but(X_Towline_Signature_256="sha256=" + "0" * 64)
    trusting = Credentials((SECRET,), Trusting(JOB), HOME)
    assert DIALECTS["post"].proven(forged.delivered(), trusting) is None
