"""A disk moves as a whole or stays as it is, and says why."""

from __future__ import annotations

import pytest

from plugin.artifact import DiskFamily, DiskImage, Image, Repository, Tagged
from plugin.bumping import bumps
from plugin.disks.policy import Consent, Loss, Restart, Terms
from plugin.pins.sources import Sources
from tests.plugin.disks.stages import FEDORA, NEW, OLD, bumped, fedora

DISK = """apiVersion: cdi.kubevirt.io/v1beta1
kind: DataVolume
metadata:
  name: web-root
spec:
  source: {registry: {url: "docker://harbor.lan/vm/fedora:43-1.5"}}
  storage: {resources: {requests: {storage: 20Gi}}}
"""
MACHINE = """apiVersion: kubevirt.io/v1
kind: VirtualMachine
metadata: {name: web, annotations: {towline.dev/disk-policy: replace}}
spec:
  template:
    spec:
      volumes:
      - {name: root, dataVolume: {name: web-root}}
      - {name: data, dataVolume: {name: web-data}}
"""
TEMPLATE = """apiVersion: kubevirt.io/v1
kind: VirtualMachine
metadata: {name: web, annotations: {towline.dev/disk-policy: replace}}
spec:
  dataVolumeTemplates:
  - metadata: {name: web-root}
    spec: {source: {registry: {url: "docker://harbor.lan/vm/fedora:43-1.5"}}}
  template:
    spec:
      volumes:
      - {name: root, dataVolume: {name: web-root}}
"""
CLONE = """apiVersion: cdi.kubevirt.io/v1beta1
kind: DataVolume
metadata: {name: copy}
spec: {source: {pvc: {name: web-root}}, storage: {}}
"""
DEPLOYMENT = """apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec: {template: {spec: {containers: [{name: a, image: "harbor.lan/vm/fedora:43-1.5"}]}}}
"""


def refusal(**files: str) -> str:
    """The one reason why nothing at all changes."""
    done = bumped({name.replace("__", "."): text for name, text in files.items()})
    assert (done.files, done.disks) == ({}, ())
    (reason,) = dict.fromkeys(map(str, done.refused))
    return reason


def test_a_machine_says_how_it_is_restarted() -> None:
    machine = MACHINE.replace(
        "disk-policy: replace", "disk-policy: replace, towline.dev/restart: auto"
    )
    (disk,) = bumped({"a.yaml": DISK, "b.yaml": machine}).disks
    assert (disk.vm, disk.disk, disk.old, disk.restart) == ("web", "root", "web-root", Restart.AUTO)
    assert (disk.imported, disk.loss, disk.kept) == (True, Loss.ALLOWED, True)


@pytest.mark.parametrize(
    ("broken", "reason"),
    [
        (
            MACHINE.replace("web-root}", '"web\\x2droot"}'),
            "b.yaml:8: is written over several lines",
        ),
        (
            MACHINE.replace("name: web-root", "name: &d web-root") + "      x: *d\n",
            "used elsewhere",
        ),
        (MACHINE.replace("disk-policy: replace", "disk-policy: any"), "write replace, stateful"),
        (
            MACHINE.replace("policy: replace", "policy: replace, towline.dev/restart: 'no'"),
            "write auto",
        ),
        (MACHINE + "sops: {mac: x}\n", "b.yaml:10: is encrypted with SOPS"),
        (MACHINE + "{{ if }}\n", "named in b.yaml, which is not YAML"),
    ],
)
def test_a_pointer_that_cannot_be_edited_stops_the_whole_disk(broken: str, reason: str) -> None:
    assert reason in refusal(a__yaml=DISK, b__yaml=broken)


@pytest.mark.parametrize(
    ("broken", "reason"),
    [
        (DISK.replace("web-root", "${VM}"), "nothing in this stage uses"),
        (DISK.replace("name: web-root", "name: &d web-root\n  labels: {a: *d}"), "write it out"),
        (DISK + "...\n", "separate its documents by '---' alone"),
        (f"%YAML 1.1\n---\n{DISK}", "separate its documents by '---' alone"),
        (f"{DISK}status: {{phase: Succeeded}}\n", "an exported object, and the API refuses"),
        (
            DISK.replace("  name:", "  uid: a\n  resourceVersion: '5'\n  name:"),
            "remove metadata.uid, ",
        ),
        (DISK.replace("  name:", "  ownerReferences: [{name: a}]\n  name:"), "metadata.ownerRef"),
        (DISK + "---\n" + DISK, "stands at a.yaml:14, too"),
        (DISK + f"---\n{DISK}".replace("  source", "  other"), "stands at a.yaml:9, too"),
        (
            DISK
            + "---\n"
            + DISK.replace("web-root", "web-root-4f3c0a9b1d2e").replace("fedora", "x"),
            "its name would be 'web-root-4f3c0a9b1d2e', which a disk in a.yaml has",
        ),
        (DISK.replace("43-1.5", "${TAG}"), "filled in by a template"),
        (DISK.replace("docker://", ""), "has no scheme"),
        (DISK.replace("docker://", "oci-archive:"), "is an archive inside the cluster"),
    ],
)
def test_a_disk_that_cannot_be_copied_stays(broken: str, reason: str) -> None:
    assert reason in refusal(a__yaml=broken, b__yaml=MACHINE)


def test_a_disk_in_a_list_or_in_json_stays() -> None:
    items = "\n".join(f"  {line}" for line in DISK.splitlines())
    listed = f"apiVersion: v1\nkind: List\nitems:\n-{items[1:]}\n"
    assert "no YAML document" in refusal(a__yaml=listed, b__yaml=MACHINE)
    json = (
        '{"apiVersion": "cdi.kubevirt.io/v1beta1", "kind": "DataVolume", '
        '"metadata": {"name": "web-root"}, '
        '"spec": {"source": {"registry": {"url": "docker://harbor.lan/vm/fedora"}}}}'
    )
    assert "no YAML document" in refusal(a__json=json, b__yaml=MACHINE)


def test_a_template_in_json_moves() -> None:
    template = (
        '{"apiVersion": "kubevirt.io/v1", "kind": "VirtualMachine", "metadata": {"name": "web",'
        ' "annotations": {"towline.dev/disk-policy": "replace"}}, "spec": {"dataVolumeTemplates":'
        ' [{"metadata": {"name": "root"}, "spec": {"source": {"registry":'
        ' {"url": "docker://harbor.lan/vm/fedora:1"}}}}], "template": {"spec": {"volumes":'
        ' [{"name": "root", "dataVolume": {"name": "root"}}]}}}}'
    )
    new = template.replace('{"name": "root"}', '{"name": "root-4f3c0a9b1d2e"}')
    assert bumped({"a.json": template}).files == {
        "a.json": new.replace("fedora:1", f"fedora@{NEW}")
    }


def test_a_clone_does_not_move_and_is_no_use_of_a_disk() -> None:
    assert "'copy' copied disk 'web-root' once" in refusal(a__yaml=DISK, b__yaml=CLONE)
    done = bumped({"a.yaml": DISK, "b.yaml": CLONE, "c.yaml": MACHINE})
    assert set(done.files) == {"a.yaml", "c.yaml"}


def test_an_instance_by_itself_cannot_take_another_disk() -> None:
    instance = MACHINE.replace("kind: VirtualMachine", "kind: VirtualMachineInstance")
    instance = instance.replace("  template:\n    spec:\n      volumes", "  volumes").replace(
        "    - {", " - {"
    )
    assert "is an instance, which never changes" in refusal(a__yaml=DISK, b__yaml=instance)


def test_a_template_without_a_volume_stays() -> None:
    assert "no volume of vm web uses" in refusal(
        a__yaml=TEMPLATE.replace("dataVolume: {name: web", "dataVolume: {name: db")
    )


def test_two_applications_may_call_their_templates_the_same() -> None:
    done = bumped({"a/vm.yaml": TEMPLATE, "b/vm.yaml": TEMPLATE.replace("name: web,", "name: db,")})
    assert [one.vm for one in done.disks] == ["web", "db"]
    assert set(done.files) == {"a/vm.yaml", "b/vm.yaml"}


def test_the_nearest_disk_of_a_name_is_meant() -> None:
    other = DISK.replace("vm/fedora", "vm/debian")
    done = bumped({"a/d.yaml": DISK, "a/m.yaml": MACHINE, "b/d.yaml": other, "b/m.yaml": MACHINE})
    assert set(done.files) == {"a/d.yaml", "a/m.yaml"}


def test_a_disk_is_not_moved_to_a_mere_tag() -> None:
    files = {"a.yaml": DISK, "b.yaml": MACHINE}
    done = bumps(Sources(files), [Tagged(FEDORA, "43-1.6")])
    assert done.files == {}
    assert "give the digest of 43-1.6" in str(done.refused[0])


def test_a_refused_file_keeps_the_disk_in_the_other_as_it_is() -> None:
    broken = DEPLOYMENT.replace('"harbor.lan/vm/fedora:43-1.5"', '"harbor.lan/vm/fedora:${TAG}"')
    reason = refusal(a__yaml=DISK, b__yaml=f"{MACHINE}---\n{broken}")
    assert "filled in by a template" in reason


def test_plain_images_of_the_same_name_are_bumped_with_the_disk() -> None:
    done = bumped({"a.yaml": f"{DISK}---\n{DEPLOYMENT}", "b.yaml": MACHINE})
    assert f'image: "harbor.lan/vm/fedora:43-1.6@{NEW}"' in done.files["a.yaml"]
    assert len(done.changes) == 2


def test_a_disk_of_something_else_is_never_touched() -> None:
    files = {"a.yaml": DISK, "b.yaml": MACHINE}
    done = bumped(files, Image(Repository.parse("harbor.lan/vm/debian"), "1", OLD))
    assert (done.files, done.refused, done.disks) == ({}, (), ())


def test_a_disk_that_stood_alone_in_its_file_stays_there_as_the_previous_one() -> None:
    first = bumped({"new.yaml": DISK, "m.yaml": MACHINE}).files
    old = DISK.replace("web-root", "web-root-0d1e2f3a4b5c").replace(":43-1.5", f"@{OLD}")
    second = bumped({"old.yaml": old, **first}, fedora("sha256:" + "5" * 64))
    assert "old.yaml" not in second.files
    assert second.files["new.yaml"].count("kind: DataVolume") == 2


def test_two_applications_may_call_their_disks_the_same() -> None:
    files = {
        f"{app}/{name}.yaml": text for app in "ab" for name, text in (("d", DISK), ("m", MACHINE))
    }
    first = bumped({one: files[one] for one in ("a/d.yaml", "a/m.yaml")}).files
    done = bumped({**files, **first})
    assert set(done.files) == {"b/d.yaml", "b/m.yaml"}
    assert set(bumped(files).files) == set(files)


def test_two_disks_on_one_line_are_two() -> None:
    machine = (
        '{"apiVersion": "kubevirt.io/v1", "kind": "VirtualMachine", "metadata": {"name": "web",'
        ' "annotations": {"towline.dev/disk-policy": "replace"}}, "spec": {"dataVolumeTemplates": ['
        '{"metadata": {"name": "a"}, "spec": {"source": {"registry": {"url": "docker://harbor.lan/vm/fedora"}}}},'
        '{"metadata": {"name": "b"}, "spec": {"source": {"registry": {"url": "docker://harbor.lan/vm/fedora"}}}}'
        '], "template": {"spec": {"volumes": [{"name": "x", "dataVolume": {"name": "a"}},'
        ' {"name": "y", "dataVolume": {"name": "b"}}]}}}}'
    )
    terms = Terms(consents=frozenset({Consent("web", "y", NEW)}))
    done = bumped({"a.json": machine}, terms=terms)
    assert [(one.disk, one.new) for one in done.disks] == [
        ("x", "a-4f3c0a9b1d2e"),
        ("y", "b-4f3c0a9b1d2e"),
    ]
    assert done.refused == ()


def test_a_pointer_that_an_alias_repeats_stays() -> None:
    repeated = MACHINE.replace("volumes:", "volumes: &all").replace(
        "spec:\n  t", "x: 1\nspec:\n  t", 1
    )
    assert "what an alias repeats" in refusal(a__yaml=DISK, b__yaml=f"{repeated}more: *all\n")


def test_a_data_source_that_a_cron_sets_is_left_to_it() -> None:
    source = (
        "apiVersion: cdi.kubevirt.io/v1beta1\nkind: DataSource\nmetadata: {name: fedora}\n"
        "spec: {source: {pvc: {name: web-root}}}\n"
    )
    cron = (
        "apiVersion: cdi.kubevirt.io/v1beta1\nkind: DataImportCron\nmetadata: {name: nightly}\n"
        "spec: {managedDataSource: fedora}\n"
    )
    assert bumped({"a.yaml": DISK, "b.yaml": source}).refused == ()
    reason = refusal(a__yaml=DISK, b__yaml=source, c__yaml=cron)
    assert "set by DataImportCron 'nightly', which would undo the change" in reason


def test_a_name_that_does_not_say_its_source_is_no_proof() -> None:
    done = DISK.replace(":43-1.5", f"@{NEW}")
    reason = refusal(a__yaml=done, b__yaml=MACHINE)
    assert "a.yaml:6: disk 'web-root' has this source already, and a name that does not" in reason
    assert "write a new disk 'web-root-4f3c0a9b1d2e'" in reason
    named = {"a.yaml": done.replace("web-root", "web-root-4f3c0a9b1d2e"), "b.yaml": MACHINE}
    named["b.yaml"] = MACHINE.replace("web-root", "web-root-4f3c0a9b1d2e")
    assert (bumped(named).refused, bumped(named).files) == ((), {})


def test_what_generators_leave_empty_is_copied() -> None:
    empty = DISK.replace("  name:", "  creationTimestamp: null\n  name:") + "status: {}\n"
    assert bumped({"a.yaml": empty, "b.yaml": MACHINE}).refused == ()


def test_a_checksum_that_the_cluster_drops_is_told() -> None:
    address, checksum = "https://acme.io/disk-1.0.qcow2", "sha256:" + "a" * 64
    template = TEMPLATE.replace(
        'registry: {url: "docker://harbor.lan/vm/fedora:43-1.5"}',
        f'http: {{url: "{address}", checksum: "{checksum}"}}',
    )
    newer = address.replace("1.0", "2.0")
    wanted = DiskImage(DiskFamily.parse(address), "2.0", newer, NEW)
    (disk,) = bumped({"a.yaml": template}, wanted).disks
    assert any("nothing checks what is downloaded" in one for one in disk.notes)


CRON = """apiVersion: cdi.kubevirt.io/v1beta1
kind: DataImportCron
metadata: {name: nightly}
spec:
  managedDataSource: other
  template: {spec: {source: {registry: {url: "docker://%s:42"}}}}
"""


def test_a_cron_of_another_repository_does_not_stand_in_the_way() -> None:
    files = {"a.yaml": f"{DISK}---\n{CRON % 'quay.io/containerdisks/fedora'}", "b.yaml": MACHINE}
    assert bumped(files).refused == ()
    own = f"{DISK}---\n{CRON % 'harbor.lan/vm/fedora'}"
    assert "stands in a DataImportCron" in refusal(a__yaml=own, b__yaml=MACHINE)
