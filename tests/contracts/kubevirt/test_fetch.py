"""The schemas are read out of Go source as it is; without Go a sentence says what is skipped."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.contracts.kubevirt import fetch

IMPORTS = """
const (
	digestSha256Prefix          = "sha256:"
	digestUIDPrefix             = "uid:"
	digestDvNameSuffixLength    = 12
)

func createDvName(prefix, digest string) (string, error) {
	toIdx := fromIdx + digestDvNameSuffixLength
	return naming.GetResourceName(prefix, digest[fromIdx:toIdx]), nil
}
"""
NAMING = "return naming.GetName(base, suffix, kvalidation.DNS1123SubdomainMaxLength)"
JOINING = """
	baseLength := maxLength - 10 /*length of -hash-*/ - len(suffix)
	return fmt.Sprintf("%s-%s-%s", prefix, hash(base), suffix)
"""


def test_raw_strings_are_read_with_the_backticks_that_go_can_not_write_in_them() -> None:
    source = (
        'var X = map[string]string{\n\t"disk": `a: ` + "`" + `b` + "`" + `\n`,\n\t"vm": `c`,\n}'
    )
    assert fetch.literals(source) == {"disk": "a: 'b'\n", "vm": "c"}


def test_the_convention_is_taken_from_the_source() -> None:
    facts = fetch.names(IMPORTS, NAMING, JOINING)
    assert facts["suffix_length"]["value"] == 12
    assert facts["digest_prefixes"]["value"] == ["sha256:", "uid:"]
    assert facts["cut_for_hash"]["value"] == 10


@pytest.mark.parametrize(
    ("said", "instead"),
    [
        ("digestDvNameSuffixLength    = 12", "digestDvNameSuffixLength    = suffix()"),
        ("digest[fromIdx:toIdx]", "digest[toIdx:]"),
        ("GetResourceName", "GetShortName"),
    ],
)
def test_another_convention_is_not_mistaken_for_the_known_one(said: str, instead: str) -> None:
    with pytest.raises(fetch.Unavailable, match="in another way now"):
        fetch.names(IMPORTS.replace(said, instead), NAMING, JOINING)


def test_without_go_nothing_is_fetched_and_it_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    for name in ("NAMES", "_STAMP"):
        monkeypatch.setattr(fetch, name, tmp_path / "none" / name)
    monkeypatch.setattr(fetch, "PLACE", tmp_path / "none")
    assert fetch.main() == 1
    assert "Go is not installed" in capsys.readouterr().err
    assert not fetch.PLACE.exists()
    why = fetch.absent()
    assert why is not None
    assert re.search(r"VirtualMachine\.json.*run `python -m tests", why)


def test_every_module_is_pinned_with_its_sum() -> None:
    for module in (fetch.KUBEVIRT, fetch.CDI, fetch.OPENSHIFT):
        assert re.fullmatch(r"h1:[A-Za-z0-9+/]{43}=", module.sum)
