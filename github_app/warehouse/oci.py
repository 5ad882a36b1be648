"""Tags and images as OCI registries keep them: the port `Registry` on their HTTP API."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from github_app.warehouse.ports import Resolved
from github_app.warehouse.registry_http import Answer, RegistryHttp
from plugin.artifact import Repository, is_digest, is_tag
from plugin.errors import Refusal

_INDEXES = frozenset(
    {
        "application/vnd.oci.image.index.v1+json",
        "application/vnd.docker.distribution.manifest.list.v2+json",
    }
)
_MANIFESTS = frozenset(
    {
        "application/vnd.oci.image.manifest.v1+json",
        "application/vnd.docker.distribution.manifest.v2+json",
    }
)
_ACCEPT = ", ".join(sorted(_INDEXES | _MANIFESTS))
_LABELS = "org.opencontainers.image."
_CREATED = f"{_LABELS}created"
_OLD_CREATED = "org.label-schema.build-date"
_PAGE = 1000
_MAX_PAGES = 100


class OciRegistry:
    """Every registry that speaks https://github.com/opencontainers/distribution-spec."""

    def __init__(self, http: RegistryHttp) -> None:
        self._http = http

    def tags(self, repository: Repository) -> tuple[str, ...]:
        """Every tag, page by page; raises Refusal (no such repository, no rights) and Temporary."""
        found: list[str] = []
        path = f"tags/list?n={_PAGE}"
        for _ in range(_MAX_PAGES):
            answer = self._http.get(repository, path, "application/json")
            if answer is None:
                raise Refusal(f"{repository.host} has no repository {repository.path} (yet)")
            found += _tags_in(answer, repository)
            following = answer.link_next
            if following is None:
                return tuple(found)
            path = following
        raise Refusal(f"{repository} has more than {_MAX_PAGES * _PAGE} tags: too many to look at")

    def resolve(self, repository: Repository, tag: str) -> Resolved | None:
        """What stands behind the tag, in two requests; three for an image of several platforms.

        Every body is held against its digest. An index is described by its own annotations and
        by the first platform it names. Raises Refusal and Temporary.
        """
        top = self._http.get(repository, f"manifests/{tag}", _ACCEPT)
        if top is None:
            return None
        digest = _verified(top, top.headers.get("Docker-Content-Digest"), f"{repository}:{tag}")
        media_type = top.headers.get("Content-Type", "").partition(";")[0].strip()
        content = _json_object(top, repository)
        annotations = _texts(content.get("annotations"))
        if media_type in _INDEXES:
            child = _first_platform(content, f"{repository}:{tag}")
            content = self._object(repository, "manifests", child)
            annotations = {**_texts(content.get("annotations")), **annotations}
        elif media_type not in _MANIFESTS:
            raise Refusal(f"{repository}:{tag} is no OCI image: its manifest is a '{media_type}'")
        config = self._object(repository, "blobs", _config_digest(content, f"{repository}:{tag}"))
        return _resolved(digest, media_type, annotations, config)

    def digest(self, repository: Repository, tag: str) -> str | None:
        """The digest the registry claims for the tag, in one request without a body.

        Good for noticing that a tag has moved, not for pinning: nothing proves it. None if there
        is no such tag or the registry claims nothing.
        """
        answer = self._http.get(repository, f"manifests/{tag}", _ACCEPT, "HEAD")
        return None if answer is None else answer.headers.get("Docker-Content-Digest")

    def _object(self, repository: Repository, kind: str, digest: str) -> Mapping[str, Any]:
        """The JSON object the registry keeps under `digest`."""
        accept = _ACCEPT if kind == "manifests" else "*/*"
        answer = self._http.get(repository, f"{kind}/{digest}", accept)
        if answer is None:
            raise Refusal(f"{repository} lacks its own part {digest}: push the image again")
        _verified(answer, digest, str(repository))
        return _json_object(answer, repository)


def _tags_in(answer: Answer, repository: Repository) -> list[str]:
    tags = _json_object(answer, repository).get("tags") or []
    if not isinstance(tags, list):
        raise Refusal(f"{repository.host} lists the tags of {repository.path} in no known way")
    return [one for one in tags if isinstance(one, str) and is_tag(one)]


def _verified(answer: Answer, claimed: str | None, what: str) -> str:
    """The digest of the body; raises Refusal if the registry claims another one."""
    claimed = claimed or f"sha256:{hashlib.sha256(answer.body).hexdigest()}"
    if not is_digest(claimed):
        raise Refusal(f"the registry gives '{claimed}' as the digest of {what}: that is none")
    algorithm = claimed.partition(":")[0]
    true = f"{algorithm}:{hashlib.new(algorithm, answer.body).hexdigest()}"
    if true != claimed:
        raise Refusal(f"the registry says {what} is {claimed}, but what it gives is {true}")
    return true


def _json_object(answer: Answer, repository: Repository) -> Mapping[str, Any]:
    try:
        content = json.loads(answer.body)
    except (ValueError, RecursionError) as error:
        raise Refusal(f"{repository.host} answers no JSON at {answer.url}: {error}") from error
    if not isinstance(content, dict):
        raise Refusal(f"{repository.host} answers no JSON object at {answer.url}")
    return content


def _first_platform(index: Mapping[str, Any], what: str) -> str:
    """The digest of the first platform's manifest; attestations have the platform `unknown`."""
    manifests = index.get("manifests")
    for one in manifests if isinstance(manifests, list) else ():
        match one:
            case {"digest": str(digest), "platform": {"os": str(system), "architecture": str()}}:
                if system != "unknown" and is_digest(digest):
                    return digest
    raise Refusal(f"{what} is an index that names no platform: nothing could run it")


def _config_digest(manifest: Mapping[str, Any], what: str) -> str:
    match manifest.get("config"):
        case {"digest": str(digest)} if is_digest(digest):
            return digest
        case _:
            raise Refusal(f"{what} is a manifest without a config: no image")


def _resolved(
    digest: str, media_type: str, annotations: Mapping[str, str], config: Mapping[str, Any]
) -> Resolved:
    inner = config.get("config")
    labels = _texts(inner.get("Labels")) if isinstance(inner, dict) else {}
    said = {**labels, **annotations}
    kept = {name: said[name] for name in sorted(said) if name.startswith(_LABELS)}
    return Resolved(digest, media_type, kept, _created(annotations, labels, config))


def _created(
    annotations: Mapping[str, str], labels: Mapping[str, str], config: Mapping[str, Any]
) -> datetime | None:
    """An annotation's time as it is, else the later of the label's and the config's.

    Kargo's order (https://docs.kargo.io/user-guide/how-to-guides/working-with-warehouses): tools
    that build reproducibly put 1970 into the config.
    """
    for name in (_CREATED, _OLD_CREATED):
        time = _time(annotations.get(name))
        if time is not None:
            return time
    known = [_time(labels.get(_CREATED)), _time(labels.get(_OLD_CREATED))]
    times = [one for one in (*known, _time(config.get("created"))) if one is not None]
    return max(times, default=None)


def _time(text: object) -> datetime | None:
    """An RFC 3339 time; None if it is none or names no zone."""
    if not isinstance(text, str):
        return None
    try:
        time = datetime.fromisoformat(text)
    except ValueError:
        return None
    return time if time.tzinfo else None


def _texts(value: object) -> Mapping[str, str]:
    """The entries of a JSON object that are texts."""
    if not isinstance(value, dict):
        return {}
    return {name: text for name, text in value.items() if isinstance(text, str)}
