"""Real VM manifests keep to KubeVirt's and CDI's schemas; planted mistakes in them are found."""

from __future__ import annotations

import copy
import tarfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.contracts.kubevirt import fetch
from tests.contracts.kubevirt.schemas import Crd, known, mistakes, objects
from tests.contracts.kubevirt.structural import Judge

pytestmark = pytest.mark.usefixtures("crds")

DATA = Path(__file__).resolve().parents[4] / "shared" / "data"
CORPUS = DATA / "vm-corpus.tar.gz"
DIGEST = "4f3c0a9b1d2e" + "5" * 52
NAME = f"web-root-{DIGEST[:12]}"

# Objects that are not whole as they stand in their file, and why.
NOT_WHOLE = {
    "vm/cwilkers+kubevirt-gitops/vms/overlays/kubernetes/fedora.yaml": "a patch of kustomize's",
    "vm/JJGadgets+Biohazard/kube/deploy/vm/jj/template/vm.yaml": "a template, named ${VM}",
}

DATA_VOLUME = f"""
apiVersion: cdi.kubevirt.io/v1beta1
kind: DataVolume
metadata:
  name: {NAME}
  creationTimestamp: null
  annotations: {{argocd.argoproj.io/sync-wave: "1"}}
spec:
  source: {{registry: {{url: "docker://harbor.lan/vm/fedora@sha256:{DIGEST}"}}}}
  storage: {{resources: {{requests: {{storage: 20Gi}}}}}}
"""
CHECKED = f"""
apiVersion: cdi.kubevirt.io/v1beta1
kind: DataVolume
metadata: {{name: {NAME}}}
spec:
  source: {{http: {{url: "https://example.com/fedora.qcow2", checksum: "sha256:{DIGEST}"}}}}
  pvc: {{accessModes: [ReadWriteOnce], resources: {{requests: {{storage: 21474836480}}}}}}
"""
MACHINE = f"""
apiVersion: kubevirt.io/v1
kind: VirtualMachine
metadata: {{name: web, annotations: {{towline.dev/disk-policy: replace}}}}
spec:
  runStrategy: Always
  dataVolumeTemplates:
  - metadata: {{name: {NAME}, annotations: {{cdi.kubevirt.io/allowClaimAdoption: "true"}}}}
    spec:
      source: {{registry: {{url: "docker://harbor.lan/vm/fedora@sha256:{DIGEST}"}}}}
      storage: {{resources: {{requests: {{storage: 20Gi}}}}}}
  template:
    metadata: {{labels: {{kubevirt.io/domain: web}}}}
    spec:
      domain:
        devices:
          disks:
          - {{name: root, disk: {{bus: virtio}}}}
          interfaces: [{{name: default, masquerade: {{}}}}]
        firmware:
          kernelBoot: {{container: {{image: "harbor.lan/vm/kernel:6@sha256:{DIGEST}"}}}}
        memory: {{guest: 1Gi}}
      networks: [{{name: default, pod: {{}}}}]
      volumes:
      - {{name: root, dataVolume: {{name: {NAME}}}}}
      - {{name: tools, containerDisk: {{image: "harbor.lan/vm/tools:2@sha256:{DIGEST}"}}}}
"""
SOURCE = f"""
apiVersion: cdi.kubevirt.io/v1beta1
kind: DataSource
metadata: {{name: fedora}}
spec: {{source: {{pvc: {{name: {NAME}, namespace: images}}}}}}
"""
CRON = """
apiVersion: cdi.kubevirt.io/v1beta1
kind: DataImportCron
metadata: {name: fedora}
spec:
  schedule: "0 */12 * * *"
  managedDataSource: fedora
  template:
    spec: {source: {registry: {url: "docker://quay.io/containerdisks/fedora:43"}}, storage: {}}
"""


def one(text: str) -> dict[str, Any]:
    (found,) = objects(text)
    return found


def pool() -> dict[str, Any]:
    machine = one(MACHINE)
    template = {"metadata": {"labels": {"app": "web"}}, "spec": machine["spec"]}
    return {
        "apiVersion": "pool.kubevirt.io/v1beta1",
        "kind": "VirtualMachinePool",
        "metadata": {"name": "web"},
        "spec": {
            "replicas": 2,
            "maxUnavailable": "50%",
            "selector": {"matchLabels": {"app": "web"}},
            "virtualMachineTemplate": template,
        },
    }


def corpus() -> Iterator[tuple[str, dict[str, Any]]]:
    """Every object in a YAML file of the corpus that reads as YAML; templates do not."""
    if not CORPUS.exists():
        pytest.skip(f"{CORPUS} is missing: real manifests are not checked")
    with tarfile.open(CORPUS) as tar:
        for member in tar:
            stream = tar.extractfile(member)
            if stream is None or not member.name.endswith((".yaml", ".yml")):
                continue
            try:
                found = list(objects(stream.read().decode()))
            except yaml.YAMLError:
                continue
            yield from ((member.name, each) for each in found)


def test_real_manifests_pass() -> None:
    judged = [(name, each) for name, each in corpus() if known(each)]
    wrong = {name: mistakes(each) for name, each in judged if mistakes(each)}
    assert {name: why for name, why in wrong.items() if name not in NOT_WHOLE} == {}
    assert wrong.keys() == NOT_WHOLE.keys()
    assert {each["kind"] for _, each in judged} >= fetch.KUBEVIRT_KINDS.keys() | {"DataVolume"}
    assert len(judged) > 40


@pytest.mark.parametrize(
    "manifest",
    [one(DATA_VOLUME), one(CHECKED), one(MACHINE), one(SOURCE), one(CRON), pool()],
    ids=["registry", "http", "machine", "data-source", "cron", "pool"],
)
def test_the_forms_of_a_disk_pass(manifest: dict[str, Any]) -> None:
    assert known(manifest)
    assert mistakes(manifest) == []


def planted(text: str, path: str, value: object) -> dict[str, Any]:
    """The object with a value put at a path; None takes the field away."""
    manifest = copy.deepcopy(one(text))
    *steps, last = [int(step) if step.isdigit() else step for step in path.split("/")]
    place: Any = manifest
    for step in steps:
        place = place[step]
    if value is None:
        del place[last]
    else:
        place[last] = value
    return manifest


@pytest.mark.parametrize(
    ("text", "path", "value", "expected"),
    [
        (DATA_VOLUME, "spec/source/registry/uri", "x", "spec.source.registry: unknown field 'uri'"),
        (DATA_VOLUME, "spec/source/registry/url", 5, "spec.source.registry.url: 5 is not of type"),
        (CHECKED, "spec/source/http/url", None, "spec.source.http: 'url' is a required property"),
        (DATA_VOLUME, "spec/source/blank", {"size": 1}, "spec.source.blank: unknown field 'size'"),
        (DATA_VOLUME, "spec/contentType", "iso", "spec.contentType: 'iso' is not one of"),
        (DATA_VOLUME, "spec/storage/resources/requests/storage", "20 GB", "does not match"),
        (DATA_VOLUME, "spec/storage/resources/requests/storage", "20Gi\n", "does not match"),
        (DATA_VOLUME, "spec/storage/resources/requests/storage", 1.5, "is not of type 'integer'"),
        (DATA_VOLUME, "spec", None, "(whole): 'spec' is a required property"),
        (DATA_VOLUME, "metadata/name", "Web_Root", "metadata.name: 'Web_Root' does not match"),
        (DATA_VOLUME, "metadata/annotation", {}, "metadata: unknown field 'annotation'"),
        (DATA_VOLUME, "metadata/annotations/wave", 1, "metadata.annotations.wave: 1 is not of"),
        (DATA_VOLUME, "apiVersion", "cdi.kubevirt.io/v1alpha1", "is served as v1beta1, not as"),
        (MACHINE, "spec/template", None, "spec: 'template' is a required property"),
        (MACHINE, "spec/template/spec/volumes/0/name", None, "volumes[0]: 'name' is a required"),
        (MACHINE, "spec/template/spec/volumes/1/containerDisk/tag", "2", "unknown field 'tag'"),
        (MACHINE, "spec/template/spec/volumes/1/containerDisk", [], "[] is not of type 'object'"),
        (MACHINE, "spec/template/spec/resourceClaims", [{"name": "a"}] * 2, "stands there twice"),
        (SOURCE, "spec/source/pvc/namespace", None, "'namespace' is a required property"),
        (CRON, "spec/schedule", None, "spec: 'schedule' is a required property"),
        (CRON, "spec/template/metadata", {"labels": {}}, "unknown field 'labels'"),
    ],
)
def test_a_planted_mistake_is_found(text: str, path: str, value: object, expected: str) -> None:
    assert mistakes(one(text)) == []
    (found,) = mistakes(planted(text, path, value))
    assert expected in found


def test_a_null_is_an_absent_field_to_the_api_server() -> None:
    manifest = one(DATA_VOLUME)
    manifest["spec"]["priorityClassName"] = None
    assert mistakes(manifest) == []
    manifest["spec"]["sourec"] = None
    assert mistakes(manifest) == ["spec: unknown field 'sourec'"]
    manifest = one(CHECKED)
    manifest["spec"]["source"]["http"]["url"] = None
    assert mistakes(manifest) == ["spec.source.http: 'url' is a required property"]


def test_nothing_passes_unseen_for_want_of_a_schema() -> None:
    stranger = {"apiVersion": "v1", "kind": "Service", "metadata": {"name": "web"}}
    assert not known(stranger)
    assert mistakes(stranger) == ["no schema for v1 Service"]
    misplaced = pool() | {"apiVersion": "kubevirt.io/v1"}
    assert not known(misplaced)
    assert mistakes(misplaced) == ["no schema for kubevirt.io/v1 VirtualMachinePool"]


def test_a_rule_that_no_translation_exists_for_is_refused() -> None:
    with pytest.raises(ValueError, match="no translation for \\['maxProperties'\\]"):
        Judge({"type": "object", "maxProperties": 1})


def test_a_rule_in_cel_is_not_taken_for_kept() -> None:
    path = "spec/template/spec/volumes/1"
    volume = {"name": "tools", "containerPath": {"path": "/data"}}
    (found,) = mistakes(planted(MACHINE, path, volume))
    assert "containerPath.path: not judged here: self.startsWith('/')" in found


@pytest.mark.parametrize(
    ("sort", "value", "is_wrong"),
    [
        ({"x-kubernetes-list-type": "atomic"}, [{"a": 1}, {"a": 1}], False),
        ({"x-kubernetes-list-type": "set"}, [{"a": 1}, {"a": 1}], True),
        ({"x-kubernetes-list-type": "set"}, [{"a": 1}, {"a": 2}], False),
        ({"x-kubernetes-list-type": "map", "x-kubernetes-list-map-keys": ["a"]}, None, False),
        (
            {"x-kubernetes-list-type": "map", "x-kubernetes-list-map-keys": ["a"]},
            [{"a": 1, "b": 1}, {"a": 1, "b": 2}],
            True,
        ),
    ],
)
def test_lists_keep_to_their_keys(sort: dict[str, Any], value: object, *, is_wrong: bool) -> None:
    fields = {name: {"type": "integer"} for name in ("a", "b")}
    rows = {"type": "array", "items": {"type": "object", "properties": fields}, **sort}
    judge = Judge({"type": "object", "properties": {"rows": rows}})
    assert bool(judge.mistakes({"rows": value})) == is_wrong


def test_a_schema_that_forbids_two_sources_is_obeyed() -> None:
    source = {
        "type": "object",
        "properties": {"a": {"type": "object"}, "b": {"type": "object"}},
        "oneOf": [{"required": ["a"]}, {"required": ["b"]}],
    }
    crd = Crd("example.com", "Disk", {"v1": {"type": "object", "properties": {"source": source}}})
    disk: dict[str, Any] = {"apiVersion": "example.com/v1", "kind": "Disk"}
    disk |= {"metadata": {"name": "x"}, "source": {"a": {}}}
    assert crd.mistakes("v1", disk) == []
    disk["source"]["b"] = {}
    assert len(crd.mistakes("v1", disk)) == 1


# What the schemas do *not* forbid, and so is Towline's own to refuse; and what they do not keep.


def test_two_sources_pass_the_schema_because_only_a_webhook_refuses_them() -> None:
    assert mistakes(planted(DATA_VOLUME, "spec/source/blank", {})) == []
    assert mistakes(planted(DATA_VOLUME, "spec/source", {})) == []


def test_the_metadata_of_a_template_is_kept_as_it_is_and_not_checked() -> None:
    assert mistakes(planted(MACHINE, "spec/dataVolumeTemplates/0/metadata/bogus", 1)) == []
    assert mistakes(planted(MACHINE, "spec/dataVolumeTemplates/0/metadata", None)) == []


def test_a_checksum_in_a_template_of_a_machine_is_dropped() -> None:
    http = one(CHECKED)["spec"]["source"]
    found = mistakes(planted(MACHINE, "spec/dataVolumeTemplates/0/spec/source", http))
    assert found == ["spec.dataVolumeTemplates[0].spec.source.http: unknown field 'checksum'"]
