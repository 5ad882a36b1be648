"""Who is calling: App JWTs, installation tokens that end after an hour, tokens of people.

https://docs.github.com/apps/creating-github-apps/authenticating-with-a-github-app
"""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import jwt
from jwt.types import Options

from github_app.sandbox.access import at_least
from github_app.sandbox.refused import Refused
from github_app.sandbox.state import App, Installation
from github_app.sandbox.world import Actor, World, covers

TOKEN_LIFE = timedelta(hours=1)
JWT_LIFE = timedelta(minutes=10)
REPOSITORIES_PER_TOKEN = 500
BAD_CREDENTIALS = "Bad credentials"


@dataclass(frozen=True, slots=True)
class Token:
    """An installation token as handed out."""

    text: str
    installation: Installation
    permissions: Mapping[str, str]
    repositories: frozenset[int] | None
    expires_at: datetime


class Auth:
    """Every token that was handed out."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._people: dict[str, str] = {}
        self._installations: dict[str, Token] = {}

    def person_token(self, login: str) -> str:
        """A token with which a person may do whatever that person may do."""
        text = "ghp_" + self._letters(27)
        self._people[text] = login
        return text

    def installation_token(
        self,
        installation: Installation,
        permissions: Mapping[str, str] | None,
        repositories: frozenset[int] | None,
    ) -> Token:
        """A token narrowed to permissions and repositories (None: all of the installation's).

        Raises Refused (422) when more is asked for than the installation has.
        """
        granted = dict(permissions or installation.permissions)
        for name, level in granted.items():
            if not at_least(installation.permissions.get(name, "none"), level):
                text = "The permissions requested are not granted to this installation."
                raise Refused(422, text)
        granted.setdefault("metadata", "read")
        expires = self._world.now() + TOKEN_LIFE
        token = Token(self._ghs(installation), installation, granted, repositories, expires)
        self._installations[token.text] = token
        return token

    def _ghs(self, installation: Installation) -> str:
        """The long format of 2026, so that nobody counts on forty characters."""
        app = self._world.apps[installation.app]
        return f"ghs_{app.id}_{self._letters(30)}.{self._letters(180)}.{self._letters(240)}"

    def _letters(self, count: int) -> str:
        random = self._world.random.randbytes(count)
        return base64.urlsafe_b64encode(random).decode().rstrip("=").replace("-", "x")

    def actor(self, header: str | None) -> Actor:
        """Who holds the token of an `Authorization` header.

        Raises Refused (401): no token, an unknown one, one that ended.
        """
        text = _token_of(header)
        if text is None:
            raise Refused(401, "Requires authentication")
        if text in self._people:
            return Actor(self._world.account(self._people[text]))
        token = self._installations.get(text)
        if token is None or token.expires_at <= self._world.now():
            raise Refused(401, BAD_CREDENTIALS)
        if token.installation.id not in self._world.installations:
            raise Refused(401, BAD_CREDENTIALS)
        app = self._world.apps[token.installation.app]
        installation = self._world.installations[token.installation.id]
        bot = self._world.account(app.bot)
        return Actor(bot, app, installation, token.permissions, token.repositories)

    def app(self, header: str | None) -> App:
        """The App that signed the JWT of an `Authorization` header.

        Raises Refused (401): not a JWT, a wrong signature, too long a life, from the future.
        """
        text = _token_of(header)
        if text is None:
            raise Refused(401, "Requires authentication")
        try:
            issuer = jwt.decode(text, options={"verify_signature": False}).get("iss")
        except jwt.PyJWTError as why:
            raise Refused(401, "A JSON web token could not be decoded") from why
        app = self._app_of(str(issuer))
        try:
            claims = jwt.decode(text, app.public_key, algorithms=["RS256"], options=_OWN_CLOCK)
        except jwt.PyJWTError as why:
            raise Refused(401, "A JSON web token could not be decoded") from why
        _demand_times(claims, self._world.now())
        return app

    def _app_of(self, issuer: str) -> App:
        for app in self._world.apps.values():
            if issuer in (str(app.id), app.client_id):
                return app
        raise Refused(404, "Integration not found")


_OWN_CLOCK: Options = {
    "verify_exp": False,
    "verify_iat": False,
    "verify_nbf": False,
    "verify_iss": False,
}


def _demand_times(claims: Mapping[str, object], now: datetime) -> None:
    issued, expires = claims.get("iat"), claims.get("exp")
    if not isinstance(expires, int) or expires <= now.timestamp():
        text = (
            "'Expiration time' claim ('exp') must be a numeric value representing the future "
            "time at which the assertion expires"
        )
        raise Refused(401, text)
    if expires > (now + JWT_LIFE).timestamp():
        raise Refused(401, "'Expiration time' claim ('exp') is too far in the future")
    if not isinstance(issued, int) or issued > now.timestamp():
        text = (
            "'Issued at' claim ('iat') must be an Integer representing the time that the "
            "assertion was issued"
        )
        raise Refused(401, text)


def _token_of(header: str | None) -> str | None:
    """The token, whichever way it was sent; Git sends it as the password of Basic."""
    kind, _, value = (header or "").partition(" ")
    match kind.lower():
        case "bearer" | "token":
            return value.strip() or None
        case "basic":
            return _password(value)
        case _:
            return None


def _password(value: str) -> str | None:
    try:
        user, _, password = base64.b64decode(value).decode().partition(":")
    except ValueError:
        return None
    return (user if password in ("", "x-oauth-basic") else password) or None


def selected(
    world: World, installation: Installation, names: Sequence[str], ids: Sequence[int]
) -> frozenset[int] | None:
    """The repositories a token shall be narrowed to; None if none were named.

    Raises Refused (422): one is not the installation's, or there are more than 500.
    """
    if not names and not ids:
        return None
    own = [
        r
        for r in world.repositories.values()
        if r.owner.lower() == installation.account.lower() and covers(installation.repositories, r)
    ]
    chosen = {r.id for r in own if r.name in names or r.id in ids}
    count = len(set(names)) + len(set(ids))
    if len(chosen) < max(len(set(names)), len(set(ids))):
        text = (
            "There is at least one repository that does not exist or is not accessible to the "
            "parent installation."
        )
        raise Refused(422, text)
    if count > REPOSITORIES_PER_TOKEN:
        raise Refused(422, f"Only {REPOSITORIES_PER_TOKEN} repositories can be given.")
    return frozenset(chosen)
