"""CDI's convention for a disk's name, as its source says it, and what tells another one from it."""

from __future__ import annotations

import json

import pytest

from plugin.disks.names import LONGEST, SUFFIX, disk_name
from tests.contracts.kubevirt import fetch
from tests.contracts.kubevirt.naming import cdi_names, differences

pytestmark = pytest.mark.usefixtures("crds")

DIGEST = "4f3c0a9b1d2e" + "5" * 52
NAME = f"web-root-{DIGEST[:12]}"


def test_cdi_names_a_disk_by_twelve_digits_of_its_digest() -> None:
    cdi = cdi_names()
    assert cdi.suffix_length == 12
    assert cdi.name("web-root", f"sha256:{DIGEST}") == NAME
    for refused in (DIGEST, "sha512:" + DIGEST, "sha256:4f3c0a9b1d2"):
        with pytest.raises(ValueError, match="CDI makes no name of"):
            cdi.name("web-root", refused)


def test_cdi_cuts_a_long_base_and_never_the_digits() -> None:
    cdi = cdi_names()
    long = cdi.name("a" * 300, f"sha256:{DIGEST}")
    assert len(long) == cdi.max_length
    assert long.endswith(f"-{DIGEST[:12]}")
    assert cdi.name("a" * 299, f"sha256:{DIGEST}") != long


def test_the_facts_say_where_they_come_from() -> None:
    facts = json.loads(fetch.NAMES.read_text())
    assert all("@v" in fact["source"] for fact in facts.values())


def test_towline_names_a_disk_as_cdi_does() -> None:
    assert cdi_names().suffix_length == SUFFIX
    assert differences(disk_name, LONGEST) == []


def test_a_convention_like_cdis_is_told_from_others() -> None:
    def cut_only(base: str, digest: str) -> str:
        return f"{base[: LONGEST - 13].rstrip('-.')}-{digest[7:19]}"

    def eight_digits(base: str, digest: str) -> str:
        return f"{base[: LONGEST - 9].rstrip('-.')}-{digest[7:15]}"

    assert any(" are both " in line for line in differences(cut_only, LONGEST))
    assert differences(eight_digits, LONGEST)[0] == (
        "'web' is 'web-4f3c0a9b', to CDI 'web-4f3c0a9b1d2e'"
    )


def test_cdis_own_way_of_cutting_is_safe_but_for_a_dot_before_the_cut() -> None:
    found = differences(lambda base, digest: cdi_names().name(base, digest, LONGEST), LONGEST)
    assert {line.split("'")[3][:31] for line in found} == {"x" * 29 + ".-"}
