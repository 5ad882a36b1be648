"""What needs a person's eye before a merge."""

from __future__ import annotations

from github_app.ledger import Seen
from github_app.rules.reviewer_warnings import reviewer_warnings
from plugin.freight import Freight
from plugin.promotion import Held
from tests.github_app.shop import WEB, A, B, at, freight, image

MOVED = freight("1.0.0", "moved")


def warnings(one: Freight, *seen: Freight, held: str | None = None) -> tuple[str, ...]:
    book = [Seen(other, at(minute)) for minute, other in enumerate(seen)]
    before = {WEB: Held(WEB, held, None)} if held else {}
    return reviewer_warnings(one, before, book, seen.index(one))


def test_ordinary_freight_needs_none() -> None:
    assert warnings(B, A, B, held="1.0.0") == ()


def test_a_tag_that_moved_is_said_with_both_digests() -> None:
    (said,) = warnings(MOVED, A, MOVED)
    assert "tag 1.0.0 of ghcr.io/acme/web was moved" in said
    assert image("1.0.0").digest in said
    assert image("1.0.0", content="moved").digest in said


def test_a_tag_that_moves_later_is_no_concern_of_earlier_freight() -> None:
    assert warnings(A, A, MOVED) == ()


def test_going_back_is_said() -> None:
    assert warnings(A, B, A, held="1.1.0") == (
        "ghcr.io/acme/web goes back from 1.1.0 to 1.0.0, a lower version",
    )
    assert warnings(A, A, held="main-4f2c") == ()


def test_a_pre_release_is_said() -> None:
    candidate = freight("2.0.0-rc.1")
    assert warnings(candidate, candidate) == ("2.0.0-rc.1 of ghcr.io/acme/web is a pre-release",)
