"""A container disk straight into its registry: layers, configurations, manifests, the tag last."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from urllib.parse import urlencode

from github_app.publishing.blob import Blob, Body
from github_app.publishing.image import ContainerDisk, top
from github_app.publishing.progress import Progress, size
from github_app.publishing.published import Published, published
from github_app.publishing.writes import Asked, Writes
from plugin.errors import Refusal, Temporary

_TRIES = 3


@dataclass(frozen=True, slots=True)
class Pushed:
    """What a push has done: the digest now behind the tag and those of each architecture.

    `sent` counts the bytes that went out, `skipped` those that were there before.
    """

    digest: str
    manifests: Mapping[str, str]
    sent: int
    skipped: int


class Uploads:
    """Pushes to one repository.

    Nothing refers to what was pushed until the tag is written, in the very last request: whatever
    breaks before that leaves the tag as it was. What has arrived whole is not sent again.
    """

    def __init__(self, writes: Writes, progress: Progress, sleep: Callable[[float], None]) -> None:
        self._writes = writes
        self._progress = progress
        self._sleep = sleep
        self._sent = self._skipped = 0

    def published(self, tag: str) -> Published | None:
        """What stands behind the tag now; raises Refusal and Temporary."""
        return published(self._writes, tag)

    def push(self, disks: Sequence[ContainerDisk], tag: str, before: Published | None) -> Pushed:
        """The image or images behind `tag`, unless something else than `before` is there by now.

        Raises Refusal and Temporary.
        """
        for one in disks:
            self._push_layer(one.layer, f"pushing the disk for {one.architecture}")
            self._push(one.config, f"pushing the configuration for {one.architecture}")
        tagged = top(disks)
        for one in disks:
            if one.manifest.digest != tagged.digest:
                self._put_manifest(one.manifest.digest, one.manifest)
        self._see_that_it_stayed(tag, before)
        self._put_manifest(tag, tagged)
        manifests = {one.architecture: one.manifest.digest for one in disks}
        return Pushed(tagged.digest, manifests, self._sent, self._skipped)

    def _push_layer(self, layer: Blob, what: str) -> None:
        self._progress.begin(what, layer.size)
        done = self._push(layer, what)
        self._progress.end(f"{done}, {size(layer.size)}")

    def _push(self, blob: Blob, what: str) -> str:
        """What became of the blob; `what` says what is begun anew if it breaks."""
        there = self._writes.ask(Asked("HEAD", f"blobs/{blob.digest}"), 200, 404)
        if there.status == 200:
            self._skipped += blob.size
            return "is there already"
        self._upload(blob, what)
        self._sent += blob.size
        return "done"

    def _upload(self, blob: Blob, what: str) -> None:
        """The whole blob in one request, tried again from its beginning when it breaks.

        One PUT behind one POST is what every registry takes
        (https://github.com/opencontainers/distribution-spec/blob/main/spec.md#post-then-put). To
        go on in the middle needs chunks, which some do not take; and CNCF's own does not go on
        behind a chunk that broke.
        """
        for _ in range(_TRIES - 1):
            try:
                self._upload_once(blob)
            except Temporary as broken:
                seconds = max(broken.after / timedelta(seconds=1), 1)
                self._progress.say(f"{what}: {broken}; again in {seconds:.0f} s")
                self._sleep(seconds)
                self._progress.begin(what, blob.size)
            else:
                return
        self._upload_once(blob)

    def _upload_once(self, blob: Blob) -> None:
        begun = self._writes.ask(Asked("POST", "blobs/uploads/", body=b""), 202)
        location = begun.headers.get("Location")
        if not location:
            raise Refusal(f"{self._writes.repository.host} does not say where to upload to")
        joint = "&" if "?" in location else "?"
        address = f"{location}{joint}{urlencode({'digest': blob.digest})}"
        body = Body(blob.size, blob.blocks, self._progress.advance)
        headers = {"Content-Type": "application/octet-stream"}
        self._writes.ask(Asked("PUT", address, headers, body), 201, 204)

    def _see_that_it_stayed(self, tag: str, before: Published | None) -> None:
        """Raise Refusal if somebody else has pushed the tag while we were uploading."""
        now = published(self._writes, tag)
        if now is not None and (before is None or now.digest != before.digest):
            raise Refusal(
                f"{self._writes.repository}:{tag} has become {now.digest} meanwhile: somebody else "
                "has pushed it, and it stays theirs. Publish under another tag, or try again"
            )

    def _put_manifest(self, reference: str, manifest: Blob) -> None:
        headers = {"Content-Type": manifest.media_type}
        asked = Asked("PUT", f"manifests/{reference}", headers, manifest.content())
        self._writes.ask(asked, 201)
