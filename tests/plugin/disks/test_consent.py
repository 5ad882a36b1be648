"""A consent is for one disk of one machine in one namespace."""

from __future__ import annotations

import pytest

from plugin.disks.policy import Consent, Terms
from tests.plugin.disks.stages import NEW, OLD, bumped, said
from tests.plugin.disks.test_owners import disk, joined, machine

SHORT = Consent("db", "root", NEW)


def stage(namespace: str = "") -> str:
    placed = f"metadata: {{namespace: {namespace}, " if namespace else "metadata: {"
    both = joined(disk("db-root", OLD), machine("db", "stateful", root="db-root"))
    return both.replace("metadata: {", placed)


SAID = {"a.yaml": stage("a"), "b.yaml": stage("b")}
BUILT = {
    f"{one}/{name}": text
    for one in "ab"
    for name, text in (
        ("all.yaml", stage()),
        ("kustomization.yaml", f"namespace: {one}\nresources: [all.yaml]\n"),
    )
}


@pytest.mark.parametrize("files", [SAID, BUILT])
def test_a_consent_that_fits_two_machines_is_for_neither(files: dict[str, str]) -> None:
    done = bumped(files, terms=Terms(consents=frozenset({SHORT})))
    assert done.files == {}
    assert "write NAMESPACE/db:root, or bump the files of one of them only" in said(done)


@pytest.mark.parametrize("files", [SAID, BUILT])
def test_a_consent_with_a_namespace_is_for_that_machine(files: dict[str, str]) -> None:
    consent = Consent("db", "root", NEW, "b")
    done = bumped(files, terms=Terms(consents=frozenset({consent})))
    assert {one[0] for one in done.files} == {"b"}
    assert "would start with a fresh disk" in said(done)


BOTH = joined(disk("web-root", OLD), disk("web-data", OLD, "500Gi"))
DATA_FIRST = """spec:
      domain: {devices: {disks: [{name: data, disk: {}}, {name: root, disk: {}, bootOrder: 1}]}}
      volumes:"""


@pytest.mark.parametrize(
    "volumes",
    [
        machine("web", root="web-root", data="web-data"),
        machine("web", data="web-data", root="web-root").replace(
            "spec:\n      volumes:", DATA_FIRST
        ),
    ],
)
def test_a_policy_speaks_of_the_disk_that_is_booted_from(volumes: str) -> None:
    files = {"d.yaml": BOTH, "v.yaml": volumes}
    done = bumped(files)
    assert "everything written to disk data since web-data was imported is lost" in said(done)
    assert "'towline.dev/disk-policy: replace' speaks of root" in said(done)
    terms = Terms(consents=frozenset({Consent("web", "data", NEW)}))
    assert [one.disk for one in bumped(files, terms=terms).disks] == ["root", "data"]


def test_a_short_consent_is_enough_for_the_only_machine() -> None:
    terms = Terms(consents=frozenset({SHORT}))
    assert set(bumped({"a.yaml": stage("a")}, terms=terms).files) == {"a.yaml"}
    other = Terms(consents=frozenset({Consent("db", "root", NEW, "b")}))
    assert bumped({"a.yaml": stage("a")}, terms=other).files == {}
