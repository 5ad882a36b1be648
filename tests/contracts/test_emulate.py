"""One probe, two implementations: what an App does first must work alike on ours and on `emulate`.

`emulate` is written by others, so an error in our reading of GitHub that also sits in our tests
shows here. It is used only for what it does right: authentication, Git data, labels, check runs,
webhook signatures.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from typing import Any

import jwt
import pytest
from github import Auth, Github, GithubException, GithubIntegration
from github.Repository import Repository

from tests.contracts.deliveries import signature_fault
from tests.contracts.forge import (
    OWNER,
    PERMISSIONS,
    REPOSITORY,
    SECRET,
    SLUG,
    Forge,
    emulated,
    emulator_absent,
)
from tests.contracts.stand_in import standing_in

FULL_NAME = f"{OWNER}/{REPOSITORY}"


@pytest.fixture(scope="module", params=["stand-in", "emulate"])
def forge(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Forge]:
    place = tmp_path_factory.mktemp("forge")
    if request.param == "stand-in":
        with standing_in(place) as forge:
            yield forge
        return
    why = emulator_absent()
    if why is not None:
        pytest.skip(why)
    with emulated(place) as forge:
        yield forge


def as_app(forge: Forge) -> GithubIntegration:
    return GithubIntegration(auth=Auth.AppAuth(forge.app, forge.key.private), base_url=forge.api)


def token(forge: Forge, permissions: dict[str, str]) -> str:
    return as_app(forge).get_access_token(forge.installation, permissions).token


@pytest.fixture(scope="module")
def client(forge: Forge) -> Github:
    return Github(
        auth=Auth.Token(token(forge, PERMISSIONS)),
        base_url=forge.api,
        retry=None,
        seconds_between_requests=None,
        seconds_between_writes=None,
    )


@pytest.fixture(scope="module")
def repository(client: Github) -> Repository:
    return client.get_repo(FULL_NAME)


def refused(forge: Forge, with_token: str, method: str, path: str, body: dict[str, Any]) -> int:
    """The status with which a call is refused."""
    caller = Github(auth=Auth.Token(with_token), base_url=forge.api, retry=None)
    with pytest.raises(GithubException) as error:
        caller.requester.requestJsonAndCheck(method, path, input=body)
    return error.value.status


def new_commit(repository: Repository, files: dict[str, str], message: str) -> str:
    """A commit on top of main with some files, made with Git's own objects."""
    tip = repository.get_git_ref("heads/main").object.sha
    parent = repository.get_git_commit(tip)
    entries = [
        {"path": path, "mode": "100644", "type": "blob", "content": text}
        for path, text in files.items()
    ]
    made = repository.requester.requestJsonAndCheck
    url = f"/repos/{FULL_NAME}/git"
    _, tree = made("POST", f"{url}/trees", input={"base_tree": parent.tree.sha, "tree": entries})
    fields = {"message": message, "tree": tree["sha"], "parents": [tip]}
    _, commit = made("POST", f"{url}/commits", input=fields)
    return str(commit["sha"])


def test_an_app_knows_itself_and_its_installations(forge: Forge) -> None:
    integration = as_app(forge)
    assert integration.get_app().slug == SLUG
    assert integration.get_repo_installation(OWNER, REPOSITORY).id == forge.installation


def test_an_expired_or_forged_app_token_is_refused(forge: Forge) -> None:
    path = f"/app/installations/{forge.installation}/access_tokens"
    claims = {"iat": 1_500_000_000, "exp": 1_500_000_500, "iss": str(forge.app)}
    expired = jwt.encode(claims, forge.key.private, "RS256")
    assert refused(forge, expired, "POST", path, {}) == 401


def test_an_installation_token_can_only_do_what_it_was_made_for(forge: Forge) -> None:
    reader = token(forge, {"contents": "read", "metadata": "read"})
    path = f"/repos/{FULL_NAME}/git/blobs"
    assert refused(forge, reader, "POST", path, {"content": "a", "encoding": "utf-8"}) == 403


def test_git_objects_have_gits_own_ids(repository: Repository) -> None:
    made = repository.create_git_blob("hello\n", "utf-8")
    assert made.sha == hashlib.sha1(b"blob 6\x00hello\n", usedforsecurity=False).hexdigest()


def test_a_tree_is_built_on_another_and_a_commit_on_its_parent(repository: Repository) -> None:
    sha = new_commit(repository, {"stages/dev/kustomization.yaml": "images: []\n"}, "Pin nothing")
    commit = repository.get_git_commit(sha)
    paths = {one.path for one in repository.get_git_tree(commit.tree.sha, recursive=True).tree}
    assert {"README.md", "stages/dev/kustomization.yaml"} <= paths
    assert commit.message == "Pin nothing"
    assert [parent.sha for parent in commit.parents] == [
        repository.get_git_ref("heads/main").object.sha
    ]


def test_a_ref_is_made_once_read_and_moved(repository: Repository) -> None:
    first = new_commit(repository, {"a": "1\n"}, "first")
    repository.create_git_ref("refs/heads/towline/shop/dev/web", first)
    with pytest.raises(GithubException) as twice:
        repository.create_git_ref("refs/heads/towline/shop/dev/web", first)
    assert twice.value.status == 422
    assert repository.get_git_ref("heads/towline/shop/dev/web").object.sha == first
    second = new_commit(repository, {"a": "2\n"}, "second")
    path = f"/repos/{FULL_NAME}/git/refs/heads/towline/shop/dev/web"
    body = {"sha": second, "force": True}
    _, moved = repository.requester.requestJsonAndCheck("PATCH", path, input=body)
    assert moved["object"]["sha"] == second


def test_an_unknown_label_is_made_and_labels_add_up(repository: Repository) -> None:
    head = "towline/labels"
    repository.create_git_ref(f"refs/heads/{head}", new_commit(repository, {"l": "1\n"}, "labels"))
    pull = repository.create_pull(base="main", head=head, title="Labels", body="x")
    pull.add_to_labels("towline")
    pull.add_to_labels("never seen before")
    assert {label.name for label in pull.get_labels()} == {"towline", "never seen before"}


def test_a_check_run_is_made_finished_and_listed(repository: Repository) -> None:
    head = new_commit(repository, {"c": "1\n"}, "checks")
    repository.create_git_ref("refs/heads/towline/checks", head)
    run = repository.create_check_run("towline", head, status="in_progress")
    output = {"title": "Soaking", "summary": "until **noon**"}
    run.edit(status="completed", conclusion="success", output=output)
    (listed,) = repository.get_commit(head).get_check_runs(check_name="towline")
    assert (listed.status, listed.conclusion, listed.output.title) == (
        "completed",
        "success",
        "Soaking",
    )


def test_webhooks_are_signed_with_the_secret_over_the_raw_body(
    forge: Forge, repository: Repository
) -> None:
    head = "towline/webhooks"
    repository.create_git_ref(f"refs/heads/{head}", new_commit(repository, {"w": "1\n"}, "hooks"))
    repository.create_pull(base="main", head=head, title="Webhooks", body="ünïcode")
    sent = forge.receiver.wait_for("pull_request.opened")
    assert signature_fault(sent, SECRET) is None
    assert sent.header("x-github-delivery")
