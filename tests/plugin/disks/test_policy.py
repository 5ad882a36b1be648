"""What people write into a machine's annotations about its disks."""

from __future__ import annotations

import pytest

from plugin.disks.policy import DiskPolicy, Policy, Restart, Terms, policy_of
from plugin.errors import Refusal
from tests.plugin.disks.stages import NEW, OLD


def test_silence_is_the_careful_answer() -> None:
    assert policy_of({}) == Policy(DiskPolicy.STATEFUL, Restart.MANUAL, frozenset())


def test_every_word_is_read() -> None:
    said = {
        "towline.dev/disk-policy": "replace",
        "towline.dev/restart": "window",
        "towline.dev/allow-replace": f"root@{NEW}, data@{OLD}",
        "other": "x",
    }
    allowed = frozenset({("root", NEW), ("data", OLD)})
    assert policy_of(said) == Policy(DiskPolicy.REPLACE, Restart.WINDOW, allowed)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("disk-policy", "Replace"),
        ("disk-policy", ""),
        ("restart", "yes"),
        ("allow-replace", "root"),
        ("allow-replace", "root@43-1.6"),
        ("allow-replace", f"@{NEW}"),
    ],
)
def test_a_word_that_means_nothing_is_refused_by_name(name: str, value: str) -> None:
    with pytest.raises(Refusal, match=f"annotation towline.dev/{name} .*write "):
        policy_of({f"towline.dev/{name}": value})


def test_the_previous_disk_is_always_kept() -> None:
    with pytest.raises(Refusal, match="keep at least one"):
        Terms(keep=0)
