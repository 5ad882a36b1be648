"""What GitHub's deliveries mean, whose doing they tell of, and what is said of bad ones."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import pytest

from github_app.events import (
    ButtonPressed,
    CommentMade,
    Event,
    Ignored,
    ImagePushed,
    InstallationChanged,
    Reading,
    RepositoryChanged,
    Understood,
    Unknown,
)
from plugin.artifact import Repository
from plugin.errors import Refusal
from tests.webhooks import samples, senders
from tests.webhooks.samples import GUID, bodies, changed, headers, names, sample

BOT = {"sender.login": "towline[bot]", "sender.type": "Bot"}


def read(name: str, values: Mapping[str, object] = {}) -> Reading:
    body = bodies(changed(sample("github", name), values))
    return samples.read("github", headers(name), body).reading


def look(why: str) -> Understood:
    return Understood((RepositoryChanged(9001, "acme/gitops", why),))


IMAGE = ImagePushed(Repository("ghcr.io", "acme/web"), None)
SAMPLES: dict[str, tuple[Event, ...]] = {
    "check_run.completed": look("check completed").events,
    "check_run.rerequested": look("check rerequested").events,
    "check_suite.completed": look("check completed").events,
    "deployment_status.created": look("deployment status").events,
    "installation.created": (InstallationChanged(9001),),
    "installation_repositories.added": (InstallationChanged(9001),),
    "installation_target.renamed": (InstallationChanged(9001),),
    "issue_comment.created": (CommentMade(9001, "acme/gitops", "IC_66"),),
    "merge_group.checks_requested": look("merge group").events,
    "package.published": (IMAGE,),
    "pull_request.closed": look("pull request closed").events,
    "pull_request.opened": look("pull request opened").events,
    "pull_request_review.submitted": look("review submitted").events,
    "push": look("push to refs/heads/main").events,
    "registry_package.published": (IMAGE,),
    "repository.renamed": (
        RepositoryChanged(9001, "acme/gitops", "repository renamed"),
        InstallationChanged(9001),
    ),
    "status": look("status").events,
}


@pytest.mark.parametrize("name", SAMPLES)
def test_what_others_do_is_looked_at(name: str) -> None:
    assert read(name) == Understood(SAMPLES[name])


def test_a_comment_that_may_command_says_where_to_look() -> None:
    commands = {"comment.body": "Now!\r\n/towline promote"}
    said = Understood((CommentMade(9001, "acme/gitops", "IC_66"),))
    assert read("issue_comment.created", commands) == said
    assert isinstance(read("issue_comment.created", {"comment.body": "Nice."}), Ignored)
    assert isinstance(read("issue_comment.created", {**commands, "action": "edited"}), Ignored)
    assert isinstance(read("issue_comment.created", {**commands, **BOT}), Ignored)


PRESSED = {
    "action": "requested_action",
    "check_run.app.id": 424242,
    "requested_action": {"identifier": "hold"},
    "sender.login": "kim",
    "sender.type": "User",
}


def test_a_button_says_who_pressed_it_where() -> None:
    run = sample("github", "check_run.rerequested")["check_run"]
    assert read("check_run.rerequested", PRESSED) == Understood(
        (ButtonPressed(9001, "acme/gitops", run["head_sha"], "hold", "kim", GUID),)
    )


@pytest.mark.parametrize("values", [{"check_run.app.id": 7}, {"sender.type": "Bot"}])
def test_buttons_of_others_and_pressed_by_bots_are_ignored(values: dict[str, object]) -> None:
    assert isinstance(read("check_run.rerequested", {**PRESSED, **values}), Ignored)


@pytest.mark.parametrize(
    "values",
    [
        {"check_run.head_sha": "main"},
        {"requested_action": {"identifier": "../hold"}},
        {"requested_action": None},
        {"sender.login": "kim\n"},
    ],
)
def test_a_button_that_github_would_not_send_is_refused(values: dict[str, object]) -> None:
    with pytest.raises(Refusal):
        read("check_run.rerequested", {**PRESSED, **values})


def test_every_sample_is_expected_to_mean_something() -> None:
    assert set(names("github")) == {*SAMPLES, "ping"}


def test_the_kind_and_the_senders_id_are_kept() -> None:
    body = bodies(sample("github", "pull_request.closed"))
    message = samples.read("github", headers("pull_request.closed"), body)
    assert (message.kind, message.guid) == ("pull_request.closed", GUID)


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("push", {**BOT, "ref": "refs/heads/towline/shop/staging/web"}),
        ("push", {**BOT, "ref": "refs/heads/towline-ledger"}),
        *(
            ("pull_request.opened", {**BOT, "action": action})
            for action in ("opened", "edited", "labeled", "synchronize", "reopened")
        ),
        ("pull_request_review.submitted", BOT),
        ("check_run.completed", {"check_run.app.id": 424242}),
        ("check_run.completed", {"check_run.app.id": 424242, "action": "created"}),
        ("check_suite.completed", {"check_suite.app.id": 424242}),
        ("check_suite.completed", {"check_suite.app.id": 424242, "action": "requested"}),
        ("status", BOT),
        ("deployment_status.created", BOT),
        ("deployment_status.created", {"deployment_status.creator.login": "towline[bot]"}),
        ("issue_comment.created", BOT),
    ],
)
def test_echoes_of_our_own_doings_are_ignored(name: str, values: dict[str, object]) -> None:
    assert isinstance(read(name, values), Ignored)


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("push", BOT),
        ("push", {**BOT, "ref": "refs/heads/stage/prod"}),
        ("push", {"ref": "refs/heads/towline/shop/staging/web"}),
        ("push", {"ref": "refs/heads/towline-ledger"}),
        ("push", {**BOT, "ref": "refs/heads/towline-ledger-2"}),
        ("push", {"sender": None, "ref": "refs/heads/towline-ledger"}),
        ("pull_request.closed", BOT),
        ("pull_request.opened", {**BOT, "action": "dequeued"}),
        ("check_run.rerequested", {}),
        ("check_suite.completed", {"check_suite.app.id": 424242, "action": "rerequested"}),
    ],
)
def test_what_only_looks_like_an_echo_is_looked_at(name: str, values: dict[str, object]) -> None:
    assert isinstance(read(name, values), Understood)


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("ping", {}),
        ("issue_comment.created", {"issue.pull_request": None}),
        ("issue_comment.created", {"comment.user.type": "Bot"}),
        ("issue_comment.created", {"action": "deleted"}),
        ("check_run.completed", {"action": "created"}),
        ("status", {"state": "pending"}),
        ("merge_group.checks_requested", {"action": "destroyed"}),
        ("registry_package.published", {"registry_package.package_type": "npm"}),
        ("registry_package.published", {"action": "deleted"}),
    ],
)
def test_what_decides_nothing_is_ignored(name: str, values: dict[str, object]) -> None:
    assert isinstance(read(name, values), Ignored)


@pytest.mark.parametrize(
    ("values", "host", "path"),
    [
        ({"package_version.package_url": "ghcr.io/acme/web:"}, "ghcr.io", "acme/web"),
        ({"package_version.package_url": "ghcr.io/Acme/Web:1.0"}, "ghcr.io", "acme/web"),
        ({"package_version.package_url": "containers.ghe.example/a/b@sha256:00"}, None, "a/b"),
        (
            {"package_version": None, "namespace": "Acme", "name": "tools/web"},
            None,
            "acme/tools/web",
        ),
        ({"package_type": None, "ecosystem": "docker"}, "ghcr.io", "acme/web"),
    ],
)
def test_a_package_names_its_image_in_several_ways(
    values: dict[str, object], host: str | None, path: str
) -> None:
    reading = read(
        "registry_package.published",
        {f"registry_package.{place}": value for place, value in values.items()},
    )
    assert isinstance(reading, Understood)
    (event,) = reading.events
    assert isinstance(event, ImagePushed)
    assert event.repository.path == path
    assert event.repository.host == host or host is None


@pytest.mark.parametrize("name", ["package.published", "registry_package.published"])
@pytest.mark.parametrize("url", ["ghcr.io/acme/web:1.4.2", None])
def test_whoever_pulls_by_another_name_says_so_in_the_address(name: str, url: str | None) -> None:
    field = name.partition(".")[0]
    values = {f"{field}.package_version.package_url": url}
    request = replace(senders.usual("github", name, values), registry="proxy.example.com/github")
    web = Repository("proxy.example.com", "github/acme/web")
    assert senders.read("github", request).reading == Understood((ImagePushed(web, None),))


def test_an_event_nobody_taught_us_is_named() -> None:
    reading = samples.read("github", headers("sponsorship"), b"{}").reading
    assert reading == Unknown("sponsorship")


@pytest.mark.parametrize(
    ("values", "text"),
    [
        ({"repository": None}, "repository.full_name is missing"),
        ({"repository": []}, "repository is not an object"),
        ({"repository.full_name": 7}, "repository.full_name is not a text"),
        ({"repository.full_name": "acme/.."}, "repository.full_name is not 'owner/name'"),
        ({"repository.full_name": "acme"}, "repository.full_name is not 'owner/name'"),
        ({"installation.id": "9001"}, "installation.id is not an id"),
        ({"installation.id": True}, "installation.id is not an id"),
        ({"installation.id": 2**63}, "installation.id is not an id"),
        ({"ref": ""}, "ref is missing"),
        ({"ref": "refs/heads/\ud800"}, "ref is not a text that can be stored"),
        ({"sender.login": {}}, "sender.login is not a text"),
    ],
)
def test_what_is_missing_or_wrong_is_named(values: dict[str, object], text: str) -> None:
    with pytest.raises(Refusal, match=f"^{text}$"):
        read("push", values)


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("x-github-event", {"x-github-delivery": GUID}),
        ("x-github-delivery", {"x-github-event": "push"}),
        ("event", {"x-github-delivery": GUID, "x-github-event": "PUSH; DROP"}),
        ("id", {"x-github-delivery": "\r\nx", "x-github-event": "push"}),
    ],
)
def test_headers_are_needed(name: str, values: dict[str, str]) -> None:
    with pytest.raises(Refusal, match=f"(?i){name}"):
        samples.read("github", values, bodies(sample("github", "push")))
