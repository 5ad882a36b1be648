"""The pipeline's picture is drawn as Towline writes it; anything else is left as text."""

from __future__ import annotations

import xml.etree.ElementTree as ET

import pytest

from github_app.sandbox.pages.mermaid import drawing

PIPELINE = """
flowchart LR
  w(["web"])
  s0["dev<br/>brave-otter"]
  s1["staging"]
  s2["prod"]
  w --> s0
  s0 --> s1
  s1 -->|after 30m| s2
  class s1 promoted
  classDef promoted stroke-width:4px
"""


def parsed(source: str) -> ET.Element:
    svg = drawing(source)
    assert svg is not None
    return ET.fromstring(svg)  # noqa: S314 - our own drawing


def boxes(source: str) -> list[tuple[float, str]]:
    """Where each box begins, and its first line."""
    found = []
    for group in parsed(source).findall("g"):
        rect, text = group.find("rect"), group.find("text")
        assert rect is not None
        assert text is not None
        found.append((float(rect.attrib["x"]), text.text or ""))
    return found


def test_stages_stand_in_the_order_of_their_arrows() -> None:
    assert [name for _, name in sorted(boxes(PIPELINE))] == ["web", "dev", "staging", "prod"]


def test_the_promoted_stage_is_marked() -> None:
    marked = [g for g in parsed(PIPELINE).findall("g") if "marked" in g.attrib["class"]]
    assert [group.findtext("text") for group in marked] == ["staging"]


def test_it_can_be_heard_too() -> None:
    assert parsed(PIPELINE).attrib["aria-label"] == "web to dev; dev to staging; staging to prod"


def test_two_stages_after_one_stand_above_each_other() -> None:
    fork = 'flowchart LR\n a["dev"]\n b["eu"]\n c["us"]\n a --> b\n a --> c\n'
    places = {name: x for x, name in boxes(fork)}
    assert places["eu"] == places["us"] > places["dev"]


def test_labels_are_text_whatever_they_hold() -> None:
    label = "#60;script#62;#34;#38;#1114112;"
    (box,) = boxes(f'flowchart LR\n a["{label}"]')
    assert box[1] == '<script>"&\N{REPLACEMENT CHARACTER}'


@pytest.mark.parametrize(
    "source",
    [
        "",
        "flowchart LR",
        "sequenceDiagram\n a->>b: hello",
        'flowchart LR\n a["dev"]\n a --> b',
        'flowchart LR\n a["dev"]\n b["x"]\n a --> b\n b --> a',
        'flowchart LR\n a["dev"]\n click a "https://evil.example"',
        'flowchart LR\n a["dev"] --- b',
        "flowchart LR\n" + ' a["dev"]\n' * 500,
    ],
)
def test_what_is_not_understood_is_not_drawn(source: str) -> None:
    assert drawing(source) is None
