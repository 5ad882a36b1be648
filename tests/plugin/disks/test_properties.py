"""Whatever a stage looks like: a disk moves everywhere or nowhere, and nothing else changes.

The judge knows no pins: it loads all documents, and does to the loaded objects what a person would.
"""

from __future__ import annotations

import copy
import re
from dataclasses import dataclass
from typing import Any

import yaml
from hypothesis import assume, given
from hypothesis import strategies as st

from plugin.bumping import bumps
from plugin.pins.sources import Sources
from tests.plugin.disks.stages import NEW, fedora

POINTERS = (
    "dataVolume: {name: %s}",
    "persistentVolumeClaim: {claimName: %s}",
    "ephemeral: {persistentVolumeClaim: {claimName: %s}}",
)
NEWER = fedora("sha256:" + "5a" * 32, "43-1.7")
QUOTES = ("%s", "'%s'", '"%s"')
NAMES = st.from_regex(r"[a-z]([a-z0-9-]{0,45}[a-z])?", fullmatch=True).filter(
    lambda one: "--" not in one and one not in {"y", "n", "on", "off", "no", "yes", "null", "true"}
)


@dataclass(frozen=True)
class Written:
    """One stage as text: documents by file, and what was drawn for them."""

    files: dict[str, str]
    name: str
    template: bool


@st.composite
def stages(draw: st.DrawFn) -> Written:
    name, template = draw(NAMES), draw(st.booleans())
    documents = [
        machine(draw, f"vm{number}", name, template and not number)
        for number in range(draw(st.integers(1, 3)))
    ]
    if not template:
        documents.append(disk(draw, name))
    documents += [OTHER % number for number in range(draw(st.integers(0, 2)))]
    order = draw(st.permutations(documents))
    cuts = sorted(draw(st.lists(st.integers(0, len(order)), max_size=2)))
    parts = [order[a:b] for a, b in zip([0, *cuts], [*cuts, len(order)], strict=True)]
    files = {
        f"{draw(st.sampled_from(['', 'a/', 'b/']))}{number}.yaml": joined(draw, part)
        for number, part in enumerate(parts)
        if part
    }
    return Written(files, name, template)


OTHER = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: other%s}\ndata: {a: 'fedora'}\n"


def quoted(draw: st.DrawFn, text: str) -> str:
    return draw(st.sampled_from(QUOTES)) % text


def disk(draw: st.DrawFn, name: str) -> str:
    url = quoted(draw, "docker://harbor.lan/vm/fedora:43-1.5")
    comment = draw(st.sampled_from(["", " # ours", "\n  # labels: {}"]))
    return (
        "apiVersion: cdi.kubevirt.io/v1beta1\nkind: DataVolume\nmetadata:\n"
        f"  name: {quoted(draw, name)}{comment}\nspec:\n  source:\n    registry:\n"
        f"      url: {url}\n  storage: {{resources: {{requests: {{storage: 5Gi}}}}}}\n"
    )


def machine(draw: st.DrawFn, vm: str, name: str, template: bool) -> str:
    made = f"""  dataVolumeTemplates:
  - metadata: {{name: {quoted(draw, name)}}}
    spec: {{source: {{registry: {{url: "docker://harbor.lan/vm/fedora:43-1.5"}}}}}}
"""
    pointer = draw(st.sampled_from(POINTERS)) % quoted(draw, name)
    return f"""apiVersion: kubevirt.io/v1
kind: VirtualMachine
metadata: {{name: {vm}, annotations: {{towline.dev/disk-policy: replace}}}}
spec:
{made if template else ""}  template:
    spec:
      volumes:
      - {{name: root, {pointer}}}
      - {{name: data, dataVolume: {{name: {name}-data}}}}
"""


def joined(draw: st.DrawFn, documents: list[str]) -> str:
    text = draw(st.sampled_from(["", "---\n", "# first\n---\n", "# first\n", "\ufeff"]))
    text += draw(st.sampled_from(["---\n", "--- # next\n", "\n---\n"])).join(documents)
    text = draw(st.sampled_from([text, text.rstrip("\n")]))
    return text.replace("\n", draw(st.sampled_from(["\n", "\r\n", "\r"])))


def loaded(text: str) -> list[Any]:
    return [one for one in yaml.safe_load_all(text.removeprefix("\ufeff")) if one is not None]


def moved(document: Any, name: str, new: str) -> None:
    """The machine's pointers to `name` and its template of that name, changed in place."""
    for template in document["spec"].get("dataVolumeTemplates", ()):
        template["metadata"]["name"] = new
        template["spec"]["source"]["registry"]["url"] = f"docker://harbor.lan/vm/fedora@{NEW}"
    for volume in document["spec"]["template"]["spec"]["volumes"]:
        for holder in (volume, volume.get("ephemeral", {})):
            for kind, key in (("dataVolume", "name"), ("persistentVolumeClaim", "claimName")):
                if holder.get(kind, {}).get(key) == name:
                    holder[kind][key] = new


def expected(documents: list[Any], name: str, new: str) -> list[Any]:
    found: list[Any] = []
    for document in copy.deepcopy(documents):
        if document["kind"] == "DataVolume":
            added = copy.deepcopy(document)
            added["metadata"]["name"] = new
            added["spec"]["source"]["registry"]["url"] = f"docker://harbor.lan/vm/fedora@{NEW}"
            found.append(added)
        elif document["kind"] == "VirtualMachine":
            moved(document, name, new)
        found.append(document)
    return found


@given(stages())
def test_a_disk_moves_everywhere_and_nothing_else_changes(stage: Written) -> None:
    done = bumps(Sources(stage.files), [fedora()])
    assert done.refused == ()
    (new,) = {one.new for one in done.disks}
    assert new.endswith("-4f3c0a9b1d2e")
    assert len(new) <= 52
    after = {**stage.files, **done.files}
    for file, text in after.items():
        assert loaded(text) == expected(loaded(stage.files[file]), stage.name, new)
        assert text.startswith("\ufeff") == stage.files[file].startswith("\ufeff")
        assert {"\n", "\r\n", "\r"} & set(ends(text)) <= set(ends(stage.files[file]))
    again = bumps(Sources(after), [fedora()])
    assert (again.files, again.refused) == ({}, ())


def ends(text: str) -> list[str]:
    return [line[len(line.rstrip("\r\n")) :] for line in text.splitlines(keepends=True)]


@given(stages(), st.data())
def test_one_machine_that_may_not_lose_its_disk_keeps_all_as_they_are(
    stage: Written, data: st.DataObject
) -> None:
    file = data.draw(st.sampled_from(sorted(stage.files)))
    text = stage.files[file]
    assume("kind: VirtualMachine" in text and "ephemeral" not in text)
    careful = text.replace("disk-policy: replace", "disk-policy: stateful", 1)
    done = bumps(Sources({**stage.files, file: careful}), [fedora()])
    assert (done.files, done.disks) == ({}, ())
    assert any("would start with a fresh disk" in str(one) for one in done.refused)


@given(stages())
def test_going_back_and_forth_moves_pointers_alone(stage: Written) -> None:
    assume(not stage.template)
    files, imported = [stage.files], []
    for wanted in (fedora(), NEWER, fedora(), NEWER):
        done = bumps(Sources(files[-1]), [wanted])
        assert done.refused == ()
        files.append({**files[-1], **done.files})
        imported.append({one.imported for one in done.disks})
    assert imported == [{True}, {True}, {False}, {False}]
    assert files[4] == files[2]
    names = [one["metadata"]["name"] for text in files[4].values() for one in loaded(text)]
    assert len([one for one in names if one.endswith(("-4f3c0a9b1d2e", "-5a5a5a5a5a5a"))]) == 2
    # The first one goes, unless its name is a word that stands elsewhere in the files.
    text = "\n".join(files[4].values())
    words = re.findall(rf"(?<![\w.-]){re.escape(stage.name)}(?![\w.-])", text)
    assert stage.name not in names or len(words) > 1
