"""What nobody carries out yet is read, checked and refused; what is carried out is accepted."""

from __future__ import annotations

import pytest

from plugin.pipeline_file import InvalidProject, not_yet, read_project

FILE = """\
project: shop
{project}
warehouses:
  web:
    {warehouse}
    subscriptions: [{{image: ghcr.io/acme/web}}, {{git: acme/web-config}}]
stages:
  dev: {{warehouses: [web], path: dev, verify: [{{check: smoke}}]}}
  "prod-${{region}}":
    matrix: {{region: [eu, us]}}
    warehouses: {{web: {{after: [dev]{line}}}}}
    {place}
    merge: auto
    disks: {{keep: 1{disks}}}
    pullRequest: {{labels: [promotion]{pull_request}}}
    {stage}
"""
SILENT = {
    "project": "",
    "warehouse": "freight: auto",
    "line": "",
    "place": 'path: "prod/${region}"',
    "disks": "",
    "pull_request": "",
    "stage": "",
}
BRANCH = 'branch: "env/${region}"'
BOTH = f'{BRANCH}\n    path: "sources/${{region}}"'
KEYS = {
    ("project file", "may"): {"project": "may: {approve: [acme/sre]}"},
    ("project file", "notify"): {"project": "notify: [{url: https://example.com/hook}]"},
    ("project file", "links"): {"project": "links: {Runbook: https://example.com/runbook}"},
    ("warehouse", "order"): {"warehouse": "order: [web]"},
    ("stage", "select"): {"stage": "select: match-upstream"},
    ("line", "select"): {"line": ", select: match-upstream"},
    ("stage", "windows"): {"stage": "windows: [{deny: FREQ=DAILY, for: 8h, zone: UTC}]"},
    ("stage", "reviews"): {"stage": "reviews: {count: 2, teams: [sre], codeowners: true}"},
    ("stage", "render"): {"place": BOTH, "stage": "render: true"},
    ("stage", "at"): {"place": BOTH, "stage": "at: tip"},
    ("stage", "copy"): {"stage": "copy: {base: base}"},
    ("stage", "group"): {"stage": "group: true"},
    ("stage", "rollout"): {"stage": "rollout: {parallel: 1, onFailure: stop}"},
    ("stage", "repo"): {"stage": "repo: acme/config"},
    ("stage", "links"): {"stage": 'links: {Grafana: "https://example.com/${stage}"}'},
    ("stage", "may"): {"stage": "may: {approve: [acme/sre, maintain]}"},
    ("stage", "notify"): {"stage": "notify: [{url: https://example.com/hook, on: [merged]}]"},
    ("stage", "protection"): {"stage": "protection: none"},
    ("stage", "rollback"): {"stage": "rollback: manual"},
    ("disks", "snapshotFirst"): {"disks": ", snapshotFirst: true"},
    ("pullRequest", "reviewers"): {"pull_request": ", reviewers: [octocat, acme/sre]"},
    ("pullRequest", "assignees"): {"pull_request": ", assignees: [octocat]"},
}
MEANINGS = {
    "promote: manual": {"stage": "promote: manual"},
    "branch together with path": {"place": BOTH},
    "draft: waiting": {"pull_request": ", draft: waiting"},
    "pullRequests: one": {"stage": "rollout: {pullRequests: one}"},
}


def complaints(said: dict[str, str]) -> set[str]:
    """What is refused, without place and remedy."""
    try:
        read_project("towline.yaml", FILE.format(**{**SILENT, **said}))
    except InvalidProject as error:
        return {mistake.what for mistake in error.mistakes}
    return set()


def withheld(what: str) -> str:
    return f"'{what}' is understood but not carried out yet"


def test_what_is_withheld_is_what_the_grammar_knows() -> None:
    assert set(not_yet.KEYS) <= set(KEYS)
    assert set(not_yet.MEANINGS) <= set(MEANINGS)


@pytest.mark.parametrize("key", KEYS, ids=" ".join)
def test_a_key_is_refused_until_it_is_carried_out(key: tuple[str, str]) -> None:
    assert (withheld(key[1]) in complaints(KEYS[key])) is (key in not_yet.KEYS)


@pytest.mark.parametrize("meaning", MEANINGS)
def test_a_meaning_is_refused_until_it_is_carried_out(meaning: str) -> None:
    assert (withheld(meaning) in complaints(MEANINGS[meaning])) is (meaning in not_yet.MEANINGS)


@pytest.mark.parametrize("said", [*KEYS.values(), *MEANINGS.values()], ids=str)
def test_nothing_else_is_wrong_with_them(said: dict[str, str]) -> None:
    assert all(what.endswith("not carried out yet") for what in complaints(said))
