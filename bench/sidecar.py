"""The sidecar as its image has it, and programs run with their time, output and memory."""

from __future__ import annotations

import compileall
import os
import py_compile
import shutil
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import yaml

import plugin
from plugin.errors import Refusal

_SCRIPT = """\
#!{python} -IS
import sys
sys.path.insert(0, {library!r})
from plugin.cli import leave
leave()
"""
# A process begins with the memory of the one that started it: a small one tells what is its own.
_MEASURED = """\
import os, sys
pid = os.posix_spawn(sys.argv[1], sys.argv[1:], os.environ)
_, status, used = os.wait4(pid, 0)
print(used.ru_maxrss, file=sys.stderr)
sys.exit(os.waitstatus_to_exitcode(status))
"""


@dataclass(frozen=True, slots=True)
class Program:
    """A command, and the directory and environment it is run in."""

    command: tuple[str, ...]
    directory: Path
    environ: Mapping[str, str]

    def output(self) -> bytes:
        """What it prints; raises Refusal when it fails."""
        return _run(self.command, self.directory, self.environ).stdout

    def memory(self) -> float:
        """MiB of the largest process among it and all it starts."""
        command = (python(), "-IS", "-c", _MEASURED, *self.command)
        said = _run(command, self.directory, self.environ).stderr
        return int(said.split()[-1]) / 1024


def python() -> str:
    """The interpreter of this version that Debian has, as in the image, or else ours."""
    ours = f"python{sys.version_info.major}.{sys.version_info.minor}"
    return shutil.which(ours, path="/usr/bin") or os.path.realpath(sys.executable)


def installed(place: Path) -> str:
    """The script that the image of plugin/Dockerfile has, with compiled files that are not checked.

    It, the package and PyYAML lie in `place`, which is made.
    """
    library, script = place / "library", place / "towline-plugin"
    unwanted = shutil.ignore_patterns("__pycache__")
    for package in (plugin, yaml):
        source = Path(str(package.__file__)).parent
        shutil.copytree(source, library / source.name, ignore=unwanted)
    compileall.compile_dir(
        library, quiet=2, invalidation_mode=py_compile.PycInvalidationMode.UNCHECKED_HASH
    )
    script.write_text(_SCRIPT.format(python=python(), library=str(library)), encoding="utf-8")
    script.chmod(0o755)
    return str(script)


def latencies(programs: Sequence[Program]) -> tuple[float, list[float]]:
    """The seconds until all of `programs`, started at once, are done, and those of each."""
    start = time.perf_counter()

    def ended(one: Program) -> float:
        one.output()
        return time.perf_counter() - start

    with ThreadPoolExecutor(len(programs)) as pool:
        each = list(pool.map(ended, programs))
    return max(each), each


def _run(
    command: Sequence[str], directory: Path, environ: Mapping[str, str]
) -> subprocess.CompletedProcess[bytes]:
    try:
        done = subprocess.run(
            command, cwd=directory, env=dict(environ), capture_output=True, check=False
        )
    except FileNotFoundError:
        raise Refusal(f"{command[0]} is missing: no figure of rendering") from None
    if done.returncode:
        raise Refusal(f"{command[0]} failed: {done.stderr.decode(errors='replace')[:500]}")
    return done
