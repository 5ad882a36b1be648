"""The proofs that several senders can give: a secret in a header or in the address."""

from __future__ import annotations

import base64

from github_app.signatures import given_by
from github_app.webhooks.message import SECRET_HOLDER, Credentials, Delivered, Sender


def by_authorization(delivered: Delivered, credentials: Credentials) -> Sender | None:
    """Whoever put the secret into `Authorization`: alone, as bearer token or as Basic password."""
    header = delivered.headers.get("authorization", "")
    scheme, _, rest = header.partition(" ")
    forms = (
        header,
        rest if scheme == "Bearer" else "",
        _password(rest) if scheme == "Basic" else "",
    )
    return _holder([given_by(credentials.secrets, form) for form in forms])


def by_header(delivered: Delivered, credentials: Credentials, name: str) -> Sender | None:
    """Whoever put the secret into the header `name`, in lower case."""
    return _holder([given_by(credentials.secrets, delivered.headers.get(name))])


def by_address(delivered: Delivered, credentials: Credentials) -> Sender | None:
    """Whoever was told the secret at the end of the address: the proof of those without another."""
    # Headers come as Latin-1 and addresses as UTF-8; a secret is compared as bytes.
    on_the_wire = delivered.token.encode("utf-8", "replace").decode("latin-1")
    return _holder([given_by(credentials.secrets, on_the_wire)])


def bearer(delivered: Delivered) -> str:
    """What stands behind `Authorization: Bearer`, '' if nothing does."""
    scheme, _, rest = delivered.headers.get("authorization", "").partition(" ")
    return rest.strip() if scheme == "Bearer" else ""


def _password(encoded: str) -> str:
    try:
        return base64.b64decode(encoded, validate=True).decode("latin-1").partition(":")[2]
    except ValueError:
        return ""


def _holder(known: list[bool]) -> Sender | None:
    return SECRET_HOLDER if any(known) else None
