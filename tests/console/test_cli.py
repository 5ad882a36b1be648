"""What people see when they call the command."""

from __future__ import annotations

import subprocess
import sys

import pytest

from github_app.cli import main, table


def test_help_names_every_command(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as left:
        main(["--help"])
    assert left.value.code == 0
    out = capsys.readouterr().out
    assert len(table()) >= 6
    for name in ("demo", "lint", "plan", "render", "serve", "deliveries"):
        assert f"\n    {name}" in out


def test_a_wrong_call_is_refused_with_what_to_do(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["lint", "--colour"]) == 1
    expected = "towline lint: unrecognized arguments: --colour; see 'towline lint --help'\n"
    assert capsys.readouterr().err == expected


def test_missing_settings_are_told_all_at_once(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("APP_ID", "PRIVATE_KEY", "WEBHOOK_SECRET"):
        monkeypatch.delenv(f"TOWLINE_{name}", raising=False)
    assert main(["serve"]) == 1
    err = capsys.readouterr().err
    assert all(f"TOWLINE_{name}" in err for name in ("APP_ID", "PRIVATE_KEY", "WEBHOOK_SECRET"))


@pytest.mark.parametrize("command", ["pins", "bump"])
def test_editing_files_waits_for_no_web_server_and_no_github(command: str) -> None:
    program = (
        "import sys\n"
        "from github_app.cli import main\n"
        "try: main(sys.argv[1:])\n"
        "except SystemExit: pass\n"
        "print({'flask', 'github', 'jwt', 'requests', 'waitress'} & set(sys.modules))\n"
    )
    called = [sys.executable, "-c", program, command, "--help"]
    done = subprocess.run(called, capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "set()"
