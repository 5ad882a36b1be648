"""What came to a warehouse and is no freight yet, as the ledger keeps it."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given

from github_app.arrivals import Arrivals, FirstSeen, Posted, Settling
from github_app.ledger import EMPTY
from github_app.ledger_files import ledger_changes, ledger_files, read_ledger
from plugin.errors import Refusal
from tests.github_app.drawn import arrivals_of
from tests.github_app.shop import A, at, image

PATH = "shop/arrivals/web.yaml"
SOME = Arrivals(
    {"web": at(0)},
    (FirstSeen(image("1.1.0"), at(1)),),
    (Posted("llm", "7", (("commit", "1"), ("on", "no")), at(2), "acme/training"),),
    Settling(A, at(3), at(2)),
)


@given(arrivals_of("web"))
def test_arrivals_of_every_kind_are_read_back(arrivals: Arrivals) -> None:
    book = EMPTY.with_arrivals("web", arrivals)
    files = ledger_files("shop", book)
    assert read_ledger("shop", files).arrived("web") == arrivals
    assert (PATH in files) == (arrivals != Arrivals())


def test_the_file_reads_like_this() -> None:
    (text,) = ledger_files("shop", EMPTY.with_arrivals("web", SOME)).values()
    assert text == (
        "format: 1\n"
        "since:\n"
        "  web: '2026-01-01T00:00:00Z'\n"
        "firstSeen:\n"
        "- image: ghcr.io/acme/web\n"
        "  tag: 1.1.0\n"
        f"  digest: {image('1.1.0').digest}\n"
        "  at: '2026-01-01T00:01:00Z'\n"
        "posted:\n"
        "- name: llm\n"
        "  version: '7'\n"
        "  at: '2026-01-01T00:02:00Z'\n"
        "  who: acme/training\n"
        "  metadata:\n"
        "    commit: '1'\n"
        "    'on': 'no'\n"
        "settling:\n"
        "  since: '2026-01-01T00:03:00Z'\n"
        "  began: '2026-01-01T00:02:00Z'\n"
        "  artifacts:\n"
        "  - image: ghcr.io/acme/web\n"
        "    tag: 1.0.0\n"
        f"    digest: {image('1.0.0').digest}\n"
    )


def test_the_file_goes_when_nothing_is_left_to_say() -> None:
    before = EMPTY.with_arrivals("web", SOME)
    assert ledger_changes("shop", before, EMPTY.with_arrivals("web", Arrivals())) == {PATH: None}
    assert ledger_changes("shop", before, before) == {}


@pytest.mark.parametrize(
    "text",
    [
        "format: 1\nsince: [a]\n",
        "format: 1\nsince: {web: yesterday}\n",
        "format: 1\nfirstSeen: [{image: ghcr.io/acme/web, tag: 1.0.0}]\n",
        "format: 1\nfirstSeen: [{at: '2026-01-01T00:00:00Z'}]\n",
        "format: 1\nposted: [{name: llm}]\n",
        "format: 1\nsettling: {since: '2026-01-01T00:00:00Z', artifacts: []}\n",
        "format: 1\nsettling: now\n",
    ],
)
def test_a_broken_file_is_refused_by_name(text: str) -> None:
    with pytest.raises(Refusal, match=r"shop/arrivals/web\.yaml on towline-ledger cannot be read"):
        read_ledger("shop", {PATH: text})


def test_seconds_are_all_that_is_kept() -> None:
    later = at(0) + timedelta(microseconds=400)
    book = EMPTY.with_arrivals("web", Arrivals({"web": later}))
    assert read_ledger("shop", ledger_files("shop", book)).arrived("web").since == {"web": at(0)}
