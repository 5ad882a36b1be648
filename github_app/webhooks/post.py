"""What CI posts itself: an image it pushed, an artifact it made, or freight it wants assembled.

The body is a JSON object with exactly one of `image`, `artifact` and `assemble`, and what stands
in `_FIELDS` beside it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from urllib.parse import urlsplit

from github_app.events import ArtifactPosted, Event, FreightAsked, ImagePushed, Understood
from github_app.identity import Identity
from github_app.signatures import signed_by
from github_app.webhooks.fields import (
    Object,
    full_name,
    is_full_name,
    maybe,
    maybe_text,
    parsed,
    text,
)
from github_app.webhooks.ids import hash_of, hashed
from github_app.webhooks.images import host_of, reference, tag_in
from github_app.webhooks.message import SECRET_HOLDER, Credentials, Delivered, Message, Sender
from github_app.webhooks.proofs import bearer
from plugin.artifact import Custom, CustomName
from plugin.errors import Refusal

_PLACE = frozenset({"repository", "project", "warehouse"})
_FIELDS: Mapping[str, frozenset[str]] = {
    "image": frozenset({"tag"}),
    "artifact": _PLACE,
    "assemble": _PLACE,
}
_ALWAYS = frozenset({"id", "at"})
_GOOGLE = "accounts.google.com"
# How issuers name the repository whose CI runs; whoever names none is known by its subject.
_WHO = ("repository", "project_path", "sub")
# Where an Enterprise Server's issuer of tokens is on it: whose they are, its host says alone.
_SERVICE = "/_services/token"
_SENDER = re.compile(r"[\x21-\x7e]{1,255}")
_NAME = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?")
_VERSION = re.compile(r"[0-9A-Za-z_][0-9A-Za-z._+:/@-]{0,254}")
_KEY = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9._/-]{0,61}[A-Za-z0-9])?")
_MAX_VERSIONS = 32
_MAX_METADATA, _MAX_METADATA_BYTES = 20, 2048
_TIME = re.compile(
    r"2[0-9]{3}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]{1,9})?"
    r"(?:Z|[+-][0-9]{2}:[0-9]{2})"
)


def proven(delivered: Delivered, credentials: Credentials) -> Sender | None:
    """Whoever signed the body in `X-Towline-Signature-256`, else whose token the job sent along."""
    signature = delivered.headers.get("x-towline-signature-256")
    if signature is not None:
        known = signed_by(credentials.secrets, delivered.body, signature)
        return SECRET_HOLDER if known else None
    claims = credentials.tokens.claims(bearer(delivered))
    return None if claims is None else _job(claims, credentials.home)


def _job(claims: Mapping[str, object], home: str) -> Sender | None:
    """One name, one sender: `owner/name` on our own GitHub, else the issuer stands before it."""
    issuer = claims.get("iss")
    if not isinstance(issuer, str):
        return None
    who = _repository_at_home(claims) if _is_home(issuer, home) else _elsewhere(issuer, claims)
    return None if who is None else Sender(who, claims)


def _is_home(issuer: str, home: str) -> bool:
    """Whether it is our GitHub's issuer, maybe with an enterprise's name behind it.

    https://docs.github.com/en/enterprise-cloud@latest/actions/reference/security/oidc
    """
    return home != "" and home.lower() in {issuer.lower(), issuer.lower().rpartition("/")[0]}


def _repository_at_home(claims: Mapping[str, object]) -> str | None:
    found = claims.get("repository")
    return found if isinstance(found, str) and is_full_name(found) else None


def _elsewhere(issuer: str, claims: Mapping[str, object]) -> str | None:
    """Never what could be a repository on our own GitHub, whatever an issuer is called."""
    host = host_of(issuer)
    found = [claims[name] for name in _WHO if name in claims]
    # People and machines of Google's can have a token for anybody; no job is among them.
    if host in {"", _GOOGLE} or not found:
        return None
    who, path = found[0], urlsplit(issuer).path.rstrip("/").removesuffix(_SERVICE)
    name = f"{host}{path}/{who}" if isinstance(who, str) and who else ""
    return name if _SENDER.fullmatch(name) and not is_full_name(name) else None


def read(delivered: Delivered, _identity: Identity, sender: Sender) -> Message:
    """What is posted; raises Refusal.

    With `id` the same may be posted often and counts once. With `at`, a time as RFC 3339 has it,
    nobody can post it again much later.
    """
    if delivered.registry:
        raise Refusal("what is posted names its registry itself: leave out ?registry=")
    payload = parsed(delivered.body)
    what = _what(payload)
    event = _event(what, payload, sender)
    name, at = maybe_text(payload, "id"), _at(payload)
    # Of its own for each sender: nobody may use up the ids of others.
    guid = hashed(sender.name, "id" if name else "body", name or hash_of(delivered.body))
    return Message(guid, what, Understood((event,)), repeats=not name and at is None, sent_at=at)


def _what(payload: Object) -> str:
    found = _FIELDS.keys() & payload.keys()
    if len(found) != 1:
        raise Refusal("exactly one of image, artifact and assemble is needed")
    (what,) = found
    strange = payload.keys() - _FIELDS[what] - _ALWAYS - {what}
    if strange:
        raise Refusal(f"beside {what} there may be {', '.join(sorted(_FIELDS[what] | _ALWAYS))}")
    return what


def _event(what: str, payload: Object, sender: Sender) -> Event:
    if what == "image":
        return _image(payload)
    repository = full_name(payload, "repository")
    project, warehouse = _name(payload, "project"), _name(payload, "warehouse")
    if what == "assemble":
        if not warehouse:
            raise Refusal("warehouse is missing: whose freight shall be assembled?")
        versions = _versions(payload)
        return FreightAsked(repository, project, warehouse, versions, sender.name)
    made = Custom(
        CustomName(text(payload, "artifact", "name")), text(payload, "artifact", "version")
    )
    metadata = _metadata(payload)
    name = made.subject.name
    return ArtifactPosted(repository, project, warehouse, name, made.tag, metadata, sender.name)


def _image(payload: Object) -> ImagePushed:
    found = reference(text(payload, "image"))
    if found.tag is not None or found.digest is not None:
        raise Refusal("image is a repository alone: the tag stands in tag")
    tag = tag_in(payload, "tag") if maybe(payload, "tag") is not None else None
    return ImagePushed(found.repository, tag)


def _name(payload: Object, field: str) -> str:
    found = maybe_text(payload, field) or ""
    if found and not _NAME.fullmatch(found):
        raise Refusal(f"{field} is not a name of the pipeline file")
    return found


def _versions(payload: Object) -> tuple[tuple[str, str], ...]:
    found = _texts(payload, _MAX_VERSIONS, "assemble")
    if not found:
        raise Refusal("assemble names no subscription")
    for name, version in found:
        if not _NAME.fullmatch(name) or not _VERSION.fullmatch(version):
            raise Refusal("assemble is not a map of subscriptions to versions")
    return found


def _metadata(payload: Object) -> tuple[tuple[str, str], ...]:
    found = _texts(payload, _MAX_METADATA, "artifact", "metadata")
    for key, value in found:
        if not _KEY.fullmatch(key) or not value.isprintable():
            raise Refusal("artifact.metadata is not a map of words to texts of one line")
    size = sum(len(one.encode()) for pair in found for one in pair)
    if size > _MAX_METADATA_BYTES:
        raise Refusal(
            f"artifact.metadata has {size} bytes in its keys and values, and may have "
            f"{_MAX_METADATA_BYTES}: keep the rest elsewhere, and put its address here"
        )
    return found


def _texts(payload: Object, most: int, *path: str) -> tuple[tuple[str, str], ...]:
    found = maybe(payload, *path)
    if found is None:
        return ()
    if not isinstance(found, dict) or len(found) > most:
        raise Refusal(f"{'.'.join(path)} is not a map of at most {most} entries")
    return tuple(sorted((key, maybe_text(payload, *path, key) or "") for key in found))


def _at(payload: Object) -> datetime | None:
    written = maybe_text(payload, "at")
    if written is None:
        return None
    if not _TIME.fullmatch(written):
        raise Refusal("at is not a time as RFC 3339 writes it, such as 2026-11-21T09:00:00Z")
    try:
        return datetime.fromisoformat(written)
    except ValueError:
        raise Refusal("at is a time that never was") from None
