"""Pins by marker comment: what people write behind a value, and what becomes of it."""

from __future__ import annotations

import pytest

from plugin.artifact import Chart, ChartName, DiskFamily, DiskImage, Subject, Wanted
from plugin.pins.edit import bump
from plugin.pins.find import pins_in
from plugin.pins.nodes import Refused
from plugin.pins.pin import Bumped, Kind, UpToDate
from tests.plugin.pins.texts import NEW, OLD, image

CHART = ChartName.parse("https://charts.acme.io/web")
ADDRESS = "https://acme.io/images/1.2/disk-1.2.qcow2"
DISK = DiskFamily.parse(ADDRESS)
NAMES: dict[str, Subject] = {
    "web": image().repository,
    "stock/web": image().repository,
    "chart": CHART,
    "disk": DISK,
}


def after(text: str, *wanted: Wanted, file: str = "values.yaml") -> str:
    answer = bump(file, text, wanted or (image(),), NAMES)
    assert isinstance(answer, Bumped), answer
    assert isinstance(bump(file, answer.text, wanted or (image(),), NAMES), UpToDate)
    return answer.text


FULL = f"web:1.1.0@{NEW}"


@pytest.mark.parametrize(
    ("text", "old", "new"),
    [
        ("tag: 1.0  # towline: web:tag", "1.0", "1.1.0"),
        ("tag: '1.0' #towline:web:tag", "1.0", "1.1.0"),
        ("tag: # towline: web:tag", "tag: ", "tag: 1.1.0 "),
        ("tag: ~ # towline: web:tag", "~", "1.1.0"),
        (f"tag: 1.0@{OLD} # towline: web:tag", f"1.0@{OLD}", f"1.1.0@{NEW}"),
        ("tag: 1.0 # see #12 # towline: web:tag # x", "1.0", "1.1.0"),
        ("v: 1.0 # towline: stock/web:version", "1.0", "1.1.0"),
        (f"d: {OLD} # towline: web:digest", OLD, NEW),
        ("d: '' # towline: web:digest", "''", f"'{NEW}'"),
        ("i: acme/web:1.0 # towline: web:image", "web:1.0", FULL),
        ("i: reg:5000/web # towline: web:image", "5000/web", f"5000/{FULL}"),
        (f"i: a/web@{OLD} # towline: web:image", OLD, NEW),
        ("- WEB=a/web:1.0 # towline: web:image", "web:1.0", FULL),
        ("- TAG=1.0 # towline: web:tag", "1.0", "1.1.0"),
        ("- '--image=a/web:1' # towline: web:image", "web:1", FULL),
        ("- {name: X, value: 1.0} # towline: web:tag", "1.0", "1.1.0"),
        ("i: >-  # towline: web:image\n  a/web:1\n\nx: y", "web:1", FULL),
        ("i: |-  # towline: web:tag\n    1.0\n", "1.0", "1.1.0"),
        ("a: &v 1.0 # towline: web:tag\nb: *v", "1.0", "1.1.0"),
        ("[a, [b, 1.0]] # towline: web:tag", "1.0", "1.1.0"),
        ("1.0 # towline: web:tag", "1.0", "1.1.0"),
    ],
)
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_the_value_before_the_marker_is_bumped(text: str, old: str, new: str, end: str) -> None:
    text = f"{text}\n".replace("\n", end)
    assert after(text) == text.replace(old, new, 1)


@pytest.mark.parametrize("tag", ["1.10", "1e3", "007"])
def test_a_tag_stays_text(tag: str) -> None:
    assert (
        after("tag: v1 # towline: web:tag\n", image(tag=tag))
        == f'tag: "{tag}" # towline: web:tag\n'
    )


def test_tag_and_digest_move_together_where_both_are_marked() -> None:
    text = f"tag: 1.0 # towline: web:tag\ndigest: {OLD} # towline: web:digest\n"
    assert after(text) == text.replace("1.0", "1.1.0").replace(OLD, NEW)


def test_other_subjects_than_images_can_be_named() -> None:
    text = (
        "chart: 1.2.3 # towline: chart:version\n"
        "url: https://acme.io/images/1.1/disk-1.1.qcow2 # towline: disk:url\n"
        f"sum: {OLD} # towline: disk:checksum\n"
    )
    disk = DiskImage(DISK, "1.2", ADDRESS, NEW)
    expected = text.replace("1.2.3", "2.0.0").replace("1.1", "1.2").replace(OLD, NEW)
    assert after(text, Chart(CHART, "2.0.0"), disk) == expected


def test_a_marker_says_what_it_is_in_a_list_of_pins() -> None:
    (pin,) = pins_in("a.yaml", "env:\n  WEB: ghcr.io/acme/web:1.0 # towline: web:image\n").pins
    assert (pin.kind, str(pin.subject), pin.tag, pin.digest) == (Kind.MARKER, "web", "1.0", None)
    assert (pin.line, pin.column, pin.value) == (2, 8, "ghcr.io/acme/web:1.0")


def test_a_reference_is_bumped_by_its_repository_where_nobody_knows_the_name() -> None:
    text = "env:\n  WEB: ghcr.io/acme/web:1.0 # towline: other:image\n"
    answer = bump("a.yaml", text, [image()])
    assert isinstance(answer, Bumped)
    assert answer.text == text.replace("1.0", f"1.1.0@{NEW}")
    tag = "tag: 1.0 # towline: other:tag\n"
    assert isinstance(bump("a.yaml", tag, [image()], NAMES), UpToDate)


def test_a_marker_counts_in_a_manifest_and_in_an_images_entry() -> None:
    text = "images:\n- name: ghcr.io/acme/web\n  newTag: 1.0 # towline: web:tag\n"
    expected = text.replace("1.0", "1.1.0")
    assert after(text, file="kustomization.yaml") == expected


@pytest.mark.parametrize(
    ("text", "line", "reason"),
    [
        ("tag: 1.0 # towline: web", 1, "is not a marker; write '# towline: SUBSCRIPTION:FIELD'"),
        ("tag: 1.0 # towline: web:Tag", 1, "is not a marker"),
        ("tag: 1.0 # towline: web:size", 1, "names no field that there is; write one of tag, dig"),
        ("x: y\n# towline: web:tag\ntag: 1.0", 2, "stands on a line of its own"),
        ("# towline: web:tag\ntag: 1.0", 1, "stands on a line of its own"),
        ("a: |\n  x\n# towline: web:tag\nb: 1", 3, "stands on a line of its own"),
        ("a: # towline: web:tag\n  b: 1.0", 1, "does not stand behind a value"),
        ("v: &v 1.0\na: *v # towline: web:tag", 2, "does not stand behind a value"),
        ("a: |\n  tag: 1.0 # towline: web:tag\n", 2, "stands inside a text"),
        ("a: 'x\n  y' # towline: web:tag", 1, "over several lines"),
        ("tag: ${TAG} # towline: web:tag", 1, "filled in by a template"),
        ("tag: a b # towline: web:tag", 1, "'a b' is not a tag"),
        ("i: nginx:1.26 # towline: web:tag", 1, "a whole image; write web:image for it"),
        ("tag: ^1.0 # towline: web:version", 1, "is not one exact version"),
        ("tag: 1.0 # towline: web:digest", 1, "is not a digest such as"),
        ("tag: md5:1 # towline: web:checksum", 1, "is not a checksum such as"),
        ("tag: A/b:1 # towline: web:image", 1, "is not an image reference such as"),
        ("tag: web # towline: web:url", 1, "is not the address of a disk image"),
        ("i: ghcr.io/acme/api:1 # towline: web:image", 1, "is an image of ghcr.io/acme/api, but"),
        (f"tag: 1.0 # towline: web:tag\ndigest: {OLD}", 1, "leaves the digest behind 'digest'"),
    ],
)  # fmt: skip
def test_a_marker_that_cannot_be_followed_is_refused(text: str, line: int, reason: str) -> None:
    answer = bump("a.yaml", f"{text}\n", [image()], NAMES)
    assert isinstance(answer, Refused), answer
    assert answer.line == line
    assert reason in answer.reason


def test_a_wrong_marker_stops_only_what_it_names() -> None:
    text = "tag: 1.0 # towline: web:tagg\nother: 2.0 # towline: api:tag\n"
    answer = bump(
        "a.yaml", text, [image("ghcr.io/acme/api")], {"api": image("acme/api").repository}
    )
    assert isinstance(answer, UpToDate)
    named = {"api": image("ghcr.io/acme/core").repository, "web": image().repository}
    answer = bump("a.yaml", text, [image("ghcr.io/acme/core")], named)
    assert isinstance(answer, Bumped)
    assert answer.text == text.replace("2.0", "1.1.0")


@pytest.mark.parametrize(
    "text",
    [
        "a: 'b # towline: web:tag'",
        'a: "b # towline: web:tag"',
        "a: b#towline:web:tag",
        "a: 1.0 # towline.dev/stage: web:tag",
        "a: 1.0 # Towline: web:tag",
    ],
)
def test_what_is_no_marker_is_passed_over(text: str) -> None:
    found = pins_in("a.yaml", f"{text}\n")
    assert (found.pins, found.refused) == ((), ())
