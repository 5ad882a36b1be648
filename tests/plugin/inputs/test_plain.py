"""Plain kustomizations: what is found without a parser is what a walk with one finds."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as some

from plugin.errors import Refusal
from plugin.inputs.closure import Rules
from plugin.inputs.plain import questions_of
from plugin.inputs.walk import Walk
from tests.plugin.shop import write

FILES = {
    "base/kustomization.yaml": "resources:\n- web.yaml\n",
    "base/web.yaml": "kind: Service\n",
    "part/kustomization.yml": "kind: Component\npatches:\n- path: set.yaml\n",
    "part/set.yaml": "kind: Service\n",
    "stages/prod/own.yaml": "kind: Pod\n",
}
PLAIN = """\
# What prod adds.
apiVersion: kustomize.config.k8s.io/v1beta1
kind: Kustomization
namespace: "prod"
resources:
  - ../../base

  # a comment
  - 'own.yaml'
components:
- ../../part/
images:
  - name: ghcr.io/acme/web
    newTag: 1.0.0
    digest: sha256:11
labels:
- pairs:
    app.kubernetes.io/part-of: shop
  includeSelectors: false
patches:
- path: own.yaml
  target:
    kind: Pod
nameSuffix: -prod
"""


class NotYaml(Exception):
    """Kustomize refuses the text, whatever it is made of."""


def walked(root: Path, directory: str) -> frozenset[bytes]:
    walk = Walk(root, Rules())
    try:
        walk.stage(directory)
    except Refusal as refusal:
        if "is not YAML" in str(refusal):
            raise NotYaml from refusal
        raise
    assert walk.certain
    return frozenset(walk.places.questions)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return write(tmp_path, FILES)


def found(root: Path, text: str) -> frozenset[bytes] | None:
    write(root, {"stages/prod/kustomization.yaml": text})
    return questions_of(str(root), "stages/prod")


@pytest.mark.parametrize("records", [{}, {"web.yaml": "a", "README": "b"}])
def test_the_questions_are_those_of_the_walk(root: Path, records: dict[str, str]) -> None:
    write(root, {f"stages/prod/.freight/{name}": text for name, text in records.items()})
    plain = found(root, PLAIN)
    assert plain is not None
    assert plain == walked(root, "stages/prod")


def test_the_root_itself_may_be_a_stage(root: Path) -> None:
    write(root, {"kustomization.yaml": "resources: \n- base\n"})
    assert questions_of(str(root), "") == walked(root, "")


@pytest.mark.parametrize(
    "text",
    [
        "resources: [own.yaml]\n",
        "  resources:\n  - own.yaml\n",
        "- resources:\n  - own.yaml\n",
        "resources:\n- own.yaml\nresources:\n- own.yaml\n",
        "Resources:\n- own.yaml\n",
        "resources :\n- own.yaml\n",
        '"resources":\n- own.yaml\n',
        "resources:\n- own.yaml\n  - own.yaml\n",
        "resources:\n- &a own.yaml\n",
        "resources:\n- *a\n",
        "resources:\n- !!str own.yaml\n",
        "resources:\n- missing.yaml\n",
        "resources:\n- /etc/passwd\n",
        "resources:\n- ../../../etc\n",
        "resources:\n- https://example.com/a.yaml\n",
        "resources:\n- github.com/acme/web\n",
        "resources:\n- ..//own.yaml\n",
        "resources:\n- own.yaml # the pod\n",
        "resources:\n- >\n  own.yaml\n",
        "resources:\n- null\n",
        "resources:\n-\n",
        "---\nresources:\n- own.yaml\n",
        "resources:\n- own.yaml\n---\nkind: Pod\n",
        "resources:\n- own.yaml\r\n",
        "# hidden\rresources: [http://x]\n",
        "# hidden\u2028resources: [http://x]\n",
        "\ufeffresources:\n- own.yaml\n",
        "<<: {resources: [http://x]}\n",
        "? resources\n: [http://x]\n",
        "patches:\n- patch: |-\n    path: x\n",
        "patches:\n- PATH: missing.yaml\n",
        "patches:\n- path:\n    own.yaml\n",
        "patches:\n- 'path': own.yaml\n",
        "patchesStrategicMerge:\n- ../../base\n",
        "namePrefix: 'a\nresources: [http://x]'\n",
        "namePrefix: |\n  a\n",
        "images:\n- {name: a}\n",
        "generators:\n- own.yaml\n",
        "helmCharts:\n- name: a\n",
        "openapi:\n  path: own.yaml\n",
        "configMapGenerator:\n- name: a\n",
        "\tresources:\n- own.yaml\n",
        "labels:\n- pairs:\n    a: b: c\n",
        "x" * (1 << 20),
    ],
)
def test_whatever_takes_a_parser_is_left_to_one(root: Path, text: str) -> None:
    assert found(root, text) is None


@pytest.mark.parametrize("name", ["linked.yaml", "linked/own.yaml", "pipe"])
def test_links_and_what_is_no_file_are_left_to_a_closer_look(root: Path, name: str) -> None:
    stage = root / "stages" / "prod"
    (stage / "linked.yaml").symlink_to("own.yaml")
    (stage / "linked").symlink_to(".")
    os.mkfifo(stage / "pipe")
    assert found(root, f"resources:\n- {name}\n") is None


@pytest.mark.parametrize("other", ["kustomization.yml", "Kustomization"])
def test_two_kustomizations_in_a_directory_are_not_plain(root: Path, other: str) -> None:
    (root / "stages/prod" / other).symlink_to("nowhere")
    assert found(root, "resources:\n- own.yaml\n") is None


def test_a_stage_behind_a_link_is_not_plain(root: Path) -> None:
    (root / "alias").symlink_to("base")
    assert questions_of(str(root), "alias") is None
    assert questions_of(str(root), "base") is not None


_MORE = """
  a
a: 'b'
- a: b
- own.yaml
crds:
bases:
patches:
kind:
  - ../../base
    - own.yaml
  path: own.yaml
- path: ../../base
- .
- ''
transformers:
resources: own.yaml
- - own.yaml
- own.yaml: x
"""
_LINES = some.sampled_from([*PLAIN.splitlines(), *_MORE.splitlines()])


@given(lines=some.lists(_LINES, max_size=12))
def test_any_lines_mean_what_the_walk_finds_or_nothing(
    tmp_path_factory: pytest.TempPathFactory, lines: list[str]
) -> None:
    root = write(tmp_path_factory.mktemp("tree"), FILES)
    plain = found(root, "\n".join(lines))
    if plain is None:
        return
    with contextlib.suppress(NotYaml):
        assert walked(root, "stages/prod") <= plain
