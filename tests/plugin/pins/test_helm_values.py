"""Images in Helm values: which are found, how they are bumped, and what is refused."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plugin.artifact import Chart, ChartName, Repository, Tagged, Untied
from plugin.pins.edit import bump
from plugin.pins.find import pins_in
from plugin.pins.nodes import Refused
from plugin.pins.pin import Bumped, Kind, Pin, UpToDate
from plugin.pins.scalar import reads_as_text
from tests.plugin.pins.corpus import one_in, texts
from tests.plugin.pins.texts import NEW, OLD, image

GOLDEN = Path(__file__).resolve().parents[2] / "golden" / "pins-helm"
# Each pin is bumped four times, so a fifth of the files do.
SHARE = 5
CASES = sorted(one.name for one in GOLDEN.iterdir())
WEB = Repository.parse("ghcr.io/acme/web")


def values_pins(file: str, text: str) -> list[Pin]:
    return [pin for pin in pins_in(file, text).pins if pin.kind is Kind.HELM_VALUES]


def refusal(text: str, file: str = "values.yaml", name: str = "ghcr.io/acme/web") -> Refused:
    answer = bump(file, text, [image(name)])
    assert isinstance(answer, Refused), answer
    return answer


@pytest.mark.parametrize("case", CASES)
def test_golden_bumps(case: str) -> None:
    artifacts = (image(), image("nginx", "1.30"))
    for before in sorted((GOLDEN / case / "before").iterdir()):
        after = (GOLDEN / case / "after" / before.name).read_text()
        answer = bump(before.name, before.read_text(), artifacts)
        assert isinstance(answer, Bumped), answer
        assert answer.text == after
        assert isinstance(bump(before.name, after, artifacts), UpToDate)


def test_a_pin_says_where_it_is_and_what_it_holds() -> None:
    text = f"web:\n  image:\n    repository: ghcr.io/acme/web\n    tag: '1.0@{OLD}'\n"
    (pin,) = values_pins("values.yaml", text)
    assert (pin.line, pin.column, pin.value) == (4, 10, f"'1.0@{OLD}'")
    assert (pin.subject, pin.tag, pin.digest, pin.spelling) == (WEB, "1.0", OLD, str(WEB))


POD = "apiVersion: v1\nkind: Pod\nspec: {containers: [{image: 'ghcr.io/acme/web:1'}]}\n"
CHART = Chart(ChartName.parse("oci://ghcr.io/acme/charts/web"), "2.0.0")
GROUP = "image: {repository: ghcr.io/acme/web, tag: v1}\n"


@pytest.mark.parametrize(
    "file",
    [
        "values.yaml",
        "a/values-prod.yml",
        "values.eu.yaml",
        "helm-values.yaml",
        "x.values.yml",
        "values/prod.yaml",
        "a/values/b/prod.yml",
        "helm-values/prod.yaml",
        "values.json",
        "values-prod.json",
        "composer-values.yaml",
    ],
)
def test_values_files_are_known_by_their_names(file: str) -> None:
    assert [pin.tag for pin in values_pins(file, GROUP)] == ["v1"]


IMAGE = "image: 'ghcr.io/acme/web:v1'\n"


@pytest.mark.parametrize("file", ["web-helm-images.yaml", "helm.yml", "prod.values.eu.json"])
def test_what_is_no_object_is_values_by_a_likely_name(file: str) -> None:
    assert [pin.tag for pin in values_pins(file, IMAGE)] == ["v1"]
    assert not values_pins(file, f"apiVersion: v2\n{IMAGE}")


@pytest.mark.parametrize(
    "text",
    [
        f"web:\n  {GROUP}",
        f"webs:\n- {GROUP}",
        f"services:\n  web:\n    {GROUP}",
        f"global: {{imageRegistry: ghcr.io}}\n{IMAGE}",
        "defaultImage: {repository: ghcr.io/acme/web, tag: v1}\n",
    ],
)
def test_values_files_are_known_by_what_they_hold(text: str) -> None:
    (pin,) = values_pins("web.yaml", text)
    assert (pin.subject, pin.tag) == (WEB, "v1")


@pytest.mark.parametrize(
    "text",
    [
        IMAGE,
        "web: {repository: ghcr.io/acme/web, tag: v1}\n",
        "image: {repository: ghcr.io/acme/web}\n",
        f"apiVersion: v2\n{GROUP}",
        f"- op: add\n  {GROUP}",
        f"defaults:\n  {GROUP}services:\n  web:\n    {IMAGE}",
    ],
)
def test_other_files_are_no_values(text: str) -> None:
    assert not values_pins("web.yaml", text)


@pytest.mark.parametrize("file", ["revalues.yaml", "values.schema.json", "x-values.schema.json"])
def test_other_names_are_no_values(file: str) -> None:
    assert not values_pins(file, IMAGE)


def test_a_manifest_among_values_is_a_manifest() -> None:
    assert [pin.kind for pin in pins_in("values/pod.yaml", POD).pins] == [Kind.IMAGE]


def test_an_image_of_a_release_is_found_once() -> None:
    text = (
        "apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\n"
        "spec: {values: {image: 'ghcr.io/acme/web:1'}}\n"
    )
    assert [pin.kind for pin in pins_in("a.yaml", text).pins] == [Kind.HELM_VALUES]


def test_releases_in_a_list_are_found() -> None:
    text = (
        "apiVersion: v1\nkind: List\nitems:\n- apiVersion: helm.toolkit.fluxcd.io/v2\n"
        f"  kind: HelmRelease\n  spec:\n    values:\n      {GROUP}"
    )
    assert [pin.tag for pin in values_pins("a.yaml", text)] == ["v1"]


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("image: {registry: ghcr.io, repository: acme/web, tag: v1}", ["ghcr.io/acme/web"]),
        ("image: {hub: ghcr.io/acme, image: web, tag: v1}", ["ghcr.io/acme/web"]),
        ("image: {registry: '', repository: nginx, tag: v1}", ["docker.io/library/nginx"]),
        ("image: {repo: acme/web, tag: v1}", ["docker.io/acme/web"]),
        ("git: {repo: acme/web, tag: v1}", []),
        ("chart: {name: web, tag: v1}", []),
        ("chart: {repository: oci://ghcr.io/acme/charts, tag: v1}", []),
        ("image: {repository: acme/web}", []),
        ("image: {repository: acme/web, digest: ''}", []),
        ("x: [{a: [{repository: acme/web, tag: v1}]}]", ["docker.io/acme/web"]),
        ("global: {imageRegistry: reg:5000}\na: {repository: b/c, tag: v1}", ["reg:5000/b/c"]),
        ("global: {registry: reg:5000}\na: {repository: q.io/c, tag: v1}", ["q.io/c"]),
        ("sub:\n  global: {imageRegistry: q.io}\n  a: {repository: c, tag: v1}", ["q.io/c"]),
        ("global: {imageRegistry: ''}\na: {repository: b/c, tag: v1}", ["docker.io/b/c"]),
        ("A_IMAGE: 'q.io/c:1'\nreloaderImage: q.io/d:1\nb: q.io/e:1", ["q.io/c", "q.io/d"]),
        ("image: nginx\nbaseImage: ~\niconImage: https://a.io/b.png", []),
    ],
)
def test_shapes(text: str, names: list[str]) -> None:
    found = pins_in("values.yaml", f"{text}\n")
    assert [str(pin.subject) for pin in found.pins] == names
    assert not found.refused


def test_a_tag_alone_stays_alone() -> None:
    answer = bump("values.yaml", GROUP, [image(tag="1.10")])
    assert isinstance(answer, Bumped)
    assert answer.text == GROUP.replace("v1", '"1.10"')


def test_an_empty_digest_stays_empty_without_a_digest_to_write() -> None:
    text = GROUP.replace("v1", "v1, digest: ''")
    answer = bump("values.yaml", text, [Tagged(WEB, "v2")])
    assert isinstance(answer, Bumped)
    assert answer.text == text.replace("v1", "v2")


def test_a_digest_without_a_tag_stays_so() -> None:
    text = f"image: {{repository: ghcr.io/acme/web, tag: '', digest: '{OLD}'}}\n"
    (pin,) = values_pins("values.yaml", text)
    assert (pin.tag, pin.digest, pin.line, pin.column) == (None, OLD, 1, 56)
    answer = bump("values.yaml", text, [image()])
    assert isinstance(answer, Bumped)
    assert answer.text == text.replace(OLD, NEW)


@pytest.mark.parametrize(
    "fields",
    [f"tag: v1@{OLD}", f"tag: v1, digest: '{OLD}'", f"tag: v1, sha: '{OLD[7:]}'", f"sha: '{OLD}'"],
)
def test_a_digest_is_never_left_behind(fields: str) -> None:
    text = f"image: {{repository: ghcr.io/acme/web, {fields}}}\n"
    answer = bump("values.yaml", text, [Tagged(WEB, "v2")])
    assert isinstance(answer, Refused)
    assert "names a digest" in answer.reason


def test_a_digest_goes_when_that_is_asked_for() -> None:
    text = f"image:\n  repository: ghcr.io/acme/web\n  tag: v1\n  sha: {OLD[7:]}\n"
    answer = bump("values.yaml", text, [Untied(WEB, "v2")])
    assert isinstance(answer, Bumped)
    assert answer.text == text.replace("v1", "v2").replace(OLD[7:], '""')


SHARED = """\
web:
  image: {repository: ghcr.io/acme/web, tag: &v v1}
job:
  image: {repository: ghcr.io/acme/%s, %s: *v}
"""


def test_an_anchor_is_bumped_once_for_all_it_serves() -> None:
    text = SHARED % ("web", "tag")
    assert len(values_pins("values.yaml", text)) == 1
    answer = bump("values.yaml", text, [image(tag="v2")])
    assert isinstance(answer, Bumped)
    assert answer.text == text.replace("v1", "v2")


def test_a_digest_beside_an_alias_moves_with_the_anchor() -> None:
    text = SHARED % ("web", f"digest: '{OLD}', tag")
    answer = bump("values.yaml", text, [image(tag="v2")])
    assert isinstance(answer, Bumped)
    assert answer.text == text.replace("v1", "v2").replace(OLD, NEW)


TEXT = """\
apiVersion: argoproj.io/v1alpha1
kind: Application
spec:
  source:
    helm:
      values: |
        # ours
        image:
          repository: ghcr.io/acme/web
          tag: v1
"""


@pytest.mark.parametrize(
    ("text", "place", "reason"),
    [
        (SHARED % ("api", "tag"), (2, 49), "used for several repositories"),
        (SHARED % ("web", "version"), (2, 49), "used elsewhere through an alias"),
        ("v: &v v1\n" + GROUP.replace("v1", "*v"), (2, 44), "an alias of something else"),
        (GROUP.replace("v1", "'{{ .Values.tag }}'"), (1, 44), "filled in by a template"),
        (GROUP.replace("v1", "{{ .tag }}"), (1, 44), "filled in by a template"),
        (GROUP.replace("v1", "'${TAG:=v1}'"), (1, 44), "filled in by a template"),
        (GROUP.replace("ghcr.io/acme/web", "'${HOST}/acme/web'"), (1, 46), "filled in by a templ"),
        (GROUP.replace("acme", "Acme"), (1, 44), "is not an image repository"),
        (GROUP.replace("v1", "v1+2"), (1, 44), "is not a tag"),
        (GROUP.replace("v1", "[v1]"), (1, 44), "is not a single value"),
        (GROUP.replace("v1", "v1, digest: abc"), (1, 56), "is not a digest"),
        (GROUP.replace("v1", f"v1@{OLD}, digest: '{OLD}'"), (1, 44), "keep one of them"),
        (GROUP.replace("v1", '"v\\x31"'), (1, 44), "with escapes"),
        (GROUP.replace("tag", "image: web, tag"), (1, 46), "keep one"),
        ("image: Acme/web\n", (1, 8), "is not an image reference"),
        ("webImage: '{{ .host }}/acme/web:1'\n", (1, 11), "filled in by a template"),
        (
            "global: {registry: q.io}\na: {registry: ghcr.io, repository: acme/web, tag: v1}\n",
            (2, 51),
            "charts disagree which one wins",
        ),
        (f"extra:\n- |\n  x: 1\n  {GROUP}", (4, 46), "is in a text"),
        (f'extra: "a: 1\\n{GROUP[:-1]}"\n', (1, 8), "is in a text"),
        (TEXT, (10, 16), "is in a text"),
        (TEXT.replace(": v1", ": {{ x }}\n          {{ x"), (6, 15), "holds values in a text that"),
    ],
)
def test_what_cannot_be_bumped_safely_is_refused(
    text: str, place: tuple[int, int], reason: str
) -> None:
    answer = refusal(text)
    assert reason in answer.reason
    assert (answer.line, answer.column) == place


@pytest.mark.parametrize(
    "text",
    [
        "apiVersion: v1\nkind: ConfigMap\ndata:\n  values.yaml: |\n    " + GROUP,
        "apiVersion: helm.cattle.io/v1\nkind: HelmChart\nspec:\n  valuesContent: |-\n    " + GROUP,
    ],
)
def test_values_in_other_objects_texts_are_refused(text: str) -> None:
    assert "is in a text" in refusal(text, "a.yaml").reason


def test_parameters_that_overrule_values_are_refused() -> None:
    text = (
        "apiVersion: argoproj.io/v1alpha1\nkind: Application\nspec:\n  source:\n    helm:\n"
        "      parameters: [{name: image.tag, value: v0}]\n"
        f"      valuesObject: {{{GROUP[:-1]}}}\n"
    )
    assert "parameter 'image.tag' sets a version" in refusal(text, "a.yaml").reason


PARAMETER = """\
apiVersion: argoproj.io/v1alpha1
kind: Application
spec:
  source:
    repoURL: oci://ghcr.io/acme/charts
    chart: web
    targetRevision: 1.0.0
    helm:
      parameters: [%s]
      valuesObject: {backup: {image: 'ghcr.io/acme/backup:1'}}
"""


@pytest.mark.parametrize(
    ("parameters", "named"),
    [
        ("{name: a.image.tag, value: v0}", "?"),
        ("{name: backup.image, value: x}", "ghcr.io/acme/backup"),
        (
            "{name: a.image.tag, value: v0}, {name: a.image.repository, value: q.io/web}",
            "q.io/web",
        ),
        ("{name: imageTag, value: v0}, {name: repository, value: q.io/web}", "q.io/web"),
        ("{name: backup.image, value: 'q.io/c:1'}", "ghcr.io/acme/backup:q.io/c"),
    ],
)
def test_a_parameter_stops_the_images_it_may_be_a_version_of(parameters: str, named: str) -> None:
    found = pins_in("a.yaml", PARAMETER % parameters)
    (told,) = [one for one in found.refused if "parameter" in one.reason]
    assert told.text == named
    assert isinstance(bump("a.yaml", PARAMETER % parameters, [CHART]), Bumped)


def test_a_text_that_is_no_yaml_stops_the_images_it_names_alone() -> None:
    inner = "{{ x\n          image: ghcr.io/acme/api:1\n          {{"
    text = TEXT.partition("        # ours")[0] + f"          {inner}\n---\n" + POD
    assert isinstance(bump("a.yaml", text, [image()]), Bumped)
    assert "holds values in a text" in refusal(text, "a.yaml", "ghcr.io/acme/api").reason


def test_a_refused_image_stops_only_its_own_bump() -> None:
    text = (
        GROUP + "api:\n  image: {repository: '${HOST}/acme/api', tag: v1}\n  x: |\n    image: a:1\n"
    )
    assert isinstance(bump("values.yaml", text, [image()]), Bumped)
    assert refusal(text, name="ghcr.io/acme/api").line == 3


def test_a_tag_for_the_charts_own_repository_is_told_and_stops_nothing() -> None:
    text = f"{GROUP}web:\n  image: {{tag: v1}}\n"
    (told,) = pins_in("values.yaml", text).refused
    assert (told.line, told.column) == (3, 16)
    assert "has a tag and no repository" in told.reason
    assert isinstance(bump("values.yaml", text, [image()]), Bumped)


TOKENS = st.sampled_from(
    "{ } [ ] &a *a ' \" \n \n\x20\x20 : , - # | > <<: image: tag: digest: repository: global: "
    "{{x}} ~ nginx v1 ghcr.io/acme/web ghcr.io/acme/web:1.0".split(" ")
)


@given(st.lists(TOKENS | st.text(max_size=3), max_size=30).map(" ".join))
def test_no_text_breaks_finding_or_bumping(text: str) -> None:
    artifacts = [image(), image("nginx", "1.10")]
    answer = bump("values.yaml", text, artifacts)
    if isinstance(answer, Bumped):
        assert isinstance(bump("values.yaml", answer.text, artifacts), UpToDate)


def real_values() -> Iterator[tuple[str, str, list[Pin]]]:
    for name, text in texts():
        pins = values_pins(name, text) if one_in(SHARE, name) else []
        if pins:
            yield name, text, pins


@pytest.mark.timeout(120)
def test_real_values_are_bumped_alone_and_back_to_the_byte() -> None:
    checked = 0
    for name, text, pins in real_values():
        for pin in pins:
            assert isinstance(pin.subject, Repository)
            same = [one for one in pins if one.subject == pin.subject]
            back = len(same) == 1 and pin.tag is not None and reads_as_text(pin.tag)
            new = image(str(pin.subject), "9.8.7-towline", NEW)
            answer = bump(name, text, [new])
            assert isinstance(answer, Bumped), answer
            assert [one.pin for one in answer.changes] == same
            again = bump(name, answer.text, [new])
            assert isinstance(again, UpToDate)
            if back and pin.digest:
                old = image(str(pin.subject), pin.tag or "", pin.digest)
                returned = bump(name, answer.text, [old])
                assert isinstance(returned, Bumped)
                assert returned.text == text
                checked += 1
            elif back:
                there = bump(name, text, [Tagged(pin.subject, "9.8.7-towline")])
                assert isinstance(there, Bumped)
                returned = bump(name, there.text, [Tagged(pin.subject, pin.tag or "")])
                assert isinstance(returned, Bumped)
                assert returned.text == text
                checked += 1
    assert checked > 50
