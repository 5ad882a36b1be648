"""Records of every kind where a stage is rendered: applied, annotated and guarded."""

from __future__ import annotations

import subprocess
from dataclasses import replace
from pathlib import Path

import pytest
import yaml

from plugin.artifact import Artifact, Chart
from plugin.errors import Refusal
from plugin.manifests.annotate import annotated
from plugin.manifests.applied import applied
from plugin.manifests.disk_faults import faults_in
from plugin.record import Record, read_record, write_record
from plugin.stage_policy import Write
from tests.plugin.kinds import (
    CHART,
    CONFIG,
    DEBIAN,
    STAGE,
    STORIES,
    Story,
    application,
    disk,
    record_of,
)

URL = "https://github.com"
OLD, NEW = (disk(*one) for one in (("20250210-2019", "sha256:" + "0d" * 32),
                                   ("20250703-2162", "sha256:" + "4f" * 32)))  # fmt: skip
OLD_NAME, NEW_NAME = "root-0d0d0d0d0d0d", "root-4f4f4f4f4f4f"
DISKS = f"""\
apiVersion: cdi.kubevirt.io/v1beta1
kind: DataVolume
metadata: {{name: {OLD_NAME}}}
spec:
  source: {{http: {{url: "{OLD.address}", checksum: "{OLD.digest}"}}}}
  storage: {{resources: {{requests: {{storage: 20Gi}}}}}}
"""
MACHINE = f"""\
apiVersion: kubevirt.io/v1
kind: VirtualMachine
metadata: {{name: db}}
spec:
  template: {{spec: {{volumes: [{{name: root, dataVolume: {{name: {OLD_NAME}}}}}]}}}}
"""


def recorded(*artifacts: Artifact, previous: tuple[Artifact, ...] = ()) -> Record:
    """A record to be applied, as the sidecar reads it."""
    record = replace(record_of(*artifacts), write=Write.RECORD, previous_disks=previous)
    text = write_record(record)
    assert "\nformat: 3\n" in f"\n{text}"
    assert read_record("main.yaml", text) == record
    return record


def printed(directory: Path, kustomize: Path, **files: str) -> bytes:
    """What kustomize prints of the files."""
    texts = {f"{name}.yaml": text for name, text in files.items()}
    texts["kustomization.yaml"] = f"resources: [{', '.join(texts)}]\n"
    for name, text in texts.items():
        (directory / name).write_text(text, encoding="utf-8")
    done = subprocess.run([kustomize, "build", directory], capture_output=True, check=True)
    return done.stdout


def objects(manifests: bytes) -> dict[str, dict[str, object]]:
    return {
        f"{one['kind']}/{one['metadata']['name']}": one
        for one in yaml.safe_load_all(manifests.decode())
    }


IN_APPLICATIONS = {
    name: one for name, one in STORIES.items() if "Application" in one.text and not one.pins
}


@pytest.mark.parametrize("story", IN_APPLICATIONS.values(), ids=list(IN_APPLICATIONS))
def test_charts_and_revisions_of_applications_are_applied(
    story: Story, tmp_path: Path, kustomize: Path
) -> None:
    before = printed(tmp_path, kustomize, a=story.text)
    got = applied(before, (recorded(story.new),), STAGE)
    assert got == printed(tmp_path, kustomize, a=story.after)
    assert applied(got, (recorded(story.new),), STAGE) == got


NOWHERE = [
    ("custom by a marker", "llm"),
    ("chart in helmCharts", str(CHART)),
    ("tag in a remote base", str(CONFIG)),
    ("disk in a DataVolume", str(NEW.subject)),
]


@pytest.mark.parametrize(("name", "said"), NOWHERE)
def test_what_nothing_that_is_rendered_names_is_refused(
    name: str, said: str, tmp_path: Path, kustomize: Path
) -> None:
    config = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: c}\ndata: {MODEL: 2025-01}\n"
    before = printed(tmp_path, kustomize, c=config)
    with pytest.raises(Refusal) as refused:
        applied(before, (recorded(STORIES[name].new),), STAGE)
    assert str(refused.value) == (
        f"{STAGE}/.freight/main.yaml: {said}: nothing that this stage renders names it; name it in "
        "a manifest, or take it out of the warehouse"
    )


def test_two_records_cannot_want_one_chart_at_two_versions() -> None:
    one, other = (Chart(CHART, version) for version in ("1.0.0", "1.1.0"))
    theirs = recorded(other)
    theirs = replace(theirs, freight=replace(theirs.freight, warehouse="other"))
    with pytest.raises(Refusal, match=r"is 1\.0\.0 here and 1\.1\.0 in "):
        applied(b"", (recorded(one), theirs), STAGE)


def test_a_disk_of_an_address_is_applied_with_name_address_and_checksum(
    tmp_path: Path, kustomize: Path
) -> None:
    before = printed(tmp_path, kustomize, disks=DISKS, machine=MACHINE)
    got = applied(before, (recorded(NEW),), STAGE)
    made = objects(got)
    assert made.keys() == {f"DataVolume/{NEW_NAME}", "VirtualMachine/db"}
    assert made[f"DataVolume/{NEW_NAME}"]["spec"] == {
        "source": {"http": {"url": NEW.address, "checksum": NEW.digest}},
        "storage": {"resources": {"requests": {"storage": "20Gi"}}},
    }
    assert f"dataVolume:\n          name: {NEW_NAME}\n" in got.decode()
    kept = objects(applied(before, (recorded(NEW, previous=(OLD,)),), STAGE))
    assert kept.keys() == made.keys() | {f"DataVolume/{OLD_NAME}"}
    spec = kept[f"DataVolume/{OLD_NAME}"]["spec"]
    assert spec == objects(before)[f"DataVolume/{OLD_NAME}"]["spec"]


@pytest.mark.parametrize("by_hand", [False, True])
def test_a_disk_of_an_address_and_its_machine_carry_the_freight(
    by_hand: bool, tmp_path: Path, kustomize: Path
) -> None:
    other = DISKS.replace(OLD_NAME, "other").replace("20250210-2019", "20250101-1900")
    files = {"disks": DISKS, "machine": MACHINE, "other": other}
    text = printed(tmp_path, kustomize, **files)
    if by_hand:
        text = "".join(f"---\n{one}" for one in files.values()).encode()
    for subscription in ("", "debian"):
        subject = replace(OLD.subject, subscription=subscription)
        record = record_of(replace(OLD, subject=subject))
        got = objects(annotated(text, (record,), "prod", URL))
        carrying = {name for name, one in got.items() if record.freight.id in str(one)}
        assert carrying == {f"DataVolume/{OLD_NAME}", "VirtualMachine/db"}


def test_what_is_no_longer_to_be_seen_carries_nothing(tmp_path: Path, kustomize: Path) -> None:
    text = printed(tmp_path, kustomize, a=application(f"{{repoURL: '{CONFIG}', path: web}}"))
    for name in ("chart in helmCharts", "tag in a remote base", "custom by a marker"):
        assert annotated(text, (record_of(STORIES[name].old),), "prod", URL) == text


def guards(*documents: str, of: Record) -> list[str]:
    found = faults_in("---\n".join(documents).encode(), (of,), "prod")
    return sorted(one.value for every, _ in found for one in every)


def test_disks_of_addresses_are_guarded() -> None:
    old, machine = record_of(OLD), MACHINE
    assert guards(DISKS, machine, of=old) == []
    # Another address under a name that says the old one is never imported.
    edited = DISKS.replace(OLD.address, NEW.address).replace(OLD.digest, NEW.digest)
    assert guards(edited, machine, of=old) == ["mismatched"]
    moved = edited.replace(OLD_NAME, NEW_NAME)
    assert guards(moved, machine.replace(OLD_NAME, NEW_NAME), of=record_of(NEW)) == []
    assert "missing" in guards(moved, machine, of=record_of(NEW))
    kept = replace(record_of(NEW), previous_disks=(OLD,))
    assert guards(moved, machine.replace(OLD_NAME, NEW_NAME), of=kept) == ["pruned"]
    assert guards(DISKS, moved, machine.replace(OLD_NAME, NEW_NAME), of=kept) == []


def test_a_previous_disk_without_a_checksum_is_known_by_its_address() -> None:
    kept = replace(record_of(NEW), previous_disks=(OLD,))
    new = DISKS.replace(OLD.address, NEW.address).replace(OLD.digest, NEW.digest)
    new = new.replace(OLD_NAME, NEW_NAME)
    unchecked = DISKS.replace(f', checksum: "{OLD.digest}"', "")
    assert DEBIAN.format("20250210-2019") in unchecked
    assert guards(new, MACHINE.replace(OLD_NAME, NEW_NAME), unchecked, of=kept) == []
