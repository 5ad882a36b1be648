"""What a constraint admits at a glance; `test_masterminds` asks the library that Kargo uses."""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st
from semver import Version

from github_app.warehouse.versions import Constraint, version_of
from plugin.errors import Refusal

RELEASES = (
    "0.0.3",
    "0.1.3",
    "0.2.0",
    "1.0.0",
    "1.2.0",
    "1.2.3",
    "1.3.0",
    "2.0.0",
    "2.1.0",
    "3.0.0",
)
PRERELEASES = ("1.0.0-alpha", "1.2.3-rc.1", "2.0.0-rc.1")


@pytest.mark.parametrize(
    ("constraint", "admitted"),
    [
        ("*", RELEASES),
        ("^1.2", ("1.2.0", "1.2.3", "1.3.0")),
        ("^1.2.3", ("1.2.3", "1.3.0")),
        ("^0.1", ("0.1.3",)),
        ("^0.0.3", ("0.0.3",)),
        ("^0.0", ("0.0.3",)),
        ("^0", ("0.0.3", "0.1.3", "0.2.0")),
        ("~1.2", ("1.2.0", "1.2.3")),
        ("~1.2.1", ("1.2.3",)),
        ("~>1.2.1", ("1.2.3",)),
        ("~1", ("1.0.0", "1.2.0", "1.2.3", "1.3.0")),
        ("1.x", ("1.0.0", "1.2.0", "1.2.3", "1.3.0")),
        ("1.2.*", ("1.2.0", "1.2.3")),
        ("1", ("1.0.0", "1.2.0", "1.2.3", "1.3.0")),
        ("1.2.3", ("1.2.3",)),
        ("v1.2.3", ("1.2.3",)),
        ("= 1.2.3", ("1.2.3",)),
        ("!=1", ("0.0.3", "0.1.3", "0.2.0", "2.0.0", "2.1.0", "3.0.0")),
        (">1", ("2.0.0", "2.1.0", "3.0.0")),
        (">1.2", ("1.3.0", "2.0.0", "2.1.0", "3.0.0")),
        (">=2.1", ("2.1.0", "3.0.0")),
        ("=>2.1", ("2.1.0", "3.0.0")),
        ("<1", ("0.0.3", "0.1.3", "0.2.0")),
        ("<=1.2", ("0.0.3", "0.1.3", "0.2.0", "1.0.0", "1.2.0", "1.2.3")),
        ("=<0.1.3", ("0.0.3", "0.1.3")),
        (">=1.2, <2.0.0 !=1.3.0", ("1.2.0", "1.2.3")),
        (">=1.2,<2", ("1.2.0", "1.2.3", "1.3.0")),
        ("1.2 - 2.0", ("1.2.0", "1.2.3", "1.3.0", "2.0.0")),
        ("1.2.1 - 1.3.0", ("1.2.3", "1.3.0")),
        ("^0.2 || ~2.0", ("0.2.0", "2.0.0")),
        ("1.2.3 2.0.0", ()),
    ],
)
def test_a_constraint_admits(constraint: str, admitted: tuple[str, ...]) -> None:
    parsed = Constraint.parse(constraint)
    found = [one for one in RELEASES + PRERELEASES if parsed.admits(Version.parse(one))]
    assert found == list(admitted)


@pytest.mark.parametrize(
    ("constraint", "admitted"),
    [
        (">=1.0.0", ()),
        (">=1.0.0-0", PRERELEASES),
        (">=1.0.0-beta", ("1.2.3-rc.1", "2.0.0-rc.1")),
        ("^1.0.0-0", ("1.0.0-alpha", "1.2.3-rc.1")),
        ("~1.2.0-0", ("1.2.3-rc.1",)),
        (">=1.0.0-0 <2", ("1.0.0-alpha", "1.2.3-rc.1", "2.0.0-rc.1")),
        ("^1 || 2.0.0-rc.1", ("2.0.0-rc.1",)),
    ],
)
def test_prereleases_count_only_where_the_constraint_names_one(
    constraint: str, admitted: tuple[str, ...]
) -> None:
    parsed = Constraint.parse(constraint)
    assert [one for one in PRERELEASES if parsed.admits(Version.parse(one))] == list(admitted)


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "latest",
        "1.2.3.4",
        "^^1",
        "1..2",
        ">=1.0<2.0",
        "^1 ||",
        "^1 ^",
        "1.2.3-01",
        "^1 " * 171,
        "||".join(["1"] * 33),
    ],
)
def test_nonsense_is_refused_by_name(text: str) -> None:
    with pytest.raises(Refusal, match="version"):
        Constraint.parse(text)


@pytest.mark.parametrize(
    ("tag", "strict", "loose"),
    [
        ("1.2.3", "1.2.3", "1.2.3"),
        ("v1.2.3", "1.2.3", "1.2.3"),
        ("1.2.3-rc.1", "1.2.3-rc.1", "1.2.3-rc.1"),
        ("1", None, "1.0.0"),
        ("v1.2", None, "1.2.0"),
        ("1.2-rc.1", None, "1.2.0-rc.1"),
        ("20240101", None, "20240101.0.0"),
        ("2024.01.05", None, "2024.1.5"),
        ("1.2.3+b.01", "1.2.3+b.01", "1.2.3+b.01"),
        ("1.2.3\n", None, None),
        ("18446744073709551616.0.0", None, None),
        ("1.2.3.4", None, None),
        ("V1", None, None),
        ("vv1.2.3", None, None),
        ("1.2.3-01", None, None),
        ("1.2.3-a..b", None, None),
        ("1_2", None, None),
        ("latest", None, None),
    ],
)
def test_a_tag_as_a_version(tag: str, strict: str | None, loose: str | None) -> None:
    for expected, is_strict in ((strict, True), (loose, False)):
        found = version_of(tag, strict=is_strict)
        assert (None if found is None else str(found)) == expected


numbers = st.integers(0, 30)


@given(numbers, numbers, numbers)
def test_a_version_satisfies_every_way_of_naming_it(x: int, y: int, z: int) -> None:
    version = Version(x, y, z)
    for text in (f"{x}", f"{x}.{y}", f"={version}", f"~{version}", f"^{version}", f"<={x}.{y}"):
        assert Constraint.parse(text).admits(version)
    assert not Constraint.parse(f"!={version} || <{x}.{y} || >{x}.{y}").admits(version)


@given(st.text(alphabet="0123456789.xX*v^~<>=!-|, abc+", max_size=20))
def test_any_text_is_a_constraint_or_refused(text: str) -> None:
    with suppress(Refusal):
        Constraint.parse(text).admits(Version(1, 2, 3))
