"""Tags, images and other artifacts as OCI registries keep them: the port `Registry` over HTTP."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from typing import Any, assert_never

from github_app.warehouse.image_facts import NO_CONFIG, Config, annotated_time, facts
from github_app.warehouse.kept import Kept
from github_app.warehouse.manifests import (
    INDEXES,
    MANIFESTS,
    Described,
    Entry,
    Index,
    Manifest,
    described,
    json_object,
    manifest,
)
from github_app.warehouse.ports import Resolved
from github_app.warehouse.registry_http import RegistryHttp
from github_app.warehouse.tag_pages import TagPages
from plugin.artifact import Repository, is_digest
from plugin.artifact.platform import Platform
from plugin.errors import Refusal

_ACCEPT = ", ".join(sorted(INDEXES | MANIFESTS))
_AT_ONCE = 4
# What registries on plain file servers call every manifest.
_ANY_JSON = frozenset({"", "application/json", "application/octet-stream"})
_MOST_BYTES = 16 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class _Behind:
    """What was proven to stand behind a tag, and where."""

    repository: Repository
    tag: str
    digest: str
    media_type: str
    said: Described

    def __str__(self) -> str:
        return f"{self.repository}:{self.tag}"


@dataclass(frozen=True, slots=True)
class _Image:
    """What an image for one platform says of itself."""

    annotations: Mapping[str, str]
    config: Config

    @property
    def labels(self) -> Mapping[str, str]:
        return self.config.labels

    @property
    def built(self) -> datetime | None:
        return annotated_time(self.annotations) or self.config.built


class OciRegistry:
    """Every registry that speaks https://github.com/opencontainers/distribution-spec.

    Of what is kept under a digest, and of pages of tags that can be asked whether they are still
    the same, it remembers `most_bytes` each. For many threads.
    """

    def __init__(self, http: RegistryHttp, most_bytes: int = _MOST_BYTES) -> None:
        self._http = http
        self._parts: Kept[bytes] = Kept(most_bytes)
        self._pages = TagPages(http, most_bytes)

    def tags(self, repository: Repository) -> tuple[str, ...]:
        """Every tag, page by page; raises Refusal (no such repository, no rights) and Temporary."""
        return self._pages.tags(repository)

    def resolve(
        self,
        repository: Repository,
        tag: str,
        platform: Platform | None = None,
        *,
        moves: bool = False,
    ) -> Resolved | None:
        """What stands behind the tag, in two requests; three for an image of several platforms.

        One for a chart or another artifact. Every body is held against its digest. Annotations of
        the index go before those of the image described, and these before its labels.
        """
        del moves
        behind = self._behind(repository, tag)
        return None if behind is None else self._resolved(behind, platform)

    def dated(
        self, repository: Repository, tags: Sequence[str], platform: Platform | None = None
    ) -> Mapping[str, Resolved]:
        """What stands behind each tag, four asked for at once; every image of an index is read."""

        def asked(tag: str) -> Resolved | None:
            behind = self._behind(repository, tag)
            return None if behind is None else self._resolved(behind, platform, every=True)

        with ThreadPoolExecutor(_AT_ONCE) as pool:
            found = zip(tags, pool.map(asked, tags), strict=True)
            return {tag: one for tag, one in found if one is not None}

    def digest(self, repository: Repository, tag: str) -> str | None:
        """The digest the registry claims for the tag, in one request without a body.

        Good for noticing that a tag has moved, not for pinning: nothing proves it. None if there
        is no such tag or the registry claims nothing.
        """
        answer = self._http.get(repository, f"manifests/{tag}", _ACCEPT, "HEAD")
        return None if answer is None else answer.headers.get("Docker-Content-Digest")

    def _behind(self, repository: Repository, tag: str) -> _Behind | None:
        top = self._http.get(repository, f"manifests/{tag}", _ACCEPT)
        if top is None:
            return None
        what = f"{repository}:{tag}"
        digest = _proven(top.body, top.headers.get("Docker-Content-Digest"), what)
        content = json_object(top.body, what)
        media_type = top.headers.get("Content-Type", "").partition(";")[0].strip()
        named = content.get("mediaType")
        if media_type in _ANY_JSON and isinstance(named, str):
            media_type = named
        return _Behind(repository, tag, digest, media_type, described(content, media_type, what))

    def _resolved(
        self, behind: _Behind, platform: Platform | None, *, every: bool = False
    ) -> Resolved:
        match behind.said:
            case Index() as index:
                return self._of_index(behind, index, platform, every=every)
            case Manifest() as one:
                image = _Image(one.annotations, self._config(behind.repository, one))
                said = facts(image.annotations, image.labels)
                runs = () if image.config.platform is None else (image.config.platform,)
                return Resolved(behind.digest, behind.media_type, said, image.built, runs, one.kind)
            case _:
                assert_never(behind.said)

    def _of_index(
        self, behind: _Behind, index: Index, platform: Platform | None, *, every: bool
    ) -> Resolved:
        """Only the images for `platform` count; without one there is nothing to describe."""
        runs = tuple(dict.fromkeys(one.platform for one in index.entries))
        meant = [one for one in index.entries if platform is None or platform.matches(one.platform)]
        created = annotated_time(index.annotations)
        if not meant:
            said = facts(index.annotations)
            return Resolved(behind.digest, behind.media_type, said, created, runs)
        first = meant[0]
        image = self._image(behind, first)
        said = facts(index.annotations, first.annotations, image.annotations, image.labels)
        if created is None:
            times = [annotated_time(first.annotations) or image.built]
            times += [self._time(behind, one) for one in (meant[1:] if every else ())]
            created = max((one for one in times if one is not None), default=None)
        return Resolved(behind.digest, behind.media_type, said, created, runs)

    def _time(self, behind: _Behind, entry: Entry) -> datetime | None:
        """When an image of an index was built: as the index says, else as it says itself."""
        return annotated_time(entry.annotations) or self._image(behind, entry).built

    def _image(self, behind: _Behind, entry: Entry) -> _Image:
        content = self._part(behind.repository, "manifests", entry.digest)
        said = manifest(content, f"{entry.platform} of {behind}")
        return _Image(said.annotations, self._config(behind.repository, said))

    def _config(self, repository: Repository, said: Manifest) -> Config:
        if said.config is None:
            return NO_CONFIG
        return Config.of(self._part(repository, "blobs", said.config))

    def _part(self, repository: Repository, kind: str, digest: str) -> Mapping[str, Any]:
        """The JSON object the registry keeps under `digest`."""
        content = self._parts.get(repository, digest)
        if content is None:
            accept = _ACCEPT if kind == "manifests" else "*/*"
            answer = self._http.get(repository, f"{kind}/{digest}", accept)
            if answer is None:
                raise Refusal(f"{repository} lacks its own part {digest}: push the image again")
            content = answer.body
            _proven(content, digest, str(repository))
            self._parts.keep(repository, digest, content, len(content))
        return json_object(content, f"{repository}@{digest}")


def _proven(content: bytes, claimed: str | None, what: str) -> str:
    """The digest of the bytes; raises Refusal if the registry claims another one."""
    claimed = claimed or f"sha256:{hashlib.sha256(content).hexdigest()}"
    if not is_digest(claimed):
        raise Refusal(f"the registry gives '{claimed[:200]}' as the digest of {what}: that is none")
    algorithm = claimed.partition(":")[0]
    true = f"{algorithm}:{hashlib.new(algorithm, content).hexdigest()}"
    if true != claimed:
        raise Refusal(f"the registry says {what} is {claimed}, but what it gives is {true}")
    return true
