"""The digest of a lock, against digests that Helm 3 wrote or computed."""

from __future__ import annotations

import pytest

from plugin.pins.lock_digest import Dependency, dependency, hash_of, hash_of_helm_2
from plugin.pins.nodes import Tree
from plugin.pins.reading import mapping, sequence
from plugin.pins.tree import read

ONE = "[{name: prometheus, repository: 'https://prometheus-community.github.io/helm-charts', %s}]"
RANGES = """\
- {name: apache, repository: &at https://charts.bitnami.com/bitnami, version: 9.x.x, tags: [demo]}
- {name: mariadb, repository: *at, version: 11.x.x, tags: [demo]}
- {name: nginx, repository: *at, version: ^13.2.30, tags: [docs]}
"""
EXACT = """\
- {name: apache, repository: &at https://charts.bitnami.com/bitnami, version: 9.2.19}
- {name: mariadb, repository: *at, version: 11.5.5}
- {name: nginx, repository: *at, version: 13.2.30}
"""

EVERYTHING = """\
- name: web
  alias: front
  version: ">=1.2.0 <2"
  repository: https://charts.acme.io/a?b=1&c=2
  condition: web.enabled,<é>
  tags: [a, "b&c"]
  enabled: true
  import-values:
  - data
  - {parent: "x<y", child: "q\\"z\\\\"}
- {name: common, version: 1.2.3, repository: "file://../common", enabled: false, tags: []}
"""
LOCKED = """\
- {name: web, repository: "https://charts.acme.io/a?b=1&c=2", version: 1.3.0}
- {name: common, repository: "file://../common", version: 1.2.3}
"""


def dependencies(text: str) -> list[Dependency]:
    tree = read("Chart.yaml", text)
    assert isinstance(tree, Tree)
    return [dependency(mapping(one)) for one in sequence(tree.documents[0]).items]


@pytest.mark.parametrize(
    ("asked", "locked", "digest"),
    [
        (
            ONE % "version: 16.0.0",
            ONE % "version: 16.0.0",
            "239a2fe92b4f8fd1a5c2f3210fddc2259adeab11cd684f0074414f3a5caa3cb5",
        ),
        (
            RANGES,
            EXACT,
            "519d051365856f6a8724e306298c5b557089ac947fa6d710e93e2e6d67f48465",
        ),
        (
            EVERYTHING,
            LOCKED,
            "7495f8a4e5159d2346bf9bf9fcfb8c203ae6265ff9a5074a8af8d974bc542ef5",
        ),
    ],
)
def test_it_is_helms(asked: str, locked: str, digest: str) -> None:
    assert hash_of(dependencies(asked), dependencies(locked)) == f"sha256:{digest}"


def test_helm_2_looked_at_the_chart_alone() -> None:
    digest = "93a97a3b3cb46bf4fad5582138771bc50a200a1b3893e4367e835529a93d724d"
    for locked in ([], dependencies(LOCKED)):
        assert hash_of_helm_2(dependencies(EVERYTHING), locked) == f"sha256:{digest}"
