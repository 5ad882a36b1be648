"""Whether Argo CD can be asked, where, and with which token."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from github_app.signatures import Secret
from github_app.variables import Variable
from plugin.errors import Refusal


@dataclass(frozen=True, slots=True)
class ArgocdSettings:
    """Argo CD's address, without a slash at its end, and a token that may read Applications."""

    url: str
    token: Secret


class ArgocdVariables:
    """The two variables, read: what they say, or what is wrong with them."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        self._url = Variable(environ, "ARGOCD_URL", _url, "")
        self._token = Variable(environ, "ARGOCD_TOKEN", _token, "", secret=True)
        self.mistakes = [self._url.mistake, self._token.mistake]
        if not any(self.mistakes) and bool(self._url.value()) != bool(self._token.value()):
            self.mistakes.append(
                "TOWLINE_ARGOCD_URL and TOWLINE_ARGOCD_TOKEN: set both, or neither"
            )

    def value(self) -> ArgocdSettings | None:
        """What they say, if anything; raises Refusal with a mistake."""
        url, token = self._url.value(), self._token.value()
        return ArgocdSettings(url, token) if url and token else None


def _url(text: str) -> str:
    if not text:
        return ""
    parts = urlsplit(text)
    plain = not parts.query and not parts.fragment and "@" not in parts.netloc
    if parts.scheme not in {"http", "https"} or not parts.hostname or not plain:
        raise Refusal(f"'{text}' is not an address such as https://argocd.example.com")
    return text.rstrip("/")


def _token(text: str) -> Secret | None:
    return Secret(text) if text else None
