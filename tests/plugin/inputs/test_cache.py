"""A cache of manifests: equal inputs give equal bytes, and what breaks it breaks no render."""

from __future__ import annotations

import multiprocessing
import os
import resource
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from plugin.inputs.cache import Cache
from plugin.inputs.closure import Rules, closure_of

LIMIT = 64 << 20
ROOT = Path(__file__).resolve().parents[3]


def stage(root: Path, text: str = "a: 1\n") -> Path:
    """A tree with a stage of two files, one of them elsewhere."""
    for name in ("prod", "base"):
        (root / name).mkdir(parents=True, exist_ok=True)
    (root / "prod/kustomization.yaml").write_text("resources: [../base/a.yaml]\n")
    (root / "base/a.yaml").write_text(text)
    return root


def keep(cache: Cache, root: Path, manifests: bytes, version: str = "1") -> None:
    cache.keep("prod", version, str(root), closure_of(root, "prod", Rules()).shape, manifests)


def found(cache: Cache, root: Path, version: str = "1") -> bytes | None:
    return cache.found("prod", version, str(root))


def files(directory: Path) -> list[Path]:
    return sorted(one for one in directory.rglob("*") if one.is_file())


def test_equal_inputs_are_found_wherever_and_whenever_they_are(tmp_path: Path) -> None:
    cache = Cache(str(tmp_path / "cache"), LIMIT)
    assert found(cache, stage(tmp_path / "one")) is None
    keep(cache, tmp_path / "one", b"manifests")
    other = stage(tmp_path / "other")
    (other / "base/unread.yaml").write_text("")
    os.utime(other / "base/a.yaml", (1, 1))
    assert found(Cache(str(tmp_path / "cache"), LIMIT), other) == b"manifests"


def test_a_renderer_is_never_given_what_another_one_made(tmp_path: Path) -> None:
    cache, root = Cache(str(tmp_path / "cache"), LIMIT), stage(tmp_path / "root")
    keep(cache, root, b"old", version="1")
    assert found(cache, root, version="2") is None
    keep(cache, root, b"new", version="2")
    assert (found(cache, root, "1"), found(cache, root, "2")) == (b"old", b"new")


def change(root: Path, how: str) -> None:
    base, file = root / "base", root / "base/a.yaml"
    if how == "directory to link":
        base.rename(root / "real")
        base.symlink_to("real")
    elif how == "another kustomization":
        (root / "prod/Kustomization").write_text("")
    elif how == "a first record":
        (root / "prod/.freight").mkdir()
    else:
        file.unlink()
    if how == "content":
        file.write_text("a: 2\n")
    elif how == "file to directory":
        file.mkdir()
    elif how == "file to pipe":
        os.mkfifo(file)


@pytest.mark.parametrize(
    "how",
    [
        "content",
        "gone",
        "directory to link",
        "another kustomization",
        "a first record",
        "file to directory",
        "file to pipe",
    ],
)
def test_a_change_of_what_was_read_is_seen(tmp_path: Path, how: str) -> None:
    cache, root = Cache(str(tmp_path / "cache"), LIMIT), stage(tmp_path / "root", "")
    keep(cache, root, b"manifests")
    change(root, how)
    assert found(cache, root) is None


def test_going_back_is_found_and_so_are_several_shapes(tmp_path: Path) -> None:
    cache, root = Cache(str(tmp_path / "cache"), LIMIT), stage(tmp_path / "root")
    for number in range(20):
        (root / f"base/{number}.yaml").write_text("")
        stage(root, f"a: {number}\n")
        keep(cache, root, b"%d" % number)
        listed = f"resources: [../base/a.yaml, ../base/{number}.yaml]\n"
        (root / "prod/kustomization.yaml").write_text(listed)
        keep(cache, root, b"more %d" % number)
        assert found(cache, root) == b"more %d" % number
    assert found(cache, stage(root, "a: 3\n")) == b"3"


def test_the_whole_tree_counts_but_for_what_git_keeps(tmp_path: Path) -> None:
    cache, root = Cache(str(tmp_path / "cache"), LIMIT), stage(tmp_path / "root")
    (root / "prod/kustomization.yaml").write_text("transformers: [../base/a.yaml]\n")
    (root / ".git").mkdir()
    (root / "far/away").mkdir(parents=True)
    keep(cache, root, b"manifests")
    (root / ".git/index").write_text("changed")
    assert found(cache, root) == b"manifests"
    changes: list[Callable[[], object]] = [
        lambda: (root / "far/away/file").write_text("1"),
        lambda: (root / "far/away/file").write_text("2"),
        lambda: (root / "far/away").rename(root / "far/off"),
        lambda: (root / "far/link").symlink_to("off"),
        (root / "far/.git").mkdir,
    ]
    for one in changes:
        one()
        assert found(cache, root) is None
        keep(cache, root, b"manifests")
        assert found(cache, root) == b"manifests"


@pytest.mark.parametrize("harm", [b"", b"x", b"\0" * 40])
def test_what_is_damaged_is_a_miss_and_goes(tmp_path: Path, harm: bytes) -> None:
    cache, root = Cache(str(tmp_path / "cache"), LIMIT), stage(tmp_path / "root")
    for one in range(2):
        keep(cache, root, b"manifests")
        kept = files(tmp_path / "cache")
        assert len(kept) == 2
        content = kept[one].read_bytes()
        kept[one].write_bytes(harm or content[:-1])
        assert found(cache, root) is None
        assert not kept[one].exists()
    keep(cache, root, b"manifests")
    assert found(cache, root) == b"manifests"


def test_an_entry_under_anothers_name_is_a_miss(tmp_path: Path) -> None:
    cache, root = Cache(str(tmp_path / "cache"), LIMIT), stage(tmp_path / "root")
    keep(cache, root, b"mine")
    (mine,) = (one for one in files(tmp_path / "cache") if one.read_bytes().endswith(b"mine"))
    keep(cache, stage(root, "a: 2\n"), b"another's")
    (other,) = (one for one in files(tmp_path / "cache") if one.read_bytes().endswith(b"her's"))
    other.write_bytes(mine.read_bytes())
    assert found(cache, root) is None
    assert found(cache, stage(root)) == b"mine"


def test_what_a_killed_writer_left_is_swept(tmp_path: Path) -> None:
    cache, root = Cache(str(tmp_path / "cache"), LIMIT), stage(tmp_path / "root")
    left = []
    for part in "0123456789abcdef":
        (tmp_path / "cache" / part).mkdir(parents=True)
        left += [tmp_path / "cache" / part / f".{age}" for age in ("old", "new")]
    for one in left:
        one.write_bytes(b"half")
        if one.name == ".old":
            os.utime(one, (1, 1))
    for number in range(200):
        keep(cache, stage(root, str(number)), b"manifests")
    assert {one.name for one in left if one.exists()} == {".new"}


def test_it_stays_below_its_limit_and_forgets_what_was_not_used(tmp_path: Path) -> None:
    limit = 16 * (32 << 10)
    cache, root = Cache(str(tmp_path / "cache"), limit), stage(tmp_path / "root", "used")
    keep(cache, root, b"used")
    for number in range(150):
        stage(root, str(number))
        keep(cache, root, b"x" * 6000)
        assert found(cache, stage(root, "used")) == b"used"
    kept = files(tmp_path / "cache")
    assert sum(one.stat().st_size for one in kept) <= limit
    assert len(kept) > 30
    assert found(cache, stage(root, "0")) is None
    keep(cache, root, b"x" * limit)
    assert found(cache, root) is None


def test_a_full_disk_and_a_directory_that_is_none_are_misses(tmp_path: Path) -> None:
    root = stage(tmp_path / "root")
    (tmp_path / "file").write_text("")
    for directory in ("file", "file/below", "x" * 300):
        cache = Cache(str(tmp_path / directory), LIMIT)
        keep(cache, root, b"manifests")
        assert found(cache, root) is None
    full = multiprocessing.get_context("fork").Process(
        target=_keep_on_a_full_disk, args=(tmp_path / "cache", root)
    )
    full.start()
    full.join(30)
    assert full.exitcode == 0
    assert files(tmp_path / "cache") == []


def _keep_on_a_full_disk(directory: Path, root: Path) -> None:
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (10, 10))
    cache = Cache(str(directory), LIMIT)
    keep(cache, root, b"manifests" * 1000)
    assert found(cache, root) is None


def test_a_cache_that_may_only_be_read_still_serves(tmp_path: Path) -> None:
    cache, root = Cache(str(tmp_path / "cache"), LIMIT), stage(tmp_path / "root")
    keep(cache, root, b"manifests")
    before = files(tmp_path / "cache")
    parts = [one for one in (tmp_path / "cache").iterdir() if one.is_dir()]
    for part in parts:
        part.chmod(0o500)
    try:
        assert found(cache, root) == b"manifests"
        keep(cache, stage(root, "new"), b"new")
        if os.geteuid() != 0:
            assert files(tmp_path / "cache") == before
    finally:
        for part in parts:
            part.chmod(0o700)


def test_many_processes_write_and_read_at_once(tmp_path: Path) -> None:
    context = multiprocessing.get_context("fork")
    workers = [
        context.Process(target=_work, args=(tmp_path / "cache", tmp_path / f"root{n}", n))
        for n in range(6)
    ]
    for one in workers:
        one.start()
    for one in workers:
        one.join(60)
    assert [one.exitcode for one in workers] == [0] * 6
    cache = Cache(str(tmp_path / "cache"), LIMIT)
    for number in range(30):
        assert found(cache, stage(tmp_path / "last", str(number))) == b"%d" % number * 5000


def _work(directory: Path, root: Path, seed: int) -> None:
    """The same thirty trees in another order, in a cache of its own size."""
    cache = Cache(str(directory), LIMIT)
    for step in range(90):
        number = (seed * 7 + step * 11) % 30
        stage(root, str(number))
        manifests = b"%d" % number * 5000
        assert found(cache, root) in {None, manifests}
        keep(cache, root, manifests)
        assert found(cache, root) == manifests


def test_a_hit_loads_nothing_heavy() -> None:
    program = (
        "import sys; sys.path.insert(0, sys.argv[1])\n"
        "from plugin.inputs.cache import Cache\n"
        "Cache('/nonexistent', 1).found('a', 'b', '/')\n"
        "print(*sys.modules)"
    )
    command = [sys.executable, "-I", "-S", "-c", program, str(ROOT)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    loaded = set(done.stdout.split())
    assert "plugin.inputs.cache" in loaded
    heavy = "dataclasses typing re json yaml subprocess pathlib enum hashlib logging".split()
    assert [name for name in heavy if name in loaded] == []
