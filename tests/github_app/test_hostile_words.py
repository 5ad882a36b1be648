"""What registries, authors and people say stays text in body, title, check and comments.

Whatever they say, the page has no link but those made here, no HTML but folds, no mention, issue
or commit outside of code, and the picture keeps its lines.
"""

from __future__ import annotations

import contextlib
import itertools
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from markdown_it.token import Token

from github_app import mutations
from github_app.body.origins import Origin, SourceRepository, origin_of
from github_app.body.subject import Subject
from github_app.gates import Gate, GateState, promotion_check
from github_app.pull_request import MOST_BODY, message_of, text_of
from github_app.source_commits.values import SourceCommit, SourceCommits
from plugin.artifact import GitRepository, Image, Revision
from plugin.errors import Refusal
from plugin.freight import Freight
from plugin.pipeline import PullRequestForm
from tests.github_app.shop import PIPELINE, WEB, at, image, pull
from tests.github_app.subjects import subject

PARSER = MarkdownIt("gfm-like", {"linkify": False})
OCI = "org.opencontainers.image."
HOOK = GitRepository.parse("https://git.example.org/a/b")
SOURCE = SourceRepository("github.com", "acme/web")
# Folds and line breaks in cells are ours.
OURS = re.compile(r"</?details>|<summary>[A-Z][a-z]+|</summary>")
HOSTS = ("github.com", "git.example.org", "ghcr.io", "gitlab.com")
LINKED = re.compile(
    r"(?<![A-Za-z0-9_])@[a-z0-9]|#[0-9]|\bgh-[0-9]|://|\bwww\.|\b[0-9a-f]{7,40}\b|[<>]",
    re.IGNORECASE,
)
TITLED = re.compile(r"(?:^|[^a-z0-9_])@[a-z0-9]|#\d|\bgh-\d|://", re.IGNORECASE | re.ASCII)
CORES = (
    "@acme/everyone",
    "fixes #12",
    "closes acme/shop#12",
    "GH-12",
    "https://evil.example/x",
    "www.evil.example",
    "mallory@evil.example",
    "<img src=x onerror=alert(1)>",
    "<!-- x",
    "-->",
    "</details>",
    "</summary>",
    "<script>alert(1)</script>",
    "![x](https://evil.example/p.png)",
    "[x](javascript:alert(1))",
    "](javascript:alert(1))",
    "](https://evil.example)",
    "[x]: https://evil.example",
    "a|b|c",
    "a\\|b",
    "`",
    "```",
    "```mermaid",
    '"]; click s0 "javascript:alert(1)"',
    "<br/>",
    "%%{init: {}}%%",
    "**bold** _x_ ~~y~~",
    "# head",
    "> [!WARNING]",
    "---",
    "===",
    "$x$",
    ":tada:",
    "0123456789abcdef0123456789abcdef01234567",
    "&lt;b&gt; &#64;acme",
    "/towline promote",
    "${version} $$",
)
FRAMES = (
    "{}",
    "a{}",
    "{}a",
    "a {} b",
    "\n{}",
    "{}\n\n{}",
    "`{}",
    "{}`",
    "({})",
    "\u202e{}\u200b",
    "| {}",
)
HANDMADE = tuple(frame.replace("{}", core) for frame, core in itertools.product(FRAMES, CORES))
ANYTHING = st.text(st.characters(codec="utf-8"), max_size=60)
NASTY = st.text(st.sampled_from("`|\\<>@#[]()!*_~&$:;/.-+ \n\t\u200b\u202ea1\"'%{}"), max_size=40)


def hostile(text: str) -> Subject:
    """A promotion in which everything that others say is `text`."""
    facts = tuple((f"{OCI}{name}", text) for name in ("source", "revision", "version", "url"))
    web = image("1.1.0")
    artifacts: tuple[Image | Revision, ...] = (web,)
    with contextlib.suppress(Refusal):  # Git takes no such tag either
        artifacts = (web, Revision(HOOK, text, "2" * 40))
    commit = SourceCommit("2" * 40, text, text)
    stage = replace(
        PIPELINE[1],
        links=((text, "https://github.com/acme?q=${version}"),),
        pull_request=PullRequestForm(title="${version} to ${stage}"),
    )
    return subject(
        freight=Freight("web", artifacts),
        stage=stage,
        warnings=(text, f"tag {text} was moved"),
        gates=(
            Gate("hold", GateState.WAITING, f"held by {text}: {text}", at(1)),
            Gate("upstream", GateState.PASSED, text),
        ),
        stages=(PIPELINE[0], stage),
        held={"dev": text, "staging": text},
        why=f"{text} asked for it: {text}; it became the newest",
        origins={WEB: origin_of(web, facts), HOOK: Origin(SOURCE, "2" * 40)},
        commits={WEB: SourceCommits((commit, commit), more=True)},
        superseded=tuple(Freight("web", (one,)) for one in artifacts),
    )


def tokens(text: str) -> Iterator[tuple[Token, Token | None]]:
    """Every token of a page, those within a line, too, each with the one behind it."""
    for one in PARSER.parse(text):
        yield one, None
        yield from itertools.zip_longest(one.children or (), (one.children or ())[1:])


def check_page(page: str) -> None:
    """Nothing in it but what was made here."""
    for one, behind in tokens(page):
        match one.type:
            case "html_block" | "html_inline":
                left = OURS.sub("", one.content).strip()
                assert not left, one.content
            case "link_open":
                scheme, _, host, *_ = str(one.attrs["href"]).split("/")
                # A maker's own page may be anywhere, and then says where.
                named = behind is not None and (behind.type, behind.content) == (
                    "code_inline",
                    host,
                )
                assert scheme == "https:", one.attrs
                assert host in HOSTS or named, one.attrs
            case "image" | "s_open" | "em_open":
                raise AssertionError(one)
            case "text":
                assert not LINKED.search(one.content), one.content
            case "fence":
                check_picture(one)
            case _:
                pass


def check_picture(block: Token) -> None:
    """The only block of code is the picture, each line of which is one of ours."""
    assert block.info == "mermaid"
    for line in block.content.splitlines():
        assert re.fullmatch(
            r'flowchart LR|  \w+(?:\(\["|\["|\{\{")[^"<>]*(?:<br/>[^"<>]*)*(?:"\]\)|"\]|"\}\})'
            r"|  \w+ --> \w+|  class \w+ promoted|  classDef promoted stroke-width:4px",
            line,
        ), line


def check_everywhere(text: str) -> None:
    """Body, title, commit, check and comments about `text`."""
    told = hostile(text)
    made = text_of(told)
    assert len(made.body) <= MOST_BODY
    for page in (made.body, text_of(stopped(told)).body, promotion_check(told.gates).summary):
        check_page(page)
    comment, _ = mutations.close(pull("staging"), text)
    check_page(str(comment.input["body"]))
    for line in (made.title, message_of(told)):
        assert "\n" not in line
        assert not TITLED.search(line)


def stopped(told: Subject) -> Subject:
    """The same with a gate that failed, which the first line then quotes."""
    return replace(told, gates=(replace(told.gates[0], state=GateState.FAILED), *told.gates[1:]))


@pytest.mark.parametrize("frame", FRAMES)
def test_what_people_thought_of_never_escapes(frame: str) -> None:
    for core in CORES:
        check_everywhere(frame.replace("{}", core))


def test_there_are_hundreds_of_them() -> None:
    assert len(set(HANDMADE)) > 350


@settings(max_examples=150, deadline=timedelta(seconds=5))
@given(st.one_of(ANYTHING, NASTY))
def test_nothing_else_escapes_either(text: str) -> None:
    check_everywhere(text)
