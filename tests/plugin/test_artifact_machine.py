"""What machines may run next, and what counts as a version of them."""

from __future__ import annotations

import pytest

from plugin.artifact import Machine, MachineVersion
from plugin.artifact.machine import is_minor, is_version, step_problem
from plugin.errors import Refusal


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("v1.12.3", "v1.12.9"),
        ("v1.12.9", "v1.12.3"),
        ("v1.12.3", "v1.13.0"),
        ("1.12.3", "v1.13.0"),
        ("v1.14.0-rc.1", "v1.14.0"),
        ("v1.33.4+k3s1", "v1.34.0+k3s2"),
        ("v1.12", "v1.13.0"),
    ],
)
def test_the_same_minor_version_and_the_next_are_in_reach(old: str, new: str) -> None:
    assert step_problem(old, new) is None


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ("v1.11.1", "v1.13.0", "from v1.11.1 to v1.13.0 skips a minor version; go to 1.12 first"),
        (
            "v1.13.0",
            "v1.12.9",
            "from v1.13.0 to v1.12.9 goes back a minor version, which machines do not support",
        ),
        (
            "v1.13.0",
            "v2.0.0",
            "from v1.13.0 to v2.0.0 is another major version; upgrade the machines by hand",
        ),
        ("latest", "v1.13.0", "'latest' is not a version such as v1.2.3"),
        ("v1.13.0", "1.14", "'1.14' is not a version such as v1.2.3"),
    ],
)
def test_everything_else_is_refused_with_the_way_there(old: str, new: str, problem: str) -> None:
    assert step_problem(old, new) == problem


def test_a_version_has_its_v_whoever_writes_it() -> None:
    assert str(MachineVersion(Machine("talos"), "1.13.0")) == "talos v1.13.0"
    assert MachineVersion(Machine("talos"), "1.13.0") == MachineVersion(Machine("talos"), "v1.13.0")


@pytest.mark.parametrize(
    ("machine", "tag", "problem"),
    [
        ("talos", "latest", "'latest' is not a version of talos, such as v1.2.3"),
        ("talos", "v1.13", "'v1.13' is not a version of talos, such as v1.2.3"),
        (
            "k3s",
            "v1.33.4",
            (
                "'v1.33.4' is not a version of k3s; write +k3s and the number of the build behind "
                "it, as in v1.33.4+k3s1"
            ),
        ),
    ],
)
def test_what_is_not_a_whole_version_is_refused(machine: str, tag: str, problem: str) -> None:
    with pytest.raises(Refusal) as refusal:
        MachineVersion(Machine(machine), tag)
    assert str(refusal.value) == problem


def test_a_machine_has_the_name_of_its_project() -> None:
    assert str(Machine("kubernetes")) == "kubernetes"
    with pytest.raises(Refusal, match="is not a system such as talos, k3s or kubernetes"):
        Machine("Talos Linux")


def test_whole_and_minor_versions_are_told_apart() -> None:
    assert [is_version(one) for one in ("v1.2.3", "1.2.3+k3s1", "v1.2", "latest")] == [
        True,
        True,
        False,
        False,
    ]
    assert [is_minor(one) for one in ("v1.2", "1.2", "v1.2.3")] == [True, False, False]
