"""Generated files: only the pin changes, twice is once, and the way back restores every byte."""

from __future__ import annotations

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from plugin.pins import Bumped, UpToDate, bump, pins_in
from tests.plugin.pins.texts import NEW, OLD, image, readings

TAGS = st.from_regex(r"[A-Za-z0-9_][A-Za-z0-9._-]{0,9}", fullmatch=True) | st.sampled_from(
    ["1.10", "1e3", "0123", "null", "on", "a..b", "2024-01-01"]
)
COMMENTS = st.sampled_from(["", "  # web:1.0", "  #\t😀 é", " #"])
BLANKS = st.sampled_from(["", "\n", "   \n", "# image: ghcr.io/acme/web:9\n"])
ENDS = st.sampled_from(["\n", "\r\n"])


@st.composite
def kustomizations(draw: st.DrawFn) -> str:
    """A kustomization with an entry for the image and others around it."""
    indent = draw(st.sampled_from(["", "  ", "      "]))
    gap = draw(st.sampled_from([" ", "   "]))
    quote = draw(st.sampled_from(['"', "'"]))
    fields = [
        f"name:{gap}ghcr.io/acme/web",
        *draw(st.sampled_from([[], [f"newTag: {quote}{draw(TAGS)}{quote}"], ["newTag:"]])),
        *draw(st.sampled_from([[], [f"digest: {OLD}"]])),
    ]
    fields = list(draw(st.permutations(fields)))
    lines = [f"{line}{draw(COMMENTS)}" for line in fields]
    inner = indent + " " * (1 + len(gap))
    entry = f"{indent}-{gap}" + f"\n{inner}".join(lines)
    other = f'{indent}- {{name: other, newTag: "1.0"}}\n'
    text = f"{draw(BLANKS)}images:\n{draw(BLANKS)}{other}{entry}\n{other}{draw(BLANKS)}"
    return _dressed(draw, text)


@st.composite
def manifests(draw: st.DrawFn) -> str:
    """A manifest with the image in one of its fields."""
    quote = draw(st.sampled_from(["", '"', "'"]))
    suffix = draw(st.sampled_from(["", f"@{OLD}"]))
    value = f"{quote}ghcr.io/acme/web:{draw(TAGS)}{suffix}{quote}"
    anchor = draw(st.sampled_from(["", "&a ", "!!str ", "&b !!str "]))
    line = f"image: {anchor}{value}{draw(COMMENTS)}\n"
    text = (
        f"{draw(BLANKS)}kind: Pod\n{draw(BLANKS)}apiVersion: v1\nspec:\n"
        f"    containers:\n    - {line}      name: on\n"
        f"      args: ['{{x}}', 1.0, yes]\n{draw(BLANKS)}"
    )
    return _dressed(draw, text)


def _dressed(draw: st.DrawFn, text: str) -> str:
    text = draw(st.sampled_from(["", "\ufeff", "---\n"])) + text
    text = text if draw(st.booleans()) else text.removesuffix("\n")
    return text.replace("\n", draw(ENDS))


def name_of(text: str) -> str:
    return "kustomization.yaml" if "images:" in text else "pod.yaml"


@given(kustomizations() | manifests(), TAGS)
def test_a_bump_changes_the_pin_and_nothing_else(text: str, tag: str) -> None:
    wanted = [image(tag=tag)]
    file = name_of(text)
    answer = bump(file, text, wanted)
    assert isinstance(answer, Bumped), answer
    (pin,) = [one for one in pins_in(file, answer.text).pins if one.subject == image().subject]
    assert (pin.tag, pin.digest) == (tag, NEW)
    assert isinstance(bump(file, answer.text, wanted), UpToDate)
    changed = {event[2] for event in _new(text, answer.text) if len(event) > 2}
    assert changed <= {tag, NEW, "newTag", "digest", f"ghcr.io/acme/web:{tag}@{NEW}"}
    assert all(str(event[3]).count("str") >= 1 for event in _new(text, answer.text))


def _new(before: str, after: str) -> list[tuple[object, ...]]:
    return list((Counter(readings(after)) - Counter(readings(before))).elements())


@given(kustomizations() | manifests(), TAGS)
def test_bumping_back_restores_every_byte(text: str, tag: str) -> None:
    file = name_of(text)
    first = bump(file, text, [image()])
    assert isinstance(first, Bumped)
    second = bump(file, first.text, [image(tag=f"v{tag}x", digest=OLD)])
    assert isinstance(second, Bumped)
    third = bump(file, second.text, [image()])
    assert isinstance(third, Bumped)
    assert third.text == first.text
