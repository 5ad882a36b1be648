"""What the sidecar runs, seen from outside: how often, how many at once, what is left over."""

from __future__ import annotations

import json
import os
import shutil
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.argocd.processes import Running, running_below
from tests.plugin.shop import installed

SECRET = "hunter2-do-not-show"
LOOK = 0.02

# Put into the plugin's script. What kustomize is let do is too little for it to tell of itself.
NOTES = """\
import json, os
def note(event, said):
    if event == "os.posix_spawn":
        below = os.getcwd().partition("/_cmp_server/")
        root, _, directory = below[2].partition("/")
        names = os.listdir("/".join((below[0], "_cmp_server", root)))
        line = json.dumps([directory, names]).encode() + b"\\n"
        file = os.open({file!r}, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        os.write(file, line)
        os.close(file)
sys.addaudithook(note)
"""
FAILING = "#!/bin/sh\necho 'the machine is tired' >&2\nexit 1\n"
HANGING = "#!/bin/sh\nexec /bin/sleep 300\n"


@dataclass(frozen=True, slots=True)
class Run:
    """One start of kustomize: the stage's directory, and what lies at the root of the tree."""

    directory: str
    root: frozenset[str]


@dataclass(frozen=True, slots=True)
class Sidecar:
    """The plugin as an image has it, with a real kustomize that can be made to fail or hang."""

    place: Path
    script: Path

    @classmethod
    def installed(cls, place: Path, kustomize: Path) -> Sidecar:
        """The plugin below `place`, which notes each start of kustomize."""
        script = installed(place)
        shutil.copy2(kustomize, place / "kustomize")
        notes = NOTES.format(file=str(place / "runs"))
        text = script.read_text(encoding="utf-8")
        script.write_text(text.replace("from plugin.cli", f"{notes}from plugin.cli"))
        return cls(place, script)

    def environment(self, github_url: str) -> dict[str, str]:
        """As its operator sets it up, and something that may never be seen."""
        return {
            "TOWLINE_KUSTOMIZE": str(self.place / "kustomize"),
            "TOWLINE_CACHE": str(self.place / "cache"),
            "TOWLINE_SLOTS": "2",
            # A busy machine is no reason for a test to fail.
            "TOWLINE_TIMEOUT": "240",
            "TOWLINE_GITHUB_URL": github_url,
            "DATABASE_PASSWORD": SECRET,
        }

    def runs(self) -> list[Run]:
        """All runs of kustomize since the last question."""
        file = self.place / "runs"
        lines = file.read_text(encoding="utf-8").splitlines() if file.exists() else []
        file.unlink(missing_ok=True)
        return [Run(directory, frozenset(names)) for directory, names in map(json.loads, lines)]

    @contextmanager
    def failing(self) -> Iterator[None]:
        """Every run of kustomize fails."""
        with self._instead(FAILING):
            yield

    @contextmanager
    def hanging(self) -> Iterator[None]:
        """Every run of kustomize takes minutes."""
        with self._instead(HANGING):
            yield

    @contextmanager
    def _instead(self, text: str) -> Iterator[None]:
        program, aside = self.place / "kustomize", self.place / "aside"
        program.rename(aside)
        program.write_text(text, encoding="utf-8")
        program.chmod(0o755)
        try:
            yield
        finally:
            aside.rename(program)


@contextmanager
def highest(count: Callable[[], int]) -> Iterator[list[int]]:
    """A list with one number, the highest that `count` gave while the block ran."""
    most, over = [0], threading.Event()

    def watch() -> None:
        while not over.wait(LOOK):
            most[0] = max(most[0], count())

    thread = threading.Thread(target=watch)
    thread.start()
    try:
        yield most
    finally:
        over.set()
        thread.join()


def builds(directory: Path) -> list[Running]:
    """The kustomize processes among those that work in this directory."""
    return [one for one in running_below(directory) if "build" in one.command]


def zombies() -> list[int]:
    """Ended processes that nobody waited for, of this session; our own children aside.

    https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html
    """
    return [pid for pid, parent, state in _session() if state == "Z" and parent != os.getpid()]


def _session() -> Iterator[tuple[int, int, str]]:
    mine = os.getsid(0)
    for process in Path("/proc").glob("[0-9]*"):
        try:
            text = (process / "stat").read_text(encoding="utf-8", errors="replace")
        except OSError:
            continue  # it ended, or is another user's
        state, parent, _, session, *_ = text.rpartition(")")[2].split()
        if int(session) == mine:
            yield int(process.name), int(parent), state
