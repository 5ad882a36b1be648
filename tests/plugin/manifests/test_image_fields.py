"""A record reaches every field of a stage that names its image, in whatever form; or is refused."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
import yaml

from plugin.artifact import Image, Repository
from plugin.errors import Refusal
from plugin.freight import Freight
from plugin.manifests.annotate import annotated
from plugin.manifests.applied import applied
from plugin.record import Record
from tests.plugin.manifests.test_applied import (
    WEB,
    build,
    data_volume,
    digest,
    disk,
    machine,
    record,
)

NEW = Image(WEB, "2.0", digest(2))
RECORD = record(NEW)
NAME = str(WEB)
VERSIONED = f"{NAME}:1.0"
DIR = "stages/prod"


def runner(spec: str, head: str = "apiVersion: acme.dev/v1\nkind: Runner\n") -> str:
    return f"{head}metadata: {{name: a, namespace: shop}}\nspec:\n  {spec}\n"


def rendered(text: str, directory: Path, kustomize: Path) -> bytes:
    files = {"a.yaml": text, "kustomization.yaml": "resources: [a.yaml]\n"}
    return build(files, directory, kustomize)


@pytest.mark.parametrize(
    "text",
    [
        '{"kind":"Pod","apiVersion":"v1","spec":{"containers":[{"image":"NAME"}]}}\n',
        "kind: Pod\napiVersion: v1\nspec: {containers: [{name: a, image: NAME}]}\n",
        "kind: Pod\napiVersion: v1\nspec:\n  containers:\n  - image: NAME # the app\n    name: a\n",
        "kind: Pod\napiVersion: v1\nspec:\n  containers:\n  - image: 'NAME'   # the app\n",
        "kind: Pod\napiVersion: v1\nspec:\n  containers:\n  - image: >-\n      NAME\n",
        "kind: Pod\napiVersion: v1\nspec:\n  a: {image: &it NAME}\n  b: {image: *it}\n",
    ],
)
def test_manifests_as_people_write_them_get_the_version(text: str) -> None:
    hand = f"---\n{text}".replace("NAME", NAME)
    got = applied(hand.encode(), (RECORD,), DIR).decode()
    assert got.replace(str(NEW), NAME) == hand
    assert got.count(str(NEW)) == 1


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("  a: &it NAME\n  image: *it\n", "is an alias of something else than an image"),
        ("  image: &it NAME\n  a: *it\n", "is used elsewhere through '*it'"),
        ('  image: "ghcr.io/\\x61cme/web"\n', "is written over several lines or with escapes"),
    ],
)
def test_what_cannot_be_written_by_hand_is_refused(text: str, reason: str) -> None:
    hand = f"---\napiVersion: acme.dev/v1\nkind: Runner\nmetadata: {{name: a}}\nspec:\n{text}"
    with pytest.raises(Refusal) as caught:
        applied(hand.replace("NAME", NAME).encode(), (RECORD,), DIR)
    assert str(caught.value).startswith(f"stages/prod: Runner 'a': {reason}")


@pytest.mark.parametrize(
    "spec",
    [
        "runnerImage: NAME",
        "runnerImage: VERSIONED",
        "imageName: NAME",
        "baseImage: docker://NAME",
        "images: [NAME, docker://VERSIONED]",
        "web: {image: {reference: NAME}}",
        "env: [{name: RUNNER, value: VERSIONED}]",
        "from: {kind: DockerImage, name: VERSIONED}",
        "args: [VERSIONED]",
        "WEB_IMAGE: NAME",
    ],
)
def test_every_field_of_a_custom_resource_gets_the_version(
    tmp_path: Path, kustomize: Path, spec: str
) -> None:
    text = runner(spec.replace("NAME", NAME).replace("VERSIONED", VERSIONED))
    got = applied(rendered(text, tmp_path, kustomize), (RECORD,), DIR)
    expected = spec.replace("NAME", str(NEW)).replace("VERSIONED", str(NEW))
    assert yaml.safe_load(got)["spec"] == yaml.safe_load(expected)


@pytest.mark.parametrize(
    ("spec", "tag"),
    [
        ("image: {repository: NAME, tag: ''}", "2.0"),
        ("image: {registry: ghcr.io, repository: acme/web, tag: '1.0'}", "2.0"),
        ("imageRepository: NAME\n  imageTag: '1.0'", "2.0"),
        ("web: {repository: NAME, tag: 1.0@" + digest(1) + "}", f"2.0@{digest(2)}"),
    ],
)
def test_groups_of_repository_and_tag_get_the_version(
    tmp_path: Path, kustomize: Path, spec: str, tag: str
) -> None:
    got = applied(rendered(runner(spec.replace("NAME", NAME)), tmp_path, kustomize), (RECORD,), DIR)
    said = yaml.safe_load(got)["spec"]
    group = said.get("image") or said.get("web") or said
    assert tag in group.values()


@pytest.mark.parametrize(
    ("spec", "reason"),
    [
        (
            "image: {repository: NAME, pullPolicy: Always}",
            "'repository' names 'NAME' without a fie",
        ),
        ("runner: {image: {name: NAME}}", "'name' names 'NAME' without a field for its version"),
        ("imageRepository: NAME", "'imageRepository' names 'NAME' without a field for its version"),
        ("{imageName: NAME, tag: '1.0'}", "names 'NAME' beside a field 'tag', and nobody knows"),
        ("{runnerImage: NAME, runnerTag: '1.0'}", "names 'NAME' beside a field 'runnerTag'"),
        ("{image: NAME, digest: ''}", "names 'NAME' beside a field 'digest'"),
    ],
)
def test_a_name_without_a_place_for_its_version_is_refused(
    tmp_path: Path, kustomize: Path, spec: str, reason: str
) -> None:
    with pytest.raises(Refusal) as caught:
        applied(rendered(runner(spec.replace("NAME", NAME)), tmp_path, kustomize), (RECORD,), DIR)
    expected = f"stages/prod: Runner 'shop/a': {reason.replace('NAME', NAME)}"
    assert str(caught.value).startswith(expected)


@pytest.mark.parametrize(
    "more",
    [
        "source: NAME",
        "env: [{name: REPOSITORY, value: NAME}]",
        "note: runs VERSIONED",
        "host: web:8080",
        "other: ghcr.io/acme/webhook:1.0",
    ],
)
def test_what_may_mean_anything_stays(tmp_path: Path, kustomize: Path, more: str) -> None:
    spec = f"image: NAME\n  {more}".replace("NAME", NAME).replace("VERSIONED", VERSIONED)
    printed = rendered(runner(spec), tmp_path, kustomize)
    got = applied(printed, (RECORD,), DIR).decode()
    assert got == printed.decode().replace(f"image: {NAME}\n", f"image: {NEW}\n")


def test_a_host_and_port_are_no_image_of_docker_hub(tmp_path: Path, kustomize: Path) -> None:
    redis = Image(Repository.parse("redis"), "7", digest(3))
    spec = "image: redis:6\n  env: [{name: CACHE, value: 'redis:6379'}]"
    got = applied(rendered(runner(spec), tmp_path, kustomize), (record(redis),), DIR)
    said = yaml.safe_load(got)["spec"]
    assert said["image"] == f"redis:7@{digest(3)}"
    assert said["env"][0]["value"] == "redis:6379"


def test_objects_that_only_describe_images_stay(tmp_path: Path, kustomize: Path) -> None:
    head = "apiVersion: image.toolkit.fluxcd.io/v1\nkind: ImageRepository\n"
    text = runner(f"image: {NAME}\n  other: {{image: {VERSIONED}}}", head)
    pinned = replace(RECORD, freight=Freight("web", (Image(WEB, "1.0", digest(1)),)))
    printed = rendered(text, tmp_path, kustomize)
    for manifests in (printed, b"---\n" + printed):
        assert annotated(manifests, (pinned,), "prod", "https://github.com") == manifests
    with pytest.raises(Refusal, match="nothing that this stage renders names it"):
        applied(printed, (RECORD,), DIR)
    web = printed + b"---\n" + runner(f"image: {NAME}").encode()
    assert applied(web, (RECORD,), DIR).startswith(printed)


@pytest.mark.parametrize(
    "remark", ["annotations: {app: x, image: VERSIONED}", "labels: {image: web}"]
)
def test_annotations_and_labels_run_nothing(tmp_path: Path, kustomize: Path, remark: str) -> None:
    remark = remark.replace("VERSIONED", VERSIONED)
    text = f"apiVersion: acme.dev/v1\nkind: Runner\nmetadata:\n  name: a\n  {remark}\n"
    text += (
        f"spec:\n  template: {{metadata: {{{remark}}}}}\n  podAnnotations: {{a: '{VERSIONED}'}}\n"
    )
    printed = rendered(text, tmp_path, kustomize)
    with pytest.raises(Refusal, match="nothing that this stage renders names it"):
        applied(printed, (RECORD,), DIR)
    pinned = replace(RECORD, freight=Freight("web", (Image(WEB, "1.0", digest(1)),)))
    assert annotated(printed, (pinned,), "prod", "https://github.com") == printed
    hand = b"---\n" + printed
    assert annotated(hand, (pinned,), "prod", "https://github.com") == hand
    both = rendered(f"{text}  image: {NAME}\n", tmp_path, kustomize)
    got = applied(both, (RECORD,), DIR).decode()
    assert got == both.decode().replace(f"\n  image: {NAME}\n", f"\n  image: {NEW}\n")


@pytest.mark.parametrize("kind", ["ConfigMap", "Secret"])
def test_what_is_named_after_its_content_is_never_changed(
    tmp_path: Path, kustomize: Path, kind: str
) -> None:
    generator = {"ConfigMap": "configMapGenerator", "Secret": "secretGenerator"}[kind]
    literal = f"image={VERSIONED}"
    text = f"resources: [a.yaml]\n{generator}:\n- name: g\n  literals: [{literal}]\n"
    files = {"a.yaml": runner(f"image: {NAME}"), "kustomization.yaml": text}
    printed = build(files, tmp_path, kustomize)
    if kind == "Secret":
        # Nobody can read an image in there, and nobody would change it.
        assert applied(printed, (RECORD,), DIR).count(str(NEW).encode()) == 1
        return
    with pytest.raises(Refusal) as caught:
        applied(printed, (RECORD,), DIR)
    assert str(caught.value).startswith("stages/prod: ConfigMap 'g-")
    assert "'disableNameSuffixHash: true'" in str(caught.value)
    half = record(Image(WEB, "1.0", digest(2)))
    with pytest.raises(Refusal, match="is generated"):
        applied(printed, (half,), DIR)
    fixed = text + "  options: {disableNameSuffixHash: true}\n"
    printed = build(files | {"kustomization.yaml": fixed}, tmp_path, kustomize)
    assert applied(printed, (RECORD,), DIR).count(str(NEW).encode()) == 2
    same = build(
        files | {"kustomization.yaml": text.replace(VERSIONED, str(NEW))}, tmp_path, kustomize
    )
    assert applied(same, (RECORD,), DIR).count(str(NEW).encode()) == 2


def test_documents_beyond_what_is_read_at_once_are_applied() -> None:
    schema = "apiVersion: x/v1\nkind: CustomResourceDefinition\nmetadata:\n  name: c\n"
    schema += f"spec:\n  text: the web of {NAME}\n  long: {'x' * 5_000_000}\n"
    other = (
        f"apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: o\ndata:\n  web: {'x' * 5_000_000}\n"
    )
    large = f"  text: {'y' * 500_000}\n"
    pods = [
        runner(f"image: {NAME}").replace("{name: a", f"{{name: p{at}") + large for at in range(9)
    ]
    manifests = "---\n".join([schema, *pods[:4], other, *pods[4:]])
    got = applied(manifests.encode(), (RECORD,), DIR).decode()
    assert got == manifests.replace(f"image: {NAME}\n", f"image: {NEW}\n")
    hand = f"---\n{manifests}"
    assert applied(hand.encode(), (RECORD,), DIR).decode() == f"---\n{got}"


@pytest.mark.parametrize("spec", ["image: NAME", "images: [docker://NAME]", "args: [NAME]"])
def test_whatever_got_its_version_is_annotated(tmp_path: Path, kustomize: Path, spec: str) -> None:
    printed = rendered(runner(spec.replace("NAME", VERSIONED)), tmp_path, kustomize)
    for manifests in (printed, b"---\n" + printed):
        got = applied(manifests, (RECORD,), DIR)
        done = yaml.safe_load(annotated(got, (RECORD,), "prod", "https://github.com"))
        assert done["metadata"]["annotations"]["towline.dev/freight"] == RECORD.freight.id


def test_every_artifact_that_nothing_names_is_told(tmp_path: Path, kustomize: Path) -> None:
    other = Image(Repository.parse("ghcr.io/acme/api"), "1", digest(4))
    printed = rendered(runner("size: 1"), tmp_path, kustomize)
    with pytest.raises(Refusal) as caught:
        applied(printed, (record(other, NEW),), "")
    assert [one.split(": ")[:2] for one in str(caught.value).split("\n")] == [
        [".freight/web.yaml", "ghcr.io/acme/api"],
        [".freight/web.yaml", "ghcr.io/acme/web"],
    ]


def test_an_imported_disk_needs_no_version_of_its_own(tmp_path: Path, kustomize: Path) -> None:
    volume = data_volume("root", "VERSION").replace("@VERSION", "")
    vm = machine("db", "{name: root, dataVolume: {name: root}}")
    printed = rendered(f"{volume}---\n{vm}", tmp_path, kustomize)
    got = applied(printed, (record(disk(2)),), DIR).decode()
    assert f"docker://harbor.lan/vm/fedora@{digest(2)}" in got


def other_line(version: Image) -> Record:
    return replace(RECORD, freight=Freight("base", (version,)))


def test_two_records_that_want_one_image_at_two_versions_are_refused() -> None:
    manifests = runner(f"image: {NAME}").encode()
    with pytest.raises(Refusal) as caught:
        applied(manifests, (other_line(Image(WEB, "1.9", digest(3))), RECORD), DIR)
    said = str(caught.value)
    assert said.startswith("stages/prod/.freight/base.yaml: ghcr.io/acme/web: is 1.9@sha256:")
    assert "in stages/prod/.freight/web.yaml, and both records are to be applied" in said
    assert applied(manifests, (other_line(NEW), RECORD), DIR).count(str(NEW).encode()) == 1
