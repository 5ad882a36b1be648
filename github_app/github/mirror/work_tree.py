"""The files of one commit on disk, with others laid over them: what is rendered, as if checked out.

A Git directory of its own borrows the mirror's objects, so the mirror stays as it was fetched.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path

from github_app.github.mirror.bounds import MIB, Bounds, TooMuch, amount
from github_app.github.mirror.git import Git
from github_app.github.mirror.trees import MOST_PATHS
from github_app.github.mirror.values import checked_oid
from plugin.errors import Refusal, Temporary

MOST_BYTES = 2048 * MIB
"""Of one tree on disk."""
_MOST_FILE = 256 * MIB
# Trees that were laid over others; what Git made of them is thrown away in between.
_MOST_MADE = 500
_BOUNDS = Bounds(seconds=120.0, file=_MOST_FILE)
_SETTINGS = {
    "core.bare": "false",
    "core.fsync": "none",
    # A link in a repository is a link here: nothing of ours follows one out of the tree.
    "core.symlinks": "true",
    "advice.detachedHead": "false",
}
_OURS = "refs/heads/laid-over"


class WorkTree:
    """A directory for the trees of one mirror, one after another; only what differs is written.

    `place` is ours alone, and made anew whenever Git finds it broken.
    """

    def __init__(self, mirror: Git, place: Path) -> None:
        self._mirror = mirror
        self._place = place
        self._git = mirror.elsewhere(place / "git")
        self._ready = False
        self._measured: set[str] = set()
        self._made = 0

    @property
    def files(self) -> Path:
        """Where the files are."""
        return self._place / "files"

    def laid_over(self, commit: str | None, files: Mapping[str, bytes | None]) -> str:
        """The tree of `commit` with `files` (None: deleted) in place of its own; nothing is shown.

        Without a commit it is a tree of these files alone. It is there until the next call. Raises
        Temporary, and Refusal for a path that Git takes for none.
        """
        if commit is not None and not files:
            return self._tree(commit)
        if self._made >= _MOST_MADE:
            self.forget()
        self._prepare()
        self._made += 1
        told = b"".join(_commands(commit, files))
        arguments = ("fast-import", "--quiet", "--force", "--done")
        ran = self._git.run(*arguments, data=told, bounds=_BOUNDS)
        if ran.status != 0:
            raise Refusal(f"these files make no tree: {_words(ran.complaint)}")
        return self._tree(ran.out.decode().strip())

    def show(self, tree: str) -> None:
        """Make the directory hold exactly this tree; raises Refusal for one too large or no tree.

        Links are links and submodules empty directories, as in any checkout.
        """
        self._prepare()
        self._measure(tree)
        if self._read(tree) is None:
            return
        # What stands there a git that was killed may have left.
        self._clear()
        complaint = self._read(tree)
        if complaint is not None:
            self.forget()
            raise Refusal(f"its files cannot be written: {_words(complaint)}")

    def forget(self) -> None:
        """Remove everything."""
        shutil.rmtree(self._place, ignore_errors=True)
        self._ready, self._made = False, 0

    def _read(self, tree: str) -> str | None:
        """What Git complained about, None for nothing."""
        ran = self._git.run("read-tree", "--reset", "-u", checked_oid(tree), bounds=_BOUNDS)
        return ran.complaint if ran.status != 0 else None

    def _clear(self) -> None:
        """Nothing is there any more but what Git made of trees."""
        shutil.rmtree(self.files, ignore_errors=True)
        self.files.mkdir()
        for one in self._git.directory.glob("index*"):
            one.unlink()

    def _prepare(self) -> None:
        if self._ready:
            return
        shutil.rmtree(self._place, ignore_errors=True)
        self.files.mkdir(parents=True)
        self._git.directory.mkdir()
        sha256 = self._mirror.output("rev-parse", "--show-object-format").strip() == b"sha256"
        form = "--object-format=sha256" if sha256 else "--object-format=sha1"
        self._git.output("init", "--quiet", "--bare", "--template=", form)
        alternates = self._git.directory / "objects" / "info" / "alternates"
        alternates.parent.mkdir(exist_ok=True)
        alternates.write_text(f"{self._mirror.directory.resolve() / 'objects'}\n")
        for name, value in {**_SETTINGS, "core.worktree": str(self.files.resolve())}.items():
            self._git.output("config", name, value)
        self._ready = True

    def _tree(self, commit: str) -> str:
        self._prepare()
        ran = self._git.run("rev-parse", "--verify", "--quiet", f"{checked_oid(commit)}^{{tree}}")
        if ran.status != 0:
            raise Temporary(f"{commit} is not in the mirror: it must be fetched")
        return ran.out.decode().strip()

    def _measure(self, tree: str) -> None:
        """Refusal for what would fill the disk."""
        if tree in self._measured:
            return
        try:
            listed = self._git.output("ls-tree", "-r", "-l", "-z", checked_oid(tree))
        except TooMuch as error:
            raise Refusal(f"the repository has too many files to be rendered: {error}") from None
        sizes = [line.split(None, 4)[3] for line in listed.split(b"\0") if line]
        whole = sum(int(size) for size in sizes if size.isdigit())
        if len(sizes) > MOST_PATHS or whole > MOST_BYTES:
            raise Refusal(
                f"the repository is too large to be rendered: {len(sizes):,} files of "
                f"{amount(whole)}; at most {MOST_PATHS:,} of {amount(MOST_BYTES)}"
            )
        if len(self._measured) > _MOST_MADE:
            self._measured.clear()
        self._measured.add(tree)


def _commands(commit: str | None, files: Mapping[str, bytes | None]) -> Iterator[bytes]:
    """One commit on `commit`, for nobody to see (https://git-scm.com/docs/git-fast-import)."""
    yield b"feature done\n"
    yield f"commit {_OURS}\nmark :1\ncommitter Towline <> 0 +0000\ndata 0\n".encode()
    if commit is not None:
        yield f"from {checked_oid(commit)}\n".encode()
    for path, content in files.items():
        if content is None:
            yield b"D %b\n" % _quoted(path)
        else:
            yield b"M 100644 inline %b\ndata %d\n%b\n" % (_quoted(path), len(content), content)
    yield b"get-mark :1\ndone\n"


def _quoted(path: str) -> bytes:
    """A path in quotes, in which every byte but a letter or digit is written in octal."""
    raw = path.encode("utf-8", "surrogateescape")
    return b'"%b"' % b"".join(
        bytes((one,)) if one < 128 and chr(one).isalnum() else b"\\%03o" % one for one in raw
    )


def _words(complaint: str) -> str:
    return complaint.replace("\n", "; ")[:500] or "Git did not say why"
