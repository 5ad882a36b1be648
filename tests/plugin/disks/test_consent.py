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


def test_a_short_consent_is_enough_for_the_only_machine() -> None:
    terms = Terms(consents=frozenset({SHORT}))
    assert set(bumped({"a.yaml": stage("a")}, terms=terms).files) == {"a.yaml"}
    other = Terms(consents=frozenset({Consent("db", "root", NEW, "b")}))
    assert bumped({"a.yaml": stage("a")}, terms=other).files == {}
