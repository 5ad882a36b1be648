"""Generated files: only the pin changes, twice is once, and the way back restores every byte."""

from __future__ import annotations

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from plugin.artifact import Image, Repository, Tagged, Wanted
from plugin.pins.edit import bump
from plugin.pins.find import pins_in
from plugin.pins.naming import resolved
from plugin.pins.pin import Bumped, Kind, Pin, UpToDate
from tests.plugin.pins.generated import MARKED, SHAPES, TAGS, Case, cases
from tests.plugin.pins.moving import away, home, words
from tests.plugin.pins.texts import NEW, OLD
from tests.plugin.pins.witness import changed_lines, other_parse

EVERY_KIND = pytest.mark.parametrize("kind", SHAPES)
# The default is a hundred for each property, and here are two for each of ten kinds.
FEWER = max(settings().max_examples // 2, 1)


def the_pin(case: Case, text: str) -> Pin:
    """The one pin of interest, as the file says it."""
    found = resolved(pins_in(case.file, text), MARKED)
    pins = [one for one in found.pins if one.spelling != "other" and one.kind is case.kind]
    assert len(pins) == 1, found
    return pins[0]


def bumped(case: Case, text: str, wanted: Wanted) -> str:
    answer = bump(case.file, text, [wanted], MARKED)
    assert isinstance(answer, Bumped), answer
    assert len(answer.changes) == 1
    return answer.text


@EVERY_KIND
@settings(max_examples=FEWER)
@given(data=st.data(), tag=TAGS)
def test_a_bump_changes_the_pin_and_nothing_else(kind: str, data: st.DataObject, tag: str) -> None:
    case = data.draw(cases(kind))
    pin = the_pin(case, case.text)
    assert (pin.tag, pin.digest) == (case.tag, case.digest)
    wanted = _strange(pin, tag)
    after = bumped(case, case.text, wanted)
    now = the_pin(case, after)
    assert now.digest == wanted.digest
    # `web@sha256:...` stays without a tag.
    assert now.tag == wanted.tag or (pin.tag, now.tag) == (None, None)
    assert isinstance(bump(case.file, after, [wanted], MARKED), UpToDate)
    old, new = words(pin.tag, pin.digest), words(wanted.tag, wanted.digest)
    lines = changed_lines(case.text, after, old, new)
    assert isinstance(lines, list), lines
    assert len(lines) <= len(pin.parts)
    assert other_parse(case.text, after, old, new) is None


def _strange(pin: Pin, tag: str) -> Wanted:
    """A version that YAML might misread, where the pin takes any, with a digest where one fits."""
    if not isinstance(pin.subject, Repository) or pin.kind is Kind.MARKER:
        return away([pin])
    assume(tag != pin.tag)
    takes_digest = pin.digest or pin.kind is not Kind.HELM_VALUES
    return Image(pin.subject, tag, NEW) if takes_digest else Tagged(pin.subject, tag)


@EVERY_KIND
@settings(max_examples=FEWER)
@given(data=st.data())
def test_bumping_back_restores_every_byte(kind: str, data: st.DataObject) -> None:
    case = data.draw(cases(kind))
    pin = the_pin(case, case.text)
    back = home(pin)
    if back is not None:
        assert bumped(case, bumped(case, case.text, away([pin])), back) == case.text


@pytest.mark.parametrize("kind", ["image", "kustomize-image", "container-disk"])
@settings(max_examples=FEWER)
@given(data=st.data())
def test_keys_and_digests_are_created_once(kind: str, data: st.DataObject) -> None:
    case = data.draw(cases(kind))
    web = Repository("ghcr.io", "acme/web")
    one, two = Image(web, "98.7", NEW), Image(web, "v9x", OLD)
    first = bumped(case, case.text, one)
    assert bumped(case, bumped(case, first, two), one) == first
