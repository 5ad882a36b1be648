"""What the guards see of disks in printed manifests: theirs alone, however it is written."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest
import yaml

from plugin.artifact import Image, Repository
from plugin.freight import Freight
from plugin.manifests.disk_faults import Fault, faults_in
from plugin.record import Record
from plugin.stage_policy import Guard

ROOT = Repository.parse("quay.io/acme/root")
OLD, NEW = (Image(ROOT, f"1.{one}", f"sha256:{one * 64}") for one in "ab")
OLD_NAME, NEW_NAME = "web-" + "a" * 12, "web-" + "b" * 12
ELSEWHERE = "golden-0a1b2c3d4e5f"
WEB = Image(Repository.parse("ghcr.io/acme/web"), "1", f"sha256:{'c' * 64}")


def record(*artifacts: Image, previous: tuple[Image, ...] = ()) -> Record:
    head = "towline/shop/prod/vm"
    return Record(Freight("vm", artifacts), "acme/shop", head, previous_disks=previous)


def metadata(name: str) -> str:
    place, slash, own = name.rpartition("/")
    return f"metadata:\n  name: {own}\n" + (f"  namespace: {place}\n" if slash else "")


def disk(name: str, version: Image = NEW, source: str = "") -> str:
    source = source or f"registry:\n      url: docker://{version.repository}@{version.digest}"
    return (
        f"apiVersion: cdi.kubevirt.io/v1beta1\nkind: DataVolume\n{metadata(name)}"
        f"spec:\n  source:\n    {source}\n"
    )


def volume(name: str) -> str:
    return f"dataVolume: {{name: {name}}}"


def claim(name: str, more: str = "") -> str:
    return f"persistentVolumeClaim: {{claimName: {name}{more}}}"


def instance(told: str, device: str) -> str:
    devices = device if device.startswith("filesystems") else f"disks: [{{name: root, {device}}}]"
    return f"{{domain: {{devices: {{{devices}}}}}, volumes: [{{name: root, {told}}}]}}"


def machine(name: str, told: str, device: str = "disk: {}", templates: str = "") -> str:
    return (
        f"apiVersion: kubevirt.io/v1\nkind: VirtualMachine\n{metadata(name)}spec:\n"
        f"  dataVolumeTemplates: [{templates}]\n  template: {{spec: {instance(told, device)}}}\n"
    )


def replica_set(told: str, replicas: str) -> str:
    return (
        "apiVersion: kubevirt.io/v1\nkind: VirtualMachineInstanceReplicaSet\n"
        f"{metadata('rs')}spec:\n  {replicas}\n"
        f"  template: {{spec: {instance(told, 'disk: {}')}}}\n"
    )


def pool(told: str, replicas: str, templates: str = "") -> str:
    return (
        f"apiVersion: pool.kubevirt.io/v1alpha1\nkind: VirtualMachinePool\n{metadata('pool')}"
        f"spec:\n  {replicas}\n  virtualMachineTemplate:\n    spec:\n"
        f"      dataVolumeTemplates: [{templates}]\n"
        f"      template: {{spec: {instance(told, 'disk: {}')}}}\n"
    )


def claim_object(name: str) -> str:
    return f"apiVersion: v1\nkind: PersistentVolumeClaim\n{metadata(name)}spec: {{}}\n"


def found(*documents: str, of: Record | None = None) -> tuple[Fault, ...]:
    """The faults, which are the same in what people wrote and as kustomize prints it."""
    printed = [yaml.safe_dump(yaml.safe_load(one)) for one in documents]
    faults = judged(*printed, of=of)
    assert faults == judged("", *documents, of=of)
    return faults


def judged(*documents: str, of: Record | None = None) -> tuple[Fault, ...]:
    return faults_in("---\n".join(documents).encode(), (of or record(NEW),), "prod")


def guards(*documents: str, of: Record | None = None) -> list[str]:
    return sorted(one.value for every, _ in found(*documents, of=of) for one in every)


SOUND = (disk(NEW_NAME), machine("db", volume(NEW_NAME)))


@pytest.mark.parametrize("told", [volume(ELSEWHERE), claim(ELSEWHERE), claim("web")])
def test_a_disk_that_no_record_manages_is_never_missing(told: str) -> None:
    assert found(machine("v", told), of=record(WEB)) == ()
    assert found(*SOUND, machine("v", told)) == ()


def test_a_disk_of_a_managed_base_is_missing() -> None:
    assert guards(*SOUND, machine("v", volume(OLD_NAME))) == ["missing"]
    assert guards(*SOUND, machine("v", claim(OLD_NAME))) == ["missing"]


@pytest.mark.parametrize("version", [NEW, OLD])
def test_a_disk_that_says_a_recorded_digest_is_missing_without_any_sister(version: Image) -> None:
    name = f"web-{version.digest[7:19]}"
    assert guards(machine("v", volume(name)), of=record(NEW, previous=(OLD,))) == ["missing"]


def test_a_claim_that_the_stage_renders_is_there() -> None:
    assert found(*SOUND, claim_object(OLD_NAME), machine("v", claim(OLD_NAME))) == ()


@pytest.mark.parametrize(
    "source", ["blank: {}", "pvc: {name: x, namespace: y}", "snapshot: {name: x, namespace: y}"]
)
def test_a_disk_with_any_source_is_there(source: str) -> None:
    own = f"{{metadata: {{name: {OLD_NAME}}}, spec: {{source: {{{source}}}}}}}"
    assert found(*SOUND, machine("v", volume(OLD_NAME), templates=own)) == ()
    assert found(*SOUND, disk(OLD_NAME, source=source), machine("v", volume(OLD_NAME))) == ()


def test_a_disk_in_another_namespace_is_called_what_it_is() -> None:
    ((_, text),) = found(disk(f"n1/{NEW_NAME}"), machine("n2/db", volume(NEW_NAME)))
    assert text.startswith(
        f"volume 'root' of VirtualMachine 'n2/db' names DataVolume '{NEW_NAME}', which this stage "
        "renders in namespace n1; the machine is in n2: "
    )


def test_a_managed_base_says_nothing_of_other_namespaces() -> None:
    assert found(disk(f"n1/{NEW_NAME}"), machine("n2/db", volume("web-0a1b2c3d4e5f"))) == ()


READ_ONLY = [
    (claim("iso", ", readOnly: true"), "disk: {}"),
    (volume("iso"), "disk: {readonly: true}"),
    (volume("iso"), "cdrom: {}"),
    (volume("iso"), "cdrom: {bus: sata, readonly: true}"),
    (volume("iso"), "lun: {}"),
    (volume("iso"), "disk: {}, shareable: true"),
    (volume("iso"), "filesystems: [{name: root, virtiofs: {}}]"),
    ("ephemeral: {persistentVolumeClaim: {claimName: iso}}", "disk: {}"),
]
WRITTEN = [
    (volume("iso"), "disk: {}"),
    (claim("iso"), "disk: {}"),
    (volume("iso"), "cdrom: {readonly: false}"),
    (claim("iso", ", readOnly: false"), "disk: {readonly: false}"),
    (volume("iso"), "cache: none"),
]


@pytest.mark.parametrize(("told", "device"), READ_ONLY)
def test_machines_may_share_what_is_made_for_it(told: str, device: str) -> None:
    machines = machine("v", told, device), machine("w", told, device)
    assert found(disk("iso", source="blank: {}"), *machines) == ()


@pytest.mark.parametrize(("told", "device"), WRITTEN)
@pytest.mark.parametrize("of", [record(NEW), record(WEB)])
@pytest.mark.parametrize(
    "rendered", [(), (disk("iso", source="blank: {}"),), (claim_object("iso"),)]
)
def test_no_two_machines_write_to_one_disk(
    told: str, device: str, of: Record, rendered: tuple[str, ...]
) -> None:
    machines = machine("v", told, device), machine("w", told, device)
    assert guards(*rendered, *machines, of=of) == ["shared"]
    assert found(*rendered, machines[0], of=of) == ()


def test_a_disk_is_shared_where_one_machine_is_not_prepared_for_it() -> None:
    one, other = machine("v", volume("d"), "disk: {}, shareable: true"), machine("w", volume("d"))
    assert guards(one, other) == ["shared"]
    assert found(one, machine("w", volume("d"), "cdrom: {}")) == ()


@pytest.mark.parametrize("make", [pool, replica_set])
def test_several_machines_of_one_kind_write_to_one_disk(make: Callable[[str, str], str]) -> None:
    ((guard, text),) = found(make(volume("d"), "replicas: 3"))
    assert guard == {Guard.SHARED}
    assert text.startswith("DataVolume 'd' is a disk of each of 3 machines of VirtualMachine")
    assert found(make(volume("d"), "replicas: 1")) == ()
    assert found(make(volume("d"), "paused: true")) == ()
    assert guards(make(volume("d"), "replicas: 1"), machine("v", claim("d"))) == ["shared"]


def test_each_machine_of_a_pool_gets_its_own_disk_of_a_template() -> None:
    own = "{metadata: {name: d}, spec: {source: {blank: {}}}}"
    assert found(pool(volume("d"), "replicas: 3", own), machine("v", volume("d"))) == ()


def test_a_machine_and_its_instance_are_one() -> None:
    running = (
        f"apiVersion: kubevirt.io/v1\nkind: VirtualMachineInstance\n{metadata('v')}"
        f"spec: {instance(volume('d'), 'disk: {}')}\n"
    )
    assert found(machine("v", volume("d")), running) == ()
    assert guards(machine("w", volume("d")), running) == ["shared"]


def test_namespaces_keep_disks_apart() -> None:
    assert found(machine("n1/v", volume("d")), machine("n2/w", volume("d"))) == ()
    assert guards(machine("v", volume("d")), machine("n2/w", volume("d"))) == ["shared"]
    apart = machine("v", volume("d")), machine("n2/v", volume("x")), machine("n2/w", volume("d"))
    assert found(*apart) == ()


def test_machines_that_share_are_counted() -> None:
    ((_, text),) = found(*(machine(f"n1/v{one}", volume("d")) for one in range(9)))
    assert text.startswith("DataVolume 'n1/d' is a disk of VirtualMachine 'n1/v0' and of ")
    assert "'n1/v4' and of 4 more: " in text


def test_a_name_with_other_digits_than_its_source_is_told_the_right_one() -> None:
    long = f"{'x' * 60}-{'0a' * 6}"
    said = [text for _, text in found(disk(OLD_NAME), disk(f"n1/{long}"))]
    assert f"call it '{NEW_NAME}', and in what points to it" in said[0]
    assert said[1].startswith(f"DataVolume 'n1/{long}' would be filled")
    assert found(disk(OLD_NAME), of=record(WEB)) == ()


def test_a_previous_disk_is_kept_by_digest_or_tag() -> None:
    kept = record(NEW, previous=(OLD,))
    assert guards(*SOUND, of=kept) == ["pruned"]
    assert found(*SOUND, disk(OLD_NAME, OLD), of=kept) == ()
    tagged = f"registry: {{url: 'docker://{ROOT}:{OLD.tag}'}}"
    assert found(*SOUND, disk("web-old", source=tagged), of=kept) == ()
    assert found(machine("v", volume(ELSEWHERE)), of=kept) == ()


def test_documents_may_be_larger_together_than_one_may_be() -> None:
    told = f"{volume('d')}}}, {{name: ci, cloudInitNoCloud: {{userData: {'x' * 40_000}}}"
    many = [machine(f"v{one}", told.replace("d}", f"d{one}}}", 1)) for one in range(120)]
    assert judged("", *many) == ()
    assert len(judged("", *many, machine("v", volume("d3")))) == 1


def test_json_is_judged_as_well() -> None:
    objects = [yaml.safe_load(machine(name, volume("d"))) for name in ("v", "w")]
    compact = [json.dumps(one, separators=(" ,", " : ")) + "\n" for one in objects]
    assert [guard for guard, _ in judged("", *compact)] == [{Guard.SHARED}]


def test_only_documents_that_concern_disks_are_read() -> None:
    definition = "apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\nx: [\n"
    noise = "# kubevirt.io/ DataVolume dataVolume\n"
    other = "apiVersion: kubevirt.io/v1\nkind: KubeVirt\nspec: [\n"
    assert judged(*SOUND, definition + noise, other) == ()


def test_one_that_cannot_be_read_is_named_and_the_others_are_judged() -> None:
    broken = (
        f"apiVersion: kubevirt.io/v1\nkind: VirtualMachine\n{metadata('n1/bad')}dataVolume: [\n"
    )
    (guard, text), *others = judged(broken, *SOUND, machine("v", volume(NEW_NAME)))
    assert guard == set(Guard)
    assert text.startswith("the disks of VirtualMachine 'n1/bad' cannot be judged, because it is ")
    assert [guard for guard, _ in others] == [{Guard.SHARED}]


def test_what_people_wrote_is_judged_as_well() -> None:
    listed = (
        "# two\n{kind: VirtualMachineList, items: ["
        + ", ".join(
            f"{{apiVersion: kubevirt.io/v1, kind: VirtualMachine, metadata: {{name: {name}}}, "
            f"spec: {{template: {{spec: {instance(volume('d'), 'disk: {}')}}}}}}}"
            for name in ("v", "w")
        )
        + "]}\n"
    )
    assert [guard for guard, _ in judged("", listed, of=record(WEB))] == [{Guard.SHARED}]


def test_printed_machines_that_nothing_can_be_said_of_are_not_read() -> None:
    broken = f"apiVersion: kubevirt.io/v1\nkind: VirtualMachine\n{metadata('bad')}spec: [\n"
    hot = broken + "- dataVolume:\n    hotpluggable: true\n    name: d\n  name: root\n"
    other = broken + "- dataVolume:\n    name: e\n  name: root\n"
    assert judged(hot, other, of=record(WEB)) == ()
    assert judged(hot, other, hot.replace("bad", "more"), of=record(WEB)) != ()
    assert judged(hot, other, disk(NEW_NAME)) != ()
