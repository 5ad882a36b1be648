"""What is said where no answer came: whether a person must act, or it is asked once more."""

from __future__ import annotations

from urllib.parse import urlsplit

import requests
from urllib3.exceptions import EmptyPoolError

from github_app.unanswered import why
from plugin.errors import Refusal


def refusal(url: str, error: Exception) -> Refusal | None:
    """What a person must see to, if that is what went wrong: a certificate, an address."""
    match error:
        case requests.exceptions.SSLError():
            return Refusal(_no_trust(urlsplit(url).netloc, error))
        case requests.exceptions.InvalidURL() | UnicodeError():
            return Refusal(f"'{url[:200]}' is no address: {error}")
        case _:
            return None


def reason(error: Exception, connect: float, read: float) -> str:
    """What happened, in words; the seconds are those that were set."""
    if isinstance(error, EmptyPoolError):
        return "it still owes us what we asked before"
    if not isinstance(error, requests.RequestException):
        error = requests.ConnectionError(error)
    return why(error, connect, read)


def _no_trust(place: str, error: requests.exceptions.SSLError) -> str:
    if "WRONG_VERSION_NUMBER" in str(error):
        return f"{place} speaks no TLS: if that is meant, name it in TOWLINE_INSECURE_REGISTRIES"
    return f"the certificate of {place} is not trusted: {error}"
