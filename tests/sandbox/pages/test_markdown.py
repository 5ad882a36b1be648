"""Pull request bodies look as on GitHub, and nothing in them lives."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from github_app.sandbox.pages.markdown import rendered
from tests.sandbox.pages.hostile import HOSTILE, alive


def test_what_towline_writes_is_shown_as_on_github() -> None:
    html = rendered(
        "**1 image.** `web`\n\n| artifact | to |\n|---|--:|\n| `a\\|b` | ~~1.0~~ **1.1** |\n"
    )
    assert "<strong>1 image.</strong> <code>web</code>" in html
    assert "<td><code>a|b</code></td>" in html
    assert '<td class="right"><s>1.0</s> <strong>1.1</strong></td>' in html


def test_an_alert_is_a_box_with_its_kind() -> None:
    html = rendered("> [!WARNING]\n> * tag `1.0` moved\n")
    assert '<blockquote class="alert warning"><p class="title">Warning</p>' in html
    assert "<code>1.0</code> moved" in html
    assert "[!WARNING]" not in html
    assert "<blockquote>\n<p>plain" in rendered("> plain")


def test_details_are_folded_and_comments_hidden() -> None:
    html = rendered("<!-- secret -->\n<details><summary>Pins</summary>\n\n**a**\n\n</details>\n")
    assert "<details><summary>Pins</summary>" in html
    assert "<strong>a</strong>" in html
    assert "secret" not in html


def test_other_html_is_shown_as_text() -> None:
    assert "&lt;u&gt;x&lt;/u&gt;" in rendered("<u>x</u>")
    assert "&lt;details class=x&gt;" in rendered("<details class=x>")


def test_a_mermaid_block_is_drawn_and_an_odd_one_shown() -> None:
    assert "<svg" in rendered('```mermaid\nflowchart LR\n  a["dev"]\n```')
    assert "sequenceDiagram" in rendered("```mermaid\nsequenceDiagram\n```")


def test_no_body_is_no_html() -> None:
    assert rendered(None) == ""


@pytest.mark.parametrize("text", HOSTILE)
def test_nothing_hostile_lives(text: str) -> None:
    for body in (
        text,
        f"> {text}",
        f"* {text}",
        f"before {text} after",
        f"| a |\n|--|\n| {text} |",
    ):
        assert alive(rendered(body)) == []


MARKUP = (
    "< > script details | open / <!-- --> svg | onload=x \" ' ` \n [ ]( ) javascript: "
    "[!NOTE] &lt; b = summary onerror= </ />"
).split(" ")


@given(st.lists(st.sampled_from([*MARKUP, " ", "\n", "> "]), max_size=25).map("".join))
def test_no_combination_of_markup_lives(text: str) -> None:
    assert alive(rendered(text)) == []
