"""Who may send us something: the secrets and the trusted issuers of every dialect."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from github_app.oidc.trust import Trusted, trusted_in
from github_app.signatures import Secret
from github_app.variables import PREFIX, Variable, hosts
from github_app.webhooks import DIALECTS
from plugin.errors import Refusal

SHORTEST = 20
"""How many characters a secret has at least: shorter ones can be guessed from one signed body."""
_OWN: Mapping[str, tuple[str, ...]] = {
    "github": ("WEBHOOK_SECRET",),
    "distribution": ("REGISTRY_SECRET", "DISTRIBUTION_SECRET"),
    # Google signs what it sends: there is no secret to share.
    "gar": (),
}
_TAKE_TOKENS = frozenset({"gar", "post"})
_SECRET = re.compile(PREFIX + r"([A-Z0-9_]+_SECRET)(?:_FILE)?")


@dataclass(frozen=True, slots=True)
class Senders:
    """What senders must prove: one of their dialect's secrets, or a token of a trusted issuer.

    `key_hosts` are hosts besides an issuer's own where its keys may be. A dialect without secrets
    and trust lets nobody in.
    """

    secrets: Mapping[str, tuple[Secret, ...]]
    trusted: tuple[Trusted, ...] = ()
    key_hosts: frozenset[str] = frozenset()

    def trusted_at(self, dialect: str) -> tuple[Trusted, ...]:
        """Whose tokens the dialect takes."""
        return tuple(one for one in self.trusted if one.dialect in {"", dialect})

    def doubts(self) -> tuple[str, ...]:
        """What is allowed and yet had better be otherwise: one secret for several dialects."""
        holders: dict[Secret, list[str]] = {}
        for dialect, secrets in self.secrets.items():
            for secret in dict.fromkeys(secrets):
                holders.setdefault(secret, []).append(dialect)
        return tuple(
            f"{' and '.join(dialects)} have a secret in common: whoever knows it from one "
            "can speak for the other; give each its own"
            for dialects in holders.values()
            if len(dialects) > 1
        )


class SenderVariables:
    """The variables that speak of senders, read: what they say, or what is wrong with them."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        self._secrets = {
            dialect: [_secret(environ, name) for name in secret_names(dialect)]
            for dialect in DIALECTS
        }
        self._trusted = Variable(environ, "OIDC", _trusted, "")
        self._key_hosts = Variable(environ, "OIDC_KEY_HOSTS", _key_hosts, "")
        every = [one for variables in self._secrets.values() for one in variables]
        self.mistakes = [
            *(one.mistake for one in every),
            *(self._trusted.mistake, self._key_hosts.mistake),
            *_strangers(environ),
        ]

    def value(self) -> Senders:
        """What was read; raises Refusal with a mistake."""
        secrets = {
            dialect: tuple(secret for variable in variables for secret in variable.value())
            for dialect, variables in self._secrets.items()
        }
        return Senders(secrets, self._trusted.value(), self._key_hosts.value())


def secret_names(dialect: str) -> tuple[str, ...]:
    """The variables, without TOWLINE_, whose secrets the dialect takes."""
    return _OWN.get(dialect, (f"{dialect.upper()}_SECRET",))


def demand(dialect: str) -> str:
    """What to say to a sender of the dialect who proved nothing."""
    proofs = [f"a secret of {PREFIX}{name}" for name in secret_names(dialect)]
    proofs += [f"a token that {PREFIX}OIDC trusts"] if dialect in _TAKE_TOKENS else []
    return (
        f"nothing proves who sent this: it takes {' or '.join(proofs)}, "
        "sent the way the README's table of registries says"
    )


def unset(dialect: str, secrets: tuple[Secret, ...]) -> str:
    """Which variables would hold the dialect's secrets, if it has none; else ''."""
    names = [PREFIX + name for name in secret_names(dialect)]
    if secrets or not names:
        return ""
    return f"{names[0]} is not set" if len(names) == 1 else f"none of {', '.join(names)} is set"


def _secret(environ: Mapping[str, str], name: str) -> Variable[tuple[Secret, ...]]:
    if name == "WEBHOOK_SECRET":
        return Variable(environ, name, _some_secrets, secret=True)
    return Variable(environ, name, _secrets, "", secret=True)


def _strangers(environ: Mapping[str, str]) -> list[str]:
    """Secrets for nobody: a misspelled name would keep a sender out without a word."""
    known = [name for dialect in DIALECTS for name in secret_names(dialect)]
    given = [match for match in map(_SECRET.fullmatch, sorted(environ)) if match]
    names = ", ".join(PREFIX + name for name in known)
    return [
        f"{match[0]}: is nobody's secret; there are {names}{_instead(match[1])}"
        for match in given
        if match[1] not in known
    ]


def _instead(name: str) -> str:
    """What else lets in the sender who was meant."""
    google = "; Google signs what it sends: write a line of TOWLINE_OIDC"
    return google if name == "GAR_SECRET" else ""


def _secrets(text: str) -> tuple[Secret, ...]:
    parts = [part.strip() for part in re.split(r"[,\n]", text)]
    found = tuple(Secret(part) for part in parts if part)
    if short := [secret for secret in found if len(secret.reveal()) < SHORTEST]:
        raise Refusal(
            f"holds a secret of {len(short[0].reveal())} characters, which can be guessed: "
            f"take {SHORTEST} or more, such as `openssl rand -hex 32` gives"
        )
    return found


def _some_secrets(text: str) -> tuple[Secret, ...]:
    found = _secrets(text)
    if not found:
        raise Refusal("holds no secret")
    return found


def _trusted(text: str) -> tuple[Trusted, ...]:
    found = trusted_in(text)
    for one in found:
        if one.dialect and one.dialect not in DIALECTS:
            raise Refusal(
                f"the audience '{one.audience}' is nobody's address: "
                f"after /webhooks/ there may be {', '.join(DIALECTS)}"
            )
    return found


def _key_hosts(text: str) -> frozenset[str]:
    return hosts(text, "a host, such as keys.example.com")
