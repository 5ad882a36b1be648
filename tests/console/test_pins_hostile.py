"""Files made to hurt whoever reads them: said and passed over, quickly and in little memory."""

from __future__ import annotations

import os
import resource
import socket
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from tests.console.test_pins import POD

MEMORY = 256 << 20
# The promise is less than a second for each file; ten times that leave room for a busy machine.
SECONDS = 100
BOMB = "a: &a [x,x,x,x,x,x,x,x,x]\n" + "".join(
    f"{new}: &{new} [{','.join([f'*{old}'] * 9)}]\n"
    for old, new in zip("abcdefgh", "bcdefghi", strict=True)
)
NGINX = b"# nginx\n"
HOSTILE = {
    "bomb": (BOMB.encode(), "expands to more than 1000000 nodes through aliases"),
    "brackets": (b"[" * 5000 + b"]" * 5000, "is nested deeper than 100 levels"),
    "maps": (b"{a: " * 5000 + b"}" * 5000, "is nested deeper than 100 levels"),
    "dashes": (b"- " * 2_000_000, "is nested deeper than 100 levels"),
    "many": (b"[" + b"a," * 2_000_000 + b"a]", "holds more than 200000 nodes; split the file"),
    "documents": (b"---\n" * 1_000_000, "holds more than 200000 nodes; split the file"),
    "anchors": (b"- &a b\n" * 500_000, "holds more than 200000 nodes; split the file"),
    "keys": (b"a: 1\na: 2\n", "key 'a' stands twice; remove one"),
    "latin": (b"a: \xe9\n", "is not UTF-8; save the file as UTF-8"),
    "utf16": ("a: b\n".encode("utf-16"), "is not UTF-8; save the file as UTF-8"),
    "nul": (b"a: \0\n", "is not YAML: control characters are not allowed"),
    "separator": ("# a\u2028b: c\n".encode(), "holds U+2028"),
    "open": (b'"' + b"a b " * 1_000_000, "is not YAML: found unexpected end of stream"),
}


def towline(root: Path, *arguments: str, nobody: bool = False) -> tuple[int, str]:
    """Exit status and everything said, as somebody whom root's rights do not help."""
    done = subprocess.run(
        [sys.executable, "-m", "github_app.cli", *arguments],
        cwd=root,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).resolve().parents[2])},
        preexec_fn=_limited,
        user=65534 if nobody else None,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    return done.returncode, done.stdout + done.stderr


def _limited() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))


@pytest.fixture
def hostile(tmp_path: Path) -> Path:
    (tmp_path / "a.yaml").write_text(POD)
    for name, (content, _) in HOSTILE.items():
        (tmp_path / f"{name}.yaml").write_bytes(content + b"\n" + NGINX)
    return tmp_path


def test_hostile_files_are_said_and_the_others_are_listed(hostile: Path) -> None:
    status, said = towline(hostile, "pins")
    for name, (_, reason) in HOSTILE.items():
        (line,) = (one for one in said.splitlines() if one.startswith(f"{name}.yaml:"))
        assert f"not taken: {reason}" in line
    assert said.endswith(
        f"1 pin in 1 of {len(HOSTILE) + 1} files, {len(HOSTILE)} look-alikes not taken\n"
    )
    assert status == 0


def test_hostile_files_stay_and_the_others_are_bumped(hostile: Path) -> None:
    status, said = towline(hostile, "bump", "--set", "nginx=1.27", ".")
    for name, (content, reason) in HOSTILE.items():
        (line,) = (one for one in said.splitlines() if one.startswith(f"{name}.yaml:"))
        assert f"refused: {reason}" in line
        assert (hostile / f"{name}.yaml").read_bytes() == content + b"\n" + NGINX
    assert said.endswith(f"1 bump in 1 file, {len(HOSTILE)} refused\n")
    assert status == 1
    assert (hostile / "a.yaml").read_text() == POD.replace("1.25", "1.27")


def test_files_that_are_none_or_too_large_are_never_read(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text(POD)
    # 50 GB of nothing: reading it would take minutes, and all the memory there is.
    with (tmp_path / "huge.yaml").open("wb") as stream:
        stream.truncate(50 << 30)
    with (tmp_path / "large.json").open("wb") as stream:
        stream.write(b"# nginx\n" * (50 << 17))
    os.mkfifo(tmp_path / "pipe.yaml")
    (tmp_path / "zero.yaml").symlink_to("/dev/zero")
    (tmp_path / "directory.yaml").mkdir()
    # A socket's path may be no longer than 108 bytes.
    with socket.socket(socket.AF_UNIX) as listening:
        here = Path.cwd()
        os.chdir(tmp_path)
        listening.bind("socket.yaml")
        os.chdir(here)
    status, said = towline(tmp_path, "bump", "--set", "nginx=1.27", ".")
    assert status == 0, said
    assert "huge.yaml: not looked at: is larger than 4 MiB; split the file" in said
    assert "large.json: not looked at: is larger than 4 MiB; split the file" in said
    assert "pipe.yaml: not looked at: is a pipe, not a file" in said
    assert "socket.yaml: not looked at: cannot be read" in said
    assert f"zero.yaml: not looked at: is a link that leads out of {tmp_path}" in said
    assert "directory.yaml" not in said
    assert (tmp_path / "a.yaml").read_text() == POD.replace("1.25", "1.27")


def test_files_that_may_not_be_read_are_said() -> None:
    with tempfile.TemporaryDirectory() as directory:
        root = Path(directory)
        root.chmod(0o755)
        for name in ("a.yaml", "secret.yaml"):
            (root / name).write_text(POD)
        (root / "secret.yaml").chmod(0)
        (root / "closed").mkdir(mode=0)
        try:
            status, said = towline(root, "pins", ".", "closed", nobody=os.geteuid() == 0)
        except PermissionError:
            pytest.skip("root may read everything, and nobody else may start this Python")
        finally:
            (root / "closed").chmod(0o700)
    assert status == 1, said
    assert "a.yaml:3:38: image" in said
    assert "secret.yaml: not looked at: cannot be read: Permission denied" in said
    assert "closed: not looked at: cannot be read: Permission denied" in said


def test_a_large_bundle_is_done(tmp_path: Path) -> None:
    field = (
        "          field{}:\n            description: |-\n              Some lines of words, as\n"
        "              generators write them for each field.\n            type: string\n"
    )
    schema = "kind: CustomResourceDefinition\nspec:\n  versions:\n    - properties:\n"
    bundle = POD + "---\n" + schema + "".join(map(field.format, range(24_000)))
    assert 3 << 20 < len(bundle) < 4 << 20
    (tmp_path / "bundle.yaml").write_text(bundle)
    status, said = towline(tmp_path, "bump", "--set", "nginx=1.27", ".")
    assert (status, said.splitlines()[-1]) == (0, "1 bump in 1 file")
    assert (tmp_path / "bundle.yaml").read_text() == bundle.replace("1.25", "1.27")
