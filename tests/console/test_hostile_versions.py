"""What a stranger's Git tags do to the terminal of whoever looks at them: nothing."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from github_app.cli import main
from tests.console.conftest import Checkout
from tests.github.git_server import GitServer, git, serving

PIPELINE = """\
project: shop
warehouses:
  web:
    - {git: ADDRESS, select: lexical, ignore: [red]}
stages: {dev: {warehouses: [web], path: dev}}
"""
TAGS = ("9-\u202eabc", "8-\x9b2Jx", "7-\u200b", "6-\x9b31mred")


@pytest.fixture
def hostile(tmp_path: Path, checkout: Checkout) -> Iterator[Path]:
    """A checkout whose warehouse watches a repository with tags that steer terminals."""
    with serving(GitServer(tmp_path / "served")) as server:
        bare = server.repository("acme/config")
        tree = git(bare, "mktree")
        commit = git(bare, "commit-tree", tree, "-m", "First", at=1_700_000_000)
        git(bare, "update-ref", "refs/heads/main", commit)
        for tag in TAGS:
            git(bare, "update-ref", f"refs/tags/{tag}", commit)
        yield checkout({"towline.yaml": PIPELINE.replace("ADDRESS", server.address("acme/config"))})


@pytest.mark.parametrize("command", ["discover", "freight", "plan"])
def test_versions_are_written_and_not_obeyed(
    hostile: Path, command: str, capsys: pytest.CaptureFixture[str]
) -> None:
    for more in ((), ("--json",)):
        assert main([command, *more, str(hostile)]) == 0
        out, err = capsys.readouterr()
        assert f"{out}{err}".replace("\n", "").isprintable()
        assert more or "9-\\u202eabc" in out


def test_columns_fit_what_is_written(hostile: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["discover", str(hostile)]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert "       6-\\x9b31mred  ignore 'red'" in lines
    columns = {line.index("2023-11-14T") for line in lines if "2023-11-14T" in line}
    assert len(columns) == 1


def test_a_refusal_is_written_as_well(hostile: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["freight", "--warehouse", "web\x9b2J\u202e", str(hostile)]) == 1
    assert "warehouse 'web\\x9b2J\\u202e' here" in capsys.readouterr().err
