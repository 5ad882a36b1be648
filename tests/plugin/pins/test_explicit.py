"""Pins that a stage declares: what a promotion makes of them."""

from __future__ import annotations

from pathlib import Path

import pytest

from plugin.artifact import Image
from plugin.errors import Refusal
from plugin.freight import Freight
from plugin.held import Held
from plugin.holding import Adopted, Empty, Managed, holding
from plugin.pins.pin import UpToDate
from plugin.pipeline import ExplicitPin, Warehouse
from plugin.promotion import Changes, Refused, promote
from plugin.record import Record
from plugin.subscriptions import ImageSubscription
from tests.plugin.pins.test_bump_renders import POD, build
from tests.plugin.pins.texts import NEW, OLD, image, manifest

STAGE = "stages/dev"
FULL = f"ghcr.io/acme/web:1.1.0@{NEW}"


def pin(
    file: str, path: str, field: str | None = None, subscription: str = "web/web"
) -> ExplicitPin:
    return ExplicitPin(file, path, subscription, field, "towline.yaml", 12, 7)


def warehouse(artifact: Image, name: str = "web") -> Warehouse:
    return Warehouse(name, (ImageSubscription("web", artifact.repository),))


def answer(
    files: dict[str, str], *pins: ExplicitPin, artifact: Image | None = None
) -> Changes | UpToDate | Refused:
    one = artifact or image()
    record = Record(Freight("web", (one,)), "acme/shop", "towline/shop/dev/web", None)
    texts = {f"{STAGE}/{name}": text for name, text in files.items()}
    return promote(STAGE, warehouse(one), texts, record.freight, record, pins)


def promoted(text: str, *pins: ExplicitPin, artifact: Image | None = None) -> str:
    """The only file after a promotion that must succeed, and that a second one leaves alone."""
    name = pins[0].file
    changes = answer({name: text}, *pins, artifact=artifact)
    assert isinstance(changes, Changes), changes
    again = {path.removeprefix(f"{STAGE}/"): one for path, one in changes.files.items()}
    assert isinstance(answer(again, *pins, artifact=artifact), UpToDate)
    return changes.files[f"{STAGE}/{name}"]


@pytest.mark.parametrize(
    ("path", "field", "text", "new"),
    [
        ("image.tag", None, "image: {tag: 1.0}\n", "image: {tag: 1.1.0}\n"),
        ("a.b", None, "a:\n  b: ghcr.io/acme/web:1.0 # x\n", f"a:\n  b: {FULL} # x\n"),
        ("a", None, f"a: ghcr.io/acme/web@{OLD}\n", f"a: ghcr.io/acme/web@{NEW}\n"),
        ("a", None, "a: mirror:5000/web\n", f"a: mirror:5000/web:1.1.0@{NEW}\n"),
        ("a", None, f"a: {OLD}\n", f"a: {NEW}\n"),
        ("a", None, f"a: 1.0@{OLD}\n", f"a: 1.1.0@{NEW}\n"),
        ("a", "digest", "a: ''\n", f"a: '{NEW}'\n"),
        ("a", "tag", "a:\n", "a: 1.1.0\n"),
        ("a", "image", "a: web\n", f"a: web:1.1.0@{NEW}\n"),
        ('data."web.url"', None, "data:\n  web.url: 1.0\n", "data:\n  web.url: 1.1.0\n"),
        ("env[name=A].value", None, "env: [{name: B, value: 2}, {name: A, value: 1}]\n",
         "env: [{name: B, value: 2}, {name: A, value: 1.1.0}]\n"),
        ("[kind=B].tag", None, "kind: A\ntag: 1\n---\nkind: B\ntag: 1\n",
         "kind: A\ntag: 1\n---\nkind: B\ntag: 1.1.0\n"),
    ],
)  # fmt: skip
def test_what_a_path_leads_to_is_bumped(path: str, field: str | None, text: str, new: str) -> None:
    assert promoted(text, pin("values.yaml", path, field)) == new


def test_a_json_file_can_hold_a_declared_pin() -> None:
    text = '{\n  "web": {"tag": "1.0"}\n}\n'
    assert promoted(text, pin("values.json", "web.tag")) == text.replace("1.0", "1.1.0")


def test_a_declared_pin_says_what_the_stage_holds() -> None:
    files = {f"{STAGE}/values.yaml": "tag: 1.0\n"}
    one = warehouse(image())
    adopted = holding(STAGE, one, files, (pin("values.yaml", "tag"),))
    assert adopted == Adopted((Held(image().repository, "1.0", None),), None)
    assert isinstance(holding(STAGE, one, files), Empty)
    changes = answer({"values.yaml": "tag: 1.0\n"}, pin("values.yaml", "tag"))
    assert isinstance(changes, Changes)
    held = holding(STAGE, one, changes.files, (pin("values.yaml", "tag"),))
    assert isinstance(held, Managed)


@pytest.mark.parametrize(
    ("path", "text", "reason"),
    [
        ("image.tag", "image: {}\n", "towline.yaml:12: 'image.tag' finds nothing in stages/dev/v"),
        ("tag", "tag: 1\n---\ntag: 2\n", "towline.yaml:12: 'tag' finds 2 places in stages/dev/v"),
        ("image", "image: {tag: 1}\n", "values.yaml:1: 'image' leads to no single value but to a"),
        ("b", "a: &a 1\nb: *a\n", "values.yaml:2: 'b' leads to no single value but to a map, a li"),
        ("tag", "tag: ${TAG}\n", "values.yaml:1: '${TAG}' is filled in by a template"),
        ("tag", "tag: >\n  a\n  b\n", "values.yaml:1: is written over several lines"),
        ("tag", "tag: ghcr.io/acme/api:1\n", "values.yaml:1: is an image of ghcr.io/acme/api, but"),
        ("tag", "tag: [\n", "values.yaml:2: is not YAML"),
    ],
)  # fmt: skip
def test_what_a_path_does_not_lead_to_is_refused(path: str, text: str, reason: str) -> None:
    refused = answer({"values.yaml": text}, pin("values.yaml", path))
    assert isinstance(refused, Refused), refused
    assert any(reason in one for one in refused.reasons), refused


def test_a_file_that_is_not_there_is_refused() -> None:
    refused = answer({}, pin("values.yaml", "tag"))
    assert isinstance(refused, Refused)
    assert (
        "towline.yaml:12: 'stages/dev/values.yaml' of this pin is not there" in refused.reasons[0]
    )


def test_pins_of_other_warehouses_are_theirs() -> None:
    changes = answer(
        {"values.yaml": "a: 1.0\nb: 1.0\n"},
        pin("values.yaml", "a"),
        pin("values.yaml", "b", subscription="db/web"),
        pin("gone.yaml", "b", subscription="db/web"),
    )
    assert isinstance(changes, Changes)
    assert changes.files[f"{STAGE}/values.yaml"] == "a: 1.1.0\nb: 1.0\n"


NEW_PAIRS = f"newTag: 1.1.0\n  digest: {NEW}\n"


@pytest.mark.parametrize(
    ("path", "text", "expected"),
    [
        ("images", "resources:\n- a.yaml\n",
         f"resources:\n- a.yaml\nimages:\n- name: ghcr.io/acme/web\n  {NEW_PAIRS}"),
        ("images[name=web]", "resources: [a.yaml] # x\n",
         "resources: [a.yaml] # x\nimages:\n- name: web\n  newName: ghcr.io/acme/web\n  "
         + NEW_PAIRS),
        ("images", "resources:\n  - a.yaml\nnamePrefix: x-",
         "resources:\n  - a.yaml\nnamePrefix: x-\nimages:\n  - name: ghcr.io/acme/web\n    "
         + NEW_PAIRS.replace("\n ", "\n   ").rstrip("\n")),
        ("images", "images:\n- name: a\n  newTag: b # c\n# end\nnamePrefix: x-\n",
         "images:\n- name: a\n  newTag: b # c\n- name: <N>\n  <P># end\nnamePrefix: x-\n"),
        ("images", "images:\n  -   name: a\n",
         "images:\n  -   name: a\n  -   name: ghcr.io/acme/web\n      "
         + NEW_PAIRS.replace("\n ", "\n     ")),
        ("images", "images:\n- {name: a} # b\n",
         f"images:\n- {{name: a}} # b\n- {{name: <N>, newTag: 1.1.0, digest: {NEW}}}\n"),
        ("images", "images: [] # none\n",
         f"images: [{{name: ghcr.io/acme/web, newTag: 1.1.0, digest: {NEW}}}] # none\n"),
        ("images", "images: [{name: a}]\n",
         f"images: [{{name: a}}, {{name: ghcr.io/acme/web, newTag: 1.1.0, digest: {NEW}}}]\n"),
        ("images", "a: |\n  text\nb: 1\nc: |-\n  text\n\n",
         "a: |\n  text\nb: 1\nimages:\n- name: <N>\n  <P>c: |-\n  text\n\n"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_an_entry_is_created_where_none_stands(
    path: str, text: str, expected: str, end: str
) -> None:
    new = promoted(text.replace("\n", end), pin("kustomization.yaml", path))
    expected = expected.replace("<P>", NEW_PAIRS).replace("<N>", "ghcr.io/acme/web")
    assert new == expected.replace("\n", end)


def test_the_usual_name_of_an_image_is_written() -> None:
    new = promoted("resources: []\n", pin("kustomization.yaml", "images"), artifact=image("nginx"))
    assert "\nimages:\n- name: nginx\n  newTag:" in new


def test_an_entry_that_stands_there_is_bumped_as_ever() -> None:
    text = "images:\n- name: ghcr.io/acme/web\n  newTag: 1.0\n"
    new = promoted(text, pin("kustomization.yaml", "images"))
    assert new == text.replace("1.0\n", f"1.1.0\n  digest: {NEW}\n")


def test_two_entries_can_be_created_in_one_list() -> None:
    api = image("ghcr.io/acme/api")
    freight = Freight("web", (image(), api))
    both = Warehouse(
        "web",
        (ImageSubscription("web", image().repository), ImageSubscription("api", api.repository)),
    )
    pins = (
        pin("kustomization.yaml", "images"),
        pin("kustomization.yaml", "images", subscription="web/api"),
    )
    record = Record(freight, "acme/shop", "towline/shop/dev/web", None)
    file = f"{STAGE}/kustomization.yaml"
    changes = promote(STAGE, both, {file: "images:\n- name: x\n"}, freight, record, pins)
    assert isinstance(changes, Changes), changes
    assert changes.files[file].count("- name: ghcr.io/acme/") == 2
    refused = promote(STAGE, both, {file: "resources: []\n"}, freight, record, pins)
    assert isinstance(refused, Refused)
    assert "writes into the same place as another pin" in refused.reasons[0]


@pytest.mark.parametrize(
    ("path", "text", "reason"),
    [
        ("images[name=web]", "images:\n- name: web\n", "stands for docker.io/library/web, not for"),
        ("images", "", "has no 'images' list"),
        ("images", "{resources: []}\n", "has no 'images' list"),
        ("images", "images: &a\n  b: *a\n", "an anchor that is not"),
        ("images", "images: {}\n", "has no 'images' list"),
    ],
)
def test_an_entry_that_cannot_be_written_is_refused(path: str, text: str, reason: str) -> None:
    refused = answer({"kustomization.yaml": text}, pin("kustomization.yaml", path))
    assert isinstance(refused, Refused), refused
    assert any(reason in one for one in refused.reasons), refused


@pytest.mark.parametrize(
    "text",
    ["resources: [web.yaml, pod.yaml]\n", "images: []\nresources:\n- web.yaml\n- pod.yaml\n"],
)
def test_a_created_entry_renders(tmp_path: Path, kustomize: Path, text: str) -> None:
    (tmp_path / "web.yaml").write_text(manifest("image: web"))
    (tmp_path / "pod.yaml").write_text(POD)
    new = promoted(text, pin("kustomization.yaml", "images[name=web]"))
    (tmp_path / "kustomization.yaml").write_text(new)
    rendered = build(kustomize, tmp_path)
    assert f"image: {FULL}\n" in rendered
    assert "image: x\n" in rendered


def test_paths_are_read_when_they_are_used() -> None:
    with pytest.raises(Refusal):
        answer({"values.yaml": "a: 1\n"}, pin("values.yaml", "a..b"))
