"""Comments -> commands."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from github_app.commands.parser import MOST_COMMANDS, MOST_REASON, read_commands
from github_app.commands.verbs import USAGES, Command, Misread, Verb


@pytest.mark.parametrize(
    ("line", "command"),
    [
        ("promote", Command(Verb.PROMOTE)),
        ("promote brave-otter", Command(Verb.PROMOTE, freight="brave-otter")),
        ("promote 2.3.1 to prod", Command(Verb.PROMOTE, freight="2.3.1", stage="prod")),
        ("promote to prod", Command(Verb.PROMOTE, stage="prod")),
        ("promote downstream", Command(Verb.PROMOTE, downstream=True)),
        ("promote to downstream", Command(Verb.PROMOTE, downstream=True)),
        (
            "promote `brave-otter` downstream now",
            Command(Verb.PROMOTE, freight="brave-otter", downstream=True, reason="now"),
        ),
        ("approve", Command(Verb.APPROVE)),
        (
            "approve brave-otter for prod the fix is needed",
            Command(Verb.APPROVE, freight="brave-otter", stage="prod", reason="the fix is needed"),
        ),
        ("approve for prod", Command(Verb.APPROVE, stage="prod")),
        ("approve the fix is needed", Command(Verb.APPROVE, reason="the fix is needed")),
        ("approve latest for prod", Command(Verb.APPROVE, freight="latest", stage="prod")),
        (
            "override window the shop is down",
            Command(Verb.OVERRIDE, gate="window", reason="the shop is down"),
        ),
        ("allow-replace vm/db:root", Command(Verb.ALLOW_REPLACE, vm="db", disk="root")),
        (
            "allow-replace data/db:root it is a cache",
            Command(Verb.ALLOW_REPLACE, vm="data/db", disk="root", reason="it is a cache"),
        ),
        ("reject it burns", Command(Verb.REJECT, reason="it burns")),
        (
            "reject 0a1b2c3d it burns",
            Command(Verb.REJECT, freight="0a1b2c3d", reason="it burns"),
        ),
        ("hold", Command(Verb.HOLD)),
        ("HOLD for the fair", Command(Verb.HOLD, reason="for the fair")),
        ("resume", Command(Verb.RESUME)),
        ("rollback", Command(Verb.ROLLBACK)),
        ("rollback previous it burns", Command(Verb.ROLLBACK, reason="it burns")),
        ("rollback it burns", Command(Verb.ROLLBACK, reason="it burns")),
        ("rollback v1.2 it burns", Command(Verb.ROLLBACK, freight="v1.2", reason="it burns")),
        ("retry", Command(Verb.RETRY)),
        ("verify", Command(Verb.VERIFY)),
        ("refresh", Command(Verb.REFRESH)),
        ("status", Command(Verb.STATUS)),
        (
            "hotfix brave-otter to prod the shop is down",
            Command(Verb.HOTFIX, freight="brave-otter", stage="prod", reason="the shop is down"),
        ),
        (
            "hotfix to prod the shop is down",
            Command(Verb.HOTFIX, stage="prod", reason="the shop is down"),
        ),
        ("help", Command(Verb.HELP)),
        ("", Command(Verb.HELP)),
    ],
)
def test_every_command_is_read(line: str, command: Command) -> None:
    assert read_commands(f"/towline {line}") == (command,)


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("promot", "did you mean `promote`?"),
        ("dance", "there is no command of this name; `/towline help` lists them"),
        ("promote to", "a name is missing behind `to`"),
        ("reject", "a reason is missing"),
        ("reject brave-otter", "a reason is missing"),
        ("override", "an override needs the name of a gate"),
        ("override window", "a reason is missing"),
        ("allow-replace db", "a disk is named by its machine and volume"),
        ("allow-replace", "a disk is named by its machine and volume"),
        ("hotfix brave-otter", "a hotfix needs the stage it is for"),
        ("hotfix brave-otter to prod", "a reason is missing"),
    ],
)
def test_what_is_wrong_is_said_in_words(line: str, words: str) -> None:
    (misread,) = read_commands(f"/towline {line}")
    assert isinstance(misread, Misread)
    assert words in misread.wrong
    assert misread.line == f"/towline {line}"


def test_several_lines_are_several_commands_and_all_else_is_talk() -> None:
    text = "Looks bad.\r\n/towline hold it burns\r\nand then\r\n/towline rollback\r\n"
    assert [one.verb for one in read_commands(text) if isinstance(one, Command)] == [
        Verb.HOLD,
        Verb.ROLLBACK,
    ]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "please /towline promote",
        "> /towline promote",
        "    /towline promote",
        "/towlines promote",
        "```\n/towline promote\n```",
        "~~~~ sh\n/towline promote\n~~~\n/towline hold\n",
        "<!--\n/towline promote\n-->",
        "<!-- \n/towline promote",
    ],
)
def test_what_nobody_means_commands_nothing(text: str) -> None:
    assert read_commands(text) == ()


def test_a_command_after_a_code_block_counts() -> None:
    assert read_commands("```\n/towline hold\n```\n/towline retry") == (Command(Verb.RETRY),)


def test_a_comment_cannot_hold_any_number_of_commands() -> None:
    found = read_commands("/towline hold\n" * 50)
    assert len(found) == MOST_COMMANDS + 1
    assert isinstance(found[-1], Misread)


def test_reasons_and_what_is_repeated_of_a_line_are_bounded() -> None:
    (held,) = read_commands("/towline hold " + "x " * 5000)
    assert isinstance(held, Command)
    assert len(held.reason) == MOST_REASON
    (misread,) = read_commands("/towline " + "x" * 5000)
    assert isinstance(misread, Misread)
    assert len(misread.line) <= 300


def test_every_verb_has_its_usage() -> None:
    assert set(USAGES) == set(Verb)


@given(st.text())
def test_any_text_can_be_read(text: str) -> None:
    for line in ("", "/towline ", "/towline reject ", "/towline hotfix "):
        read_commands(line + text)
