"""Finding and bumping pins: what people see in their files afterwards."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plugin.pins.edit import bump
from plugin.pins.find import mentions, pins_in
from plugin.pins.nodes import Refused
from plugin.pins.pin import Bumped, Kind, UpToDate
from plugin.pins.tree import decode
from tests.plugin.pins.texts import NEW, OLD, bumped, image, manifest

GOLDEN = Path(__file__).resolve().parent.parent / "golden" / "pins"
CASES = sorted(one.name for one in GOLDEN.iterdir())


@pytest.mark.parametrize("case", CASES)
def test_golden_bumps(case: str) -> None:
    artifacts = (image(), image("nginx", "1.10"), image("reg:5000/acme/api", "0123"))
    for before in sorted((GOLDEN / case / "before").iterdir()):
        after = (GOLDEN / case / "after" / before.name).read_bytes().decode()
        answer = bump(before.name, before.read_bytes().decode(), artifacts)
        assert isinstance(answer, Bumped), answer
        assert answer.text == after
        assert isinstance(bump(before.name, after, artifacts), UpToDate)


def test_a_pin_says_where_it_is_and_what_it_holds() -> None:
    found = pins_in("a.yaml", manifest(f"image: 'ghcr.io/acme/web:1.0@{OLD}' # hi"))
    (pin,) = found.pins
    assert (pin.line, pin.column, pin.kind) == (9, 18, Kind.IMAGE)
    assert (pin.tag, pin.digest, str(pin.subject)) == ("1.0", OLD, "ghcr.io/acme/web")
    assert pin.value == f"'ghcr.io/acme/web:1.0@{OLD}'"


def test_an_entry_is_found_by_what_it_turns_the_image_into() -> None:
    text = "images:\n- name: web\n  newName: ghcr.io/acme/web\n  newTag: 1.10\n"
    (pin,) = pins_in("kustomization.yaml", text).pins
    assert (pin.kind, str(pin.subject), pin.tag) == (
        Kind.KUSTOMIZE_IMAGE,
        "ghcr.io/acme/web",
        "1.10",
    )
    assert (pin.line, pin.column, pin.value) == (4, 11, "1.10")
    assert isinstance(bump("kustomization.yaml", text, [image("web")]), UpToDate)


def test_a_change_is_told_with_its_place() -> None:
    text = "images:\n- name: ghcr.io/acme/web\n"
    answer = bump("prod/kustomization.yaml", text, [image()])
    assert isinstance(answer, Bumped)
    expected = f"prod/kustomization.yaml:2: ghcr.io/acme/web no version -> 1.1.0@{NEW}"
    assert [str(change) for change in answer.changes] == [expected]


@pytest.mark.parametrize("tag", ["1.10", "1e3", "0123", "1234567", "12e4567", "null", "on", "y"])
def test_a_tag_stays_text_for_every_reader(tag: str) -> None:
    text = "images:\n- name: ghcr.io/acme/web\n  newTag: 1.0.0\n"
    assert f'  newTag: "{tag}"\n' in bumped(text, image(tag=tag))


@pytest.mark.parametrize("quote", ["'", '"'])
def test_quotes_stay(quote: str) -> None:
    text = f"images:\n- name: ghcr.io/acme/web\n  newTag: {quote}1.0{quote}\n  digest: {OLD}\n"
    expected = text.replace("1.0", "1.1.0").replace(OLD, NEW)
    assert bumped(text) == expected


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("start", ["", "\ufeff", "# 😀\n", "---\n"])
@pytest.mark.parametrize("last", ["", "\n"])
def test_line_ends_marks_and_final_newline_stay(end: str, start: str, last: str) -> None:
    lines = f"{start}images:\n  - name: ghcr.io/acme/web  # ours\n    newTag: v1 # bot\n".rstrip()
    text = (lines + last).replace("\n", end)
    expected = text.replace("v1 # bot", f"1.1.0 # bot{end}    digest: {NEW}")
    assert bumped(text) == expected


@pytest.mark.parametrize(
    ("entry", "expected"),
    [
        ("{name: ghcr.io/acme/web}", '{name: ghcr.io/acme/web, newTag: "<T>", digest: "<D>"}'),
        (
            "{name: ghcr.io/acme/web, newTag: v1 }",
            '{name: ghcr.io/acme/web, newTag: <T>, digest: "<D>" }',
        ),
        (
            '{"name":"ghcr.io/acme/web","newTag":"v1"}',
            '{"name":"ghcr.io/acme/web","newTag":"<T>","digest": "<D>"}',
        ),
        (
            '{\n  "name": "ghcr.io/acme/web",\n  "newTag": "v1"\n}',
            '{\n  "name": "ghcr.io/acme/web",\n  "newTag": "<T>",\n  "digest": "<D>"\n}',
        ),
    ],
)
def test_keys_are_created_in_flow_entries(entry: str, expected: str) -> None:
    text = bumped(f"images: [{entry}]\n")
    assert text == f"images: [{expected}]\n".replace("<T>", "1.1.0").replace("<D>", NEW)


@pytest.mark.parametrize("said", ["newTag:", "newTag: ~", "newTag: # later", "digest: ''"])
def test_an_empty_field_is_filled(said: str) -> None:
    text = bumped(f"images:\n- name: ghcr.io/acme/web\n  {said}\n")
    (pin,) = pins_in("kustomization.yaml", text).pins
    assert (pin.tag, pin.digest) == ("1.1.0", NEW)
    assert ("# later" in text) == ("# later" in said)


def test_a_digest_glued_to_the_tag_moves_to_its_own_field() -> None:
    text = f"images:\n- name: ghcr.io/acme/web\n  newTag: 1.1.0@{OLD}\n"
    (pin,) = pins_in("kustomization.yaml", text).pins
    assert (pin.tag, pin.digest) == ("1.1.0", OLD)
    assert bumped(text).endswith(f"  newTag: 1.1.0\n  digest: {NEW}\n")


@pytest.mark.parametrize(
    ("written", "name"),
    [
        ("nginx", "docker.io/library/nginx"),
        ("docker.io/nginx", "nginx"),
        ("index.docker.io/library/nginx", "nginx"),
        ("reg:5000/a/nginx", "reg:5000/a/nginx"),
    ],
)
def test_the_files_own_spelling_of_a_repository_stays(written: str, name: str) -> None:
    text = bumped(manifest(f"image: {written}:1.0"), image(name), file="a.yaml")
    assert text == manifest(f"image: {written}:1.1.0@{NEW}")


def test_every_container_of_every_document_is_found() -> None:
    text = (
        "apiVersion: v1\nkind: List\nitems:\n"
        "- apiVersion: v1\n  kind: Pod\n  spec:\n"
        "    initContainers: [{name: a, image: nginx:1}]\n"
        "    ephemeralContainers:\n    - image: nginx:2\n"
        "---\n# nothing\n---\n"
        "apiVersion: acme.dev/v1\nkind: Site\nspec: {deep: [[{image: nginx:3}]]}\n"
    )
    assert [pin.tag for pin in pins_in("a.yaml", text).pins] == ["1", "2", "3"]


@pytest.mark.parametrize(
    "text",
    [
        "services: {web: {image: 'ghcr.io/acme/web:1.0'}}\n",
        "apiVersion: v1\nkind: Pod\nspec: {containers: [{image: ghcr.io/acme/web}]}\n",
        "apiVersion: v1\nkind: Pod\nspec: {imagePullPolicy: Always, image: {repository: web}}\n",
        "apiVersion: x/v1\nkind: CustomResourceDefinition\nspec: {image: ghcr.io/acme/web:1.0}\n",
        "# image: ghcr.io/acme/web:1.0\napiVersion: v1\nkind: Pod\n",
        "",
        "image: ghcr.io/acme/web:1.0",
    ],
)
def test_look_alikes_are_left_alone(text: str) -> None:
    assert isinstance(bump("a.yaml", text, [image()]), UpToDate)


def test_only_the_first_document_of_a_kustomization_counts() -> None:
    text = "resources: []\n---\nimages: [{name: ghcr.io/acme/web}]\n"
    assert isinstance(bump("kustomization.yaml", text, [image()]), UpToDate)


ENTRY = "images:\n- name: ghcr.io/acme/web\n  "


@pytest.mark.parametrize(
    ("text", "line", "reason"),
    [
        (manifest('image: "ghcr.io/acme/web:{{ .tag }}"'), 9, "filled in by a template"),
        (manifest('image: "${REGISTRY}/acme/web:1.0"'), 9, "filled in by a template"),
        (manifest("image: {{ web }}"), 9, "filled in by a template"),
        (manifest("image: ghcr.io/acme/web:${TAG:=1.0}"), 9, "filled in by a template"),
        (
            manifest("image: >-\n            ghcr.io/acme/\n            web:1.0"),
            9,
            "over several lines",
        ),
        (manifest('image: "ghcr.io/acme/w\\x65b:1.0" # web'), 9, "or with escapes"),
        (manifest("image: GHCR.io/Acme/web:1.0"), 9, "is not an image reference"),
        (
            manifest("x: &i ghcr.io/acme/web:1.0\n          y: *i\n          image: *i"),
            11,
            "an alias",
        ),
        (manifest("image: &i ghcr.io/acme/web:1.0\n          env: *i"), 9, "used elsewhere"),
        (f"v: &v v1\n{ENTRY}newTag: *v\n", 3, "'newTag' is an alias"),
        (f"{ENTRY}newTag: &v v1\nother: *v\n", 2, "used elsewhere through"),
        (f"{ENTRY}newTag: ${{TAG}}\n", 2, "filled in by a template"),
        (f"{ENTRY}tagSuffix: -x\n", 2, "'tagSuffix' would be ignored"),
        (f"{ENTRY}<<: {{newTag: v1}}\n", 2, "keys kustomize does not know, or a merge key"),
        (
            f"{ENTRY}newName: a/web\n- name: ghcr.io/acme/web\n",
            2,
            "two entries meet 'ghcr.io/acme/web'",
        ),
        ("x: &e {name: ghcr.io/acme/web}\nimages: [*e]\n", 2, "write it in place"),
        (
            "images:\n- name: ghcr.io/acme/.*web\n- name: acme/.*/web\n",
            3,
            "not an image repository",
        ),
        (f"{ENTRY}newTag: v1\n  newTag: v2\n", 4, "'newTag' stands twice"),
        (f"{ENTRY}newTag: v1\nsops: {{mac: x}}\n", 4, "encrypted with SOPS"),
        (f"{ENTRY}newTag: v1 # a\u2028b\n", 3, "holds U\\+2028"),
        (f"{ENTRY}newTag: v1 # a\u0085b\n", 3, "holds U\\+0085"),
        (f"{ENTRY}newTag: [\n", 4, "is not YAML"),
        (f"{ENTRY}newTag: v1\n{{{{ if x }}}}\ny: 1\n", 5, "is not YAML"),
        (f"{ENTRY}newTag: *nobody\n", 3, "an anchor that is not there"),
    ],
)
def test_what_cannot_be_bumped_safely_is_refused_with_its_line(
    text: str, line: int, reason: str
) -> None:
    file = "a.yaml" if "kind: Deployment" in text else "kustomization.yaml"
    artifacts = [image(), image("acme/web")]
    answer = bump(file, text, artifacts)
    assert isinstance(answer, Refused), answer
    assert (answer.file, answer.line) == (file, line), answer
    with pytest.raises(AssertionError, match=reason):
        raise AssertionError(str(answer))


def test_a_refused_place_of_another_image_stops_nothing() -> None:
    line = 'image: "ghcr.io/acme/api:{{ .tag }}"\n        - image: ghcr.io/acme/web:1.0'
    text = bumped(manifest(line), file="a.yaml")
    assert text == manifest(line.replace("web:1.0", f"web:1.1.0@{NEW}"))


def test_a_template_that_is_not_yaml_stops_only_bumps_of_what_it_names() -> None:
    text = "{{ if .x }}\nimage: ghcr.io/acme/website\n"
    assert isinstance(bump("a.yaml", text, [image("ghcr.io/other/website")]), UpToDate)
    assert isinstance(bump("a.yaml", text, [image("ghcr.io/acme/website")]), Refused)


def test_one_anchor_that_serves_images_is_bumped_once() -> None:
    text = manifest("image: &i ghcr.io/acme/web:1.0\n        - image: *i")
    assert bumped(text, file="a.yaml") == text.replace("web:1.0", f"web:1.1.0@{NEW}")


@pytest.mark.parametrize(
    "hostile",
    [
        "[" * 5000,
        "- " * 5000,
        "{a: " * 5000,
        "a: &a [x,x,x,x,x,x,x,x,x]\n"
        + "".join(
            f"{new}: &{new} [{','.join([f'*{old}'] * 9)}]\n"
            for old, new in zip("abcdefgh", "bcdefghi", strict=True)
        ),
        "x" * (4 << 20) + "\n",
        "- a\n" * 250_000,
        "a: \0\n",
        "a: \ud800\n",
        "\t- a\n",
    ],
    ids=["brackets", "dashes", "maps", "bomb", "large", "many", "nul", "surrogate", "tab"],
)
def test_hostile_files_are_refused_before_they_grow(hostile: str) -> None:
    """Half a second at most where it was measured; what runs away takes minutes."""
    began = time.process_time()
    found = pins_in("a.yaml", f"{hostile}\n# ghcr.io/acme/web")
    assert not found.pins
    assert len(found.refused) == 1
    assert time.process_time() - began < 20


def test_bytes_that_are_not_utf8_are_refused_with_their_line() -> None:
    answer = decode("a.yaml", b"a: 1\nb: \xff\n")
    assert isinstance(answer, Refused)
    assert str(answer) == "a.yaml:2: is not UTF-8; save the file as UTF-8"
    assert decode("a.yaml", "\ufeffa: é\r\n".encode()) == "\ufeffa: é\r\n"


def test_a_file_without_the_name_is_not_even_parsed() -> None:
    assert not mentions("[" * 5000, [image().repository])
    assert isinstance(bump("a.yaml", "[" * 5000, [image()]), UpToDate)


TOKENS = st.sampled_from(
    "{ } [ ] &a *a ' \" \n \r\n \t - # image: newTag: digest: images: | > ? : !!str --- ... "
    "{{x}} <<: ~ %YAML , ghcr.io/acme/web:1.0 nginx \ufeff \u0085 \0".split(" ")
)


@given(st.lists(TOKENS | st.text(max_size=3), max_size=30).map(" ".join), st.booleans())
def test_no_text_breaks_finding_or_bumping(text: str, kustomization: bool) -> None:
    file = "kustomization.yaml" if kustomization else "a.yaml"
    text = text if kustomization else f"apiVersion: v1\nkind: Pod\n{text}"
    artifacts = [image(), image("nginx", "1.10")]
    answer = bump(file, text, artifacts)
    if isinstance(answer, Bumped):
        assert isinstance(bump(file, answer.text, artifacts), UpToDate)
