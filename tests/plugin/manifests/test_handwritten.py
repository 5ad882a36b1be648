"""Documents of a directory are annotated as people wrote them, and keep every other byte."""

from __future__ import annotations

import difflib
import json

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from plugin.manifests.annotate import annotated
from tests.plugin.printed_objects import API, DIGEST, RECORDS, URL, WEB

POD = f"""\
# the web pod
apiVersion: v1
kind: Pod
metadata: # who
  name: web   # stays
spec:
  containers:
    - {{name: web, image: "{WEB}"}} # here
"""
OTHER = "# nothing of ours\napiVersion: v1\nkind: Pod\nmetadata: {name: other}\n"
METADATA = {
    "absent": "metadata:\n  name: web\n",
    "block": "metadata:\n  annotations:\n    # mine\n    a: b # c\n  name: web\n",
    "empty": "metadata: {name: web, annotations: {}}\n",
    "null": "metadata:\n  annotations:\n  name: web\n",
    "tilde": "metadata:\n  annotations: ~\n  name: web\n",
    "flow": "metadata: {annotations: {a: b}, name: web}\n",
    "ours": "metadata:\n  annotations:\n    towline.dev/stage: 'x'\n    a: |\n      b\n  name: w\n",
    "block-of-ours": "metadata:\n  annotations:\n    towline.dev/alias: |\n      x\n      y\n",
    "indented": "metadata:\n      name: web\n      labels: {a: b}\n",
    "quoted": "'metadata':\n  \"name\": web\n  'annotations': {'a': b}\n",
}
IMAGES = f"spec: {{containers: [{{image: '{WEB}'}}]}}\n"


def said_of(text: str) -> list[dict[str, str]]:
    found = (one for one in yaml.safe_load_all(text) if one)
    return [(one.get("metadata") or {}).get("annotations") or {} for one in found]


def done(text: str) -> str:
    return annotated(text.encode(), RECORDS, "prod", URL).decode()


def test_only_lines_of_annotations_are_added() -> None:
    text = f"---\n{OTHER}---\n{POD}"
    got = done(text)
    added = [one for one in difflib.ndiff(text.splitlines(), got.splitlines()) if one[0] in "+-"]
    assert [one[:20].rstrip() for one in added] == [
        "+   annotations:",
        "+     link.argocd.ar",
        "+     towline.dev/al",
        "+     towline.dev/fr",
        "+     towline.dev/st",
    ]
    assert said_of(got)[1]["towline.dev/freight"] == RECORDS[0].freight.id


@pytest.mark.parametrize("end", ["\n", "\r\n"])
@pytest.mark.parametrize("form", METADATA)
def test_every_form_of_metadata_takes_them(form: str, end: str) -> None:
    text = f"---\napiVersion: v1\nkind: Pod\n{METADATA[form]}{IMAGES}".replace("\n", end)
    got = done(text)
    (was,), (said,) = said_of(text), said_of(got)
    ours = {
        "towline.dev/freight": RECORDS[0].freight.id,
        "towline.dev/alias": RECORDS[0].freight.alias,
        "towline.dev/stage": "prod",
        "link.argocd.argoproj.io/towline": said["link.argocd.argoproj.io/towline"],
    }
    assert said == {**was, **ours}
    assert got.count(end) == got.count("\n")
    assert done(got) == got


@pytest.mark.parametrize(
    "metadata",
    [
        "metadata: &m\n  name: web\nother: *m\n",
        "metadata: {}\n",
        "metadata:\n",
        "other: &a {b: c}\nmetadata: *a\n",
    ],
)
def test_metadata_that_cannot_take_them_stays(metadata: str) -> None:
    text = f"---\napiVersion: v1\nkind: Pod\n{metadata}{IMAGES}"
    got = done(text)
    assert got == text or yaml.safe_load(got)["other"] == yaml.safe_load(text)["other"]


def test_json_stays_json() -> None:
    pod = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "a"}} | yaml.safe_load(IMAGES)
    got = done(f"---\n{json.dumps(pod)}\n").removeprefix("---\n")
    assert json.loads(got)["metadata"]["annotations"]["towline.dev/stage"] == "prod"


def test_items_of_a_list_are_annotated_one_by_one() -> None:
    items = "".join(
        "- apiVersion: v1\n  kind: Pod\n  metadata: {name: n}\n"
        f"  spec: {{containers: [{{image: '{one}'}}]}}\n"
        for one in (WEB, API, "x:1", WEB)
    )
    got = yaml.safe_load(done(f"---\napiVersion: v1\nkind: List\nitems:\n{items}"))
    said = [one["metadata"].get("annotations", {}) for one in got["items"]]
    ids = [one.get("towline.dev/freight") for one in said]
    web, api = RECORDS[0].freight.id, RECORDS[1].freight.id
    assert ids == [web, api, None, web]


def test_a_machine_that_names_a_carrying_disk_carries_it() -> None:
    text = (
        "---\napiVersion: cdi.kubevirt.io/v1beta1\nkind: DataVolume\nmetadata: {name: root}\n"
        f"spec: {{source: {{registry: {{url: 'docker://ghcr.io/acme/web@{DIGEST}'}}}}}}\n"
        "---\napiVersion: kubevirt.io/v1\nkind: VirtualMachine\nmetadata: {name: db} # vm\n"
        "spec: {template: {spec: {volumes: [{name: r, dataVolume: {name: root}}]}}}\n"
        "---\napiVersion: kubevirt.io/v1\nkind: VirtualMachine\nmetadata: {name: other}\n"
        "spec: {template: {spec: {volumes: [{name: r, dataVolume: {name: none}}]}}}\n"
    )
    assert [bool(one) for one in said_of(done(text))] == [True, True, False]


@given(st.text("a:-#{}[]&*!|>'\"%@ \n\t\r", max_size=40))
def test_no_text_beside_is_harmed(text: str) -> None:
    whole = f"---\n{POD}---\nwhatever: web 1.10\n{text}"
    got = done(whole)
    start = got.index("---\nwhatever: web 1.10\n")
    assert got[start:] == whole[whole.index("---\nwhatever") :]
