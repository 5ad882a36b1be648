"""A container disk through a container engine: loaded there, and pushed by it.

What that buys is the engine's own view of the network: certificates it trusts, its proxies. The
price is room for the disk in the engine's storage, time to pack it there, and a digest that the
engine's version decides. An engine's API knows no indexes, so only single images go this way.
"""

from __future__ import annotations

import re
import tarfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from docker import APIClient
from docker.constants import DEFAULT_UNIX_SOCKET
from docker.errors import DockerException
from docker.utils import kwargs_from_env
from requests import RequestException

from github_app.publishing.blob import Blob, Body, json_blob
from github_app.publishing.image import ContainerDisk
from github_app.publishing.progress import Progress, size
from github_app.publishing.publish import Way
from github_app.publishing.published import Published
from github_app.publishing.uploads import Pushed
from github_app.warehouse.ports import Login
from plugin.artifact import Repository, is_digest
from plugin.errors import Refusal, Temporary

_SECONDS_TO_ANSWER = 5
# Engines answer when they have unpacked or pushed everything.
_SECONDS_TO_WORK = 4 * 3600
_DIGEST = re.compile(r"digest: (sha256:[0-9a-f]{64})")
_END = bytes(2 * tarfile.BLOCKSIZE)


@contextmanager
def engine(environ: Mapping[str, str]) -> Iterator[APIClient | None]:
    """The engine at DOCKER_HOST or the usual socket; None if none answers there."""
    client = _client(environ)
    try:
        yield client
    finally:
        if client is not None:
            client.close()


def _client(environ: Mapping[str, str]) -> APIClient | None:
    try:
        known = kwargs_from_env(environment=dict(environ))
        place = urlsplit(known.get("base_url", DEFAULT_UNIX_SOCKET))
        # Asked to connect to a file that is not there, the library would leave a socket open.
        if place.scheme.endswith("unix") and not Path(place.path).is_socket():
            return None
        client = APIClient(version="auto", timeout=_SECONDS_TO_ANSWER, **known)
    except (DockerException, RequestException, OSError):
        return None
    client.timeout = _SECONDS_TO_WORK
    return client


@dataclass(frozen=True, slots=True)
class ThroughEngine:
    """Pushes to one repository through an engine; what a tag holds is asked `straight`.

    `blind` says that it may be pushed without knowing that.
    """

    client: APIClient
    repository: Repository
    login: Login | None
    straight: Way
    progress: Progress
    blind: bool = False

    def published(self, tag: str) -> Published | None:
        """What stands behind the tag; raises Refusal with how to go on without knowing."""
        try:
            return self.straight.published(tag)
        except (Refusal, Temporary) as error:
            if self.blind:
                return None
            raise Refusal(
                f"{error}. If only the engine can reach it: what {self.repository}:{tag} holds "
                "cannot be seen from here, so say --move-tag to push all the same"
            ) from error

    def push(self, disks: Sequence[ContainerDisk], tag: str, before: Published | None) -> Pushed:
        """The image behind the tag; raises Refusal. Nothing of it stays in the engine."""
        (disk,) = disks
        name = f"{self.repository}:{tag}"
        try:
            self._load(disk, name)
            try:
                digest = self._push(tag)
            finally:
                self.client.remove_image(name)
        except (DockerException, RequestException) as error:
            raise Refusal(f"the engine does not push {name}: {error}") from error
        return Pushed(digest, {disk.architecture: digest}, disk.layer.size + disk.config.size, 0)

    def _load(self, disk: ContainerDisk, name: str) -> None:
        total, archive = _archive(disk, name)
        self.progress.begin("loading the image into the engine", total)
        body = Body(total, archive, self.progress.advance)
        # Documented as bytes, but handed on to `requests`, which streams.
        said = self.client.load_image(body)  # type: ignore[no-untyped-call]
        for one in said or ():
            _check(one, name)
        self.progress.end(f"done, {size(total)}")

    def _push(self, tag: str) -> str:
        """The digest that the engine says it has pushed."""
        name = f"{self.repository}:{tag}"
        login = self.login
        known = {"username": login.user, "password": login.password} if login else {}
        self.progress.begin(f"the engine pushes {name}", 0)
        said = self.client.push(
            str(self.repository), tag, stream=True, decode=True, auth_config=known
        )
        digests = [digest for one in said for digest in _digests(one, name)]
        if not digests:
            raise Refusal(f"the engine does not say what it has pushed as {name}; see the registry")
        self.progress.end("done")
        return digests[-1]


def _digests(said: Mapping[str, Any], name: str) -> Iterator[str]:
    """The digest in one of the engine's messages; raises Refusal if it is an error."""
    _check(said, name)
    match said:
        case {"aux": {"Digest": str(digest)}} if is_digest(digest):
            yield digest
        case {"status": str(status)}:
            yield from _DIGEST.findall(status)


def _check(said: Mapping[str, Any], name: str) -> None:
    if "error" in said:
        raise Refusal(f"the engine does not push {name}: {said['error']}")


def _archive(disk: ContainerDisk, name: str) -> tuple[int, Callable[[], Iterator[bytes]]]:
    """What `docker load` reads, and its size: configuration, layer, and which belong together.

    https://github.com/moby/docker-image-spec/blob/main/v1.2.md#combined-image-json--filesystem-changeset-format
    """
    config, layer = f"{disk.config.digest.partition(':')[2]}.json", "layer.tar"
    listed = [{"Config": config, "RepoTags": [name], "Layers": [layer]}]
    entries = [
        *_entry(config, disk.config),
        *_entry(layer, disk.layer),
        *_entry("manifest.json", json_blob("application/json", listed)),
    ]
    total = sum(count for count, _ in entries) + len(_END)
    return total, lambda: chain(*(blocks() for _, blocks in entries), (_END,))


def _entry(name: str, blob: Blob) -> Iterator[tuple[int, Callable[[], Iterator[bytes]]]]:
    """Header, content and padding of a file in a tar archive, each with its size."""
    entry = tarfile.TarInfo(name)
    entry.size = blob.size
    head, padding = entry.tobuf(tarfile.PAX_FORMAT), bytes(-blob.size % tarfile.BLOCKSIZE)
    yield len(head), lambda: iter((head,))
    yield blob.size, blob.blocks
    yield len(padding), lambda: iter((padding,))
