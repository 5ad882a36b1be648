"""What Argo CD's notifications mean."""

from __future__ import annotations

import pytest

from github_app.events import ApplicationReported, Ignored, Understood
from github_app.webhooks.message import Message
from plugin.errors import Refusal
from tests.webhooks.senders import read, usual

COMMIT = "5b8c1d3f0a9e4c7b2d6f8a1e3c5b7d9f0a2c4e6b"


def told(name: str, **values: object) -> ApplicationReported:
    message = read("argocd", usual("argocd", name, values))
    match message.reading:
        case Understood((ApplicationReported() as report,)):
            return report
        case _:
            raise AssertionError(message)


@pytest.mark.parametrize(
    ("name", "state", "said"),
    [
        ("healthy", "success", "Synced, Healthy, sync Succeeded: successfully synced"),
        ("degraded", "failure", 'Synced, Degraded, sync Succeeded: Deployment "web" exceeded'),
        ("progressing", "pending", "Synced, Progressing, sync Succeeded"),
        ("failed", "failure", "OutOfSync, Missing, sync Failed: one or more objects"),
    ],
)
def test_how_an_application_stands(name: str, state: str, said: str) -> None:
    report = told(name)
    assert (report.repository, report.application) == ("acme/shop", "shop-dev")
    assert (report.revisions, report.state) == ((COMMIT,), state)
    assert report.said.startswith(said)
    assert report.at == "2026-01-01T12:00:08Z"


@pytest.mark.parametrize(
    "address",
    [
        "https://github.com/acme/shop.git",
        "https://github.com/acme/shop",
        "https://git:token@github.example.com/acme/shop.git",
        "git@github.com:acme/shop.git",
        "ssh://git@github.com:22/acme/shop.git",
    ],
)
def test_every_way_to_write_a_repository(address: str) -> None:
    assert told("healthy", repository=address).repository == "acme/shop"


def test_of_several_sources_those_that_are_commits_count() -> None:
    assert told("sources").revisions == (COMMIT,)


@pytest.mark.parametrize(
    "values",
    [
        {"repository": "https://charts.example.com/stable/web/charts"},
        {"repository": "../../etc/passwd"},
        {"revision": "2.3.1"},
        {"revision": "refs/heads/main"},
    ],
)
def test_what_stands_at_no_commit_of_github_is_ignored(values: dict[str, object]) -> None:
    found = read("argocd", usual("argocd", "healthy", values)).reading
    assert isinstance(found, Ignored)


def test_an_operation_on_another_commit_says_nothing_of_this_one() -> None:
    assert told("healthy", phase="Failed").state == "failure"
    assert told("healthy", phase="Failed", operationRevision="a" * 40).state == "success"


def test_an_older_commit_s_health_says_nothing_of_one_that_is_not_applied() -> None:
    assert told("degraded", sync="OutOfSync").state == "pending"
    assert told("healthy", sync="OutOfSync").state == "pending"
    assert told("healthy", phase="Running").state == "pending"


def test_the_same_may_be_said_again_and_other_news_is_other() -> None:
    def message(**values: object) -> Message:
        return read("argocd", usual("argocd", "healthy", values))

    assert message().repeats
    assert message().guid == message().guid
    assert message().guid != message(health="Degraded").guid
    assert message().guid != message(at="2026-01-01T13:00:00Z").guid


@pytest.mark.parametrize(
    "values",
    [{"application": "Shop Dev"}, {"revisions": "main"}, {"revisions": [1]}, {"health": 7}],
)
def test_what_cannot_be_meant_is_refused(values: dict[str, object]) -> None:
    with pytest.raises(Refusal):
        read("argocd", usual("argocd", "healthy", values))
