"""What is applied to printed manifests is what kustomize prints of bumped files, byte for byte."""

from __future__ import annotations

import subprocess
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, event, given, reject, settings
from hypothesis import strategies as st

from plugin.artifact import Image, Repository
from plugin.bumping import bumps
from plugin.disks.policy import Terms, Unconsented
from plugin.errors import Refusal
from plugin.freight import Freight
from plugin.manifests.applied import applied
from plugin.pins.sources import Sources
from plugin.record import Record
from plugin.stage_policy import Write
from tests.plugin.pins.texts import manifest

HEX = "0123456789abcdef"
VM = Repository.parse("harbor.lan/vm/fedora")
WEB = Repository.parse("ghcr.io/acme/web")


def digest(number: int) -> str:
    return "sha256:" + (HEX[number] * 2 + "f3") * 16


def disk(number: int) -> Image:
    return Image(VM, f"43-1.{number}", digest(number))


def record(*artifacts: Image, previous: tuple[Image, ...] = ()) -> Record:
    freight = Freight("web", artifacts)
    return Record(freight, "acme/shop", "towline/shop/prod/web", None, Write.RECORD, previous)


def build(files: Mapping[str, str], directory: Path, kustomize: Path) -> bytes:
    for name, text in files.items():
        path = directory / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text.encode())
    done = subprocess.run([kustomize, "build", directory], capture_output=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def bumped(files: Mapping[str, str], one: Record) -> dict[str, str] | None:
    """The files as the App would keep them; None where a place cannot be bumped."""
    texts = dict(files)
    for artifact in one.freight.artifacts:
        before = [each for each in one.previous_disks if each.subject == artifact.subject]
        for number, version in enumerate((*reversed(before), artifact)):
            terms = Terms(max(1, len(before)), frozenset(), Unconsented.PROPOSED, number == 0)
            done = bumps(Sources(texts), (version,), terms=terms)
            if done.refused:
                return None
            texts |= done.files
    return texts


def data_volume(name: str, version: str, extra: str = "") -> str:
    return (
        "apiVersion: cdi.kubevirt.io/v1beta1\nkind: DataVolume\nmetadata:\n"
        f"  name: {name} # the disk\n{extra}spec:\n"
        f'  source: {{registry: {{url: "docker://{VM}@{version}"}}}}\n'
        "  storage: {resources: {requests: {storage: 20Gi}}}\n"
    )


def machine(name: str, *volumes: str, templates: str = "") -> str:
    listed = "".join(f"      - {one}\n" for one in volumes)
    return (
        f"apiVersion: kubevirt.io/v1\nkind: VirtualMachine\nmetadata: {{name: {name}}}\nspec:\n"
        f"  runStrategy: Always\n{templates}  template:\n    spec:\n"
        f"      domain: {{devices: {{disks: [{{name: root, disk: {{bus: virtio}}}}]}}}}\n"
        f"      volumes:\n{listed}"
    )


def template(name: str, version: str) -> str:
    return (
        f"  dataVolumeTemplates:\n  - metadata: {{name: {name}}}\n    spec:\n"
        f"      source: {{registry: {{url: docker://{VM}@{version}}}}}\n"
        "      storage: {resources: {requests: {storage: 20Gi}}}\n"
    )


def source(name: str) -> str:
    return (
        "apiVersion: cdi.kubevirt.io/v1beta1\nkind: DataSource\nmetadata: {name: golden}\n"
        f"spec: {{source: {{pvc: {{name: {name}}}}}}}\n"
    )


def shop(body: str) -> str:
    return f"apiVersion: acme.dev/v1\nkind: Shop\nmetadata: {{name: shop}}\nspec:\n{body}"


OLD = digest(1)
SUFFIXED = f"root-{OLD[7:19]}"
ROOT = f"{{name: root, dataVolume: {{name: {SUFFIXED}}}}}"
PARTS: dict[str, str] = {
    "deployment.yaml": manifest("image: ghcr.io/acme/web:1.0 # here"),
    "quoted.yaml": manifest("image: 'ghcr.io/acme/web:1.0@" + OLD + "'").replace(
        "name: web", "name: quoted", 1
    ),
    "shop.yaml": shop(
        "  webImage: {repository: ghcr.io/acme/web, tag: '1.10', digest: \"\"}\n"
        "  sidecars:\n  - image: ghcr.io/acme/web:1.0\n  pullPolicy: 'Always'\n"
    ),
    "cron.yaml": manifest("image: ghcr.io/acme/web:1e3").replace("name: web", "name: cron", 1),
    "other.yaml": manifest("image: ghcr.io/acme/other:1.0").replace("name: web", "name: other", 1),
    "config.yaml": "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: c}\ndata:\n"
    "  a: |\n    ---\n    metadata: x\n  long: " + "word " * 40 + "\n",
    "aaa-disk.yaml": data_volume("aaa-blank", OLD).replace(
        f'registry: {{url: "docker://{VM}@{OLD}"}}', "blank: {}"
    ),
    "disks.yaml": data_volume(SUFFIXED, OLD, "  annotations: {towline.dev/version: '43-1.1'}\n"),
    "vm.yaml": machine("db", ROOT, "{name: data, dataVolume: {name: aaa-blank}}"),
    "claim.yaml": machine("b", "{name: root, containerDisk: {image: " + f"{VM}:43-1.1" + "}}"),
    "source.yaml": source(SUFFIXED),
    "template.yaml": machine(
        "t", "{name: root, dataVolume: {name: t-root}}", templates=template("t-root", OLD)
    ),
}
NEEDS = {"vm.yaml": ("disks.yaml", "aaa-disk.yaml"), "source.yaml": ("disks.yaml",)}
# Not an entry with a digest alone: a bump adds the tag for people, which nobody sees in the output.
ENTRIES = (
    "",
    "images:\n- name: ghcr.io/acme/web\n",
    "images:\n- {name: ghcr.io/acme/web, newTag: '0.9'}\n",
    "images:\n- name: ghcr.io/acme/web\n  newName: ghcr.io/acme/web\n  newTag: v1\n",
)
SETTINGS = (
    "",
    "namespace: shop\n",
    "sortOptions: {order: fifo}\n",
    "commonAnnotations: {a: b}\n",
    "labels: [{pairs: {app: web}}]\n",
)
TAGS = st.sampled_from(("1.1", "v2", "1e3", "2024-01-02", "0x1F", "1_0", "on", "1.10", "08"))


@st.composite
def stages(draw: st.DrawFn) -> tuple[dict[str, str], Record]:
    chosen = set(draw(st.lists(st.sampled_from(sorted(PARTS)), min_size=1, unique=True)))
    chosen |= {need for one in chosen for need in NEEDS.get(one, ())}
    if "disks.yaml" in chosen:
        chosen.add("vm.yaml")
        chosen |= set(NEEDS["vm.yaml"])
    names = draw(st.permutations(sorted(chosen)))
    text = f"resources: [{', '.join(names)}]\n"
    # kustomize changes the names of disks and leaves what points to them as it is.
    prefixed = "" if chosen & set(NEEDS) else "namePrefix: x-\n"
    text += draw(st.sampled_from(ENTRIES)) + draw(st.sampled_from((*SETTINGS, prefixed)))
    files = {one: PARTS[one] for one in names} | {"kustomization.yaml": text}
    whole = "".join(files.values())
    artifacts = []
    if WEB.path.rpartition("/")[2] + ":" in whole:
        artifacts.append(Image(WEB, draw(TAGS), digest(draw(st.integers(2, 9)))))
    if str(VM) in whole:
        artifacts.append(disk(draw(st.integers(1, 5))))
    if not artifacts:
        reject()
    previous = [disk(one) for one in draw(st.lists(st.integers(1, 5), max_size=2, unique=True))]
    kept = tuple(one for one in previous if one not in artifacts)
    return files, record(*artifacts, previous=kept)


@settings(max_examples=50, suppress_health_check=list(HealthCheck))
@given(stages())
def test_applying_to_what_is_printed_is_printing_what_was_bumped(
    kustomize: Path,
    tmp_path_factory: pytest.TempPathFactory,
    stage: tuple[dict[str, str], Record],
) -> None:
    files, one = stage
    texts = bumped(files, one)
    printed = build(files, tmp_path_factory.mktemp("before"), kustomize)
    if texts is None:
        event("refused in files")
        reject()
    expected = build(texts, tmp_path_factory.mktemp("after"), kustomize)
    try:
        got = applied(printed, (one,), "stages/prod")
    except Refusal as refusal:
        raise AssertionError(str(refusal)) from refusal
    if "fifo" in files["kustomization.yaml"]:
        # The order of what happens to be in both orders: nobody can tell which one was meant.
        assert sorted(got.split(b"---\n")) == sorted(expected.split(b"---\n"))
    else:
        assert got.decode() == expected.decode()
    assert applied(got, (replace(one, previous_disks=()),), "stages/prod") == got


def test_what_nothing_carries_is_refused_with_what_to_do(tmp_path: Path, kustomize: Path) -> None:
    files = {"a.yaml": PARTS["other.yaml"], "kustomization.yaml": "resources: [a.yaml]\n"}
    printed = build(files, tmp_path, kustomize)
    with pytest.raises(Refusal) as caught:
        applied(printed, (record(Image(WEB, "1.1", digest(2))),), "stages/prod")
    assert str(caught.value).startswith(
        "stages/prod/.freight/web.yaml: ghcr.io/acme/web: nothing that this stage renders names it;"
    )


def test_a_container_without_a_version_gets_the_records(tmp_path: Path, kustomize: Path) -> None:
    text = (
        manifest("image: ghcr.io/acme/web") + "      initContainers: [{image: ghcr.io/acme/web}]\n"
    )
    files = {"a.yaml": text, "kustomization.yaml": "resources: [a.yaml]\n"}
    got = applied(
        build(files, tmp_path, kustomize), (record(Image(WEB, "1e3", digest(2))),), "stages/prod"
    )
    assert got.count(f"image: ghcr.io/acme/web:1e3@{digest(2)}\n".encode()) == 2


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (
            PARTS["config.yaml"].replace("metadata: x", "image: ghcr.io/acme/web:1.0"),
            "ConfigMap 'c': 'ghcr.io/acme/web' is written inside a text",
        ),
        (
            machine("db", ROOT).replace(
                "runStrategy", "updateVolumesStrategy: Migration\n  runStrategy"
            )
            + "---\n"
            + data_volume(SUFFIXED, OLD),
            "VirtualMachine 'db': vm db has updateVolumesStrategy: Migration",
        ),
    ],
)
def test_a_place_that_cannot_take_its_version_is_refused_at_its_object(
    tmp_path: Path, kustomize: Path, text: str, reason: str
) -> None:
    files = {
        "a.yaml": text,
        "b.yaml": PARTS["other.yaml"],
        "kustomization.yaml": "resources: [a.yaml, b.yaml]\n",
    }
    artifact = disk(2) if "DataVolume" in text else Image(WEB, "1.1", digest(2))
    with pytest.raises(Refusal) as caught:
        applied(build(files, tmp_path, kustomize), (record(artifact),), "stages/prod")
    assert reason in str(caught.value)
    assert "manifests.yaml" not in str(caught.value)


def test_disks_of_previous_versions_stay_beside_the_present_one(
    tmp_path: Path, kustomize: Path
) -> None:
    names = ("disks.yaml", "vm.yaml", "aaa-disk.yaml")
    files = {one: PARTS[one] for one in names} | {
        "kustomization.yaml": f"resources: [{', '.join(names)}]\n"
    }
    printed = build(files, tmp_path, kustomize)
    got = applied(printed, (record(disk(4), previous=(disk(3), disk(2))),), "stages/prod").decode()
    kept = [f"root-{digest(one)[7:19]}" for one in (2, 3, 4)]
    assert [got.count(f"  name: {one}\n") for one in kept] == [1, 1, 2]
    assert SUFFIXED not in got
    assert got.index(kept[0]) < got.index(kept[1]) < got.index(kept[2])


def test_documents_of_a_directory_keep_what_people_wrote() -> None:
    other, mine = PARTS["other.yaml"], PARTS["quoted.yaml"]
    hand = f"---\n# other\n{other}---\n# the app\n{mine}---\nkind: X # x\n"
    one = record(Image(WEB, "1.1", digest(2)))
    expected = hand.replace(f"1.0@{OLD}", f"1.1@{digest(2)}")
    assert applied(hand.encode(), (one,), "stages/prod").decode() == expected
