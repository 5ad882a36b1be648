"""What is wrong with disks in one tree, in the words a person reads."""

from __future__ import annotations

from collections import Counter

import pytest

from plugin.disks.faults import faults
from plugin.pins.sources import Sources
from tests.plugin.pins.corpus import files

HEX = "4f3c0a9b1d2e" + "a" * 52
OTHER = "0" * 11 + "f" + "0" * 52
DIGEST, CHECKSUM = f"sha256:{HEX}", f"sha256:{OTHER}"
HTTP = f"http: {{url: 'https://example.org/1.0/a.qcow2', checksum: '{CHECKSUM}'}}"


def volume(name: str, source: str, annotations: str = "") -> str:
    return (
        "apiVersion: cdi.kubevirt.io/v1beta1\nkind: DataVolume\n"
        f"metadata: {{name: {name}, annotations: {{{annotations}}}}}\n"
        f"spec:\n  source: {{{source}}}\n"
        "  storage: {resources: {requests: {storage: 20Gi}}}\n---\n"
    )


def vm(name: str, *volumes: str, more: str = "", annotations: str = "", disks: str = "") -> str:
    return (
        "apiVersion: kubevirt.io/v1\nkind: VirtualMachine\n"
        f"metadata: {{name: {name}, annotations: {{{annotations}}}}}\n"
        f"spec:\n{more}  template:\n    spec:\n      domain: {{devices: {{disks: [{disks}]}}}}\n"
        f"      volumes: [{', '.join(volumes)}]\n---\n"
    )


def root(target: str) -> str:
    return f"{{name: root, dataVolume: {{name: {target}}}}}"


def template(name: str, source: str) -> str:
    head = f"  dataVolumeTemplates:\n  - metadata: {{name: {name}}}\n"
    return f"{head}    spec: {{source: {{{source}}}}}\n"


def told(*texts: str) -> list[str]:
    sources = Sources({"vm.yaml": "".join(texts)})
    return [f"{one.level} {one.line}: {one.text}" for one in faults(sources)]


def test_disks_that_are_pinned_and_named_after_what_they_are_have_no_faults() -> None:
    assert (
        told(
            volume("web-root-4f3c0a9b1d2e", f"registry: {{url: 'docker://a/b@{DIGEST}'}}"),
            volume("db-root-00000000000f", HTTP),
            volume("data", "blank: {}"),
            vm("web", root("web-root-4f3c0a9b1d2e"), "{name: data, dataVolume: {name: data}}"),
            vm(
                "db",
                root("db-root-00000000000f"),
                f"{{containerDisk: {{image: 'a/b:1@{DIGEST}'}}}}",
            ),
        )
        == []
    )


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        (
            "registry: {url: 'docker://quay.io/containerdisks/fedora:latest'}",
            (
                "warning 5: 'docker://quay.io/containerdisks/fedora:latest' is a moving tag: a "
                "disk made anew may be another one; name the digest instead "
                "(docker://repository@sha256:...)"
            ),
        ),
        (
            "registry: {url: 'docker://quay.io/containerdisks/fedora:43-1.6'}",
            (
                "warning 5: 'docker://quay.io/containerdisks/fedora:43-1.6' is a moving tag: a "
                "disk made anew may be another one; name the digest instead "
                "(docker://repository@sha256:...)"
            ),
        ),
        (
            f"registry: {{url: 'docker://a/b:1@{DIGEST}'}}",
            (
                f"error 5: 'docker://a/b:1@{DIGEST}' names tag and digest, which CDI's importer "
                "cannot read; leave the tag out, or write pullMethod: node"
            ),
        ),
        (
            "registry: {url: quay.io/containerdisks/fedora:43}",
            (
                "error 5: 'quay.io/containerdisks/fedora:43' has no scheme, which CDI refuses; "
                "write docker:// before it"
            ),
        ),
        (
            "registry: {url: 'docker://A B'}",
            "error 5: 'docker://A B' is not an image reference",
        ),
        (
            f"http: {{url: 'https://x.org/jammy/current/a.img', checksum: '{CHECKSUM}'}}",
            (
                "warning 5: 'https://x.org/jammy/current/a.img' moves by itself: a disk made anew "
                "may be another one; name one version's address, and its checksum"
            ),
        ),
        (
            "http: {url: 'https://x.org/CentOS-9-latest.x86_64.qcow2'}",
            (
                "warning 5: 'https://x.org/CentOS-9-latest.x86_64.qcow2' moves by itself: a disk "
                "made anew may be another one; name one version's address, and its checksum"
            ),
        ),
        (
            "http: {url: 'https://x.org/43/fedora.qcow2'}",
            (
                "warning 5: 'https://x.org/43/fedora.qcow2' has no checksum, so whatever is there "
                "then becomes the disk; write checksum: sha256:... beside it (CDI 1.65 or newer)"
            ),
        ),
        (
            "http: {url: x.org/43/fedora.qcow2}",
            (
                "error 5: 'x.org/43/fedora.qcow2' has no scheme, which CDI refuses; write https:// "
                "before it"
            ),
        ),
    ],
)
def test_sources_that_move_or_cannot_be_read(source: str, expected: str) -> None:
    assert told(volume("a", source)) == [expected]
    (of_template,) = told(vm("web", root("a"), more=template("a", source)))
    assert of_template.partition(": ")[2].partition(";")[0] in expected


def test_a_template_has_no_place_for_a_checksum() -> None:
    source = "http: {url: 'https://x.org/43/fedora.qcow2'}"
    assert told(vm("web", root("a"), more=template("a", source))) == [
        (
            "warning 7: 'https://x.org/43/fedora.qcow2' has no checksum, so whatever is there then "
            "becomes the disk; make it a DataVolume of its own, since a machine's template has no "
            "place for one"
        )
    ]


@pytest.mark.parametrize(
    "address",
    [
        "cloud-images.ubuntu.com/releases/noble/release/ubuntu-24.04-server-cloudimg-amd64.img",
        "cloud-images.ubuntu.com/noble/current/noble-server-cloudimg-amd64.img",
        "cloud.debian.org/images/cloud/trixie/latest/debian-13-genericcloud-amd64.qcow2",
        "cloud.debian.org/images/cloud/trixie/daily/latest/debian-13-generic-amd64-daily.qcow2",
        "stable.release.flatcar-linux.net/amd64-usr/current/flatcar_production_kubevirt_image.img",
        "cloud.centos.org/centos/9-stream/x86_64/images/CentOS-Stream-9-latest.x86_64.qcow2",
        "dl.rockylinux.org/pub/rocky/9/images/x86_64/Rocky-9-GenericCloud-Base.latest.x86_64.qcow2",
    ],
)
def test_addresses_of_publishers_that_move(address: str) -> None:
    (found,) = told(volume("a", f"http: {{url: 'https://{address}', checksum: '{CHECKSUM}'}}"))
    assert "moves by itself" in found


@pytest.mark.parametrize(
    "address",
    [
        "cloud-images.ubuntu.com/releases/noble/release-20260705/ubuntu-24.04-server-amd64.img",
        "download.fedoraproject.org/pub/alt/risc-v/release/41/Cloud/riscv64/images/a.qcow2",
        "stable.release.flatcar-linux.net/amd64-usr/4081.2.1/flatcar_production_image.img",
        "x.io/greatest/a.img",
    ],
)
def test_addresses_that_stay(address: str) -> None:
    assert told(volume("a", f"http: {{url: 'https://{address}', checksum: '{CHECKSUM}'}}")) == []


@pytest.mark.parametrize(
    "source",
    [
        f"registry: {{url: 'docker://a/b:1@{DIGEST}', pullMethod: node}}",
        "registry: {url: 'oci-archive:disks'}",
        "registry: {url: 'docker://${IMAGE}'}",
        "registry: {imageStream: fedora, pullMethod: node}",
        "upload: {}",
        "pvc: {name: golden, namespace: images}",
    ],
)
def test_sources_that_are_as_they_should_be(source: str) -> None:
    assert told(volume("a", source)) == []


def test_a_name_with_the_digits_of_something_else_is_the_trace_of_a_change_without_effect() -> None:
    source = f"registry: {{url: 'docker://a/b@{DIGEST}'}}"
    assert told(volume("web-root-00000000000f", source)) == [
        (
            "error 3: DataVolume 'web-root-00000000000f' comes from sha256:4f3c0a9b1d2e..., which "
            "its name does not say: under a name that is taken nothing is imported; call it "
            "web-root-4f3c0a9b1d2e, and in what points to it"
        )
    ]
    assert told(volume("web-202604011200", HTTP)) == []


def test_images_that_vms_boot_from_need_a_digest() -> None:
    assert told(
        vm(
            "web",
            "{containerDisk: {image: 'quay.io/containerdisks/fedora:devel'}}",
            "{containerDisk: {image: fedora}}",
        )
    ) == [
        (
            "warning 8: 'fedora' is a moving tag: vm web may find another disk at any start; name "
            "its digest too (:latest@sha256:...)"
        ),
        (
            "warning 8: 'quay.io/containerdisks/fedora:devel' is a moving tag: vm web may find "
            "another disk at any start; name its digest too (:devel@sha256:...)"
        ),
    ]


@pytest.mark.parametrize(
    "second", [root("data"), "{name: root, persistentVolumeClaim: {claimName: data}}"]
)
def test_two_machines_on_one_disk(second: str) -> None:
    assert told(volume("data", "blank: {}"), vm("a", root("data")), vm("b", second)) == [
        (
            "error 24: 'data' is a disk of vm b and of vm a (vm.yaml:15): two machines that write "
            "to one disk destroy it; give each its own"
        )
    ]


def test_disks_that_may_be_shared() -> None:
    for disks in ("{name: root, cdrom: {bus: sata}}", "{name: root, shareable: true}"):
        assert told(vm("a", root("iso"), disks=disks), vm("b", root("iso"), disks=disks)) == []
    base, patch = vm("a", root("data")), vm("a", root("data"))
    assert told(base, patch) == []
    one = vm("a", root("data")).replace("name: a,", "name: a, namespace: dev,")
    other = vm("b", root("data")).replace("name: b,", "name: b, namespace: prod,")
    assert told(one, other) == []


def test_a_disk_that_nothing_makes() -> None:
    here = volume("web-root-00000000000f", HTTP)
    assert told(here, vm("web", root("web-root-4f3c0a9b1d2e"))) == [
        (
            "error 15: volume 'root' of vm web names DataVolume 'web-root-4f3c0a9b1d2e', which no "
            "file has, but there is 'web-root-00000000000f'; name that one"
        )
    ]
    assert told(here, vm("web", root("by-hand"))) == [
        (
            "warning 15: volume 'root' of vm web names DataVolume 'by-hand', which no file of the "
            "stage has; add it, or mend the name"
        )
    ]
    assert told(vm("web", root("by-hand"))) == []


def test_a_template_that_no_volume_names() -> None:
    assert told(vm("web", root("new"), more=template("old", "blank: {}"))) == [
        (
            "error 6: template 'old' of vm web is named by no volume, which KubeVirt refuses; name "
            "it in one"
        )
    ]


def test_a_strategy_that_copies_the_old_disk_over_the_new_one() -> None:
    assert told(vm("web", more="  updateVolumesStrategy: Migration\n")) == [
        (
            "warning 5: vm web says updateVolumesStrategy: Migration, which copies the old disk "
            "over every new one; remove it when the migration is done"
        )
    ]


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        (
            "SkipDryRunOnMissingResource=true,Force=true",
            "error 3: {} is synced with Force=true, which deletes it with its data; remove that",
        ),
        (
            "Replace=true",
            (
                "warning 3: {} is synced with Replace=true, which is one Force=true away from "
                "deleting it with its data; remove that"
            ),
        ),
    ],
)
def test_sync_options_that_delete(options: str, expected: str) -> None:
    said = f"argocd.argoproj.io/sync-options: '{options}'"
    assert told(volume("a", "blank: {}", said)) == [expected.format("DataVolume 'a'")]
    assert told(vm("web", annotations=said)) == [expected.format("vm web")]


def test_words_that_mean_nothing() -> None:
    assert told(vm("web", annotations="towline.dev/disk-policy: keep")) == [
        "error 3: vm web: annotation towline.dev/disk-policy is 'keep'; write replace, stateful"
    ]
    assert told(vm("web", annotations="towline.dev/restart: sometimes")) == [
        (
            "error 3: vm web: annotation towline.dev/restart is 'sometimes'; write auto, window, "
            "manual, never"
        )
    ]


def test_a_cron_that_cannot_poll() -> None:
    cron = (
        "apiVersion: cdi.kubevirt.io/v1beta1\nkind: DataImportCron\nspec:\n  template: {spec: "
        f"{{source: {{registry: {{url: 'docker://a/b@{DIGEST}'}}}}}}}}\n"
    )
    assert told(cron) == [
        (
            f"error 4: 'docker://a/b@{DIGEST}' names a digest, which a DataImportCron cannot poll; "
            "write a tag, or pin a DataVolume instead"
        )
    ]
    assert told(cron.replace(f"@{DIGEST}", ":43")) == []


def test_files_that_cannot_be_read_or_hold_nothing_are_passed_over() -> None:
    assert told("apiVersion: kubevirt.io/v1\nkind: [\n") == []
    assert told("kind: VirtualMachine\n") == []


def test_real_files_have_plausible_faults() -> None:
    counts: Counter[str] = Counter()
    for name, content in files("vm-corpus.tar.gz"):
        if name.endswith((".yaml", ".yml")):
            for one in faults(Sources({name: content.decode("utf-8")})):
                words = ("moving tag", "no checksum", "moves by itself", "error")
                counts[next(word for word in words if word in f"{one.level} {one.text}")] += 1
    assert counts == {"moving tag": 19, "no checksum": 10}
