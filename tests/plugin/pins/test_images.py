"""Images of manifests and kustomizations in the places and spellings that need a second look."""

from __future__ import annotations

import pytest

from plugin.pins.edit import bump
from plugin.pins.find import pins_in
from plugin.pins.nodes import Refused
from plugin.pins.pin import Bumped, UpToDate
from tests.plugin.pins.texts import NEW, bumped, image, manifest

POD = "apiVersion: v1\nkind: Pod\nspec:\n"


def test_an_image_volume_is_a_pin() -> None:
    text = f"{POD}  volumes:\n  - name: m\n    image:\n      reference: ghcr.io/acme/web:1.0\n"
    expected = text.replace("web:1.0", f"web:1.1.0@{NEW}")
    assert bumped(text, file="a.yaml") == expected


@pytest.mark.parametrize("end", ["\n", "\r\n"])
@pytest.mark.parametrize("head", [">-", "|-", "&i >-", ">-  # folded"])
@pytest.mark.parametrize("tail", ["", "\n", "\n\n\n"])
def test_one_line_of_a_block_is_bumped_where_it_stands(head: str, tail: str, end: str) -> None:
    text = manifest(f"image: {head}\n            ghcr.io/acme/web:1.0{tail}").replace("\n", end)
    expected = text.replace("web:1.0", f"web:1.1.0@{NEW}")
    assert bumped(text, file="a.yaml") == expected


@pytest.mark.parametrize(
    ("block", "reason"),
    [
        (">-\n            ghcr.io/acme/\n            web:1.0", "over several lines"),
        ("|\n            ghcr.io/acme/web:1.0", "over several lines"),
        ("'ghcr.io/acme\n            /web:1.0'", "over several lines"),
    ],
)
def test_more_lines_are_refused(block: str, reason: str) -> None:
    answer = bump("a.yaml", manifest(f"image: {block}"), [image(), image("docker.io/acme/web")])
    assert isinstance(answer, Refused)
    assert reason in answer.reason


@pytest.mark.parametrize(
    "text",
    [
        "on: push\njobs: {a: {container: {image: ghcr.io/acme/web:1.0}}}\n",
        "services:\n  web: {image: ghcr.io/acme/web:1.0}\n",
        "apiVersion: kyverno.io/v1\nkind: ClusterPolicy\nspec: {pattern: {image: '*:*'}}\n",
        "apiVersion: v1\nkind: List\nitems: [{kind: CustomResourceDefinition, image: a/web:1}]\n",
    ],
)
def test_what_nothing_runs_is_left_alone(text: str) -> None:
    assert pins_in("a.yaml", text).pins == ()
    assert isinstance(bump("a.yaml", text, [image()]), UpToDate)


@pytest.mark.parametrize(
    ("name", "refused"),
    [("ghcr.io/acme/we.", True), (".*web", True), ("web", False), ("ghcr.io/acme/web2", False)],
)
def test_an_entry_whose_name_matches_anothers_image_is_refused(name: str, refused: bool) -> None:
    text = f"images:\n- name: ghcr.io/acme/web\n- name: {name}\n  newName: other.io/x\n"
    answer = bump("kustomization.yaml", text, [image()])
    assert isinstance(answer, Refused if refused else Bumped), answer
    assert not isinstance(answer, Refused) or f"two entries meet '{name}'" in answer.reason


def test_chained_entries_for_one_repository_are_bumped_together() -> None:
    text = (
        "images:\n- name: web\n  newName: ghcr.io/acme/web\n  newTag: '1.0'\n"
        "- name: ghcr.io/acme/web\n  newTag: '1.0'\n"
    )
    assert bumped(text) == text.replace("newTag: '1.0'\n", f"newTag: '1.1.0'\n  digest: {NEW}\n")


@pytest.mark.parametrize("old", ["1.10", '"1.10"', "1e3", "0123", "null", "~", ""])
def test_a_tag_that_looks_like_something_else_is_replaced_by_text(old: str) -> None:
    text = f"images:\n- name: ghcr.io/acme/web\n  newTag: {old}\n".replace(" \n", "\n")
    assert '"1.20"' in bumped(text, image(tag="1.20"))
