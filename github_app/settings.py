"""What the App is told through its environment: read once, and every mistake said at once."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from urllib.parse import SplitResult, urlsplit

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from github_app.argocd.settings import ArgocdSettings, ArgocdVariables
from github_app.github.host import Host
from github_app.senders import Senders, SenderVariables
from github_app.signatures import Secret
from github_app.source_settings import SourceSettings, SourceVariables
from github_app.variables import Variable, refuse
from plugin.errors import Refusal

DATA = "/var/lib/towline"
"""Where the App keeps its data unless TOWLINE_DATA says otherwise."""
_DURATION = re.compile(r"(?:(\d{1,6})h)?(?:(\d{1,6})m)?(?:(\d{1,6})s)?")
_HOST_PORT = re.compile(r"(\[[0-9A-Fa-f:]+\]|[A-Za-z0-9.-]*):(\d{1,5})")
_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
_LEVELS = frozenset({"debug", "info", "warning", "error"})


def _github(url: str) -> Host:
    """The GitHub at `url`: tokens go there, so plain HTTP is for this machine only."""
    web = url.rstrip("/")
    if "@" in web:
        raise Refusal("the address may not hold a user or password")
    parts = _split(web)
    if parts.scheme not in {"http", "https"} or not parts.hostname or parts.query:
        raise Refusal(f"'{url}' is not an address like https://github.example.com")
    if parts.scheme == "http" and parts.hostname not in _LOOPBACK:
        raise Refusal(f"'{url}' would send tokens unencrypted: use https")
    return Host(web)


def _split(url: str) -> SplitResult:
    try:
        return urlsplit(url)
    except ValueError as error:
        raise Refusal(f"'{url}' is not an address: {error}") from None


@dataclass(frozen=True, slots=True)
class Listen:
    """Where the App listens; port 0 takes a free one."""

    host: str
    port: int

    @classmethod
    def parse(cls, text: str) -> Listen:
        """The parts of `host:port`, `:port` or `[::1]:port`; raises Refusal."""
        match = _HOST_PORT.fullmatch(text)
        if not match or int(match[2]) > 65535:
            raise Refusal(f"'{text}' is not host:port")
        return cls(match[1].strip("[]") or "0.0.0.0", int(match[2]))  # noqa: S104 asked for


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything the App must be told."""

    app_id: int
    private_key: Secret
    senders: Senders
    github: Host
    data: Path
    listen: Listen
    sweep: timedelta
    sources: SourceSettings
    log_level: str
    argocd: ArgocdSettings | None = None

    @classmethod
    def from_env(cls, environ: Mapping[str, str]) -> Settings:
        """The settings in `environ`; raises one Refusal that lists every mistake.

        A secret may stand in the file that its variable's name with `_FILE` names; several,
        separated by commas or lines, are all accepted, so that one can be rotated.
        """
        app_id = Variable(environ, "APP_ID", _app_id)
        private_key = Variable(environ, "PRIVATE_KEY", _private_key, secret=True)
        senders = SenderVariables(environ)
        github = Variable(environ, "GITHUB_URL", _github, "https://github.com")
        data = Variable(environ, "DATA", Path, DATA)
        listen = Variable(environ, "LISTEN", Listen.parse, "127.0.0.1:8080")
        sweep = Variable(environ, "SWEEP", _sweep, "2m")
        sources = SourceVariables(environ)
        level = Variable(environ, "LOG_LEVEL", _level, "info")
        argocd = ArgocdVariables(environ)
        others = (github, data, listen, sweep, level)
        refuse(
            [app_id.mistake, private_key.mistake, *senders.mistakes, *sources.mistakes]
            + argocd.mistakes
            + [variable.mistake for variable in others]
        )
        return cls(
            app_id=app_id.value(),
            private_key=private_key.value(),
            senders=senders.value(),
            github=github.value(),
            data=data.value(),
            listen=listen.value(),
            sweep=sweep.value(),
            sources=sources.value(),
            log_level=level.value(),
            argocd=argocd.value(),
        )

    def secrets(self) -> tuple[Secret, ...]:
        """Every secret in here, for the logs to hide."""
        every = self.senders.secrets.values()
        tokens = (self.argocd.token,) if self.argocd else ()
        return (self.private_key, *tokens, *(one for secrets in every for one in secrets))


def _app_id(text: str) -> int:
    if not text.isascii() or not text.isdigit() or int(text) == 0:
        raise Refusal(f"'{text}' is not the number of a GitHub App")
    return int(text)


def _private_key(text: str) -> Secret:
    """The PEM file GitHub gave; an environment may carry its line ends as backslash and n."""
    pem = text.replace("\\n", "\n")
    try:
        key = load_pem_private_key(pem.encode(), password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        raise Refusal("is not a private key in PEM form") from None
    if not isinstance(key, RSAPrivateKey):
        raise Refusal("is not an RSA key, as GitHub's are")
    return Secret(pem)


def _sweep(text: str) -> timedelta:
    match = _DURATION.fullmatch(text)
    hours, minutes, seconds = (int(part or 0) for part in match.groups()) if match else (0, 0, 0)
    found = timedelta(hours=hours, minutes=minutes, seconds=seconds)
    if not timedelta(seconds=1) <= found <= timedelta(days=1):
        raise Refusal(f"'{text}' is not a time from 1s to 24h, such as 90s, 2m or 1h30m")
    return found


def _level(text: str) -> str:
    if text.lower() not in _LEVELS:
        raise Refusal(f"'{text}' is none of {', '.join(sorted(_LEVELS))}")
    return text.lower()
