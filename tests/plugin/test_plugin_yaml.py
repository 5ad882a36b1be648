"""plugin.yaml: what Argo CD reads of it, which says nothing of what it does not know."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.plugin.cmp_server import KIND, LONGEST_SOCKET, Command, Config, Failed

PLUGIN = Path(__file__).resolve().parent.parent.parent / "plugin"
BOTH = ("plugin.yaml", "plugin-discover.yaml")
SOCKETS = "/home/argocd/cmp-server/plugins"
# All fields there are, in v3.2 and in the newest: cmpserver/plugin/config.go
COMMAND = {"command": None, "args": None}
KNOWN: dict[str, Any] = {
    "apiVersion": None,
    "kind": None,
    "metadata": {"name": None},
    "spec": {
        "version": None,
        "init": COMMAND,
        "generate": COMMAND,
        "discover": {"fileName": None, "find": {**COMMAND, "glob": None}},
        "parameters": {"static": None, "dynamic": COMMAND},
        "preserveFileMode": None,
        "provideGitCreds": None,
    },
}


def said(name: str) -> dict[str, Any]:
    read: dict[str, Any] = yaml.safe_load((PLUGIN / name).read_text(encoding="utf-8"))
    return read


def unknown(node: Any, known: Any) -> list[str]:
    if not isinstance(node, dict) or known is None:
        return []
    here = [key for key in node if key not in known]
    return here + [one for key in node if key in known for one in unknown(node[key], known[key])]


@pytest.mark.parametrize("name", BOTH)
def test_a_misspelt_key_would_be_passed_over_in_silence(name: str) -> None:
    assert unknown(said(name), KNOWN) == []
    assert unknown({"spec": {"discovery": {}}}, KNOWN) == ["discovery"]


@pytest.mark.parametrize("name", BOTH)
def test_it_is_what_the_server_starts_with(name: str) -> None:
    config = Config.read(PLUGIN / name)
    assert said(name)["kind"] == KIND
    assert config.generate == Command(("towline-plugin", "generate"))
    assert config.dynamic == Command(("towline-plugin", "parameters"))
    assert config.init == Command(())


@pytest.mark.parametrize("name", BOTH)
def test_applications_name_it_with_its_version(name: str) -> None:
    config = Config.read(PLUGIN / name)
    assert (config.name, config.version) == ("towline", "v1")
    assert config.full_name == "towline-v1"
    assert len(f"{SOCKETS}/{config.full_name}.sock") <= LONGEST_SOCKET


@pytest.mark.parametrize("name", BOTH)
def test_no_modes_and_no_credentials_are_asked_for(name: str) -> None:
    spec = said(name)["spec"]
    assert (spec["preserveFileMode"], spec["provideGitCreds"]) == (False, False)


def test_only_who_wants_discovery_pays_for_it() -> None:
    plain, discovering = said("plugin.yaml"), said("plugin-discover.yaml")
    assert "discover" not in plain["spec"]
    find = discovering["spec"].pop("discover")
    assert find == {"find": {"command": ["towline-plugin", "discover"]}}
    assert discovering == plain


@pytest.mark.parametrize(
    "change",
    [
        {"kind": "Plugin"},
        {"metadata": {"name": ""}},
        {"spec": {"generate": {"command": []}}},
    ],
)
def test_the_server_does_not_start_with_less(tmp_path: Path, change: dict[str, Any]) -> None:
    file = tmp_path / "plugin.yaml"
    file.write_text(yaml.safe_dump(said("plugin.yaml") | change), encoding="utf-8")
    with pytest.raises(Failed):
        Config.read(file)
