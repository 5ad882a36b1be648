"""No two disks of one run are given one name in one namespace."""

from __future__ import annotations

import pytest

from tests.plugin.disks.stages import OLD, bumped, said
from tests.plugin.disks.test_owners import THIRD, disk, joined, machine

TEMPLATES = """  dataVolumeTemplates:
  - metadata: {{name: {name}}}
    spec: {{source: {{registry: {{url: "docker://harbor.lan/vm/fedora@{digest}"}}}}}}
  template:
"""


def with_template(name: str, root: str, digest: str) -> str:
    templates = TEMPLATES.format(name=root, digest=digest)
    return machine(name, root=root).replace("  template:\n", templates)


def test_templates_of_two_machines_keep_two_names() -> None:
    blue = with_template("blue", "web-999aaabbbccc", THIRD)
    green = with_template("green", "web-0d1e2f3a4b5c", OLD)
    done = bumped({"vm.yaml": joined(blue, green)})
    assert [one.vm for one in done.disks] == []
    assert "its name would be 'web-4f3c0a9b1d2e', which a disk in vm.yaml has" in said(done)
    apart = bumped({"a.yaml": blue, "b.yaml": green})
    assert [one.vm for one in apart.disks] == ["blue"]
    assert "which a disk in a.yaml has" in said(apart)


def two(namespace: str) -> dict[str, str]:
    def placed(text: str) -> str:
        return text.replace("metadata: {", f"metadata: {{{namespace}")

    return {
        "a/d.yaml": placed(disk("root-0d1e2f3a4b5c", OLD)),
        "a/v.yaml": placed(machine("a", root="root-0d1e2f3a4b5c")),
        "b/d.yaml": placed(disk("root-999aaabbbccc", THIRD)),
        "b/v.yaml": placed(machine("b", root="root-999aaabbbccc")),
    }


@pytest.mark.parametrize(
    ("namespace", "more"),
    [
        ("namespace: vms, ", {}),
        (
            "",
            {
                "kustomization.yaml": "namespace: vms\n"
                "resources: [a/d.yaml, a/v.yaml, b/d.yaml, b/v.yaml]\n"
            },
        ),
    ],
)
def test_disks_of_one_namespace_keep_two_names_wherever_they_stand(
    namespace: str, more: dict[str, str]
) -> None:
    done = bumped(two(namespace) | more)
    assert set(done.files) == {"a/d.yaml", "a/v.yaml"}
    assert "its name would be 'root-4f3c0a9b1d2e', which a disk in a/d.yaml has" in said(done)


def test_two_applications_have_names_of_their_own() -> None:
    assert set(bumped(two("")).files) == set(two(""))
