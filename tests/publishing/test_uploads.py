"""Container disks on a real registry, over a network that breaks, and on registries that refuse."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
import responses
from responses import matchers

from github_app.publishing.blob import sha256
from github_app.publishing.disk_file import disk_file
from github_app.publishing.image import ContainerDisk, Said, container_disk
from github_app.publishing.layer import examined, layer_of
from github_app.publishing.progress import Silent
from github_app.publishing.uploads import Uploads
from github_app.sandbox.registry import RunningRegistry
from plugin.errors import Refusal, Temporary
from tests.publishing.conftest import writes
from tests.publishing.cutting import network
from tests.publishing.disks import qcow2, raw

CREATED = datetime(2026, 1, 1, tzinfo=UTC)
LARGE = 8 * 1024 * 1024
BASE = "http://127.0.0.1:5000/v2/acme/vm"
UPLOAD = f"{BASE}/blobs/uploads/1"


def made(path: Path, architecture: str = "amd64") -> ContainerDisk:
    found = examined(layer_of(disk_file(path)), ("sha256",), lambda count: None)
    said = Said(CREATED, {"shasum": found.checksums["sha256"]})
    return container_disk(architecture, found.blob(), said)


def uploads(host: str, path: str = "acme/vm", slept: Callable[[float], None] = print) -> Uploads:
    return Uploads(writes(host, path), Silent(), slept)


def test_what_has_arrived_is_not_sent_again(running: RunningRegistry, tmp_path: Path) -> None:
    disk = made(qcow2(tmp_path / "a.qcow2"))
    first = uploads(running.host, "acme/once").push((disk,), "1", None)
    assert (first.sent, first.skipped) == (disk.layer.size + disk.config.size, 0)
    other = made(tmp_path / "a.qcow2", "arm64")
    second = uploads(running.host, "acme/once").push((disk, other), "2", None)
    assert second.sent == other.config.size
    assert second.skipped == 2 * disk.layer.size + disk.config.size
    assert set(second.manifests) == {"amd64", "arm64"}
    there = uploads(running.host, "acme/once").published("2")
    assert there is not None
    assert (there.digest, there.created) == (second.digest, CREATED)
    assert dict(there.manifests) == {
        one.config.digest: one.manifest.digest for one in (disk, other)
    }


def test_an_upload_that_breaks_is_tried_again(running: RunningRegistry, tmp_path: Path) -> None:
    disk, slept = made(raw(tmp_path / "a.img", LARGE)), list[float]()
    with network(int(running.host.rpartition(":")[2])) as (wire, port):
        wire.cuts = [LARGE // 2, LARGE // 4]
        pushing = uploads(f"127.0.0.1:{port}", "acme/broken", slept.append)
        pushed = pushing.push((disk,), "1", None)
        assert wire.broken == 2
    assert slept == [2, 2]
    assert pushed.sent == disk.layer.size + disk.config.size
    there = uploads(running.host, "acme/broken").published("1")
    assert there is not None
    assert there.digest == pushed.digest


def test_an_upload_that_never_arrives_leaves_nothing_behind_the_tag(
    running: RunningRegistry, tmp_path: Path
) -> None:
    small, large = made(qcow2(tmp_path / "a.qcow2")), made(raw(tmp_path / "b.img", LARGE), "arm64")
    with network(int(running.host.rpartition(":")[2])) as (wire, port):
        wire.cuts = [LARGE // 2] * 9
        pushing = uploads(f"127.0.0.1:{port}", "acme/half")
        with pytest.raises(Temporary, match="does not answer: the connection broke"):
            pushing.push((small, large), "1", None)
        assert wire.broken == 3
    there = uploads(running.host, "acme/half")
    assert there.published("1") is None
    assert there.published(small.manifest.digest) is None
    again = there.push((small, large), "1", None)
    assert again.skipped == small.layer.size + small.config.size


def test_a_tag_that_somebody_else_has_pushed_meanwhile_stays_theirs(
    running: RunningRegistry, tmp_path: Path
) -> None:
    theirs, ours = made(qcow2(tmp_path / "a.qcow2")), made(raw(tmp_path / "b.img"))
    pushing = uploads(running.host, "acme/race")
    before = pushing.published("1")
    pushing.push((theirs,), "1", before)
    with pytest.raises(Refusal, match="somebody else has pushed it"):
        pushing.push((ours,), "1", before)
    now = pushing.published("1")
    assert now is not None
    assert now.digest == theirs.manifest.digest
    assert pushing.push((ours,), "1", now).digest == ours.manifest.digest


def test_a_file_that_changes_while_it_is_sent_is_refused_by_its_digest(
    running: RunningRegistry, tmp_path: Path
) -> None:
    path = qcow2(tmp_path / "a.qcow2")
    disk = made(path)
    qcow2(path, filled=b"other")
    pushing = uploads(running.host, "acme/changed")
    with pytest.raises(Refusal, match="DIGEST_INVALID"):
        pushing.push((disk,), "1", None)
    assert pushing.published("1") is None


def refusal(answers: responses.RequestsMock, disk: ContainerDisk) -> str:
    answers.head(f"{BASE}/blobs/{disk.layer.digest}", status=404)
    with pytest.raises((Refusal, Temporary)) as caught:
        uploads("127.0.0.1:5000").push((disk,), "1", None)
    return str(caught.value)


@pytest.fixture
def disk(tmp_path: Path) -> ContainerDisk:
    return made(qcow2(tmp_path / "a.qcow2"))


def test_the_body_is_sent_with_its_length_behind_a_post(disk: ContainerDisk) -> None:
    with responses.RequestsMock() as answers:
        answers.head(f"{BASE}/blobs/{disk.layer.digest}", status=404)
        answers.head(f"{BASE}/blobs/{disk.config.digest}", status=200)
        answers.post(
            f"{BASE}/blobs/uploads/",
            status=202,
            headers={"Location": "/v2/acme/vm/blobs/uploads/1?s=x"},
        )
        size = {"Content-Length": str(disk.layer.size), "Content-Type": "application/octet-stream"}
        wanted = {"s": "x", "digest": disk.layer.digest}
        answers.put(
            UPLOAD,
            status=201,
            match=[matchers.query_param_matcher(wanted), matchers.header_matcher(size)],
        )
        answers.get(f"{BASE}/manifests/1", status=404)
        answers.put(f"{BASE}/manifests/1", status=201)
        pushed = uploads("127.0.0.1:5000").push((disk,), "1", None)
        assert answers.calls[-1].request.body == disk.manifest.content()
    assert pushed.digest == sha256(disk.manifest.content())


@pytest.mark.parametrize(
    ("status", "said"),
    [
        (403, "127.0.0.1:5000 does not let us push (DENIED: no rights)"),
        (404, "has no place for 127.0.0.1:5000/acme/vm (DENIED: no rights): make the repository"),
        (405, "answers 405 to POST for 127.0.0.1:5000/acme/vm (DENIED: no rights)"),
        (429, "answers 429 to POST"),
        (503, "answers 503 to POST"),
    ],
)
def test_a_registry_that_refuses_is_quoted(disk: ContainerDisk, status: int, said: str) -> None:
    error = {"errors": [{"code": "DENIED", "message": "no rights\x1b[2J"}]}
    with responses.RequestsMock() as answers:
        answers.post(f"{BASE}/blobs/uploads/", status=status, json=error)
        text = refusal(answers, disk)
    assert said in text.replace("[2J", "")
    assert "\x1b" not in text


def test_a_proxy_with_a_limit_is_named(disk: ContainerDisk) -> None:
    with responses.RequestsMock() as answers:
        answers.post(f"{BASE}/blobs/uploads/", status=202, headers={"Location": UPLOAD})
        answers.put(UPLOAD, status=413, body="<html>413 Request Entity Too Large</html>")
        assert "client_max_body_size 0" in refusal(answers, disk)


@pytest.mark.parametrize(("asked", "waited"), [("7", 7), ("3600", 60), ("soon", 30)])
def test_a_busy_registry_is_waited_for_a_minute_at_most(
    disk: ContainerDisk, asked: str, waited: int
) -> None:
    slept: list[float] = []
    with responses.RequestsMock() as answers:
        answers.head(f"{BASE}/blobs/{disk.layer.digest}", status=404)
        answers.post(f"{BASE}/blobs/uploads/", status=429, headers={"Retry-After": asked})
        with pytest.raises(Temporary, match="answers 429"):
            uploads("127.0.0.1:5000", slept=slept.append).push((disk,), "1", None)
    assert slept == [waited, waited]


@pytest.mark.parametrize(
    "location", ["https://elsewhere.example/upload", "http://127.0.0.1:5000.evil.example/", ""]
)
def test_an_upload_goes_to_the_registry_alone(disk: ContainerDisk, location: str) -> None:
    with responses.RequestsMock() as answers:
        answers.post(f"{BASE}/blobs/uploads/", status=202, headers={"Location": location})
        text = refusal(answers, disk)
        assert len(answers.calls) == 2
    assert "sends the upload on to" in text or "does not say where" in text


def test_a_token_that_runs_out_meanwhile_is_renewed(disk: ContainerDisk) -> None:
    with responses.RequestsMock() as answers:
        answers.head(f"{BASE}/blobs/{disk.layer.digest}", status=200)
        answers.head(f"{BASE}/blobs/{disk.config.digest}", status=200)
        answers.get(f"{BASE}/manifests/1", status=404)
        answers.put(f"{BASE}/manifests/1", status=401, headers={"WWW-Authenticate": "Basic"})
        answers.put(f"{BASE}/manifests/1", status=201)
        assert uploads("127.0.0.1:5000").push((disk,), "1", None).sent == 0
        assert answers.calls[-1].request.headers["Authorization"].startswith("Basic ")
