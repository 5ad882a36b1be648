"""Who may send us something, as the environment says it."""

from __future__ import annotations

from pathlib import Path

import pytest

from github_app.oidc.trust import Trusted
from github_app.senders import Senders, SenderVariables, demand, secret_names, unset
from github_app.signatures import Secret
from github_app.webhooks import DIALECTS
from plugin.errors import Refusal

HOOK, ONE, TWO = (f"the {number} secret of them all" for number in ("first", "second", "third"))
LEAST = {"TOWLINE_WEBHOOK_SECRET": HOOK}
GITHUB = "https://token.actions.githubusercontent.com"


def senders(environ: dict[str, str]) -> Senders:
    return SenderVariables({**LEAST, **environ}).value()


def mistakes(environ: dict[str, str]) -> list[str]:
    return [one for one in SenderVariables({**LEAST, **environ}).mistakes if one]


@pytest.mark.parametrize("dialect", sorted(set(DIALECTS) - {"github", "gar"}))
def test_every_dialect_has_its_secrets_two_of_them_while_one_is_rotated(dialect: str) -> None:
    (*_, name) = secret_names(dialect)
    found = senders({f"TOWLINE_{name}": f"{ONE},{TWO}"})
    assert found.secrets[dialect] == (Secret(ONE), Secret(TWO))
    others = {other for other, secrets in found.secrets.items() if secrets}
    assert others == {"github", dialect}


def test_a_secret_may_stand_in_a_file(tmp_path: Path) -> None:
    (tmp_path / "quay").write_text(f"{ONE}\n{TWO}\n")
    found = senders({"TOWLINE_QUAY_SECRET_FILE": str(tmp_path / "quay")})
    assert found.secrets["quay"] == (Secret(ONE), Secret(TWO))


def test_the_registrys_secret_is_distributions_under_either_name() -> None:
    found = senders({"TOWLINE_REGISTRY_SECRET": ONE, "TOWLINE_DISTRIBUTION_SECRET": TWO})
    assert found.secrets["distribution"] == (Secret(ONE), Secret(TWO))


@pytest.mark.parametrize("dialect", sorted(set(DIALECTS) - {"gar"}))
def test_a_secret_that_can_be_guessed_is_refused_and_not_repeated(dialect: str) -> None:
    (name, *_) = secret_names(dialect)
    (mistake,) = mistakes({f"TOWLINE_{name}": f"{ONE}, guess-me"})
    assert mistake == (
        f"TOWLINE_{name}: holds a secret of 8 characters, which can be guessed: "
        "take 20 or more, such as `openssl rand -hex 32` gives"
    )


@pytest.mark.parametrize(
    "name", ["DOCKER_SECRET", "DOKERHUB_SECRET_FILE", "GAR_SECRET", "GITHUB_SECRET", "OIDC_SECRET"]
)
def test_a_secret_for_nobody_is_a_mistake(name: str) -> None:
    (mistake,) = mistakes({f"TOWLINE_{name}": ONE})
    assert mistake.startswith(f"TOWLINE_{name}: is nobody's secret; there are TOWLINE_WEBHOOK_")
    assert "TOWLINE_DOCKERHUB_SECRET" in mistake


def test_who_needs_no_secret_is_told_what_to_write_instead() -> None:
    (google,) = mistakes({"TOWLINE_GAR_SECRET_FILE": "/run/secrets/gar"})
    assert google.endswith("; Google signs what it sends: write a line of TOWLINE_OIDC")
    (other,) = mistakes({"TOWLINE_QAY_SECRET": ONE})
    assert "Google" not in other


def test_every_mistake_is_said() -> None:
    found = mistakes(
        {
            "TOWLINE_QUAY_SECRET": "short",
            "TOWLINE_ZOT_SECRET_FILE": "/nowhere",
            "TOWLINE_OIDC": f"{GITHUB} us",
            "TOWLINE_OIDC_KEY_HOSTS": "https://keys.example",
            "TOWLINE_QAY_SECRET": ONE,
        }
    )
    assert [one.partition(":")[0] for one in found] == [
        *("TOWLINE_QUAY_SECRET", "TOWLINE_ZOT_SECRET", "TOWLINE_OIDC", "TOWLINE_OIDC_KEY_HOSTS"),
        "TOWLINE_QAY_SECRET",
    ]


def test_tokens_are_for_the_dialect_their_audience_names() -> None:
    found = senders(
        {
            "TOWLINE_OIDC": f"{GITHUB} https://us.example repository_owner=acme\n"
            "https://accounts.google.com https://us.example/webhooks/gar sub=1",
            "TOWLINE_OIDC_KEY_HOSTS": "Keys.example.com keys.example:8443",
        }
    )
    anywhere = Trusted(GITHUB, "https://us.example", (("repository_owner", "acme"),))
    assert found.trusted_at("post") == (anywhere,)
    assert found.trusted_at("gar") == found.trusted
    assert found.key_hosts == {"keys.example.com", "keys.example:8443"}


def test_an_audience_that_is_nobodys_address_is_a_mistake() -> None:
    (mistake,) = mistakes({"TOWLINE_OIDC": f"{GITHUB} https://us/webhooks/gcr repository=a/b"})
    assert "'https://us/webhooks/gcr' is nobody's address" in mistake


def test_one_secret_for_two_senders_is_doubted() -> None:
    found = senders({"TOWLINE_QUAY_SECRET": f"{ONE},{ONE}", "TOWLINE_DOCKERHUB_SECRET": ONE})
    (doubt,) = found.doubts()
    assert doubt.startswith("dockerhub and quay have a secret in common")
    assert ONE not in doubt
    assert senders({"TOWLINE_QUAY_SECRET": f"{ONE},{ONE}"}).doubts() == ()


@pytest.mark.parametrize(
    ("dialect", "text"),
    [
        ("github", "a secret of TOWLINE_WEBHOOK_SECRET,"),
        ("distribution", "TOWLINE_REGISTRY_SECRET or a secret of TOWLINE_DISTRIBUTION_SECRET,"),
        ("gar", "it takes a token that TOWLINE_OIDC trusts,"),
        ("post", "a secret of TOWLINE_POST_SECRET or a token that TOWLINE_OIDC trusts,"),
    ],
)
def test_a_stranger_is_told_what_proves_him(dialect: str, text: str) -> None:
    assert text in demand(dialect)


@pytest.mark.parametrize(
    ("dialect", "secrets", "text"),
    [
        ("dockerhub", (), "TOWLINE_DOCKERHUB_SECRET is not set"),
        (
            "distribution",
            (),
            "none of TOWLINE_REGISTRY_SECRET, TOWLINE_DISTRIBUTION_SECRET is set",
        ),
        ("dockerhub", (Secret(ONE),), ""),
        ("gar", (), ""),
    ],
)
def test_what_is_not_set_is_named(dialect: str, secrets: tuple[Secret, ...], text: str) -> None:
    assert unset(dialect, secrets) == text


def test_githubs_secret_is_the_one_that_must_be() -> None:
    with pytest.raises(Refusal, match="TOWLINE_WEBHOOK_SECRET: is missing"):
        SenderVariables({}).value()
