"""The whole demo as a person runs it: a process, its words, its report, and its end."""

from __future__ import annotations

import json
import re
import shlex
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import requests

from github_app.console.posting import post
from github_app.signatures import Secret

ROOT = Path(__file__).resolve().parents[3]
DIGEST = re.compile(r"sha256:[0-9a-f]{64}")


@dataclass(frozen=True)
class Calling:
    """How the demo is called here: with our programs, its own TMPDIR, and a proxy that is none."""

    environ: dict[str, str]
    scratch: Path

    def command(self, *arguments: str) -> list[str]:
        return [sys.executable, "-m", "github_app.cli", "demo", *arguments]

    def run(self, *arguments: str, **environ: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            self.command(*arguments),
            cwd=ROOT,
            env=self.environ | environ,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )

    def left(self) -> list[str]:
        """Processes that still work on the demo's data."""
        listed = subprocess.run(["ps", "-eo", "args"], capture_output=True, text=True, check=True)
        return [one for one in listed.stdout.splitlines() if str(self.scratch) in one]


@pytest.fixture(scope="module")
def calling(
    kustomize: Path, registry_binary: Path, tmp_path_factory: pytest.TempPathFactory
) -> Calling:
    scratch = tmp_path_factory.mktemp("demo")
    environ = {
        "PATH": "/usr/local/bin:/usr/bin:/bin",
        "HOME": str(scratch),
        "TMPDIR": str(scratch),
        "TOWLINE_KUSTOMIZE": str(kustomize),
        "TOWLINE_REGISTRY": str(registry_binary),
        "HTTP_PROXY": "http://127.0.0.1:9",
        "http_proxy": "http://127.0.0.1:9",
        "PYTHONWARNINGS": "error::ResourceWarning",
    }
    return Calling(environ, scratch)


@dataclass
class Running:
    """A demo under way: every line it has printed so far can be waited for."""

    process: subprocess.Popen[str]
    lines: list[str] = field(default_factory=list)
    _more: threading.Condition = field(default_factory=threading.Condition)

    def listen(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            with self._more:
                self.lines.append(line.rstrip("\n"))
                self._more.notify_all()

    def line(self, pattern: str) -> re.Match[str]:
        """The first line that matches, now or within a minute."""
        found = self._until(lambda: [m for one in self.lines if (m := re.search(pattern, one))])
        return found[0]

    def _until(self, look: Callable[[], list[re.Match[str]]]) -> list[re.Match[str]]:
        with self._more:
            assert self._more.wait_for(look, 60), "\n".join(self.lines)
            return look()


@pytest.fixture
def hang_up() -> Iterator[None]:
    """SIGHUP with its usual effect, even where the tests run under nohup."""
    before = signal.signal(signal.SIGHUP, signal.SIG_DFL)
    yield
    signal.signal(signal.SIGHUP, before)


@pytest.fixture
def running(calling: Calling, hang_up: None) -> Iterator[Running]:
    del hang_up
    process = subprocess.Popen(
        calling.command(), cwd=ROOT, env=calling.environ, stdout=subprocess.PIPE, text=True
    )
    demo = Running(process)
    listener = threading.Thread(target=demo.listen)
    listener.start()
    try:
        yield demo
    finally:
        if process.poll() is None:
            process.terminate()
        process.wait(30)
        listener.join()
        assert process.stdout is not None
        process.stdout.close()


@pytest.fixture(scope="module")
def told(calling: Calling) -> tuple[subprocess.CompletedProcess[str], dict[str, Any]]:
    report = calling.scratch / "report.json"
    done = calling.run("--once", "--report", str(report))
    assert done.returncode == 0, done.stdout + done.stderr
    found: dict[str, Any] = json.loads(report.read_text())
    report.unlink()
    return done, found


Told = tuple[subprocess.CompletedProcess[str], dict[str, Any]]


def test_every_stage_renders_the_digest_pushed_last(told: Told) -> None:
    _, report = told
    assert list(report["stages"]) == ["dev", "staging", "prod"]
    images = {stage["rendered"]["image"] for stage in report["stages"].values()}
    (image,) = images
    assert re.fullmatch(rf"127\.0\.0\.1:\d+/acme/web:1\.1\.0@{DIGEST.pattern}", image)
    for stage in report["stages"].values():
        assert stage["rendered"]["digest"] == image.partition("@")[2]
        assert stage["freight"] == report["freight"]
        assert re.fullmatch("[0-9a-f]{40}", stage["mergedSha"])


def test_four_pull_requests_do_it_and_staging_keeps_its_own(told: Told) -> None:
    _, report = told
    assert report["pullRequests"] == 4
    numbers = {name: stage["pullRequest"] for name, stage in report["stages"].items()}
    assert numbers == {"dev": 3, "staging": 2, "prod": 4}


def test_the_report_has_exactly_the_promised_keys(told: Told) -> None:
    _, report = told
    assert set(report) == {
        "scenario",
        "freight",
        "stages",
        "pullRequests",
        "seconds",
        "githubCalls",
    }
    for stage in report["stages"].values():
        assert set(stage) == {"freight", "pullRequest", "mergedSha", "rendered"}
        assert set(stage["rendered"]) == {"image", "digest"}
    assert set(report["githubCalls"]) == {"rest", "graphql", "git"}
    assert all(count > 0 for count in report["githubCalls"].values())
    assert {"start", "1.0.0 in dev", "1.1.0 in prod", "total"} <= set(report["seconds"])


def test_it_tells_the_story_in_plain_lines(told: Told) -> None:
    done, _ = told
    assert done.stderr == ""
    assert "\x1b" not in done.stdout
    story = [
        re.sub(r"^ +[0-9.]+ s  ", "", one) for one in done.stdout.splitlines() if " s  " in one
    ]
    assert story == [
        "web 1.0.0 is pushed to the registry",
        "#1 is opened and merges by itself: dev runs 1.0.0",
        "#2 is opened: 1.0.0 to staging",
        "web 1.1.0 is pushed to the registry",
        "#3 is opened and merges by itself: dev runs 1.1.0",
        "#2 is updated: 1.1.0 to staging",
        "#2 is merged by alice: staging runs 1.1.0",
        "#4 is opened: 1.1.0 to prod",
        "#4 is merged by alice: prod runs 1.1.0",
    ]


def test_records_alone_tell_the_same_story(calling: Calling, tmp_path: Path) -> None:
    report = tmp_path / "report.json"
    kept = tmp_path / "kept"
    done = calling.run(
        "--once", "--scenario", "record", "--report", str(report), "--directory", str(kept)
    )
    assert done.returncode == 0, done.stdout + done.stderr
    found = json.loads(report.read_text())
    assert (found["scenario"], found["pullRequests"]) == ("record", 4)
    (image,) = {stage["rendered"]["image"] for stage in found["stages"].values()}
    assert re.fullmatch(rf"127\.0\.0\.1:\d+/acme/web:1\.1\.0@{DIGEST.pattern}", image)
    assert [stage["equalsPinned"] for stage in found["stages"].values()] == [True] * 3
    assert done.stdout.count("byte for byte the manifests that pinned files would give") == 4
    assert "#4 is merged by alice: prod runs 1.1.0" in done.stdout
    for stage in found["stages"]:
        directory = kept / "shop" / "stages" / stage
        assert "images:" not in (directory / "kustomization.yaml").read_text()
        assert "write: record\n" in (directory / ".freight" / "web.yaml").read_text()
    assert sorted(one.name for one in kept.iterdir() if "pinned" in one.name) == []


def test_a_scenario_that_there_is_not_is_refused(calling: Calling) -> None:
    done = calling.run("--once", "--scenario", "helm")
    assert done.returncode == 1
    assert "'helm' is not a scenario: pins, record" in done.stderr


def test_nothing_is_left_behind(told: Told, calling: Calling) -> None:
    assert calling.left() == []
    assert list(calling.scratch.iterdir()) == []


def test_a_chosen_directory_keeps_the_data(calling: Calling, tmp_path: Path) -> None:
    done = calling.run("--once", "--directory", str(tmp_path / "kept"))
    assert done.returncode == 0, done.stderr
    log = (tmp_path / "kept" / "app.log").read_text()
    assert all(json.loads(line)["message"] for line in log.splitlines())
    assert (tmp_path / "kept" / "shop" / "towline.yaml").exists()
    again = calling.run("--once", "--directory", str(tmp_path / "kept"))
    assert again.returncode == 1
    assert "is not empty; name a new directory" in again.stderr


def test_a_stage_that_cannot_be_rendered_fails_it_with_the_reason(
    calling: Calling, tmp_path: Path
) -> None:
    report = tmp_path / "report.json"
    done = calling.run("--once", "--report", str(report), TOWLINE_KUSTOMIZE="/bin/false")
    assert done.returncode == 1
    assert "stages/dev: kustomize refused" in done.stderr
    assert json.loads(report.read_text())["stages"] == {}
    kept = Path(done.stderr.rpartition("Everything was kept in ")[2].strip())
    assert (kept / "app.log").read_text()
    assert calling.left() == []


def test_a_missing_program_is_said_before_anything_starts(calling: Calling) -> None:
    done = calling.run("--once", TOWLINE_REGISTRY="/nowhere/registry")
    assert done.returncode == 1
    assert done.stdout == ""
    assert "TOWLINE_REGISTRY is '/nowhere/registry', which is not a program" in done.stderr


def test_a_push_to_no_demo_is_refused(calling: Calling) -> None:
    done = calling.run("push", "1.2.0", "--to", "127.0.0.1:9/acme/web")
    assert done.returncode == 1
    assert "127.0.0.1:9/acme/web: no demo's registry answers there" in done.stderr


def test_a_report_that_cannot_be_written_is_said_before_the_story(calling: Calling) -> None:
    done = calling.run("--once", "--report", "/nowhere/report.json")
    assert (done.returncode, done.stdout) == (1, "")
    assert "there is no directory /nowhere" in done.stderr


def test_a_person_can_go_on_and_ctrl_c_ends_everything(calling: Calling, running: Running) -> None:
    running.line("Ctrl-C ends everything")
    assert requests.get(running.line(r"App's metrics +(\S+)")[1], timeout=5).status_code == 200
    hints = [running.line(f"{name} +(.+)")[1] for name in ("push a version", "up to date")]
    hints += [running.line(f"{name} +(.+)")[1] for name in ("waited for", "render a stage")]
    for hint in hints:
        done = subprocess.run(
            shlex.split(hint), env=calling.environ, cwd=ROOT, capture_output=True, check=False
        )
        assert done.returncode == 0, (hint, done.stderr)
    secret = running.line(r"as CI would +export TOWLINE_POST_SECRET=(\w+);")[1]
    entrance, asked = running.line(r"http://\S+/webhooks/post")[0], {"image": "ghcr.io/acme/web"}
    assert post(entrance, Secret(secret), asked, datetime.now(UTC)) == "accepted"
    number = running.line(r"#(\d+) is opened: Promote shop/web 1\.2\.0 to staging")[1]
    press_merge(running.line(rf"http\S+/pull/{number}\b")[0])
    running.line(rf"#{number} is merged by alice")
    running.line(r"#\d+ is opened: Promote shop/web 1\.2\.0 to prod")
    running.process.send_signal(signal.SIGINT)
    assert running.process.wait(30) == 0
    assert running.lines[-1].strip() == "Stopping."
    assert calling.left() == []


def press_merge(page: str) -> None:
    """What a browser sends for the page's Merge button."""
    with requests.Session() as browser:
        text = browser.get(page, timeout=5).text
        form = re.search(r'<form method="post" action="(\S+/merge)">(.*?)</form>', text, re.DOTALL)
        assert form
        fields = dict(re.findall(r'name="(\w+)" value="(\w+)"', form[2]))
        place = page.partition("/acme/")[0] + form[1]
        answer = browser.post(place, data={**fields, "method": "merge"}, timeout=5)
        assert answer.status_code == 200, answer.text


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_it_can_be_stopped_in_the_middle(
    calling: Calling, running: Running, number: signal.Signals
) -> None:
    running.line("web 1.0.0 is pushed")
    running.process.send_signal(number)
    assert running.process.wait(30) == 130
    assert "Ctrl-C ends everything" not in "\n".join(running.lines)
    assert calling.left() == []
    assert [
        one for one in calling.scratch.glob("towline-demo-*") if not (one / "app.log").exists()
    ] == []
