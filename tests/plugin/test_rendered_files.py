"""Manifests as files: names that say what is in them, and nothing lost on the way."""

from __future__ import annotations

import posixpath
from collections import Counter

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from plugin.divided import BETWEEN
from plugin.errors import Refusal
from plugin.rendered_files import resource_files

NAMES = st.text(
    st.characters(exclude_categories=("Cs", "Cc", "Zl", "Zp")), min_size=1, max_size=300
)


def manifest(version: str, kind: str, name: str, namespace: str = "") -> str:
    """An object as kustomize prints it: keys sorted, in block style."""
    metadata = {"name": name} | ({"namespace": namespace} if namespace else {})
    said = {"apiVersion": version, "kind": kind, "metadata": metadata}
    return yaml.safe_dump(said, default_flow_style=False, allow_unicode=True, width=10_000)


def printed(*documents: str) -> bytes:
    """The documents as kustomize puts them one after another."""
    return "---\n".join(documents).encode()


def test_names_say_kind_group_namespace_and_name() -> None:
    text = printed(
        manifest("v1", "ConfigMap", "web", "shop"),
        manifest("apps/v1", "Deployment", "web"),
        manifest("rbac.authorization.k8s.io/v1", "ClusterRole", "system:web"),
        manifest("v1", "Service", "web"),
        manifest("serving.knative.dev/v1", "Service", "web"),
    )
    assert list(resource_files(text)) == [
        "configmap_shop_web.yaml",
        "deployment.apps_web.yaml",
        "clusterrole.rbac.authorization.k8s.io_system=3aweb.yaml",
        "service_web.yaml",
        "service.serving.knative.dev_web.yaml",
    ]


@pytest.mark.parametrize(
    ("name", "file"),
    [
        ("../../etc/passwd", "configmap_=2e./../etc/passwd.yaml"),
        (".git", "configmap_=2egit.yaml"),
        ("a_b", "configmap_a=5fb.yaml"),
        ("A", "configmap_=41.yaml"),
        ("é", "configmap_=c3=a9.yaml"),
    ],
)
def test_nothing_foreign_gets_into_a_path(name: str, file: str) -> None:
    (found,) = resource_files(manifest("v1", "ConfigMap", name).encode())
    assert found == file.replace("/", "=2f")


def test_a_name_is_not_taken_for_a_namespace_and_a_name() -> None:
    text = printed(
        manifest("v1", "Secret", "b", "a"),
        manifest("v1", "Secret", "a_b"),
        manifest("v1beta1", "Secret", "b", "a"),
    )
    assert list(resource_files(text)) == [
        "secret_a_b.yaml",
        "secret_a=5fb.yaml",
        "secret_a_b~2.yaml",
    ]


def test_names_too_long_for_a_file_are_cut_and_told_apart() -> None:
    text = printed(*(manifest("v1", "ConfigMap", "x" * 250 + end) for end in "ab"))
    one, other = resource_files(text)
    assert one != other
    assert all(len(name) < 200 for name in (one, other))


def test_files_by_hand_lose_nothing_but_comments_between_them() -> None:
    text = b"---\n# about it\n---\nkind: A\nmetadata: {name: a}\n---\n# b\nkind: B\n"
    assert dict(resource_files(text)) == {
        "a_a.yaml": "---\nkind: A\nmetadata: {name: a}\n",
        "b_unnamed.yaml": "---\n# b\nkind: B\n",
    }


def test_what_is_no_text_is_refused() -> None:
    with pytest.raises(Refusal, match="not UTF-8"):
        resource_files(b"kind: A\ndata: \xff\n")


@given(
    st.lists(
        st.tuples(
            st.sampled_from(("v1", "apps/v1", "example.com/v1")),
            st.sampled_from(("Deployment", "Thing", "thing")),
            NAMES,
            st.one_of(st.just(""), NAMES),
        ),
        max_size=8,
    )
)
def test_the_files_are_the_manifests(objects: list[tuple[str, str, str, str]]) -> None:
    documents = [manifest(*one) for one in objects]
    files = resource_files(printed(*documents))
    assert BETWEEN.join(files.values()).encode() == printed(*documents)
    assert Counter(files.values()) == Counter(documents)
    for name in files:
        assert posixpath.basename(name) == name
        assert len(name.encode()) < 255
        assert name.isascii()
        assert not name.startswith(".")
        assert name.casefold() == name
