"""What pins without a record say."""

from __future__ import annotations

import pytest

from github_app.ledger import Seen
from github_app.rules.adoption import adopted_freight, held_freight, is_downgrade
from plugin.held import Held
from plugin.holding import Adopted, Empty, Managed
from tests.github_app.shop import API, WEB, A, B, at, freight, image, record

SEEN = (Seen(A, at(0)), Seen(B, at(1)))


def pins(tag: str | None, digest: str | None) -> Adopted:
    return Adopted((Held(WEB, tag, digest),), None)


def test_pins_are_known_freight_by_tag_digest_or_both() -> None:
    one = image("1.0.0")
    for held in (pins("1.0.0", one.digest), pins("1.0.0", None), pins(None, one.digest)):
        assert adopted_freight(held, SEEN) == A


def test_a_tag_that_moved_is_its_newest_freight() -> None:
    moved = freight("1.0.0", "moved")
    seen = (*SEEN, Seen(moved, at(2)))
    assert adopted_freight(pins("1.0.0", None), seen) == moved
    assert adopted_freight(pins("1.0.0", image("1.0.0").digest), seen) == A


def test_other_pins_are_no_freight() -> None:
    assert adopted_freight(pins("0.9.0", None), SEEN) is None
    assert adopted_freight(pins("1.0.0", image("1.1.0").digest), SEEN) is None
    assert adopted_freight(Adopted((Held(API, "1.0.0", None),), None), SEEN) is None


def test_pins_that_say_two_things_are_no_freight() -> None:
    one, two = Held(WEB, "1.0.0", None), Held(WEB, "1.1.0", None)
    assert adopted_freight(Adopted((one, two), None), SEEN) is None
    assert adopted_freight(Adopted((two, one), None), SEEN) is None
    assert adopted_freight(Adopted((one, one), None), SEEN) == A


def test_the_record_comes_before_everything() -> None:
    assert held_freight(Managed(record(B, "dev")), SEEN) == B.id
    assert held_freight(pins("1.0.0", None), SEEN) == A.id
    assert held_freight(Empty(), SEEN) is None


@pytest.mark.parametrize(
    ("old", "new", "down"),
    [
        ("1.10.0", "1.9.0", True),
        ("1.9.0", "1.10.0", False),
        ("v2.0.0", "1.0.0", True),
        ("2.0.0", "2.0.0-rc.1", True),
        ("1.0.0", "1.0.0", False),
        ("main-4f2c", "1.0.0", False),
        ("2.0.0", "latest", False),
    ],
)
def test_only_semantic_versions_can_go_down(old: str, new: str, down: bool) -> None:
    assert is_downgrade(old, new) is down
