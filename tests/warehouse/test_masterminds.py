"""Versions and constraints mean what they mean to Masterminds/semver, with which Kargo reads them.

`masterminds/cases.tsv` is the table of what must be so; `masterminds/main.go` asks Masterminds
itself, for the table and for thousands of texts that nobody would choose.
"""

from __future__ import annotations

import json
import random
import subprocess
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from github_app.warehouse.selection import candidates
from github_app.warehouse.versions import Constraint, version_of
from plugin.artifact import Repository
from plugin.errors import Refusal
from plugin.subscriptions import ImageSubscription
from tests.conftest import tool

CASES = Path(__file__).parent / "masterminds" / "cases.tsv"
Asks = Callable[[Mapping[str, Any]], Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class Case:
    """A constraint with what it admits and what not; `refused` if it is none."""

    constraint: str
    admitted: tuple[str, ...] = ()
    left: tuple[str, ...] = ()
    refused: bool = False


def table() -> tuple[Case, ...]:
    """The cases of the file."""
    cases = []
    for line in CASES.read_text(encoding="utf-8").splitlines():
        if not line or line.startswith("#"):
            continue
        constraint, *versions = line.split("\t")
        if versions:
            admitted, left = versions
            cases.append(Case(constraint, tuple(admitted.split()), tuple(left.split())))
        else:
            cases.append(Case(constraint, refused=True))
    return tuple(cases)


@pytest.fixture(scope="module")
def masterminds() -> Asks:
    """Masterminds itself; skips loudly where `make setup` could not build it."""
    program = tool("masterminds")

    def ask(questions: Mapping[str, Any]) -> Mapping[str, Any]:
        done = subprocess.run(
            [program], input=json.dumps(questions), stdout=subprocess.PIPE, check=True, text=True
        )
        answer: Mapping[str, Any] = json.loads(done.stdout)
        return answer

    return ask


def admitted(constraint: str, versions: Sequence[str]) -> list[bool] | None:
    """What we say of the versions, None if the constraint is refused."""
    try:
        parsed = Constraint.parse(constraint)
    except Refusal:
        return None
    found = [version_of(one, strict=False) for one in versions]
    return [one is not None and parsed.admits(one) for one in found]


def said(text: str, *, strict: bool) -> str | None:
    """How the version is written in full."""
    version = version_of(text, strict=strict)
    return None if version is None else str(version)


def test_the_table_is_of_a_size_to_trust() -> None:
    cases = table()
    assert sum(len(one.admitted) + len(one.left) for one in cases) > 400
    assert sum(one.refused for one in cases) > 50


@pytest.mark.parametrize("case", table(), ids=lambda case: repr(case.constraint))
def test_i_1_a_constraint_of_the_table(case: Case) -> None:
    versions = case.admitted + case.left
    expected = [one in case.admitted for one in versions]
    assert admitted(case.constraint, versions) == (None if case.refused else expected)


def test_masterminds_says_what_the_table_says(masterminds: Asks) -> None:
    cases = table()
    versions = [one.admitted + one.left for one in cases]
    asked = [
        {"constraint": one.constraint, "versions": them}
        for one, them in zip(cases, versions, strict=True)
    ]
    answers = masterminds({"ranges": asked})["ranges"]
    for case, them, answer in zip(cases, versions, answers, strict=True):
        expected = None if case.refused else [one in case.admitted for one in them]
        assert (case.constraint, answer) == (case.constraint, expected)


NUMBERS = ("0", "0", "1", "1", "2", "3", "10", "01", "00", "2024", "18446744073709551615")
HUGE = ("18446744073709551616", "99999999999999999999999", "9" * 300)
WORDS = ("rc", "rc.1", "alpha", "0", "1", "11", "-", "a-b", "0a", "beta.2.x", *HUGE[:2])
OPERATORS = ("", "", "=", "!=", ">", ">=", "=>", "<", "<=", "=<", "~", "~>", "^", "^", "==", "> =")
BETWEEN = (" ", " ", ", ", ",", " , ", "  ", "\t", "\n", " - ", " - ", " || ", "||", "", ",,", "|")
NOISE = "0123456789.xX*v^~<>=!-|, +abc\t\v\n\u00a0"


def number(dice: random.Random) -> str:
    """A number, seldom one that is too big."""
    return dice.choice(NUMBERS if dice.random() < 0.98 else HUGE)


def version(dice: random.Random, wildcards: Sequence[str] = ()) -> str:
    """A version, mostly whole, with wildcards among its numbers if there are any to take."""
    parts = [
        dice.choice(wildcards) if wildcards and dice.random() < 0.15 else number(dice)
        for _ in range(dice.choice((1, 2, 3, 3, 3, 3, 4 if dice.random() < 0.1 else 3)))
    ]
    text = ("v" if dice.random() < 0.1 else "") + ".".join(parts)
    if dice.random() < 0.3:
        text += "-" + dice.choice(WORDS)
    return text + ("+" + dice.choice(("b", "b.1", "01")) if dice.random() < 0.1 else "")


def constraint(dice: random.Random) -> str:
    """A constraint of a few comparators, sometimes with a character that spoils it."""
    pieces = []
    for _ in range(dice.choice((1, 1, 1, 2, 2, 3, 5))):
        space = dice.choice(("", "", "", " "))
        pieces += [dice.choice(OPERATORS), space, version(dice, ("x", "X", "*", "xx", "1x", "|"))]
        pieces.append(dice.choice(BETWEEN))
    text = "".join(pieces[:-1] if dice.random() < 0.9 else pieces)
    return spoiled(dice, text) if dice.random() < 0.15 else text


def spoiled(dice: random.Random, text: str) -> str:
    """The text with one character put in or taken out somewhere."""
    place = dice.randrange(len(text) + 1)
    return text[:place] + dice.choice((dice.choice(NOISE), "")) + text[place + 1 :]


def test_masterminds_admits_what_we_admit(masterminds: Asks) -> None:
    dice = random.Random(5)
    versions = sorted({version(dice) for _ in range(120)})
    texts = [constraint(dice) for _ in range(4000)]
    asked = [{"constraint": one, "versions": versions} for one in texts]
    answers = masterminds({"ranges": asked})["ranges"]
    for text, answer in zip(texts, answers, strict=True):
        assert (text, admitted(text, versions)) == (text, answer)
    read = sum(one is not None for one in answers)
    assert 1000 < read < 3000, f"{read} of {len(answers)} are constraints: the test is lopsided"


def test_masterminds_refuses_the_long_that_we_refuse(masterminds: Asks) -> None:
    asked = ["^1 " * 170, "^1 " * 171, "||".join(["^1"] * 32), "||".join(["^1"] * 33)]
    asked += [f"^1.0.0-{'a' * 249}", f"^1.0.0-{'a' * 250}", f"^v1.0.0-{'a' * 249}"]
    asked += [f"^1.0-{'a' * 250}", f"^1.x+{'a' * 300}", f"1.0.0+{'a' * 300}"]
    ranges = [{"constraint": one, "versions": ["1.2.3"]} for one in asked]
    answers = masterminds({"ranges": ranges})["ranges"]
    assert [admitted(one, ["1.2.3"]) for one in asked] == answers
    assert None in answers
    assert [True] in answers


def test_masterminds_reads_the_versions_that_we_read(masterminds: Asks) -> None:
    dice = random.Random(11)
    texts = [version(dice, ("x",) if dice.random() < 0.05 else ()) for _ in range(3000)]
    texts = [spoiled(dice, one) if dice.random() < 0.3 else one for one in texts]
    texts += [
        "",
        "v",
        "latest",
        "1.2.3\n",
        "\u0661.2.3",
        f"1.0.0-{'a' * 250}",
        f"1.0.0-{'a' * 251}",
    ]
    answer = masterminds({"versions": texts})
    assert [said(one, strict=False) for one in texts] == answer["loose"]
    both = zip(answer["loose"], answer["strict"], strict=True)
    # Kargo asks both: what is strict only because the `v` is gone from a text too long is none.
    strict = [loose and strict for loose, strict in both]
    assert [said(one, strict=True) for one in texts] == strict


def test_masterminds_orders_as_we_order(masterminds: Asks) -> None:
    dice = random.Random(23)
    lists = [[version(dice) for _ in range(12)] for _ in range(500)]
    lists += [[f"1.0.0-{dice.choice(WORDS)}" for _ in range(6)] for _ in range(200)]
    web = Repository.parse("ghcr.io/acme/web")
    everything = ImageSubscription("web", web, strict=False, limit=100)
    ours = [list(candidates(everything, one)) for one in lists]
    assert ours == masterminds({"sort": lists})["sorted"]
