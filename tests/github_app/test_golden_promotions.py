"""Promotions as reviewers see them, kept as golden directories.

Each directory below `tests/golden/promotions` has a `pipeline.yaml` whose comments tell the story,
the repository `before` and `after` the merge, `pull-request.md` with title, labels and body, and
`check.md`, the check's output. `TOWLINE_REGENERATE=1 pytest` with this file writes them anew; read
the diff.
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from github_app.actions import DescribePromotion, OpenPromotion, PostCheck, UpdatePromotion
from github_app.gates import Check
from github_app.plan import LinePlan
from github_app.pull_request import MOST_BODY, Text
from plugin.pipeline_file import read_project
from tests.github_app.promotions import CASES, NOW, picture
from tests.github_app.shop import line_plan, planned

GOLDEN = Path(__file__).parent.parent / "golden" / "promotions"
REGENERATE = "TOWLINE_REGENERATE" in os.environ


@pytest.mark.parametrize("name", CASES)
def test_a_promotion_reads_like_its_golden_directory(name: str) -> None:
    case, directory = CASES[name], GOLDEN / name
    of = read_project("towline.yaml", (directory / "pipeline.yaml").read_text(encoding="utf-8"))
    shop = picture(case, of)
    text, check, files = said(line_plan(planned(shop, NOW), case.stage, of.warehouses[0].name))
    mine = shop.lines[case.stage, of.warehouses[0].name]
    if mine.head is not None:
        files = {path: one for path, one in mine.head.files.items() if one is not None}
    compare(directory / "before", dict(mine.files))
    compare(directory / "after", {**mine.files, **files})
    page = f"Title: {text.title}\nLabels: {', '.join(text.labels)}\n\n{text.body}"
    checked = f"{check.conclusion.value}: {check.title}\n\n{check.summary}\n"
    compare(directory, {"pull-request.md": page, "check.md": checked}, whole=False)
    assert len(text.body) < MOST_BODY


def test_every_golden_directory_has_its_case() -> None:
    assert {one.name for one in GOLDEN.iterdir()} == set(CASES)


def said(made: LinePlan) -> tuple[Text, Check, dict[str, str]]:
    """The pull request's text and check, and the files it changes."""
    text: Text | None = None
    check: Check | None = None
    files: dict[str, str] = {}
    for action in made.actions:
        match action:
            case OpenPromotion(proposal) | UpdatePromotion(proposal=proposal):
                text, check = proposal.text, proposal.check
                files = {path: one for path, one in proposal.files.items() if one is not None}
            case DescribePromotion(_, found):
                text = found
            case PostCheck(_, posted):
                check = posted
            case _:
                pass
    assert text is not None
    assert check is not None
    return text, check, files


def compare(directory: Path, wanted: dict[str, str], *, whole: bool = True) -> None:
    """Hold a directory against these files, or write them where that was asked for."""
    if REGENERATE:
        if whole:
            shutil.rmtree(directory, ignore_errors=True)
        for path, text in wanted.items():
            (directory / path).parent.mkdir(parents=True, exist_ok=True)
            (directory / path).write_text(text, encoding="utf-8")
    found = {path: (directory / path).read_text(encoding="utf-8") for path in wanted}
    assert found == wanted
    if whole:
        every = {str(one.relative_to(directory)) for one in directory.rglob("*") if one.is_file()}
        assert every == set(wanted)
