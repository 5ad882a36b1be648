"""Foreign text in our Markdown is shown as it is, whatever it is."""

from __future__ import annotations

import html
import itertools
import re
import string
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from markdown_it.token import Token

from github_app.gates import Gate, GateState, table
from github_app.markdown import code, mermaid, plain, unlinked, visible

PARSER = MarkdownIt("gfm-like", {"linkify": False}).enable("table")
TAG = string.ascii_letters + string.digits + "._-"
ANYTHING = st.text(st.characters(codec="utf-8"), max_size=40)
NASTY = st.text(st.sampled_from("`|\\<>@#[]()!*_~&$:;/.-+ \n\t\u200b\u202ea1"), max_size=30)
FIXED = (
    "@acme/everyone",
    "closes #1",
    "acme/shop#1",
    "GH-1",
    "https://evil.example/x",
    "www.evil.example",
    "a@evil.example",
    "<img src=x onerror=alert(1)>",
    "<!-- x",
    "-->",
    "</details>",
    "![x](https://evil.example/p.png)",
    "[x](javascript:alert(1))",
    "a|b",
    "a\\|b",
    "`",
    "``` `",
    "\\`",
    "**bold**",
    "_x_",
    "~~x~~",
    "1. list",
    "- list",
    "# head",
    "> quote",
    "---",
    "===",
    "$x$",
    ":tada:",
    "4f2c9be",
    "&lt;b&gt;",
    "a\nb",
    "\u202eabc",
    "x\x00y",
)
# What GitHub would make more of than text, outside of code.
LINKS = ("@", "#", "://", "www.", "gh-1", "<", ">")
INNOCENT = frozenset({"text", "code_inline"})


def inline(text: str) -> list[Token]:
    """The inline tokens of a piece of Markdown on one line."""
    (_, found, _) = PARSER.parse(f"so {text} it")
    return found.children or []


def shown(text: str) -> str:
    """What a reader sees of a piece of Markdown."""
    return "".join(one.content for one in inline(text))


@given(st.one_of(ANYTHING, NASTY, st.sampled_from(FIXED)))
def test_code_shows_exactly_the_visible_characters(text: str) -> None:
    tokens = [one for one in inline(code(text)) if one.type != "text"]
    assert [one.type for one in tokens] == ["code_inline"]
    wanted = (visible(text) or " ").replace("|", "\\|")
    assert tokens[0].content.strip() == wanted.strip()


# As GitHub finds them in titles and commit messages.
TITLE_LINKS = re.compile(r"(?:^|[^a-z0-9_])@[a-z0-9]|#\d|\bgh-\d|://", re.IGNORECASE | re.ASCII)


@given(st.one_of(ANYTHING, NASTY, st.sampled_from(FIXED)))
def test_a_title_calls_nobody_and_closes_nothing(text: str) -> None:
    told = unlinked(f"fixes {text}")
    assert not TITLE_LINKS.search(told)
    assert told == visible(told)
    if text.isascii():
        assert unicodedata.normalize("NFKC", told) == visible(f"fixes {text}")


def test_a_title_shows_usual_versions_as_they_are() -> None:
    for text in ("1.2.3", "web@1.4.2", "release/2026-02", "v1.0.0-rc.1+build.5", "sha-4f2c9be"):
        assert unlinked(text) == text
    assert unlinked("@acme/web@1.4.2") == "\uff20acme/web@1.4.2"


@given(st.one_of(ANYTHING, NASTY, st.sampled_from(FIXED)))
def test_running_text_is_text_and_code_alone(text: str) -> None:
    tokens = inline(plain(text))
    assert {one.type for one in tokens} <= INNOCENT
    words = "".join(one.content for one in tokens if one.type == "text").lower()
    assert not any(link in words for link in LINKS)
    assert " ".join(shown(plain(text)).split()) == " ".join(
        f"so {visible(text)} it".replace("|", "\\|").split()
    )


@given(st.lists(st.one_of(ANYTHING, NASTY, st.sampled_from(FIXED)), min_size=1, max_size=4))
def test_a_table_of_gates_keeps_its_cells(texts: list[str]) -> None:
    gates = [Gate("upstream", GateState.WAITING, text) for text in texts]
    tokens = PARSER.parse(table(gates))
    assert tokens[0].type == "table_open"
    assert tokens[-1].type == "table_close"
    rows = sum(one.type == "tr_open" for one in tokens)
    cells = sum(one.type in {"td_open", "th_open"} for one in tokens)
    assert (rows, cells) == (len(texts) + 1, 3 * (len(texts) + 1))
    for one in tokens:
        assert {child.type for child in one.children or ()} <= INNOCENT


@pytest.mark.parametrize("text", FIXED)
def test_a_list_item_stays_one(text: str) -> None:
    tokens = [one.type for one in PARSER.parse(f"> * {plain(text)}")]
    assert tokens == [
        "blockquote_open",
        "bullet_list_open",
        "list_item_open",
        "paragraph_open",
        "inline",
        "paragraph_close",
        "list_item_close",
        "bullet_list_close",
        "blockquote_close",
    ]


def test_every_short_tag_is_shown_as_it_is() -> None:
    """All tags of up to two characters and a third of those of three, in text, code, table."""
    short = ["".join(one) for size in (1, 2) for one in itertools.product(TAG, repeat=size)]
    longer = ["".join(one) for one in itertools.product(TAG[::3], TAG[::2], TAG[::3])]
    tags = [one for one in short + longer if one[0] not in ".-"]
    cells = "".join(f"| {code(one)} | {plain(one)} |\n" for one in tags)
    page = PARSER.render(f"| a | b |\n|---|---|\n{cells}")
    rows = page.split("<tbody>")[1].split("</tr>")[:-1]
    assert len(rows) == len(tags)
    for tag, row in zip(tags, rows, strict=True):
        texts = [html.unescape(cell.split("</td>")[0]) for cell in row.split("<td>")[1:]]
        assert texts[0] == f"<code>{tag}</code>", tag
        assert texts[1] in {tag, f"<code>{tag}</code>"}, tag


def test_plain_words_stay_plain() -> None:
    for text in (
        "brave-otter soaks in dev until 2026-01-01T00:40:00Z",
        "verified in dev and soaked 1h30m",
        "held by gina at 2026-01-01T00:05:00Z: freeze",
        "one commit, Towline's own",
        "pins of stages/dev (2 of 3) differ; put 'web' back",
    ):
        assert plain(text) == text


@given(st.one_of(ANYTHING, NASTY, st.sampled_from(FIXED)))
def test_a_mermaid_label_cannot_be_left(text: str) -> None:
    label = mermaid(text)
    assert not set(label) & set('"<>&`[](){}|%\\\n')
    assert label.isprintable() or not label


def test_a_command_in_quotes_is_one_piece_of_code() -> None:
    assert plain("to go on, '/towline resume'") == "to go on, `/towline resume`"
    assert plain("'/towline promote x to dev'; yes") == "`/towline promote x to dev`; yes"
    assert plain("'/towline a`b' x") == "``/towline a`b`` x"
    assert plain("'/towline and no end") == "`'/towline` and no end"
    assert plain("'/towline x'@acme/all") == "`'/towline` `x'@acme/all`"
