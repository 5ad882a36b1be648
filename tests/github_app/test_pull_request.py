"""What a promotion says, whatever it is about: titles, the first line, length, and no escapes."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from github_app.gates import Gate, GateState
from github_app.pull_request import MOST_BODY, message_of, text_of
from plugin.artifact import Chart, ChartName, GitRepository, Repository, Revision
from plugin.freight import Freight
from plugin.head import PREFIX, head_of
from plugin.held import held_of
from plugin.pipeline import PullRequestForm
from plugin.stage_policy import Draft
from tests.github_app.shop import (
    PIPELINE,
    WEB,
    B,
    image,
    stage,
)
from tests.github_app.subjects import subject
from tests.plugin.kinds import DISK, STORIES

# One story of each kind.
OF_EACH = (
    "image",
    "chart in helmCharts",
    "commit in targetRevision",
    "disk in a DataVolume",
    "custom by a marker",
)


def test_the_head_branch_is_made_of_names_alone() -> None:
    assert head_of("shop", "staging", "web") == "towline/shop/staging/web"
    assert head_of("shop", "staging", "web").startswith(PREFIX)


def test_titles_follow_the_stage_s_template_or_the_default() -> None:
    default = "Promote shop/web 1.1.0 to staging"
    assert text_of(subject()).title == message_of(subject()) == default
    templates = {
        "${stage}: ${version} ${id} of ${project}/${warehouse}": (
            f"staging: 1.1.0 {B.short} of shop/web"
        ),
        "  ${freight}  ": B.alias,
        "   ": default,
        "$nothing ${else} $$": "$nothing ${else} $",
        "x" * 300: "x" * 249 + "…",
    }
    for template, title in templates.items():
        form = PullRequestForm(template, ("release",), draft=Draft.YES)
        text = text_of(subject(stage=replace(PIPELINE[1], pull_request=form)))
        assert (text.title, text.labels, text.draft) == (title, ("towline", "release"), True)


@pytest.mark.parametrize(
    ("tag", "shown"),
    [
        ("@acme/everyone", "\uff20acme/everyone"),
        ("#12", "\uff0312"),
        ("acme/shop#12", "acme/shop\uff0312"),
        ("GH-12", "GH\uff0d12"),
        ("a\u202eb\u200b", "ab"),
        ("\x9b31m", "31m"),
        ("pkg@1.2.3", "pkg@1.2.3"),
    ],
)
def test_a_tag_from_elsewhere_calls_nobody_and_closes_nothing(tag: str, shown: str) -> None:
    """Neither in the commit nor in the title, which a merge makes a commit's message."""
    revision = Revision(GitRepository.parse("https://git.example.org/a/b"), tag, "a" * 40)
    line = replace(PIPELINE[1].lines[0], warehouse="fixes")
    told = subject(freight=Freight("fixes", (revision,)), line=line, bumps=())
    assert message_of(told) == text_of(told).title == f"Promote shop/fixes {shown} to staging"
    form = PullRequestForm("fixes ${version}", (), draft=Draft.NO)
    stage = replace(PIPELINE[1], pull_request=form)
    assert text_of(replace(told, stage=stage)).title == f"fixes {shown}"


def test_a_body_whose_gate_failed_begins_by_saying_so() -> None:
    gates = (
        Gate("upstream", GateState.PASSED, "verified in dev"),
        Gate("hold", GateState.FAILED, "held by gina: freeze."),
        Gate("pins", GateState.FAILED, "a pin is broken"),
    )
    first = text_of(subject(gates=gates)).body.splitlines()[0]
    assert first == (
        "**Do not merge: hold: held by gina: freeze; pins: a pin is broken.** "
        f"This proposes freight `{B.alias}` for **staging**."
    )
    waiting = (Gate("upstream", GateState.WAITING, "soaks"),)
    assert "Do not merge" not in text_of(subject(gates=waiting)).body


def test_a_body_fits_whatever_it_has_to_say() -> None:
    images = tuple(
        image("9" * 128, Repository.parse(f"ghcr.io/{'a' * 200}/{one}")) for one in range(200)
    )
    many = text_of(
        subject(
            freight=Freight("web", images),
            warnings=tuple(f"{number} " + "w " * 1000 for number in range(100)),
            gates=(Gate("pins", GateState.FAILED, "p|` " * 5000),) * 5,
            stages=(*(stage(f"s{number}") for number in range(20)), PIPELINE[1]),
            held={f"s{number}": "x" * 5000 for number in range(20)},
        )
    )
    assert len(many.body) <= MOST_BODY
    assert "and 185 more" in many.body
    assert "and 88 more" in many.body
    assert many.body.endswith("until newer freight comes.\n")


TAGS = st.from_regex(r"[A-Za-z0-9_][A-Za-z0-9._-]{0,127}", fullmatch=True)
PARTS = st.from_regex(r"[a-z0-9]{1,4}((\.|_|__|--?)[a-z0-9]{1,4}){0,2}", fullmatch=True)
TEXTS = st.text(st.characters(codec="utf-8"), max_size=40)


@given(TAGS, PARTS, TEXTS, TEXTS)
def test_no_string_changes_how_the_body_is_built(tag: str, part: str, why: str, held: str) -> None:
    one = image(tag, Repository.parse(f"ghcr.io/{part}/{part}"))
    told = subject(
        freight=Freight("web", (one,)),
        warnings=(f"{why}.", f"1. {why}"),
        gates=(Gate("hold", GateState.FAILED, why),),
        why=why,
        held={"dev": held},
    )
    assert shape(text_of(told).body) == shape(
        text_of(subject(warnings=("a", "b"), gates=(Gate("hold", GateState.FAILED, "c"),))).body
    )


def shape(body: str) -> list[str]:
    """The blocks of a page, with everything inside a line that is not text or code."""
    tokens = MarkdownIt("gfm-like", {"linkify": False}).parse(body)
    found = [one.type for one in tokens]
    for one in tokens:
        found += [
            child.type
            for child in one.children or ()
            if child.type not in {"text", "code_inline", "softbreak"}
        ]
    return found


def test_every_kind_is_counted_by_its_name_and_shown_by_its_version() -> None:
    old = [STORIES[one].old for one in OF_EACH]
    new = [STORIES[one].new for one in OF_EACH]
    made = text_of(
        subject(
            freight=Freight("web", tuple(new)), before={one.subject: held_of(one) for one in old}
        )
    )
    commit, other = "1" * 12, "2" * 12
    assert made.title == f"Promote shop/web 1.1.0, {other}, 20250703-2162, 2025-02 to staging"
    assert made.body.startswith(
        "**1 image, 1 chart, 1 revision, 1 disk image, 1 artifact, no pin, no disk.** "
    )
    assert "\n| artifact | from | to |" in made.body
    for row in (
        "| `https://charts.acme.io/web` | `1.0.0` | `1.1.0` |",
        f"| `https://github.com/acme/config` | `{commit}` | `{other}` |",
        f"| `{DISK}` | `20250210-2019` `sha256:{commit}` | `20250703-2162` `sha256:{other}` |",
        "| `llm` | `2025-01` | `2025-02` |",
    ):
        assert row in made.body


def test_of_one_kind_the_column_has_its_name() -> None:
    charts = tuple(Chart(ChartName("oci://ghcr.io/acme", name), "1.0.0") for name in ("a", "b"))
    made = text_of(subject(freight=Freight("web", charts), before={}))
    assert made.body.startswith("**2 charts, no pin, no disk.** ")
    assert "\n| chart | from | to |" in made.body
    assert "| `oci://ghcr.io/acme/a` | nothing | `1.0.0` |" in made.body


def test_subscriptions_to_one_repository_are_told_apart() -> None:
    one, other = (
        replace(image("1.1.0"), repository=replace(WEB, subscription=name))
        for name in ("edge", "stable")
    )
    made = text_of(
        subject(freight=Freight("web", (one, other)), before={one.subject: held_of(one)})
    )
    assert made.body.startswith("**1 image, ")
    assert "| `ghcr.io/acme/web (edge)` | " in made.body
    assert "| `ghcr.io/acme/web (stable)` | nothing | " in made.body
