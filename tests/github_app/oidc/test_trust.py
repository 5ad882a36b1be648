"""Lines of trust: what they may say, and which claims satisfy them."""

from __future__ import annotations

import pytest

from github_app.oidc.trust import Trusted, trusted_in
from plugin.errors import Refusal

GITHUB = "https://token.actions.githubusercontent.com"
GOOGLE = "https://accounts.google.com"
US = "https://towline.example"


def test_lines_are_parted_by_semicolons_or_line_ends() -> None:
    text = f"""
        {GITHUB} {US} repository_owner=acme;
        {GOOGLE} {US}/webhooks/gar email=pubsub@acme.iam.gserviceaccount.com email_verified=true
        https://gitlab.acme.example {US} 'environment=all of it' sub=x
    """
    first, second, third = trusted_in(text)
    assert first == Trusted(GITHUB, US, (("repository_owner", "acme"),))
    assert second.issuer == GOOGLE
    assert third.pinned[0] == ("environment", "all of it")
    assert trusted_in(" ; \n") == ()


@pytest.mark.parametrize(
    ("line", "text"),
    [
        (GITHUB, "is not 'issuer audience claim=value ...'"),
        (f"{GITHUB} {US}", "anybody can have its tokens: say whose are let in by one of"),
        (f"{GITHUB} {US} ref=refs/heads/main", "by one of repository, repository_owner, sub"),
        # Anybody may call a reusable workflow that is public, and anybody's job has an actor.
        (f"{GITHUB} {US} job_workflow_ref=acme/ci/.github/workflows/a.yml@main", "by one of"),
        (f"{GITHUB}/ {US} actor=alice", "by one of"),
        (f"https://gitlab.com {US} ref_protected=true", "by one of project_path"),
        (f"{GOOGLE} {US} email_verified=true", "by one of email, sub"),
        (f"{GOOGLE} {US} email=me@acme.example", "add email_verified=true"),
        (f"{GOOGLE} {US} email=me@acme.example email_verified=false", "add email_verified=true"),
        (f"https://idp.acme.example {US}", "sub=... at least"),
        (f"{GITHUB} {US} repository=acme/a repository=acme/b", "write a line for each value"),
        (f"{GITHUB} {US} repository", "'repository' is not claim=value"),
        (f"{GITHUB} {US} repository=", "'repository=' is not claim=value"),
        (f"{GITHUB} {US} =acme/web", "'=acme/web' is not claim=value"),
        (f"{GITHUB} '' sub=x", "name the audience"),
        (f"{GITHUB} {US} repository=*", "'repository=*' has a star, which stands for nothing"),
        (f"{GITHUB} {US} 'sub=repo:acme/*' actor=x", "or a claim they share"),
        (f"{GITHUB} https://*.acme.example sub=x", "the audience has a star"),
        (f"{GITHUB} {US} 'sub=x", "a quotation mark without its other one"),
        (f"http://idp.acme.example {US} sub=x", "is not the https address of an issuer"),
        (f"https://me:pass@idp.acme.example {US} sub=x", "is not the https address of an issuer"),
        (f"https://idp.acme.example?a=b {US} sub=x", "is not the https address of an issuer"),
        (f"https://[::1 {US} sub=x", "is not the https address of an issuer"),
        (f"accounts.google.com {US} sub=x", "is not the https address of an issuer"),
        (f"file:///etc/issuer {US} sub=x", "is not the https address of an issuer"),
    ],
)
def test_trust_that_lets_too_many_in_is_refused(line: str, text: str) -> None:
    with pytest.raises(Refusal) as refused:
        trusted_in(line)
    assert text in str(refused.value)


def test_every_mistake_is_said() -> None:
    with pytest.raises(Refusal) as refused:
        trusted_in(f"{GITHUB} {US}; nonsense; http://a.example {US} sub=x")
    assert str(refused.value).count("; ") == 2


def test_an_audience_may_be_the_address_of_one_dialect() -> None:
    assert Trusted(GOOGLE, f"{US}/webhooks/gar", (("sub", "1"),)).dialect == "gar"
    assert Trusted(GOOGLE, f"{US}/webhooks/gar/", (("sub", "1"),)).dialect == "gar"
    assert Trusted(GOOGLE, US, (("sub", "1"),)).dialect == ""
    assert Trusted(GOOGLE, "towline", (("sub", "1"),)).dialect == ""


CLAIMS = {"iss": GITHUB, "aud": US, "repository_owner": "acme", "run": 7, "safe": True}


@pytest.mark.parametrize(
    ("pinned", "satisfied"),
    [
        ({"repository_owner": "acme"}, True),
        ({"repository_owner": "acme", "run": "7", "safe": "true"}, True),
        ({"repository_owner": "acme", "safe": "True"}, False),
        ({"repository_owner": "acme", "safe": "1"}, False),
        ({"repository_owner": "Acme"}, False),
        ({"repository_owner": "acm"}, False),
        ({"repository_owner": "acme", "repository": "acme/web"}, False),
        ({"repository_owner": "acme", "repository": "None"}, False),
    ],
)
def test_every_pinned_claim_must_be_that_very_one(pinned: dict[str, str], satisfied: bool) -> None:
    assert Trusted(GITHUB, US, tuple(pinned.items())).satisfied_by(CLAIMS) is satisfied


@pytest.mark.parametrize(
    ("audience", "satisfied"),
    [(US, True), ([US], True), ([US, US], False), ([US, "x"], False), ([], False), (None, False)],
)
def test_a_token_made_for_others_too_could_come_from_them(
    audience: object, satisfied: bool
) -> None:
    trusted = Trusted(GITHUB, US, (("repository_owner", "acme"),))
    assert trusted.satisfied_by({**CLAIMS, "aud": audience}) is satisfied
