"""kustomize's image overrides in objects of Argo CD and Flux: found, bumped and refused."""

from __future__ import annotations

import pytest

from plugin.pins.edit import bump
from plugin.pins.find import pins_in
from plugin.pins.nodes import Refused
from plugin.pins.pin import Bumped, Kind, Pin, UpToDate
from plugin.stage_files import pins_that_count, sources_of
from tests.plugin.pins.texts import NEW, OLD, image, manifest

ARGO = """\
apiVersion: argoproj.io/v1alpha1
kind: Application
spec:
  source:
    repoURL: https://github.com/acme/web
    path: deploy
    targetRevision: v1.0.0
    kustomize:
      images:
      - %s  # ours
      - ghcr.io/acme/api:1
"""
SET = """\
apiVersion: argoproj.io/v1alpha1
kind: ApplicationSet
spec:
  template:
    spec:
      sources:
      - repoURL: https://github.com/acme/web
        path: deploy
        targetRevision: v1.0.0
        kustomize: {images: ["%s"]}
"""
FLUX = """\
apiVersion: kustomize.toolkit.fluxcd.io/v1
kind: Kustomization
spec:
  path: ./deploy
  images:
  - name: web  # ours
    newName: ghcr.io/acme/web
    newTag: '1.0'
"""
RELEASE = """\
apiVersion: helm.toolkit.fluxcd.io/v2
kind: HelmRelease
spec:
  postRenderers:
  - kustomize:
      images:
      - {name: ghcr.io/acme/web, newTag: '1.0'}
"""


def overrides(text: str) -> list[Pin]:
    return [one for one in pins_in("a.yaml", text).pins if one.kind is Kind.KUSTOMIZE_IMAGE]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("ghcr.io/acme/web:1.0", f"ghcr.io/acme/web:1.1.0@{NEW}"),
        ("web=ghcr.io/acme/web:1.0", f"web=ghcr.io/acme/web:1.1.0@{NEW}"),
        ("'q.io:5000/w=ghcr.io/acme/web:1'", f"'q.io:5000/w=ghcr.io/acme/web:1.1.0@{NEW}'"),
        (f"web=ghcr.io/acme/web:1@{OLD}", f"web=ghcr.io/acme/web:1.1.0@{NEW}"),
        (f"ghcr.io/acme/web@{OLD}", f"ghcr.io/acme/web@{NEW}"),
        ("web=ghcr.io/acme/web", f"web=ghcr.io/acme/web:1.1.0@{NEW}"),
    ],
)
def test_overrides_of_applications_are_bumped(before: str, after: str) -> None:
    for template, said in ((ARGO, before), (SET, before.strip("'"))):
        text = template % said
        answer = bump("a.yaml", text, [image()])
        assert isinstance(answer, Bumped), answer
        assert answer.text == text.replace(said, after if template is ARGO else after.strip("'"))
        assert isinstance(bump("a.yaml", answer.text, [image()]), UpToDate)


def test_an_override_says_what_it_holds() -> None:
    pin, other = overrides(ARGO % f"'web=ghcr.io/acme/web:1@{OLD}'")
    assert (str(pin.subject), pin.tag, pin.digest) == ("ghcr.io/acme/web", "1", OLD)
    assert (pin.line, pin.column, pin.value) == (10, 9, f"'web=ghcr.io/acme/web:1@{OLD}'")
    assert (str(other.subject), other.tag) == ("ghcr.io/acme/api", "1")


def test_entries_in_flux_are_those_of_kustomizations() -> None:
    answer = bump("a.yaml", FLUX, [image()])
    assert isinstance(answer, Bumped)
    assert answer.text == FLUX.replace("'1.0'", f"'1.1.0'\n    digest: {NEW}")
    answer = bump("a.yaml", RELEASE, [image()])
    assert isinstance(answer, Bumped)
    assert answer.text == RELEASE.replace("'1.0'", f"'1.1.0', digest: \"{NEW}\"")


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (ARGO % "ghcr.io/acme/web:${TAG}", "filled in by a template"),
        (SET % "ghcr.io/acme/web:{{tag}}", "filled in by a template"),
        (SET % "{{name}}=ghcr.io/acme/web:1", "filled in by a template"),
        (ARGO % "w=x=ghcr.io/acme/web:1", "is not [NAME=]IMAGE[:TAG][@DIGEST]"),
        (ARGO % "ghcr.io/acme/web=Acme:1", "is not [NAME=]IMAGE[:TAG][@DIGEST]"),
        (ARGO % "ghcr.io/acme/web=:2", "is not [NAME=]IMAGE[:TAG][@DIGEST]"),
        (
            ARGO % "ghcr.io/acme/api=ghcr.io/acme/web:1",
            "one of the overrides with ghcr.io/acme/api and ghcr.io/acme/web",
        ),
        (ARGO % "&w ghcr.io/acme/web:1" + "x: *w\n", "is used elsewhere through '*w'"),
        (
            f"x: &w ghcr.io/acme/web:1\n{ARGO % '*w'}",
            "is not an image override of one word; write it in place",
        ),
        (FLUX.replace("'1.0'", "${TAG}"), "filled in by a template"),
        (FLUX.replace("newTag", "tag"), "holds keys kustomize does not know"),
        (RELEASE.replace("- {", "- *w #").replace("spec", "x: &w {name: web}\nspec"), "in place"),
    ],
)
def test_what_cannot_be_bumped_safely_stops_its_own_image(text: str, reason: str) -> None:
    name = "q.io/web" if "name: web}" in text else "ghcr.io/acme/web"
    answer = bump("a.yaml", text, [image(name)])
    assert isinstance(answer, Refused)
    assert reason in answer.reason
    other = f"{text}---\n{manifest('image: q.io/other:1')}"
    assert isinstance(bump("a.yaml", other, [image("q.io/other")]), Bumped)


def test_a_list_that_is_an_alias_stops_everything() -> None:
    text = f"x: &w [ghcr.io/acme/web:1]\n{ARGO.partition('      images:')[0]}      images: *w\n"
    answer = bump("a.yaml", text, [image()])
    assert isinstance(answer, Refused)
    assert "is an alias; write the images here" in answer.reason


def test_a_manifest_beside_an_override_counts_and_moves_as_well() -> None:
    files = {"app.yaml": FLUX, "web.yaml": manifest("image: ghcr.io/acme/web:1.0")}
    wanted = image().repository
    pins, reasons = pins_that_count("", (wanted,), sources_of("", files))
    assert [pin.file for pin in pins] == ["app.yaml", "web.yaml"]
    assert not reasons


def test_an_image_in_a_map_is_not_overridden_by_an_entry_of_its_name() -> None:
    group = "spec: {image: {repository: ghcr.io/acme/web, tag: '1.0'}}\n"
    files = {
        "kustomization.yaml": "images: [{name: ghcr.io/acme/web, newTag: '1.0'}]\n",
        "db.yaml": f"apiVersion: acme.io/v1\nkind: Web\n{group}",
    }
    wanted = image().repository
    pins, _ = pins_that_count("", (wanted,), sources_of("", files))
    assert [pin.file for pin in pins] == ["db.yaml", "kustomization.yaml"]
