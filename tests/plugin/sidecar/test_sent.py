"""Where the tree begins that Argo CD sent, and which words of the Application count."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from plugin.sidecar.sent import PARAMETERS, STAGE, below, root_of, words

ID = "6f1d0c5e-0d5f-4d3e-9b0a-1f2e3d4c5b6a"
ROOT = Path(__file__).resolve().parents[3]


@pytest.mark.parametrize(
    ("cwd", "source_path", "repositories", "root"),
    [
        (f"/work/_cmp_server/{ID}/stages/prod", "stages/prod", (), f"/work/_cmp_server/{ID}"),
        (f"/work/_cmp_server/{ID}/prod", "stages/prod", (), f"/work/_cmp_server/{ID}"),
        (f"/work/_cmp_server/{ID}", ".", (), f"/work/_cmp_server/{ID}"),
        (f"/work/_cmp_server/{ID.upper()}/a", "", (), f"/work/_cmp_server/{ID.upper()}"),
        (
            f"/a/_cmp_server/{ID}/_cmp_server/{ID}/b",
            "b",
            (),
            f"/a/_cmp_server/{ID}/_cmp_server/{ID}",
        ),
        ("/work/_cmp_server/not-a-uuid/a", "a", (), "/work/_cmp_server/not-a-uuid"),
        (f"/work/{ID}/stages/prod", "", (), f"/work/{ID}/stages/prod"),
        ("/home/me/shop/stages/prod", "./stages//prod/", (), "/home/me/shop"),
        ("/stages/prod", "stages/prod", (), "/"),
        ("/home/me/shop/stages/prod", "tages/prod", (), "/home/me/shop/stages/prod"),
        ("/home/me/shop/stages/prod", "../prod", (), "/home/me/shop/stages/prod"),
        ("/home/me/shop/stages/prod", "dev", ("/home/me/shop", "/"), "/home/me/shop"),
        ("/home/me/shop", ".", ("/home/me",), "/home/me/shop"),
        ("/home/me/shop", "", ("/",), "/"),
        ("/home/me/shop", "", (), "/home/me/shop"),
    ],
)
def test_the_trees_root(
    cwd: str, source_path: str, repositories: tuple[str, ...], root: str
) -> None:
    assert root_of(cwd, source_path, repositories.__contains__) == root


def test_a_path_from_the_root() -> None:
    assert below("/a/b", "/a/b/c/d") == "c/d"
    assert below("/a/b", "/a/b") == ""
    assert below("/", "/a") == "a"


def test_words_are_equal_when_they_ask_for_the_same() -> None:
    silent = words({})
    assert words({PARAMETERS: "null"}) == words({PARAMETERS: "[]"}) == words({STAGE: ""}) == silent
    assert words({STAGE: "dev"}) != words({PARAMETERS: '[{"name":"stage","string":"dev"}]'})
    assert words({STAGE: "dev", "ARGOCD_APP_REVISION": "a"}) == words({STAGE: "dev"})


@pytest.mark.parametrize(
    "module",
    ["plugin.sidecar.sent", "plugin.sidecar.calls", "plugin.sidecar.ahead", "plugin.cli"],
)
def test_a_known_answer_needs_no_heavy_module(module: str) -> None:
    heavy = {"dataclasses", "typing", "re", "json", "pathlib", "yaml", "argparse", "subprocess"}
    look = f"import sys; sys.path.insert(0, {str(ROOT)!r}); import {module}; print(*sys.modules)"
    done = subprocess.run(
        [sys.executable, "-I", "-S", "-c", look], capture_output=True, check=True, text=True
    )
    assert heavy.isdisjoint(done.stdout.split())
