"""A real OCI registry (CNCF distribution) on a free loopback port, for the demo and the tests."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from plugin.errors import Refusal

_LISTENING = re.compile(r"listening on 127\.0\.0\.1:([0-9]+)")
_POLL_SECONDS = 0.02
_POLLS = 1000


@dataclass(frozen=True, slots=True)
class Notify:
    """Where the registry posts its notifications, and the bearer token it shows there."""

    url: str
    secret: str


@dataclass(frozen=True, slots=True)
class RunningRegistry:
    """A registry that answers at `host`, with what it says about itself in the file `log`."""

    host: str
    log: Path

    @property
    def url(self) -> str:
        """The base URL, without a slash at its end."""
        return f"http://{self.host}"


@contextmanager
def registry(
    binary: Path,
    directory: Path,
    *,
    notify: Notify | None = None,
    htpasswd: str | None = None,
    port: int = 0,
) -> Iterator[RunningRegistry]:
    """A running registry that keeps its images in `directory` and ends with the block.

    `htpasswd` is the text of a password file (bcrypt lines only); without it everybody may push.
    Port 0 takes a free one. Raises Refusal when the registry does not start.
    """
    directory.mkdir(parents=True, exist_ok=True)
    settings = configuration(directory, notify, port)
    if htpasswd is not None:
        passwords = directory / "htpasswd"
        passwords.write_text(htpasswd, encoding="utf-8")
        settings["auth"] = {"htpasswd": {"realm": "towline", "path": str(passwords)}}
    with started(binary, directory, settings) as running:
        yield running


@contextmanager
def started(
    binary: Path, directory: Path, settings: Mapping[str, Any]
) -> Iterator[RunningRegistry]:
    """A running registry of any configuration, which stands with its log in `directory`.

    Raises Refusal when the registry does not start.
    """
    directory.mkdir(parents=True, exist_ok=True)
    config, log = directory / "registry.yaml", directory / "registry.log"
    config.write_text(json.dumps(settings, indent=2), encoding="utf-8")  # JSON is YAML
    with log.open("wb") as output:
        process = subprocess.Popen(
            [str(binary), "serve", str(config)],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            # Without this the registry looks for a trace collector every few seconds.
            env={"OTEL_TRACES_EXPORTER": "none"},
            start_new_session=True,
        )
    try:
        yield RunningRegistry(f"127.0.0.1:{_port(process, log)}", log)
    finally:
        _stop(process)


def configuration(directory: Path, notify: Notify | None = None, port: int = 0) -> dict[str, Any]:
    """A registry that keeps its images in `directory` and asks nobody for a password.

    https://distribution.github.io/distribution/about/configuration/ says what stands there.
    """
    endpoints = [] if notify is None else [_endpoint(notify)]
    return {
        "version": 0.1,
        "log": {"level": "info", "accesslog": {"disabled": True}},
        "storage": {
            "filesystem": {"rootdirectory": str(directory / "storage")},
            "delete": {"enabled": True},
        },
        "http": {"addr": f"127.0.0.1:{port}"},
        "notifications": {"events": {"includereferences": True}, "endpoints": endpoints},
    }


def _endpoint(notify: Notify) -> dict[str, Any]:
    return {
        "name": "towline",
        "url": notify.url,
        "headers": {"Authorization": [f"Bearer {notify.secret}"]},
        "timeout": "2s",
        "threshold": 3,
        "backoff": "200ms",
        # Layers and pulls say nothing about tags: without them one push is one notification.
        "ignore": {
            "mediatypes": ["application/octet-stream"],
            "actions": ["pull"],
        },
    }


def _port(process: subprocess.Popen[bytes], log: Path) -> str:
    """The port from the registry's own words: it has chosen it, so nobody can take it first."""
    for _ in range(_POLLS):
        said = log.read_text(encoding="utf-8", errors="replace")
        found = _LISTENING.search(said)
        if found:
            return found[1]
        if process.poll() is not None:
            raise Refusal(f"the registry ended with status {process.returncode}: {said[-2000:]}")
        time.sleep(_POLL_SECONDS)
    raise Refusal(f"the registry does not listen after {_POLLS * _POLL_SECONDS:.0f} seconds: {log}")


def _stop(process: subprocess.Popen[bytes]) -> None:
    """End the registry and whatever it started; it leads a process group of its own."""
    for sign in (signal.SIGTERM, signal.SIGKILL):
        if process.poll() is not None:
            return
        os.killpg(process.pid, sign)
        try:
            process.wait(timeout=5)
        except subprocess.TimeoutExpired:
            continue
