"""Talos, Kubernetes and k3s versions: every place moves, and what cannot is said."""

from __future__ import annotations

import re

import pytest

from plugin.artifact import Machine, MachineVersion
from plugin.bumping import bumps
from plugin.pins.edit import bump
from plugin.pins.find import pins_in
from plugin.pins.nodes import Refused
from plugin.pins.pin import Bumped, Kind, UpToDate
from plugin.pins.sources import Sources
from plugin.pins.tree import decode
from tests.plugin.pins.corpus import files

SCHEMATIC = "376567988ad370138ad8b2698212367b8edcb69b5fd68c80be1f2ec7d603b4ba"
FACTORY = f"factory.talos.dev/metal-installer/{SCHEMATIC}"
# Nobody else's files of the corpus hold machines' versions, and all of them take seconds to read.
NAMED = re.compile("siderolabs|talos|TALOS|k3s-upgrade")
PLAN = "apiVersion: upgrade.cattle.io/v1\nkind: Plan\nspec:\n"


def wanted(machine: str, tag: str) -> MachineVersion:
    return MachineVersion(Machine(machine), tag)


TALOS, KUBERNETES, K3S = (
    wanted("talos", "v1.13.0"),
    wanted("kubernetes", "v1.34.1"),
    wanted("k3s", "v1.34.1+k3s2"),
)

MOVED = {
    "machine configuration": (
        f"version: v1alpha1\nmachine:\n  install:\n    image: {FACTORY}:<v1.12.3> # keep\n"
    ),
    "secure boot": (
        f"machine: {{install: {{image: 'factory.talos.dev/nocloud-installer-secureboot/{SCHEMATIC}"
        ":<v1.12.3>'}}\n"
    ),
    "without a factory": "machine: {install: {image: 'ghcr.io/siderolabs/installer:<v1.12.3>'}}\n",
    "an own installer": "machine:\n  install:\n    image: registry.lan:5000/os/custom:<v1.12.3>\n",
    "unattended": (
        "apiVersion: v1alpha1\nkind: UnattendedInstallConfig\n"
        f"installer:\n    image: {FACTORY}:<v1.12.3>\n"
    ),
    "tuppr": (
        "apiVersion: tuppr.home-operations.com/v1alpha1\nkind: TalosUpgrade\n"
        'spec:\n  talos:\n    # renovate: depName=siderolabs/talos\n    version: "<v1.12.3>"\n'
    ),
    "omni": "kind: Cluster\nkubernetes:\n  version: v1.33.4\ntalos:\n  version: <v1.12.3>\n",
    "talhelper": "clusterName: a\ntalosVersion: <v1.12.3>\nkubernetesVersion: v1.33.4\nnodes: []\n",
    "variables": "---\ntalos_version: <v1.12.3>\nk8s_version: v1.33.4\n",
    "flux": (
        "apiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\nspec:\n  postBuild:\n"
        '    substitute:\n      TALOS_VERSION: "<v1.12.3>"\n      KUBERNETES_VERSION: v1.33.4\n'
    ),
    "what flux reads more from": (
        "apiVersion: v1\nkind: ConfigMap\ndata:\n  TALOS_VERSION: <v1.12.3>\n"
    ),
    "the minor version of cluster API": (
        "apiVersion: bootstrap.cluster.x-k8s.io/v1alpha3\nkind: TalosConfigTemplate\n"
        "spec: {template: {spec: {generateType: join, talosVersion: <v1.12>}}}\n"
    ),
    "without a v": "talosVersion: <1.12.3>\n",
    "an upgrade plan": (
        f"{PLAN}  version: <v1.12.3>\n  upgrade:\n    image: ghcr.io/siderolabs/talosctl\n"
        f"    args: [upgrade, '--image={FACTORY}:<v1.12.3>']\n"
    ),
    "an address of the factory": (
        f"disk: https://factory.talos.dev/image/{SCHEMATIC}/<v1.12.3>/nocloud-amd64.raw.xz\n"
    ),
    "a boot by the network": (
        f"- url: https://pxe.factory.talos.dev/pxe/{SCHEMATIC}/<v1.12.3>/metal-amd64\n"
    ),
}


def marked(text: str, new: str) -> tuple[str, str]:
    """The text before and after: what stands between < and > is the version."""
    before = text.replace("<", "").replace(">", "")
    for old, said in (("<v1.12.3>", new), ("<v1.12>", "v1.13"), ("<1.12.3>", new[1:])):
        text = text.replace(old, said)
    return before, text


@pytest.mark.parametrize("text", MOVED.values(), ids=MOVED)
def test_talos_moves_wherever_it_is_written_and_nothing_else_does(text: str) -> None:
    before, after = marked(text, TALOS.tag)
    answer = bump("talos.yaml", before, [TALOS])
    assert isinstance(answer, Bumped), answer
    assert answer.text == after
    assert {one.pin.kind for one in answer.changes} == {Kind.MACHINE_VERSION}
    assert isinstance(bump("talos.yaml", after, [TALOS]), UpToDate)


@pytest.mark.parametrize(
    "text",
    [
        (
            "apiVersion: tuppr.home-operations.com/v1alpha1\nkind: KubernetesUpgrade\n"
            "spec: {kubernetes: {version: v1.33.4}}\n"
        ),
        "kind: Cluster\nname: home\nkubernetes: {version: v1.33.4}\ntalos: {version: v1.12.3}\n",
        (
            "apiVersion: controlplane.cluster.x-k8s.io/v1alpha3\nkind: TalosControlPlane\n"
            "spec:\n  version: v1.33.4\n"
            "  controlPlaneConfig: {controlplane: {talosVersion: v1.12}}\n"
        ),
        (
            "apiVersion: cluster.x-k8s.io/v1beta1\nkind: MachineDeployment\n"
            "spec: {template: {spec: {version: v1.33.4}}}\n"
        ),
        (
            "machine: {kubelet: {image: 'ghcr.io/siderolabs/kubelet:v1.33.4'}}\n"
            "cluster: {apiServer: {image: 'registry.k8s.io/kube-apiserver:v1.33.4'}}\n"
        ),
        (
            f"{PLAN}  version: v1.33.4\n  prepare: &prepare\n"
            "    image: ghcr.io/siderolabs/talosctl:${TALOS_VERSION}\n"
            "  upgrade:\n    <<: *prepare\n    args: [upgrade-k8s]\n"
        ),
        "KUBERNETES_VERSION: v1.33.4\n",
    ],
)
def test_kubernetes_moves_by_itself(text: str) -> None:
    answer = bump("cluster.yaml", text, [KUBERNETES])
    assert isinstance(answer, Bumped), answer
    assert answer.text == text.replace("v1.33.4", "v1.34.1")


def test_the_plans_of_one_machine_move_together_with_their_plus() -> None:
    one = f"{PLAN}  version: v1.33.4+k3s1\n  upgrade: {{image: rancher/k3s-upgrade}}\n"
    answer = bump("plans.yaml", f"{one}---\n{one}", [K3S])
    assert isinstance(answer, Bumped)
    assert answer.text.count("version: v1.34.1+k3s2\n") == 2


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (
            "talosVersion: v1.11.9\n",
            "from v1.11.9 to v1.13.0 skips a minor version; go to 1.12 first",
        ),
        (
            "talosVersion: v1.14.2\n",
            "from v1.14.2 to v1.13.0 goes back a minor version, which machines do not support",
        ),
        (
            f"machine: {{install: {{image: '{FACTORY}:latest'}}}}\n",
            "'latest' is not a version of talos; write one such as v1.2.3",
        ),
        (
            f"machine: {{install: {{image: '{FACTORY}:v1.12.3@sha256:{SCHEMATIC}'}}}}\n",
            f"'{FACTORY}:v1.12.3@sha256:{SCHEMATIC}'"[:121] + "' is tied to a digest, which would "
            "keep the old version; write the tag alone",
        ),
        (
            "machine: {install: {image: 'factory.talos.dev/installer/{{ schematic }}:v1.12.3'}}\n",
            (
                "'factory.talos.dev/installer/{{ schematic }}:v1.12.3' is partly filled in by a "
                "template; write it out"
            ),
        ),
        (
            "talosVersion: 'v1.12.3\n\n  '\n",
            "is written over several lines or with escapes; write it on one line",
        ),
        (
            "talosVersion: &here v1.12.3\nother: *here\n",
            "is used elsewhere through '*here'; write the other places out",
        ),
        (
            "other: &there v1.12.3\ntalosVersion: *there\n",
            "'*there' is an alias of something else; write the version here",
        ),
    ],
)
def test_what_cannot_move_is_refused_with_its_reason(text: str, reason: str) -> None:
    answer = bump("talos.yaml", text, [TALOS])
    assert isinstance(answer, Refused), answer
    assert answer.reason == reason


def test_a_plan_that_follows_a_channel_is_refused() -> None:
    text = (
        f"{PLAN}  channel: https://update.k3s.io/v1-release/channels/stable\n"
        "  upgrade: {image: rancher/k3s-upgrade}\n"
    )
    answer = bump("plan.yaml", text, [K3S])
    assert isinstance(answer, Refused)
    assert str(answer) == (
        "plan.yaml:4: follows a channel of k3s; write spec.version instead of spec.channel"
    )


def test_a_variable_is_seen_and_does_not_stand_in_the_way_of_its_source() -> None:
    text = (
        f"{PLAN}  version: ${{TALOS_VERSION}}\n"
        "  upgrade: {image: ghcr.io/siderolabs/talosctl, args: [upgrade]}\n"
        "---\ntalos_version: v1.12.3\n"
    )
    (seen,) = pins_in("plan.yaml", text).refused
    assert seen.reason == (
        "'${TALOS_VERSION}' is filled in by a template; bump the template's source"
    )
    answer = bump("plan.yaml", text, [TALOS])
    assert isinstance(answer, Bumped)
    assert answer.text == text.replace("v1.12.3", "v1.13.0")


@pytest.mark.parametrize(
    "text",
    [
        f"talosImageURL: factory.talos.dev/installer/{SCHEMATIC}\n",
        f"{PLAN}  version: bionic\n  upgrade: {{image: ubuntu}}\n",
        "apiVersion: v1\nkind: Deployment\ntalosVersion: v1.12.3\n",
        (
            "apiVersion: cdi.kubevirt.io/v1beta1\nkind: DataVolume\nspec: {source: {http: {url: "
            f"'https://factory.talos.dev/image/{SCHEMATIC}/v1.12.3/nocloud-amd64.raw.xz'}}}}}}\n"
        ),
        (
            f"image: {{url: 'https://factory.talos.dev/image/{SCHEMATIC}/v1.12.3/metal-amd64.iso', "
            "checksum: 'sha256:0'}\n"
        ),
    ],
)
def test_what_only_looks_like_a_version_is_left_to_others(text: str) -> None:
    assert not [one for one in pins_in("x.yaml", text).pins if one.kind is Kind.MACHINE_VERSION]
    assert isinstance(bump("x.yaml", text, [TALOS]), UpToDate)


def test_an_installer_is_no_image_pin() -> None:
    text, _ = marked(MOVED["unattended"], "")
    (pin,) = pins_in("install.yaml", text).pins
    assert (pin.kind, str(pin.subject), pin.tag) == (Kind.MACHINE_VERSION, "talos", "v1.12.3")


def test_machines_of_real_files_are_found() -> None:
    counts: dict[str, int] = {}
    for name, content in files("vm-corpus.tar.gz"):
        if name.endswith((".yaml", ".yml")):
            for pin in pins_in(name, content.decode("utf-8")).pins:
                if pin.kind is Kind.MACHINE_VERSION:
                    counts[str(pin.subject)] = counts.get(str(pin.subject), 0) + 1
    assert counts == {"talos": 4, "kubernetes": 3, "k3s": 2}


def test_a_machine_moves_in_all_of_its_files_or_in_none() -> None:
    texts = {
        "config.yaml": "talosVersion: v1.12.3\n",
        "install.yaml": f"machine: {{install: {{image: '{FACTORY}:v1.10.0'}}}}\n",
        "cluster.yaml": "kubernetesVersion: v1.33.4\n",
    }
    done = bumps(Sources(texts), [TALOS, KUBERNETES])
    assert [str(one) for one in done.refused] == [
        "install.yaml:1: from v1.10.0 to v1.13.0 skips a minor version; go to 1.11 first"
    ]
    assert done.files == {"cluster.yaml": "kubernetesVersion: v1.34.1\n"}


def test_a_file_that_is_no_yaml_stops_its_machine() -> None:
    texts = {"config.yaml": "talosVersion: v1.12.3\n", "broken.yaml": "talos: [\n"}
    done = bumps(Sources(texts), [TALOS])
    assert done.files == {}
    assert [one.file for one in done.refused] == ["broken.yaml"]


@pytest.mark.parametrize("archive", ["vm-corpus.tar.gz", "yaml-open.tar.gz"])
def test_real_files_move_and_move_back_to_the_byte(archive: str) -> None:
    moved = 0
    for name, content in files(archive):
        text = decode(name, content)
        if isinstance(text, Refused) or not NAMED.search(text):
            continue
        pins = [one for one in pins_in(name, text).pins if one.kind is Kind.MACHINE_VERSION]
        old = {one.subject: one.tag or "" for one in pins if isinstance(one.subject, Machine)}
        newer = {one: re.sub(r"\.\d+(?=[-+]|$)", ".77", tag) for one, tag in old.items()}
        answer = bump(name, text, [MachineVersion(*one) for one in newer.items()])
        if pins:
            assert isinstance(answer, Bumped), answer
            assert len(answer.changes) == len(pins)
            assert len(answer.text.splitlines()) == len(text.splitlines())
            back = bump(name, answer.text, [MachineVersion(*one) for one in old.items()])
            assert isinstance(back, Bumped)
            assert back.text == text
            moved += len(pins)
    assert moved == {"vm-corpus.tar.gz": 9, "yaml-open.tar.gz": 32}[archive]
