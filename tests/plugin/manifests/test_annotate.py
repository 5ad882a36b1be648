"""Annotations are what kustomize would have printed, and stand on what carries freight alone."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import HealthCheck, given, reject, settings
from hypothesis import strategies as st

from plugin.manifests.annotate import annotated, annotations_for
from plugin.record import Record
from tests.plugin.printed_objects import (
    ANNOTATIONS,
    API,
    DIGEST,
    HOSTILE,
    LIKE_IMAGES,
    OTHER,
    RECORDS,
    URL,
    VALUES,
    WEB,
    Object,
    build,
    config,
    custom,
    deployment,
    named,
)

KEY = "link.argocd.argoproj.io/towline"
OTHERS = (
    f"ghcr.io/acme/web@{OTHER}",
    "ghcr.io/acme/web:1.1",
    "ghcr.io/acme/web",
    f"x/web:1.10@{DIGEST}",
)
OURS = (
    str(WEB),
    "ghcr.io/acme/web:1.10",
    f"ghcr.io/acme/web@{DIGEST}",
    f"ghcr.io/acme/web:x@{DIGEST}",
)
THEIRS = (str(API), "ghcr.io/acme/api:1e3")

Case = tuple[Object, tuple[Record, ...], dict[str, str] | None, str]


def carried(images: list[str]) -> tuple[Record, ...]:
    known = {**dict.fromkeys(OURS, RECORDS[0]), **dict.fromkeys(THEIRS, RECORDS[1])}
    found = {known[one].freight.warehouse for one in images if one in known}
    return tuple(one for one in RECORDS if one.freight.warehouse in found)


IMAGES = st.lists(st.sampled_from((*OURS, *THEIRS, *OTHERS)), max_size=3)
WORKLOADS = IMAGES.map(lambda images: (deployment(images), carried(images)))
CUSTOM = st.tuples(IMAGES, VALUES).map(
    lambda both: (
        custom({"shops": [{"webImage" if at else "image": one} for at, one in enumerate(both[0])]})
        | {"more": both[1]},
        carried(both[0]),
    )
)
GROUPS = st.sampled_from(
    (
        ({"repository": "ghcr.io/acme/web", "tag": "1.10"}, RECORDS[:1]),
        (
            {"registry": "ghcr.io", "repository": "acme/api", "tag": "1e3", "digest": ""},
            RECORDS[1:],
        ),
        ({"repository": "ghcr.io/acme/web", "tag": "1.9"}, ()),
        ({"repository": "ghcr.io/acme/web", "digest": DIGEST}, RECORDS[:1]),
        ({"repository": "ghcr.io/acme/api", "tag": "1.10"}, ()),
    )
).map(lambda both: (custom({"image": both[0]}), both[1]))
TEXTS = st.dictionaries(st.sampled_from("abc"), HOSTILE | st.sampled_from(LIKE_IMAGES)).map(
    lambda data: (config(data), ())
)
CASES: st.SearchStrategy[list[Case]] = st.lists(
    st.tuples(
        st.one_of(WORKLOADS, CUSTOM, GROUPS, TEXTS), ANNOTATIONS, st.sampled_from(("", "shop"))
    ).map(lambda one: (*one[0], *one[1:])),
    min_size=1,
    max_size=6,
)
STAGES = st.sampled_from(
    ("prod", "on", "1e3", "2024-01-02", "0x1f", "eu: west", "no #1", "-", "é😀")
)


@settings(max_examples=60, suppress_health_check=list(HealthCheck))
@given(CASES, STAGES)
def test_the_bytes_are_those_of_kustomize_told_to_annotate(
    kustomize: Path, tmp_path_factory: pytest.TempPathFactory, cases: list[Case], stage: str
) -> None:
    directory = tmp_path_factory.mktemp("stage")
    objects = [named(one, f"n{at}", said, space) for at, (one, _, said, space) in enumerate(cases)]
    printed = build(kustomize, directory, objects)
    patches = [
        patch(one, annotations_for(records, stage, URL))
        for one, (_, records, _, _) in zip(objects, cases, strict=True)
        if records
    ]
    expected = build(kustomize, directory, objects, {"patches": patches})
    if printed is None or expected is None:
        reject()
    assert annotated(printed, RECORDS, stage, URL) == expected


def patch(one: Object, said: dict[str, str]) -> dict[str, Any]:
    name = {"name": one["metadata"]["name"]}
    space = {"namespace": one["metadata"]["namespace"]} if "namespace" in one["metadata"] else {}
    body = {"apiVersion": one["apiVersion"], "kind": one["kind"]}
    text = json.dumps(body | {"metadata": {**name, **space, "annotations": said}})
    return {"patch": text}


def manifest(*objects: Object, directory: Path, kustomize: Path) -> bytes:
    printed = build(kustomize, directory, objects)
    assert printed is not None
    return printed


def said_of(manifests: bytes) -> dict[str, dict[str, str]]:
    found = (one["metadata"] for one in yaml.safe_load_all(manifests))
    return {one["name"]: one.get("annotations", {}) for one in found}


def test_one_record_says_freight_alias_stage_and_the_pull_request(
    tmp_path: Path, kustomize: Path
) -> None:
    objects = named(deployment([str(WEB)]), "a", None, ""), named(config({}), "b", None, "")
    printed = manifest(*objects, directory=tmp_path, kustomize=kustomize)
    freight = RECORDS[0].freight
    assert said_of(annotated(printed, RECORDS, "prod", "https://ghe.acme.dev/")) == {
        "b": {},
        "a": {
            "towline.dev/alias": freight.alias,
            "towline.dev/freight": freight.id,
            "towline.dev/stage": "prod",
            KEY: "https://ghe.acme.dev/acme/shop/pulls?q=is%3Apr+head%3Atowline%2Fshop%2Fprod%2Fweb",
        },
    }


def test_several_records_are_told_by_warehouse(tmp_path: Path, kustomize: Path) -> None:
    both = named(deployment([str(WEB), str(API)]), "a", {KEY: "mine", "towline.dev/zone": "x"}, "")
    printed = manifest(both, directory=tmp_path, kustomize=kustomize)
    said = said_of(annotated(printed, RECORDS, "prod", URL))["a"]
    api, web = RECORDS[1].freight, RECORDS[0].freight
    assert said["towline.dev/freight"] == f"{api.id}, {web.id}"
    assert said["towline.dev/alias"] == f"{api.alias}, {web.alias}"
    assert {one for one in said if one.startswith(KEY)} == {KEY, f"{KEY}-api.v2", f"{KEY}-web"}
    assert (said[KEY], said["towline.dev/zone"]) == ("mine", "x")


def test_a_links_name_stays_within_what_kubernetes_takes() -> None:
    long = "w" * 98
    records = [
        replace(RECORDS[0], freight=replace(RECORDS[0].freight, warehouse=f"{long}{end}"))
        for end in "ab"
    ]
    names = [one.partition("/")[2] for one in annotations_for(records, "prod", URL) if KEY in one]
    assert len(set(names)) == 2
    assert {len(one) for one in names} == {63}


def test_what_is_no_branch_of_an_address_is_escaped() -> None:
    odd = replace(RECORDS[0], head="towline/é&q=x#+")
    assert annotations_for([odd], "p", URL)[KEY].endswith("+head%3Atowline%2F%C3%A9%26q%3Dx%23%2B")


def test_without_records_nothing_changes() -> None:
    assert annotated(b"kind: X\n", (), "prod", URL) == b"kind: X\n"
    assert annotated(b"", RECORDS, "prod", URL) == b""


VOLUME: Object = {
    "apiVersion": "cdi.kubevirt.io/v1beta1",
    "kind": "DataVolume",
    "spec": {"source": {"registry": {"url": f"docker://ghcr.io/acme/web@{DIGEST}"}}},
}
OLD_VOLUME = VOLUME | {
    "spec": {"source": {"registry": {"url": f"docker://ghcr.io/acme/web@{OTHER}"}}}
}


def machine(*volumes: Object) -> Object:
    spec = {"template": {"spec": {"volumes": [{"name": "root", **one} for one in volumes]}}}
    return {"apiVersion": "kubevirt.io/v1", "kind": "VirtualMachine", "spec": spec}


def source(name: str, space: str = "") -> Object:
    claim = {"name": name} | ({"namespace": space} if space else {})
    body = {"apiVersion": "cdi.kubevirt.io/v1beta1", "kind": "DataSource"}
    return body | {"spec": {"source": {"pvc": claim}}}


def test_machines_and_data_sources_that_name_a_carrying_disk_carry_it(
    tmp_path: Path, kustomize: Path
) -> None:
    objects = (
        named(VOLUME, "disk", None, "vm"),
        named(OLD_VOLUME, "old", None, "vm"),
        named(
            machine({"dataVolume": {"name": "disk", "hotpluggable": True}}), "by-name", None, "vm"
        ),
        named(machine({"persistentVolumeClaim": {"claimName": "disk"}}), "by-claim", None, "vm"),
        named(machine({"dataVolume": {"name": "old"}}), "of-old", None, "vm"),
        named(machine({"dataVolume": {"name": "disk"}}), "elsewhere", None, "other"),
        named(machine({"dataVolume": {"name": "disk", "namespace": "vm"}}), "odd", None, "other"),
        named(machine({"containerDisk": {"image": str(WEB)}}), "container", None, "other"),
        named(source("disk"), "source", None, "vm"),
        named(source("disk", "vm"), "source-from-elsewhere", None, "other"),
        named(source("disk"), "source-of-another", None, "other"),
        named(custom({"dataVolume": {"name": "disk"}}), "no-machine", None, "vm"),
    )
    printed = manifest(*objects, directory=tmp_path, kustomize=kustomize)
    said = said_of(annotated(printed, RECORDS, "prod", URL))
    assert {name for name, one in said.items() if one} == {
        *("disk", "by-name", "by-claim", "container", "source", "source-from-elsewhere")
    }


def test_what_is_never_run_carries_nothing(tmp_path: Path, kustomize: Path) -> None:
    definition = {
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "spec": {"image": str(WEB)},
    }
    printed = manifest(
        named(definition, "x.acme.dev", None, ""), directory=tmp_path, kustomize=kustomize
    )
    assert annotated(printed, RECORDS, "prod", URL) == printed


def test_objects_in_a_list_are_annotated_one_by_one(tmp_path: Path, kustomize: Path) -> None:
    items = [
        named(deployment([one]), f"n{at}", None, "") for at, one in enumerate((str(WEB), "x:1"))
    ]
    whole = {"apiVersion": "v1", "kind": "List", "items": items}
    printed = manifest(whole, directory=tmp_path, kustomize=kustomize)
    said = said_of(annotated(printed, RECORDS, "prod", URL))
    assert [name for name, one in said.items() if one] == ["n0"]


def test_an_application_that_renders_by_itself_carries_what_its_values_say(
    tmp_path: Path, kustomize: Path
) -> None:
    values = {"image": {"repository": "ghcr.io/acme/web", "tag": "1.10"}}
    application = {
        "apiVersion": "argoproj.io/v1alpha1",
        "kind": "Application",
        "spec": {"source": {"helm": {"valuesObject": values}}},
    }
    images = application | {"spec": {"source": {"kustomize": {"images": [f"web={WEB}"]}}}}
    objects = [named(one, f"n{at}", None, "") for at, one in enumerate((application, images))]
    printed = manifest(*objects, directory=tmp_path, kustomize=kustomize)
    said = said_of(annotated(printed, RECORDS, "prod", URL))
    assert [name for name, one in said.items() if one] == ["n0", "n1"]


def test_a_text_with_thousands_of_images_costs_no_more_than_one_reading(
    tmp_path: Path, kustomize: Path
) -> None:
    text = f"image: {WEB}\n" * 20_000
    both = named(config({"a": text}), "a", None, ""), named(deployment([str(WEB)]), "b", None, "")
    printed = manifest(*both, directory=tmp_path, kustomize=kustomize)
    said = said_of(annotated(printed, RECORDS, "prod", URL))
    assert [name for name, one in said.items() if one] == ["b"]


def test_a_carrier_behind_thousands_of_texts_is_found(tmp_path: Path, kustomize: Path) -> None:
    one = custom({"a": [f"---\nimage: {WEB}\n"] * 300, "image": str(WEB)})
    printed = manifest(named(one, "a", None, ""), directory=tmp_path, kustomize=kustomize)
    assert said_of(annotated(printed, RECORDS, "prod", URL))["a"]


def test_a_stage_without_a_name_is_not_written() -> None:
    assert "towline.dev/stage" not in annotations_for(RECORDS, "", URL)
