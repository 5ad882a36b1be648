"""A chart and its lock move together, or neither does."""

from __future__ import annotations

import pytest

from plugin.bumping import Bumps, bumps
from plugin.pins.chart_lock import locks_after
from plugin.pins.lock_digest import Dependency, dependency, hash_of, hash_of_helm_2
from plugin.pins.nodes import Tree
from plugin.pins.reading import mapping, sequence, word
from plugin.pins.sources import Sources
from plugin.pins.tree import read
from tests.plugin.pins.bumps import chart

CHART = """\
apiVersion: v2
name: shop
version: 0.1.0
dependencies:
- {name: prometheus, version: 16.0.0, repository: &p https://charts.acme.io, tags: [a, b]}
- name: web   # ours
  version: 1.2.3
  repository: '@ours'
  import-values: [data, {parent: a<b, child: c}]
- {name: any, version: 1.x, repository: *p}
"""
LOCK = """\
dependencies:
- name: prometheus
  repository: https://charts.acme.io
  version: 16.0.0
- name: web
  repository: https://ours.acme.io
  version: 1.2.3
- name: any
  repository: https://charts.acme.io
  version: 1.7.2
digest: SIGNED
generated: "2022-11-19T16:21:13.261569596+01:00"
"""
WANTED = (chart("https://charts.acme.io/prometheus 17.1.0"), chart("web 2.0.0"))


def root(text: str) -> Tree:
    tree = read("x", text)
    assert isinstance(tree, Tree)
    return tree


def dependencies(text: str) -> list[Dependency]:
    items = sequence(mapping(root(text).documents[0]).get("dependencies")).items
    return [dependency(mapping(one)) for one in items]


def digest_of(asked: str, lock: str) -> str:
    """What Helm writes: it has looked up what `@ours` is called."""
    looked_up = asked.replace("'@ours'", "https://ours.acme.io")
    return hash_of(dependencies(looked_up), dependencies(lock))


def signed(lock: str = LOCK, asked: str = CHART) -> str:
    return lock.replace("SIGNED", digest_of(asked, lock), 1)


def bumped(lock: str, asked: str = CHART, directory: str = "charts/shop/") -> Bumps:
    texts = {f"{directory}Chart.yaml": asked, f"{directory}Chart.lock": lock}
    return bumps(Sources(texts), WANTED)


@pytest.mark.parametrize("directory", ["", "charts/shop/"])
def test_versions_and_digest_of_the_lock_follow(directory: str) -> None:
    done = bumped(signed(), directory=directory)
    assert not done.refused
    asked, lock = done.files[f"{directory}Chart.yaml"], done.files[f"{directory}Chart.lock"]
    expected = LOCK.replace("16.0.0", "17.1.0").replace("1.2.3", "2.0.0")
    assert lock == expected.replace("SIGNED", digest_of(asked, expected), 1)
    assert asked == CHART.replace("16.0.0", "17.1.0").replace("1.2.3", "2.0.0")
    texts = {"Chart.yaml": asked, "Chart.lock": lock}
    assert not bumps(Sources(texts), WANTED).files
    back = bumps(Sources(texts), (chart("prometheus 16.0.0"), chart("web 1.2.3")))
    assert back.files == {"Chart.yaml": CHART, "Chart.lock": signed()}


def test_every_other_byte_of_the_lock_stays() -> None:
    lock = "\ufeff" + signed().replace("\n", "\r\n").replace("16.0.0", "'16.0.0'  # now")
    (answer,) = [bumped(lock).files["charts/shop/Chart.lock"]]
    assert answer.startswith("\ufeffdependencies:\r\n")
    assert "version: '17.1.0'  # now\r\n" in answer
    assert "1.7.2\r\n" in answer


@pytest.mark.parametrize(
    "lock",
    [
        LOCK.replace("SIGNED", "sha256:" + "0" * 64),
        LOCK.replace("digest: SIGNED\n", ""),
        signed().replace("1.7.2", "1.7.3"),
        signed(LOCK.replace("version: 1.2.3", "version: 1.2.4")),
        signed("\n".join(line for line in LOCK.split("\n")[:-6]) + "\ndigest: SIGNED\n"),
        signed(LOCK.replace("version: 1.2.3", "version: &v 1.2.3") + "x: *v\n"),
        "dependencies: [",
        "",
    ],
)
def test_a_lock_that_does_not_fit_keeps_both_as_they_are(lock: str) -> None:
    done = bumped(lock)
    assert not done.files
    assert not done.changes
    (reason,) = map(str, done.refused)
    assert reason.startswith("charts/shop/Chart.lock:")
    assert "run 'helm dependency update'" in reason or "is not YAML" in reason


def test_a_lock_of_helm_2() -> None:
    asked = CHART[CHART.index("dependencies") :]
    lock = LOCK.replace("SIGNED", hash_of_helm_2(dependencies(asked), []), 1)
    lock = lock.replace("https://ours.acme.io", "'@ours'")
    done = bumps(Sources({"requirements.yaml": asked, "requirements.lock": lock}), WANTED)
    new = done.files["requirements.yaml"]
    digest = mapping(root(done.files["requirements.lock"]).documents[0]).get("digest")
    assert word(digest) == hash_of_helm_2(dependencies(new), [])


def test_a_chart_without_a_lock_and_files_beside_locks_are_none_of_its_business() -> None:
    assert set(bumps(Sources({"Chart.yaml": CHART}), WANTED).files) == {"Chart.yaml"}
    other = {"values.yaml": "a: 1\n", "Chart.yaml": CHART.replace("0.1.0", "0.2.0")}
    texts = {"Chart.lock": "broken", "Chart.yaml": CHART, "values.yaml": ""}
    answers = [answer for *_, answer in locks_after(texts, other)]
    assert answers == ["broken"]
