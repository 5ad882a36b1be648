"""What is bumped together stays together."""

from __future__ import annotations

from plugin.artifact import Machine, MachineVersion, Repository, Tagged
from plugin.bumping import bumps
from plugin.pins.sources import Sources

TALOS = MachineVersion(Machine("talos"), "v1.13.0")
WEB = Tagged(Repository.parse("ghcr.io/acme/web"), "2.0")
OLD = "talosVersion: v1.12.0\n"
# An image inside a text is not bumped, so neither is its file.
TEXT = "kind: ConfigMap\napiVersion: v1\ndata:\n  a.yaml: |\n    image: ghcr.io/acme/web:1\n"
STUCK = f"{OLD}---\n{TEXT}"


def test_machines_stand_still_where_one_of_their_files_does() -> None:
    done = bumps(Sources({"a.yaml": STUCK, "b.yaml": OLD, "c.yaml": "kind: X\n"}), [TALOS, WEB])
    assert done.files == {}
    first, second = done.refused
    assert str(first) == "a.yaml:1: talos stays everywhere, for this file is not bumped"
    assert "written inside a text" in second.reason
    alone = bumps(Sources({"a.yaml": STUCK, "b.yaml": OLD}), [TALOS])
    assert sorted(alone.files) == ["a.yaml", "b.yaml"]


def test_a_file_that_stays_keeps_no_other_back() -> None:
    pod = "kind: Pod\napiVersion: v1\nspec: {containers: [{image: 'ghcr.io/acme/web:1.0'}]}\n"
    done = bumps(Sources({"a.yaml": STUCK, "pod.yaml": pod}), [WEB])
    assert done.files == {"pod.yaml": pod.replace("1.0", "2.0")}
    assert [one.file for one in done.refused] == ["a.yaml"]
