"""Records of stages whose machine is in a base: nothing differs from a machine of their own."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.story.disks import FEDORA, NEW, NEWEST, SECOND, THIRD, body, red
from tests.story.disks import PIPELINE as OF_DISKS
from tests.story.disks import files as with_disks
from tests.story.test_record import ANY, STATEFUL, changed, disks_of, rendered, switched
from tests.story.world import Story, digest, told

PATHS = {"own": "stages/prod", "base": "vmbase", "component": "parts/vm/deep"}
AUTO = OF_DISKS.replace("path: stages/prod", "path: stages/prod, merge: auto")
RECORD = "stages/prod/.freight/vm.yaml"


def arranged(where: str) -> dict[str, str]:
    """A stage `prod` whose machine stands in its directory or elsewhere."""
    found = with_disks(switched(AUTO, "prod")["towline.yaml"], prod=STATEFUL)
    if where == "own":
        return found
    moved = {f"{PATHS[where]}/{name}": text for name, text in STATEFUL.items()}
    kustomization = f"resources: [{'../..' if where == 'base' else '.'}/{PATHS[where]}]\n"
    rest = {name: text for name, text in found.items() if not name.startswith("stages/prod/")}
    if where == "base":
        return rest | moved | {"stages/prod/kustomization.yaml": kustomization}
    middle = moved | {
        "stages/prod/kustomization.yaml": "resources: [inner]\n",
        "stages/prod/inner/kustomization.yaml": "resources: [../../../parts/vm]\n",
        "parts/vm/kustomization.yaml": "components: [deep]\n",
    }
    name = f"{PATHS[where]}/kustomization.yaml"
    head = "apiVersion: kustomize.config.k8s.io/v1alpha1\nkind: Component\n"
    return rest | middle | {name: head + middle[name]}


def consented(story: Story, where: str, number: int) -> dict[str, str]:
    """The machine with the annotation that the gate asks for."""
    path = f"{PATHS[where]}/machine.yaml"
    head, _, rest = story.text(path).partition("annotations: {")
    word = f"towline.dev/allow-replace: root@{digest(number)}"
    return {path: f"{head}annotations: {{{word}}}{rest.partition('}')[2]}"}


@pytest.mark.parametrize("where", PATHS)
def test_its_disk_waits_for_consent_and_the_old_one_stays(
    tmp_path: Path, kustomize: Path, where: str
) -> None:
    with told(tmp_path / "world", arranged(where)) as story:
        story.push("1.1.0", SECOND, FEDORA)
        assert f"written to disk root since `{ANY}` was imported is lost" in red(story)
        assert changed(story, story.open_pull("prod").number) == {RECORD}
        story.commit("main", consented(story, where, SECOND))
        assert disks_of(story) == ("1.1.0", ["1.0.0"])
        story.push("1.2.0", THIRD, FEDORA)
        assert f"written to disk root since `{NEW}` was imported is lost" in red(story)
        assert f"`{NEW}` | `{NEWEST}` (imported anew)" in body(story.open_pull("prod"))
        story.commit("main", consented(story, where, THIRD))
        assert disks_of(story) == ("1.2.0", ["1.1.0"])
        for path in story.stand_in.paths("acme/shop", "main"):
            file = tmp_path / "tree" / path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(story.text(path))
        disks = [
            one["metadata"]["name"]
            for one in rendered(tmp_path / "tree", "prod", kustomize)
            if one["kind"] == "DataVolume"
        ]
        assert sorted(disks) == ["web-data", NEW, NEWEST]


def test_a_commit_to_the_base_alone_is_seen(tmp_path: Path) -> None:
    with told(tmp_path, arranged("base")) as story:
        story.push("1.1.0", SECOND, FEDORA)
        assert "is lost" in red(story)
        machine = story.text("vmbase/machine.yaml").replace("team: web", "disk-policy: replace")
        story.commit("main", {"vmbase/machine.yaml": machine})
        assert disks_of(story)[0] == "1.1.0"
