"""The house rules: layers, sizes, docstrings, and a wheel that carries its data."""

from __future__ import annotations

import ast
import re
import shutil
import subprocess
import sys
import tomllib
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PACKAGES = ("plugin", "github_app")
MAX_FUNCTION = 40
MAX_MODULE = 250

# What may touch the world; every other module of the App stands in a contract that forbids it.
EDGE = {
    "app",
    "argocd",
    "cli",
    "console",
    "github",
    "inbox",
    "logs",
    "rounds",
    "sandbox",
    "worker",
    "wsgi",
}
EDGE |= {"guarded_http", "links", "measured", "places", "publishing", "tidying", "unanswered"}
EDGE |= {"rendered", "worker_thread", "wsgi_server"}

# A ratchet: what is too long today may not grow, and nothing may join without a word why.
LONG_FUNCTIONS: dict[str, int] = {
    "github_app/sandbox/people.py:_package": 48,
    "github_app/sandbox/rest/pull_shapes.py:pull_simple": 49,
    "github_app/sandbox/rest/pull_shapes.py:issue": 47,
}
LONG_MODULES: dict[str, int] = {
    "github_app/sandbox/git_store.py": 260,
    "github_app/sandbox/graphql/git_fields.py": 257,
    "github_app/sandbox/graphql/pull_fields.py": 260,
    "github_app/sandbox/rest/git_data.py": 272,
    "github_app/sandbox/state.py": 309,
    "github_app/sandbox/webhooks.py": 253,
}


def sources(*folders: str) -> Iterator[tuple[str, ast.Module, str]]:
    for folder in folders:
        for path in sorted((ROOT / folder).rglob("*.py")):
            text = path.read_text(encoding="utf-8")
            yield str(path.relative_to(ROOT)), ast.parse(text), text


def functions(tree: ast.Module) -> Iterator[tuple[str, int]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node.name, (node.end_lineno or node.lineno) - node.lineno + 1


def lint_imports(directory: Path) -> subprocess.CompletedProcess[str]:
    program = "from importlinter.cli import lint_imports_command; lint_imports_command()"
    command = [sys.executable, "-c", program, "--no-cache"]
    return subprocess.run(command, cwd=directory, capture_output=True, text=True, check=False)


def copy_of_the_tree(directory: Path) -> Path:
    for package in PACKAGES:
        shutil.copytree(
            ROOT / package, directory / package, ignore=shutil.ignore_patterns("__pycache__")
        )
    shutil.copy(ROOT / "pyproject.toml", directory)
    return directory


def test_the_import_contracts_hold() -> None:
    done = lint_imports(ROOT)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize(
    ("module", "line", "contract"),
    [
        ("plugin/errors.py", "import github_app", "The plugin never imports the App"),
        ("plugin/artifact/image.py", "import requests", "The plugin stays light"),
        ("plugin/freight.py", "import subprocess", "Values are pure"),
        ("plugin/errors.py", "import plugin.pipeline", "Values build on each other"),
        ("plugin/record.py", "import tempfile", "Text in, text out"),
        ("plugin/pins/splice.py", "import plugin.disks.policy", "Pins know nothing of disks"),
        ("github_app/plan.py", "import time", "Only the edge touches the world"),
        ("github_app/observe.py", "import github_app.github.api", "Observe and apply see ports"),
        ("github_app/webhooks/github.py", "import jwt", "A library's types stop"),
        (
            "github_app/webhooks/github.py",
            "import github_app.webhooks.distribution",
            "Webhook dialects do not know",
        ),
    ],
)
def test_a_planted_violation_is_caught(
    tmp_path: Path, module: str, line: str, contract: str
) -> None:
    tree = copy_of_the_tree(tmp_path)
    planted = tree / module
    planted.write_text(f"{planted.read_text(encoding='utf-8')}\n{line}\n", encoding="utf-8")
    done = lint_imports(tree)
    assert done.returncode == 1
    broken = [one for one in done.stdout.splitlines() if one.endswith("BROKEN")]
    assert any(one.startswith(contract) for one in broken), done.stdout


def test_every_module_of_the_app_is_pure_or_known_to_be_at_the_edge() -> None:
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    (pure,) = (
        one["source_modules"]
        for one in settings["tool"]["importlinter"]["contracts"]
        if one["name"].startswith("Only the edge")
    )
    app = ROOT / "github_app"
    modules = {one.stem for one in app.glob("*.py")} | {
        one.parent.name for one in app.glob("*/__init__.py")
    }
    assert modules - {one.split(".")[1] for one in pure} - {"__init__"} == EDGE


def test_no_function_outgrows_its_ratchet() -> None:
    long = {
        f"{file}:{name}": size
        for file, tree, _ in sources(*PACKAGES)
        for name, size in functions(tree)
        if size > MAX_FUNCTION
    }
    assert within(long, LONG_FUNCTIONS) == []


def test_no_module_outgrows_its_ratchet() -> None:
    lengths = {file: text.count("\n") for file, _, text in sources(*PACKAGES)}
    long = {file: lines for file, lines in lengths.items() if lines > MAX_MODULE}
    assert within(long, LONG_MODULES) == []


def within(found: dict[str, int], allowed: dict[str, int]) -> list[str]:
    """What is longer than allowed, and what is allowed although it has become shorter."""
    grown = [f"{name}: {size}" for name, size in found.items() if size > allowed.get(name, 0)]
    shrunk = [f"{name}: short enough now, take it off" for name in allowed if name not in found]
    return grown + shrunk


def test_every_module_says_what_it_is_for() -> None:
    silent = [file for file, tree, _ in sources(*PACKAGES, "bench") if not ast.get_docstring(tree)]
    assert silent == []


def test_nothing_uses_mocks() -> None:
    word = "unittest." + "mock"
    users = [file for file, _, text in sources(*PACKAGES, "tests", "bench") if word in text]
    assert users == []


def test_only_a_handful_of_modules_start_processes() -> None:
    allowed = ("plugin/kustomize/", "github_app/github/mirror/", "github_app/sandbox/")
    starts = r"^\s*(import|from) subprocess\b|\bos\.(posix_spawn|fork|exec|system|popen)"
    users = [
        file
        for file, _, text in sources(*PACKAGES)
        if re.search(starts, text, re.MULTILINE) and not file.startswith(allowed)
    ]
    assert users == []


def test_the_wheel_carries_everything_below_its_packages(tmp_path: Path) -> None:
    tree = copy_of_the_tree(tmp_path)
    for name in ("LICENSE", "README.md", ".gitignore"):
        if (ROOT / name).exists():
            shutil.copy(ROOT / name, tree)
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tree / "dist")]
    done = subprocess.run(command, cwd=tree, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    (wheel,) = (tree / "dist").glob("*.whl")
    packed = set(zipfile.ZipFile(wheel).namelist())
    expected = {
        str(path.relative_to(tree))
        for package in PACKAGES
        for path in (tree / package).rglob("*")
        if path.is_file()
    }
    assert expected - packed == set()


def test_the_readme_names_every_command(capsys: pytest.CaptureFixture[str]) -> None:
    from github_app.cli import main

    with pytest.raises(SystemExit):
        main(["--help"])
    commands = re.findall(r"^    ([a-z]+)\b", capsys.readouterr().out, re.MULTILINE)
    assert "demo" in commands
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    assert [name for name in commands if f"towline {name}" not in text] == []


def test_workflows_pin_actions_by_commit_and_ask_for_nothing_by_default() -> None:
    for path in (ROOT / ".github" / "workflows").glob("*.yml"):
        text = path.read_text(encoding="utf-8")
        assert "\npermissions: {}\n" in text
        for action in re.findall(r"uses: (\S+.*)", text):
            assert re.fullmatch(r"[\w./-]+@[0-9a-f]{40} # v[\d.]+", action), action
