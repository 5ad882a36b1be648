"""Which commits reviewers want to see, and whose they are not shown."""

from __future__ import annotations

from dataclasses import replace

import pytest

from github_app.arrivals import Facts
from github_app.body.origins import SourceRepository
from github_app.discovery import Discovered
from github_app.picture import ProjectPicture
from github_app.source_commits.values import Between
from github_app.source_commits.wanted import wanted
from plugin.artifact import Repository, Watched
from plugin.freight import Freight
from tests.github_app.promotions import says
from tests.github_app.shop import (
    PIPELINE,
    WEB,
    A,
    B,
    image,
    ledger,
    line,
    project,
    shown,
    warehouse,
)

SOURCE = SourceRepository("github.com", "acme/web")
FIRST, SECOND = "1" * 40, "2" * 40


def seen(old: Freight = A, new: Freight = B, repository: Repository = WEB) -> ProjectPicture:
    """Staging and prod hold `old`, dev has `new`, which was just found."""
    of = warehouse("web", repository)
    book = ledger(old)
    (known,) = book.seen("web")
    facts: dict[Watched, Facts] = {repository: says("1.0.0", FIRST)}
    book = replace(book, warehouses={"web": (replace(known, facts=facts),)})
    lines = [line("dev", new, of=of), line("staging", old, of=of), line("prod", old, of=of)]
    picture = shown(project(*PIPELINE, warehouses=(of,)), lines, book, new)
    found = Discovered(new, {repository: says("1.1.0", SECOND)})
    return replace(picture, discoveries={"web": found})


def test_what_lies_between_what_stages_hold_and_the_newest_is_wanted_once() -> None:
    assert wanted(seen()) == (Between(SOURCE, FIRST, SECOND),)


def test_what_a_step_left_as_it_was_is_known_by_the_freight_it_came_with() -> None:
    picture = seen()
    step = line("prod", replace(A, towards=B.id))
    lines = {key: one for key, one in picture.lines.items() if key[0] == "dev"}
    picture = replace(picture, lines={**lines, ("prod", "web"): step})
    assert wanted(picture) == (Between(SOURCE, FIRST, SECOND),)


@pytest.mark.parametrize(
    ("name", "shown_to_all"),
    [
        ("ghcr.io/acme/web", True),
        ("ghcr.io/acme/deep/web", True),
        ("ghcr.io/mallory/web", False),
        ("docker.io/mallory/acme", False),
        ("nginx", False),
        ("harbor.lan/shop/web", True),
    ],
)
def test_who_may_push_anywhere_does_not_show_others_commits(name: str, shown_to_all: bool) -> None:
    """An image on a public registry may name any repository as its source."""
    repository = Repository.parse(name)
    old, new = (Freight("web", (image(tag, repository),)) for tag in ("1.0.0", "1.1.0"))
    assert bool(wanted(seen(old, new, repository))) is shown_to_all
