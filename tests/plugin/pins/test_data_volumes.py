"""What CDI imports is found, and what would ignore a bump is refused with the alternative."""

from __future__ import annotations

import pytest

from plugin.artifact import DiskFamily
from plugin.pins.edit import bump
from plugin.pins.find import pins_in
from plugin.pins.pin import Kind, UpToDate
from tests.plugin.pins.texts import NEW, OLD, image

HEAD = "apiVersion: cdi.kubevirt.io/v1beta1\nkind: DataVolume\n"
CENTOS = "https://cloud.centos.org/centos/9-stream/x86_64/images/CentOS-Stream-9-20260701.0.qcow2"


def disk(source: str, name: str = "root") -> str:
    return f"{HEAD}metadata: {{name: {name}}}\nspec:\n  source: {source}\n  storage: {{}}\n"


@pytest.mark.parametrize(
    ("url", "tag", "digest"),
    [
        ("docker://ghcr.io/acme/web", None, None),
        ("docker://ghcr.io/acme/web:1.0", "1.0", None),
        (f"docker://ghcr.io/acme/web@{OLD}", None, OLD),
        (f"docker://ghcr.io/acme/web:1.0@{OLD}", "1.0", OLD),
    ],
)
def test_an_image_imported_into_a_disk_is_found(
    url: str, tag: str | None, digest: str | None
) -> None:
    (pin,) = pins_in("a.yaml", disk(f'{{registry: {{url: "{url}"}}}}')).pins
    assert (str(pin.subject), pin.tag, pin.digest) == ("ghcr.io/acme/web", tag, digest)
    assert (pin.kind, pin.line, pin.parts) == (Kind.DATA_VOLUME, 5, ())


def test_an_address_is_found_with_its_checksum() -> None:
    text = disk(f"{{http: {{url: {CENTOS}, checksum: {OLD}}}}}")
    (pin,) = pins_in("a.yaml", text).pins
    assert (pin.subject, pin.tag, pin.digest) == (DiskFamily.parse(CENTOS), "20260701.0", OLD)


def test_the_version_of_an_address_is_what_an_annotation_cannot_overrule() -> None:
    said = "{name: root, annotations: {towline.dev/version: '7'}}"
    text = disk(f"{{http: {{url: {CENTOS}}}}}").replace("{name: root}", said)
    assert [one.tag for one in pins_in("a.yaml", text).pins] == ["20260701.0"]
    (unversioned,) = pins_in("a.yaml", text.replace(CENTOS, "https://mirror.lan/root.qcow2")).pins
    assert unversioned.tag == "7"


def test_the_version_for_people_is_read_where_the_source_has_none() -> None:
    text = disk(f'{{registry: {{url: "docker://a/b@{OLD}"}}}}').replace(
        "{name: root}", "{name: root, annotations: {towline.dev/version: 43-1.6}}"
    )
    (pin,) = pins_in("a.yaml", text).pins
    assert (pin.tag, pin.digest) == ("43-1.6", OLD)


def test_a_data_source_is_a_pin_of_what_it_points_to() -> None:
    source = "{registry: {url: 'docker://ghcr.io/acme/web:1.0'}}"
    pointer = (
        "apiVersion: cdi.kubevirt.io/v1beta1\nkind: DataSource\nmetadata: {name: web}\n"
        "spec: {source: {pvc: {name: root}}}\n"
    )
    pins = pins_in("a.yaml", f"{disk(source)}---\n{pointer}").pins
    assert [(pin.kind, pin.tag) for pin in pins] == [
        (Kind.DATA_VOLUME, "1.0"),
        (Kind.DATA_SOURCE, "1.0"),
    ]
    assert pins_in("a.yaml", pointer).pins == ()


def test_an_edit_of_one_file_alone_never_moves_a_disk() -> None:
    text = disk("{registry: {url: 'docker://ghcr.io/acme/web:1.0'}}")
    assert isinstance(bump("a.yaml", text, [image(digest=NEW)]), UpToDate)


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        ("{upload: {}}", "filled by an upload"),
        ("{blank: {}}", "an empty disk for data"),
        ("{pvc: {name: a, namespace: b}}", "a copy of another disk"),
        ("{snapshot: {name: a, namespace: b}}", "a copy of a snapshot"),
        ("{s3: {url: 'https://s3/x.img'}}", "checks no checksum"),
        ("{gcs: {url: 'gs://x/y.img'}}", "checks no checksum"),
        ("{vddk: {url: 'https://vcenter'}}", "comes from VMware"),
        ("{imageio: {url: 'https://ovirt'}}", "comes from oVirt"),
        ("{nfs: {}}", "does not know"),
        ("{registry: {imageStream: fedora, pullMethod: node}}", "an image stream"),
        ("{registry: {url: 'quay.io/a/b:1'}}", "has no scheme"),
        ("{registry: {url: 'oci-archive://a/b'}}", "an archive inside the cluster"),
        ("{registry: {url: 'docker://${IMAGE}'}}", "filled in by a template"),
        ("{registry: {url: 'docker://A//b'}}", "is not an image reference"),
        ("{registry: {}}", "names no url in place"),
        ("{http: {url: 'ftp://x/y.img'}}", "not the address of a disk image"),
        (f"{{http: {{url: '{CENTOS}', checksum: 'sha256:12'}}}}", "a checksum that is not one"),
        (f"{{http: {{url: '{CENTOS}', checksum: [a]}}}}", "a checksum that is not one"),
        (f"{{http: {{url: '{CENTOS}'}}, blank: {{}}}}", "several sources"),
        ("{}", "a source that says nothing"),
    ],
)
def test_a_source_that_no_version_can_be_written_into_is_refused(source: str, reason: str) -> None:
    found = pins_in("a.yaml", disk(source))
    assert found.pins == ()
    (refused,) = found.refused
    assert refused.reason.startswith("disk 'root' ")
    assert reason in refused.reason
    assert refused.text


CRON = "apiVersion: {api}\nkind: {kind}\nmetadata: {{name: x}}\nspec: {spec}\n"
URL = "{source: {registry: {url: 'docker://ghcr.io/acme/web:1.0'}}}"
TEMPLATES = f"{{dataImportCronTemplates: [{{spec: {{template: {{spec: {URL}}}}}}}]}}"


@pytest.mark.parametrize(
    ("api", "kind", "spec", "reason"),
    [
        (
            "cdi.kubevirt.io/v1beta1",
            "DataImportCron",
            f"{{template: {{spec: {URL}}}}}",
            "past every",
        ),
        ("hco.kubevirt.io/v1", "HyperConverged", TEMPLATES, "past every review"),
        ("hco.kubevirt.io/v1", "HyperConverged", f"{{workloadSources: {TEMPLATES}}}", "past every"),
        (
            "ssp.kubevirt.io/v1beta2",
            "SSP",
            f"{{commonTemplates: {TEMPLATES}}}",
            "past every review",
        ),
        ("cdi.kubevirt.io/v1beta1", "VolumeImportSource", URL, "VolumeImportSource, which never"),
        (
            "template.kubevirt.io/v1beta1",
            "VirtualMachineTemplate",
            f"{{virtualMachine: {{spec: {{dataVolumeTemplates: [{{spec: {URL}}}]}}}}}}",
            "only new machines read",
        ),
    ],
)
def test_ways_of_importing_that_would_ignore_a_bump_are_refused(
    api: str, kind: str, spec: str, reason: str
) -> None:
    found = pins_in("a.yaml", CRON.format(api=api, kind=kind, spec=spec))
    assert found.pins == ()
    (refused,) = found.refused
    assert reason in refused.reason
    assert refused.text == "docker://ghcr.io/acme/web:1.0"


def test_a_claim_that_imports_by_annotation_is_refused() -> None:
    text = (
        "apiVersion: v1\nkind: PersistentVolumeClaim\nmetadata:\n  name: x\n  annotations:\n"
        f"    cdi.kubevirt.io/storage.import.endpoint: {CENTOS}\n"
    )
    (refused,) = pins_in("a.yaml", text).refused
    assert (refused.line, refused.text) == (6, CENTOS)
    assert "write a DataVolume instead" in refused.reason
