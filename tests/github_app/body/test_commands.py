"""Commands are offered where they make sense, and links of a stage are only links."""

from __future__ import annotations

from dataclasses import replace

from github_app.body.commands import commands
from github_app.body.stage_links import links
from github_app.gates import Gate, GateState
from tests.github_app.shop import PIPELINE
from tests.github_app.subjects import subject

USUAL = ["reject REASON", "hold REASON", "rollback REASON", "status", "help"]


def offered(*gates: Gate) -> list[str]:
    """The commands in their order, without `/towline`."""
    rows = commands(subject(gates=gates)).splitlines()
    return [row.split("`")[1].removeprefix("/towline ") for row in rows if row.startswith("| `")]


def test_the_usual_ones_are_always_there() -> None:
    assert offered(Gate("upstream", GateState.PASSED, "x")) == USUAL


def test_what_stands_in_the_way_brings_its_command() -> None:
    waiting, failed = GateState.WAITING, GateState.FAILED
    assert offered(Gate("upstream", waiting, "x")) == ["approve REASON", *USUAL]
    assert offered(Gate("window", waiting, "x")) == ["override window REASON", *USUAL]
    assert offered(Gate("rollout", waiting, "x")) == ["override rollout REASON", *USUAL]
    assert offered(Gate("pins", failed, "x")) == ["retry", *USUAL]
    held = offered(Gate("hold", failed, "x"))
    assert held == ["resume REASON", *(one for one in USUAL if one != "hold REASON")]


def test_who_holds_nothing_has_nothing_to_go_back_to() -> None:
    assert "rollback" not in commands(subject(before={}))


def shown(*pairs: tuple[str, str]) -> str:
    """The line of links of a stage that declares these."""
    return links(subject(stage=replace(PIPELINE[1], links=pairs)))


def test_a_stage_s_links_stand_in_their_order() -> None:
    said = shown(
        ("Grafana", "https://grafana.example/d?var-stage=${stage}"),
        ("Runbook", "https://wiki.example/${project}/${version}"),
    )
    assert said == (
        "**Links:** [Grafana](https://grafana.example/d?var-stage=staging) · "
        "[Runbook](https://wiki.example/shop/1.1.0)"
    )
    assert shown() == ""


def test_nothing_in_an_address_or_a_title_ends_the_link() -> None:
    assert shown(("a](b) @acme", 'https://x.example/(a) <b>"`c|d')) == (
        "**Links:** [`a](b)` `@acme`](https://x.example/%28a%29%20%3Cb%3E%22%60c%7Cd)"
    )
    assert shown(("x", "javascript:alert(1)")) == ""
