"""Images of custom resources that stand in maps, among manifests' other images."""

from __future__ import annotations

import pytest

from plugin.artifact import Repository
from plugin.pins.edit import bump
from plugin.pins.find import pins_in
from plugin.pins.nodes import Refused
from plugin.pins.pin import Bumped, Kind, Pin, UpToDate
from tests.plugin.pins.texts import NEW, OLD, image

WEB = Repository.parse("ghcr.io/acme/web")
HEAD = "apiVersion: k8s.mariadb.com/v1alpha1\nkind: MariaDB\nspec:\n"
GROUP = "image: {repository: ghcr.io/acme/web, tag: v1}"


def found(text: str) -> tuple[Pin, ...]:
    return pins_in("a.yaml", text).pins


def test_a_map_below_an_image_key_is_one_pin() -> None:
    text = (
        f"{HEAD}  image:\n    repository: ghcr.io/acme/web\n    tag: 'v1'  # ours\n"
        "    pullPolicy: IfNotPresent\n"
    )
    (pin,) = found(text)
    assert (pin.kind, pin.subject, pin.tag, pin.line, pin.column) == (Kind.IMAGE, WEB, "v1", 6, 10)
    answer = bump("a.yaml", text, [image(tag="v2")])
    assert isinstance(answer, Bumped)
    assert answer.text == text.replace("'v1'", "'v2'")
    assert isinstance(bump("a.yaml", answer.text, [image(tag="v2")]), UpToDate)


@pytest.mark.parametrize(
    ("spec", "images"),
    [
        ("solrImage: {repository: solr, tag: '8.11'}", ["docker.io/library/solr"]),
        ("image: {registry: q.io, repository: a/b, tag: 1}", ["q.io/a/b"]),
        (f"image: {{repository: a/b, digest: '{OLD}'}}", ["docker.io/a/b"]),
        ("image: {name: a/b, tag: 1}", ["docker.io/a/b"]),
        ("agents: [{image: {repository: a/b, tag: 1}}, {image: 'a/c:1'}]", ["a/b", "a/c"]),
        ("x: &x {repository: a/b, tag: 1}\n  image: *x\n  webImage: *x", ["docker.io/a/b"]),
        ("x: &x {repository: a/b}\n  image: {<<: *x, tag: 1}", ["docker.io/a/b"]),
        ("image: {repository: a/b}", []),
        ("source: {repository: a/b, tag: 1}", []),
        ("chart: {repository: 'https://a.io/charts', tag: 1}", []),
        ("webImage: a/b:1", []),
    ],
)
def test_shapes(spec: str, images: list[str]) -> None:
    pins = [str(pin.subject).removeprefix("docker.io/") for pin in found(f"{HEAD}  {spec}\n")]
    assert pins == [one.removeprefix("docker.io/") for one in images]


def test_definitions_of_resources_hold_no_images() -> None:
    text = "apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\nspec:\n"
    assert not found(f"{text}  {GROUP}\n")


def test_values_of_a_release_stay_values_of_their_own_registry() -> None:
    text = (
        "apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nspec:\n  values:\n"
        "    global: {imageRegistry: q.io}\n    image: {repository: a/b, tag: 1}\n"
    )
    assert [(pin.kind, str(pin.subject)) for pin in found(text)] == [(Kind.HELM_VALUES, "q.io/a/b")]


def test_digests_move_with_their_tags() -> None:
    text = f"{HEAD}  {GROUP[:-1]}, digest: '{OLD}'}}\n"
    answer = bump("a.yaml", text, [image(tag="v2")])
    assert isinstance(answer, Bumped)
    assert answer.text == text.replace("tag: v1", "tag: v2").replace(OLD, NEW)


@pytest.mark.parametrize(
    ("spec", "reason"),
    [
        (GROUP.replace("v1", "'${TAG}'"), "filled in by a template"),
        (GROUP.replace("tag", "image: web, tag"), "keep one"),
        (f"version: &v v1\n  {GROUP.replace('v1', '*v')}", "an alias of something else"),
        (f"{GROUP.replace('v1', '&v v1')}\n  version: *v", "used elsewhere through an alias"),
    ],
)
def test_what_cannot_be_bumped_safely_is_refused(spec: str, reason: str) -> None:
    answer = bump("a.yaml", f"{HEAD}  {spec}\n", [image()])
    assert isinstance(answer, Refused)
    assert reason in answer.reason
    other = f"{HEAD}  {spec}\n---\n{HEAD}  image: ghcr.io/acme/api:1\n"
    assert isinstance(bump("a.yaml", other, [image("ghcr.io/acme/api")]), Bumped)


def test_a_tag_for_the_operators_own_image_is_told_and_stops_nothing() -> None:
    text = f"{HEAD}  image: {{tag: v1}}\n  x: [{{{GROUP}}}]\n"
    (told,) = pins_in("a.yaml", text).refused
    assert "has a tag and no repository" in told.reason
    assert isinstance(bump("a.yaml", text, [image()]), Bumped)
