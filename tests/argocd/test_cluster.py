"""The harness itself: the API server takes objects of every kind that Argo CD will hand it."""

from __future__ import annotations

import pytest

from tests.argocd import resources
from tests.argocd.api import CONFIG_MAP, Kind
from tests.argocd.cluster import Cluster

DATA_VOLUME = Kind("cdi.kubevirt.io/v1beta1", "DataVolume")


def settings(**data: str) -> dict[str, object]:
    metadata = {"name": "settings", "namespace": "here"}
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata, "data": data}


def test_it_says_the_version_that_was_built(cluster: Cluster) -> None:
    assert cluster.api.version().startswith("v1.")


def test_objects_are_applied_patched_listed_and_deleted(cluster: Cluster) -> None:
    api = cluster.api
    api.apply(resources.namespace("here"), settings(a="1"), settings(b="2"))
    assert api.patch(CONFIG_MAP, "settings", "here", {"data": {"c": "3"}})["data"] == {
        "b": "2",
        "c": "3",
    }
    assert [one["metadata"]["name"] for one in api.all_of(CONFIG_MAP, "here")] == ["settings"]
    api.delete(CONFIG_MAP, "settings", "here")
    assert api.get(CONFIG_MAP, "settings", "here") is None


def test_a_disk_takes_any_field_and_a_status(cluster: Cluster) -> None:
    metadata = {"name": "root", "namespace": "default"}
    source = {"registry": {"url": "docker://disk@sha256:0"}}
    kind = {"apiVersion": "cdi.kubevirt.io/v1beta1", "kind": "DataVolume"}
    cluster.api.apply(kind | {"metadata": metadata, "spec": {"source": source}})
    status = {"status": {"phase": "Succeeded"}}
    cluster.api.patch(DATA_VOLUME, "root", "default", status, "status")
    disk = cluster.api.get(DATA_VOLUME, "root", "default")
    assert disk is not None
    assert (disk["spec"]["source"], disk["status"]["phase"]) == (source, "Succeeded")


def test_what_the_server_refuses_is_shown(cluster: Cluster) -> None:
    wrong = {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {"name": "No", "namespace": "here"},
    }
    with pytest.raises(AssertionError, match="Invalid value"):
        cluster.api.apply(wrong)
