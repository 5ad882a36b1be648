"""Freight that is asked for at the App's own entrance: a signed body, and what the answer means."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from urllib.parse import urlsplit

import requests

from github_app.ledger_times import time_text
from github_app.signatures import Secret, signature_of
from github_app.unanswered import why
from plugin.errors import Refusal

ENTRANCE = "/webhooks/post"
_TIMEOUT = (5, 20)
_TAKEN = frozenset({200, 202})


def entrance(url: str) -> str:
    """Where the App of this address takes what is posted; raises Refusal.

    Only the App's own machine is spoken to without TLS: anybody between could send it once more.
    """
    parts = urlsplit(url)
    local = parts.hostname in {"localhost", "127.0.0.1", "::1"}
    if not parts.hostname or parts.scheme not in ({"http", "https"} if local else {"https"}):
        raise Refusal(f"--post '{url}': write the App's address, such as https://towline.acme.io")
    base = url.rstrip("/")
    return base if parts.path.rstrip("/").endswith(ENTRANCE) else base + ENTRANCE


def post(url: str, secret: Secret, asked: Mapping[str, object], at: datetime) -> str:
    """The App's answer to what is asked, signed and good for minutes; raises Refusal."""
    body = json.dumps({**asked, "at": time_text(at)}).encode()
    headers = {
        "Content-Type": "application/json",
        "X-Towline-Signature-256": signature_of(secret, body),
    }
    try:
        answer = requests.post(
            url, data=body, headers=headers, timeout=_TIMEOUT, allow_redirects=False
        )
    except requests.RequestException as error:
        raise Refusal(
            f"{url}: {why(error, *_TIMEOUT)}; is it the App's address, and is it running?"
        ) from error
    if answer.status_code in _TAKEN:
        return "accepted before" if answer.status_code == 200 else "accepted"
    raise _refused(url, answer)


def _refused(url: str, answer: requests.Response) -> Refusal:
    if answer.is_redirect:
        return Refusal(f"{url} is elsewhere: say --post {answer.headers['Location']}")
    return Refusal(f"{url} answers {answer.status_code}: {_said(answer)}")


def _said(answer: requests.Response) -> str:
    """The App's own sentence, and the id its log has more under; else how the answer begins."""
    try:
        fields = answer.json()
    except (ValueError, RecursionError):
        fields = None
    if not isinstance(fields, dict) or not isinstance(fields.get("error"), str):
        fields = {"error": answer.text}
    sentence = " ".join(fields["error"][:500].split()) or "nothing more"
    return f"{sentence}: {fields['id']}" if "id" in fields else sentence
