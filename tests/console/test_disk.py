"""`towline disk publish` as a person calls it, on a real registry with a password."""

from __future__ import annotations

import base64
import hashlib
import io
import json
import re
import subprocess
import sys
import tarfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import requests
import responses
from responses import matchers

from github_app.cli import main
from github_app.sandbox.registry import RunningRegistry, registry
from github_app.warehouse.oci import OciRegistry
from github_app.warehouse.ports import Login
from github_app.warehouse.registry_http import RegistryHttp
from plugin.artifact import Repository
from tests.passwords import HTPASSWD, PASSWORD, USER
from tests.publishing.disks import SECTOR, qcow2, raw, written

MIB = 1024 * 1024
PEAK = """\
import re, sys
from pathlib import Path
from github_app.cli import main
status = main(sys.argv[1:])
print(re.search(r"VmHWM:\\s+(\\d+) kB", Path("/proc/self/status").read_text())[1])
sys.exit(status)
"""
MACHINE = """\
apiVersion: kubevirt.io/v1
kind: VirtualMachine
metadata: {{name: shop}}
spec:
  template:
    spec:
      domain: {{devices: {{}}}}
      volumes:
        - name: root
          containerDisk: {{image: {repository}:11}}
"""
IMPORTED = """\
apiVersion: cdi.kubevirt.io/v1beta1
kind: DataVolume
metadata: {{name: golden}}
spec:
  source:
    registry: {{url: "docker://{repository}:11"}}
  storage: {{resources: {{requests: {{storage: 20Gi}}}}}}
---
apiVersion: cdi.kubevirt.io/v1beta1
kind: DataSource
metadata: {{name: debian}}
spec: {{source: {{pvc: {{name: golden}}}}}}
"""


@pytest.fixture(scope="module")
def running(
    registry_binary: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[RunningRegistry]:
    directory = tmp_path_factory.mktemp("registry")
    with registry(registry_binary, directory, htpasswd=HTPASSWD) as running:
        yield running


@dataclass
class Person:
    """Somebody with files, a login, and no container engine."""

    running: RunningRegistry
    home: Path
    capsys: pytest.CaptureFixture[str]
    path: str

    @property
    def repository(self) -> Repository:
        return Repository(self.running.host, self.path)

    def says(self, *arguments: object, status: int = 0) -> tuple[str, str]:
        """What `towline disk publish` answers on stdout and stderr."""
        assert main(["disk", "publish", *map(str, arguments)]) == status
        told = self.capsys.readouterr()
        return told.out, told.err

    def tag(self, tag: str) -> str:
        return f"{self.repository}:{tag}"

    def digest(self, tag: str) -> str | None:
        """What Towline itself finds behind the tag."""
        http = RegistryHttp(requests.Session(), lambda repository: Login(USER, PASSWORD))
        found = OciRegistry(http).resolve(self.repository, tag)
        return found.digest if found else None

    def content(self, kind: str, reference: str) -> bytes:
        answer = requests.get(
            f"{self.running.url}/v2/{self.path}/{kind}/{reference}",
            headers={"Accept": "application/vnd.oci.image.manifest.v1+json"},
            auth=(USER, PASSWORD),
            timeout=10,
        )
        answer.raise_for_status()
        return answer.content


@pytest.fixture
def person(
    running: RunningRegistry,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    request: pytest.FixtureRequest,
) -> Person:
    login = base64.b64encode(f"{USER}:{PASSWORD}".encode()).decode()
    config = {"auths": {running.host: {"auth": login}}}
    (tmp_path / "config.json").write_text(json.dumps(config), encoding="utf-8")
    monkeypatch.setenv("DOCKER_CONFIG", str(tmp_path))
    monkeypatch.setenv("DOCKER_HOST", f"unix://{tmp_path}/nowhere.sock")
    place = hashlib.sha256(request.node.name.encode()).hexdigest()[:12]
    return Person(running, tmp_path, capsys, f"acme/vm/{place}")


def test_the_printed_reference_is_what_stands_in_the_registry(person: Person) -> None:
    disk = qcow2(person.home / "debian-12-arm64.qcow2")
    out, err = person.says(disk, person.tag("12"), "--source", "https://cloud.debian.org")
    assert out == f"{person.tag('12')}@{person.digest('12')}\n"
    assert f"pin it: towline bump --set {person.repository}=12@sha256:" in err
    manifest = json.loads(person.content("manifests", "12"))
    config = json.loads(person.content("blobs", manifest["config"]["digest"]))
    assert config["architecture"] == "arm64", "as the file's name says"
    labels = config["config"]["Labels"]
    assert labels["shasum"] == hashlib.sha256(disk.read_bytes()).hexdigest()
    assert labels["org.opencontainers.image.source"] == "https://cloud.debian.org"
    (layer,) = manifest["layers"]
    archive = person.content("blobs", layer["digest"])
    with tarfile.open(fileobj=io.BytesIO(archive)) as read:
        folder, file = read.getmembers()
        content = read.extractfile(file)
        assert content is not None
        assert content.read() == disk.read_bytes()
    assert (folder.name, file.name) == ("disk", "disk/debian-12-arm64.qcow2")
    assert (file.uid, file.gid, oct(file.mode)) == (107, 107, "0o440")


def test_several_architectures_are_one_image(person: Person) -> None:
    amd64 = qcow2(person.home / "a.qcow2")
    arm64 = qcow2(person.home / "b.qcow2", filled=b"other")
    arches = ("--arch", f"x86_64={amd64}", "--arch", f"aarch64={arm64}")
    digits = hashlib.sha512(arm64.read_bytes()).hexdigest()
    out, _ = person.says(
        *arches, person.tag("12"), "--checksum", f"arm64=sha512:{digits}", "--json"
    )
    told = json.loads(out)
    assert told["digest"] == person.digest("12")
    assert told["reference"] == f"{person.tag('12')}@{told['digest']}"
    assert list(told["disks"]) == ["amd64", "arm64"]
    assert told["disks"]["arm64"]["checksum"] == f"sha512:{digits}"
    assert told["disks"]["amd64"]["virtualSize"] == 1 << 30
    assert (told["already"], told["skipped"]) == (False, 0)
    assert told["pushed"] > 2 * 256 * 1024
    for one in told["disks"].values():
        assert json.loads(person.content("manifests", one["digest"]))["layers"]


def test_again_is_nothing_to_do(person: Person) -> None:
    disk = qcow2(person.home / "a.qcow2")
    first, _ = person.says(disk, person.tag("12"), "--quiet")
    out, err = person.says(disk, person.tag("12"))
    assert out == first
    assert f"{person.tag('12')} holds this very image already: nothing was pushed" in err
    told = json.loads(person.says(disk, person.tag("12"), "--json")[0])
    assert (told["already"], told["pushed"], told["skipped"]) == (True, 0, 0)


def test_another_disk_moves_the_tag_only_when_asked(person: Person) -> None:
    first, other = qcow2(person.home / "a.qcow2"), raw(person.home / "b.img")
    person.says(first, person.tag("12"))
    before = person.digest("12")
    out, err = person.says(other, person.tag("12"), status=1)
    assert out == ""
    assert "--move-tag" in err
    assert person.digest("12") == before
    person.says(other, person.tag("12"), "--move-tag")
    assert person.digest("12") not in {before, None}


def test_a_wrong_checksum_pushes_nothing(person: Person) -> None:
    disk = qcow2(person.home / "a.qcow2")
    _, err = person.says(disk, person.tag("12"), "--checksum", f"sha256:{'ab' * 32}", status=1)
    assert "is not the disk that --checksum names" in err
    assert not [
        blob
        for blob in (person.running.log.parent / "storage").rglob("data")
        if blob.stat().st_size == disk.stat().st_size + 5 * SECTOR
    ]
    person.says(disk, person.tag("12"))


def test_silence_leaves_only_the_reference(person: Person) -> None:
    out, err = person.says(qcow2(person.home / "a.qcow2"), person.tag("12"), "--quiet")
    assert out.count("\n") == 1
    assert err == ""


def test_what_cdi_reads_stands_in_the_image(person: Person) -> None:
    variable = "INSTANCETYPE_KUBEVIRT_IO_DEFAULT_PREFERENCE=debian"
    disk = qcow2(person.home / "a.qcow2")
    created = ("--created", "2025-02-10T20:19:00Z")
    person.says(disk, person.tag("12"), "--env", variable, "--label", "team=vm", *created)
    manifest = json.loads(person.content("manifests", "12"))
    config = json.loads(person.content("blobs", manifest["config"]["digest"]))
    assert config["config"]["Env"] == [variable]
    assert config["config"]["Labels"]["team"] == "vm"
    assert config["created"] == "2025-02-10T20:19:00Z"


@pytest.mark.parametrize("name", ["DataVolume", "VirtualMachine"])
def test_a_bump_takes_what_was_printed(person: Person, name: str) -> None:
    told = json.loads(person.says(qcow2(person.home / "a.qcow2"), person.tag("12"), "--json")[0])
    text = (MACHINE if name == "VirtualMachine" else IMPORTED).format(repository=person.repository)
    file = person.home / "stage" / "vm.yaml"
    file.parent.mkdir()
    file.write_text(text)
    assert main(["bump", "--set", told["set"], str(file)]) == 0, person.capsys.readouterr()
    assert told["digest"] in file.read_text()


def test_a_login_that_may_not_push_is_named(
    person: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    disk = qcow2(person.home / "a.qcow2")
    wrong = base64.b64encode(b"gate:wrong").decode()
    config = {"auths": {person.running.host: {"auth": wrong}}}
    (person.home / "config.json").write_text(json.dumps(config), encoding="utf-8")
    _, err = person.says(disk, person.tag("12"), status=1)
    assert "the login 'gate'" in err
    assert "push" in err
    (person.home / "config.json").unlink()
    _, err = person.says(disk, person.tag("12"), status=1)
    assert "without a login" in err
    assert person.running.host in err


def test_a_token_is_asked_for_to_pull_and_to_push(person: Person) -> None:
    """GHCR's way, on a registry made of single answers."""
    place, login = "https://ghcr.io/v2/acme/vm", base64.b64encode(b"bob:secret").decode()
    config = {"auths": {"ghcr.io": {"auth": login}}}
    (person.home / "config.json").write_text(json.dumps(config), encoding="utf-8")
    challenge = 'Bearer realm="https://ghcr.io/token",service="ghcr.io",scope="whatever"'
    wanted = {"service": "ghcr.io", "scope": "repository:acme/vm:pull,push"}
    known = matchers.header_matcher({"Authorization": "Bearer t"})
    with responses.RequestsMock() as answers:
        answers.get(f"{place}/manifests/12", status=401, headers={"WWW-Authenticate": challenge})
        answers.get(
            "https://ghcr.io/token",
            json={"token": "t"},
            match=[
                matchers.query_param_matcher(wanted),
                matchers.header_matcher({"Authorization": f"Basic {login}"}),
            ],
        )
        answers.get(f"{place}/manifests/12", status=404, match=[known])
        answers.head(re.compile(f"{place}/blobs/.*"), status=200, match=[known])
        answers.put(f"{place}/manifests/12", status=403, match=[known])
        _, err = person.says(qcow2(person.home / "a.qcow2"), "ghcr.io/acme/vm:12", status=1)
    assert "ghcr.io does not let the login 'bob' push to acme/vm: log in as somebody" in err
    assert "secret" not in err


def test_a_large_disk_is_never_in_memory(person: Person) -> None:
    disk = raw(person.home / "large.img", 200 * MIB)
    command = [sys.executable, "-c", PEAK, "disk", "publish", str(disk), person.tag("12")]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    reference, peak = done.stdout.splitlines()
    assert reference == f"{person.tag('12')}@{person.digest('12')}"
    assert int(peak) * 1024 < 120 * MIB


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("{disk}", "ghcr.io/acme/vm"), "write REPOSITORY:TAG, for example ghcr.io/acme/vm/"),
        (("{disk}", "ghcr.io/acme/vm:1@sha256:" + "a" * 64), "write REPOSITORY:TAG"),
        (("{disk}", "ghcr.io/Acme/vm:1"), "lower-case words"),
        (("ghcr.io/acme/vm:1",), "say one IMAGE with its REPOSITORY:TAG"),
        (("{disk}", "{disk}", "ghcr.io/acme/vm:1"), "say one IMAGE"),
        (("{disk}", "ghcr.io/acme/vm:1", "--arch", "amd64={disk}"), "say one IMAGE"),
        (("ghcr.io/acme/vm:1", "--arch", "amd64"), "say one IMAGE"),
        (("ghcr.io/acme/vm:1", "--arch", "amd64={disk}", "--arch", "arm64"), "say one IMAGE"),
        (
            ("ghcr.io/acme/vm:1", "--arch", "amd64={disk}", "--arch", "x86_64={disk}"),
            "one architecture twice",
        ),
        (("{disk}", "ghcr.io/acme/vm:1", "--arch", "amd64", "--arch", "arm64"), "said twice"),
        (("{disk}", "ghcr.io/acme/vm:1", "--arch", "mips"), "none that is known: amd64, arm64"),
        (("{disk}", "ghcr.io/acme/vm:1", "--checksum", "ab"), "sha256: and 64 hexadecimal"),
        (("{disk}", "ghcr.io/acme/vm:1", "--checksum", "md5:" + "a" * 32), "sha256: and 64"),
        (("{disk}", "ghcr.io/acme/vm:1", "--checksum", "sha256:" + "x" * 64), "sha256: and 64"),
        (
            ("{disk}", "ghcr.io/acme/vm:1", "--checksum", "arm64=sha256:" + "a" * 64),
            "of no disk that is published",
        ),
        (
            (
                *("ghcr.io/acme/vm:1", "--arch", "amd64={disk}", "--arch", "arm64={disk}"),
                *("--checksum", "sha256:" + "a" * 64),
            ),
            "does not say of which disk: write amd64=sha256:",
        ),
        (("{disk}", "ghcr.io/acme/vm:1", "--label", "team"), "write NAME=VALUE"),
        (("{disk}", "ghcr.io/acme/vm:1", "--label", "shasum=1"), "--checksum says it"),
        (("{disk}", "ghcr.io/acme/vm:1", "--env", "a b=1"), "no name of a variable"),
        (("{disk}", "ghcr.io/acme/vm:1", "--created", "2025-02-10"), "a time with its zone"),
        (("{disk}", "ghcr.io/acme/vm:1", "--through", "engine"), "no container engine answers"),
        (
            (
                *("ghcr.io/acme/vm:1", "--arch", "amd64={disk}", "--arch", "arm64={disk}"),
                *("--through", "engine"),
            ),
            "cannot push an index",
        ),
        (("{home}/gone.qcow2", "ghcr.io/acme/vm:1"), "no such file"),
        (("{home}/page.img", "ghcr.io/acme/vm:1"), "is text, not a disk"),
        (("{disk}", "--arch", "amd64", "127.0.0.1:1/a:1"), "see 'towline disk publish --help'"),
    ],
)
def test_a_wrong_call_is_refused_with_what_to_do(
    person: Person, arguments: tuple[str, ...], said: str
) -> None:
    words: dict[str, Any] = {"disk": qcow2(person.home / "a.qcow2"), "home": person.home}
    written(person.home / "page.img", b"<html>not here</html>")
    out, err = person.says(*(one.format(**words) for one in arguments), status=1)
    assert out == ""
    assert said in err
    assert len(err.splitlines()) == 1


@pytest.mark.parametrize(
    ("name", "architecture"),
    [
        ("Fedora-Cloud-Base-Generic-43-1.6.aarch64.qcow2", "arm64"),
        ("noble-server-cloudimg-s390x.img", "s390x"),
        ("a.qcow2", "amd64"),
        ("arm64-and-amd64.qcow2", "amd64"),
    ],
)
def test_a_name_that_says_its_architecture_is_believed(
    person: Person, name: str, architecture: str
) -> None:
    told = json.loads(person.says(qcow2(person.home / name), person.tag("12"), "--json")[0])
    assert list(told["disks"]) == [architecture]
