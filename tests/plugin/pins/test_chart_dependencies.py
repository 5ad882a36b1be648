"""The charts a chart depends on."""

from __future__ import annotations

import pytest

from tests.plugin.pins.bumps import blocked, chart, found, new_lines, reasons

CHART = """\
apiVersion: v2
name: shop
version: 0.1.0
appVersion: "1.2.3"
dependencies:
- name: web
  repository: https://charts.acme.io
  version: 1.2.3
- name: api
  repository: "oci://ghcr.io/acme/charts"
  version: "1.2.3"
  alias: other
- {name: db, repository: '@stable', version: 1.2.3}
- name: common
  repository: file://../common
  version: 1.2.3
- name: cache
  version: 1.2.3
- name: queue
  repository: https://charts.acme.io
  version: ~1.2
"""


def test_exact_versions_of_other_repositories_are_pins() -> None:
    expected = [
        "chart-dependency https://charts.acme.io/web 1.2.3",
        "chart-dependency oci://ghcr.io/acme/charts/api 1.2.3",
        "chart-dependency db 1.2.3",
    ]
    assert found("shop/Chart.yaml", CHART) == expected
    requirements = CHART[CHART.index("dependencies") :]
    assert found("shop/requirements.yaml", requirements) == expected
    assert not found("values.yaml", CHART)
    assert not found("Chart.yaml", requirements)


def test_only_the_dependencys_version_moves() -> None:
    wanted = chart("https://charts.acme.io/web 1.3.0")
    assert new_lines("Chart.yaml", CHART, wanted) == ["  version: 1.3.0"]
    assert new_lines("Chart.yaml", CHART, chart("api 2.0.0")) == ['  version: "2.0.0"']
    assert not new_lines("Chart.yaml", CHART, chart("shop 2.0.0"))


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("queue", "'~1.2' is a range"),
        ("common", "whose own Chart.yaml says its version"),
        ("cache", "whose own Chart.yaml says its version"),
    ],
)
def test_others_are_refused(name: str, why: str) -> None:
    assert why in blocked("Chart.yaml", CHART, chart(f"{name} 2.0.0"))
    assert len(reasons("Chart.yaml", CHART)) == 3
