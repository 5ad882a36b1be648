"""Charts: which spellings are one chart, and what is one exact version."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plugin.artifact import Chart, ChartName
from plugin.artifact.chart import is_version
from plugin.errors import Refusal

HOSTILE = st.text(st.sampled_from("aZ09.-_/:@%?#&=+~[]{}'\"`$(\\)<>| \t\n\0é\u2028"), max_size=30)


@pytest.mark.parametrize(
    ("text", "repository", "name"),
    [
        ("web", "", "web"),
        ("https://charts.acme.io/web", "https://charts.acme.io", "web"),
        ("HTTPS://Charts.Acme.io/Stable/Web", "https://charts.acme.io/Stable", "Web"),
        ("https://charts.acme.io:8443/a/b/web/", "https://charts.acme.io:8443/a/b", "web"),
        ("oci://ghcr.io/acme/web", "oci://ghcr.io/acme", "web"),
        ("oci://[fd00::1]:5000/web", "oci://[fd00::1]:5000", "web"),
    ],
)
def test_a_charts_last_word_is_its_name(text: str, repository: str, name: str) -> None:
    chart = ChartName.parse(text)
    assert chart == ChartName(repository, name)
    assert ChartName.parse(str(chart)) == chart


@pytest.mark.parametrize(
    "text",
    [
        "",
        "/",
        "./charts/web",
        "ghcr.io/acme/web",
        "oci://web",
        "https:///web",
        "https://charts.acme.io/we b",
        "https://charts.acme.io/../$(id)",
        "https://charts.acme.io/?a=/web",
        "https://me:secret@charts.acme.io/web",
        "file:///charts/web",
        "{{ repo }}/web",
        "web\n",
        "wéb",
    ],
)
def test_what_is_no_chart_is_refused(text: str) -> None:
    with pytest.raises(Refusal):
        ChartName.parse(text)


def test_a_chart_without_a_repository_is_of_any() -> None:
    web = ChartName.parse("https://charts.acme.io/web")
    assert ChartName("", "web").includes(web)
    assert not web.includes(ChartName("", "web"))
    assert not ChartName("", "api").includes(web)
    assert ChartName("https://charts.acme.io/", "web") == web


@given(HOSTILE | HOSTILE.map(lambda text: f"https://charts.acme.io/{text}"))
def test_parsing_refuses_or_finds_a_normal_form(text: str) -> None:
    try:
        chart = ChartName.parse(text)
    except Refusal:
        return
    assert ChartName.parse(str(chart)) == chart
    assert str(chart).isascii()
    assert not set(str(chart)) & set(" \t\n\0'\"`\\<>{}|#?")


@pytest.mark.parametrize("text", ["1.2.3", "v1.2.3", "0.0.0-rc.1+b5", "1.2.3+k3s1", "2024.1.10"])
def test_exact_versions(text: str) -> None:
    assert str(Chart(ChartName("", "web"), text)) == f"web {text}"


@pytest.mark.parametrize(
    "text",
    [
        *"* 1 1.2 1.x 1.2.x ~1.2.3 ^1.2.3 =1.2.3 1.2.3- 1.2.3-a..b 1.2.3.4 latest".split(),
        *("", ">=1.2.3 <2", "1.2.3 || 2.0.0", "1.2.3\n", "v1.2.3 ", "\u0661.2.3"),
    ],
)
def test_ranges_and_anything_else_are_no_versions(text: str) -> None:
    assert not is_version(text)
    with pytest.raises(Refusal, match="is not a version of chart web"):
        Chart(ChartName("", "web"), text)
