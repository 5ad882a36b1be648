"""REST: Git data, contents, labels, comments, pages, errors, and PyGithub as a client."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from threading import Thread

import pytest
from github import Auth, Github
from werkzeug.serving import make_server

from tests.sandbox.conftest import SHOP, Client, Place


def test_git_data_from_blob_to_ref(place: Place) -> None:
    app = place.app
    blob = app.repo("POST", "/git/blobs", {"content": "AAE=", "encoding": "base64"}).json["sha"]
    base = place.tip()
    entries = [
        {"path": "bin/data", "mode": "100644", "type": "blob", "sha": blob},
        {"path": "bin/run", "mode": "100755", "type": "blob", "content": "#!/bin/sh\n"},
        {"path": "README.md", "mode": "100644", "type": "blob", "sha": None},
    ]
    tree = app.repo("POST", "/git/trees", {"base_tree": base, "tree": entries}).json
    assert [entry["path"] for entry in tree["tree"]] == ["bin", "stages"]
    commit = app.repo(
        "POST", "/git/commits", {"message": "m", "tree": tree["sha"], "parents": [base]}
    ).json
    assert commit["verification"]["verified"] is True
    assert commit["author"]["name"] == "towline[bot]"
    made = app.repo("POST", "/git/refs", {"ref": "refs/heads/new", "sha": commit["sha"]})
    assert (made.status, made.json["object"]["sha"]) == (201, commit["sha"])
    assert place.stand_in.file(SHOP, "new", "bin/data") == b"\x00\x01"
    whole = app.repo("GET", "/git/trees/new?recursive=1").json["tree"]
    assert [(e["path"], e["mode"]) for e in whole if e["type"] == "blob"] == [
        ("bin/data", "100644"),
        ("bin/run", "100755"),
        ("stages/dev/app.yaml", "100644"),
    ]


def test_a_commit_with_an_author_is_not_signed(place: Place) -> None:
    tree = place.app.repo("GET", "/git/trees/main").json["sha"]
    author = {"name": "Someone", "email": "s@example.org", "date": "2020-01-01T00:00:00Z"}
    body = {"message": "m", "tree": tree, "parents": [], "author": author}
    commit = place.app.repo("POST", "/git/commits", body).json
    assert (commit["verification"]["verified"], commit["author"]["date"]) == (
        False,
        "2020-01-01T00:00:00Z",
    )
    own = place.ann.repo("POST", "/git/commits", {"message": "m", "tree": tree}).json
    assert own["verification"]["verified"] is False


@pytest.mark.parametrize(
    ("body", "text"),
    [
        ({"ref": "refs/heads/main"}, "Reference already exists"),
        ({"ref": "main"}, "is not a valid ref name"),
        ({"ref": "refs/heads/a..b"}, "is not a valid ref name"),
        ({"ref": "refs/heads/x.lock"}, "is not a valid ref name"),
        ({"ref": "refs/heads/main/below"}, "Reference update failed"),
        ({"ref": "refs/heads/new", "sha": "1" * 40}, "Object does not exist"),
    ],
)
def test_refs_that_are_refused(place: Place, body: dict[str, str], text: str) -> None:
    answer = place.app.repo("POST", "/git/refs", {"sha": place.tip(), **body})
    assert answer.status == 422
    assert text in answer.json["message"]


def test_refs_that_are_not_there(place: Place) -> None:
    assert place.app.repo("GET", "/git/ref/heads/nope").status == 404
    patched = place.app.repo("PATCH", "/git/refs/heads/nope", {"sha": place.tip()})
    assert (patched.status, patched.json["message"]) == (422, "Reference does not exist")
    assert place.app.repo("DELETE", "/git/refs/heads/nope").status == 422
    found = place.app.repo("GET", "/git/matching-refs/heads/ma").json
    assert [ref["ref"] for ref in found] == ["refs/heads/main"]


def test_trees_that_are_refused(place: Place) -> None:
    for entry in (
        {"path": "../x", "content": "1"},
        {"path": ".git/config", "content": "1"},
        {"path": "a", "mode": "777", "content": "1"},
        {"path": "a"},
        {"path": "a", "sha": "1" * 40},
    ):
        assert place.app.repo("POST", "/git/trees", {"tree": [entry]}).status == 422, entry
    assert place.app.repo("POST", "/git/trees", {"tree": []}).status == 422


def test_contents_are_compared_and_swapped(place: Place) -> None:
    path = "/contents/stages/dev/app.yaml"
    shown = place.ann.repo("GET", path).json
    assert base64.b64decode(shown["content"]).startswith(b"a: 1")
    body = {"message": "m", "content": base64.b64encode(b"a: 2\n").decode()}
    assert place.ann.repo("PUT", path, body).status == 422
    assert place.ann.repo("PUT", path, {**body, "sha": "1" * 40}).status == 409
    done = place.ann.repo("PUT", path, {**body, "sha": shown["sha"]})
    assert (done.status, done.json["commit"]["verification"]["verified"]) == (200, True)
    assert place.ann.repo("PUT", "/contents/new.txt", body).status == 201
    again = place.ann.repo("GET", path).json["sha"]
    gone = place.ann.repo("DELETE", path, {"message": "m", "sha": again})
    assert (gone.status, gone.json["content"]) == (200, None)
    assert place.ann.repo("GET", path).status == 404
    names = [entry["name"] for entry in place.ann.repo("GET", "/contents/").json]
    assert names == ["README.md", "new.txt"]


def test_labels(place: Place) -> None:
    place.change("topic", a="1")
    number = place.open("topic")
    path = f"/issues/{number}/labels"
    assert [x["name"] for x in place.app.repo("POST", path, ["a b", "c"]).json] == ["a b", "c"]
    created = place.app.repo("GET", "/labels/A%20B").json
    assert (created["color"], created["name"]) == ("ededed", "a b")
    assert place.app.repo("POST", "/labels", {"name": "A B"}).status == 422
    assert [x["name"] for x in place.app.repo("DELETE", f"{path}/a%20b").json] == ["c"]
    assert place.app.repo("DELETE", f"{path}/a%20b").status == 404
    assert place.app.repo("POST", path, {"labels": []}).status == 422


def test_comments(place: Place) -> None:
    place.change("topic", a="1")
    number = place.open("topic")
    path = f"/issues/{number}/comments"
    made = place.app.repo("POST", path, {"body": "hello"}).json
    assert made["performed_via_github_app"]["slug"] == "towline"
    edited = place.app.repo("PATCH", f"/issues/comments/{made['id']}", {"body": "bye"}).json
    assert edited["body"] == "bye"
    assert [c["body"] for c in place.app.repo("GET", path).json] == ["bye"]
    assert place.app.repo("DELETE", f"/issues/comments/{made['id']}").status == 204
    assert place.app.repo("GET", f"/issues/comments/{made['id']}").status == 404
    assert place.app.repo("POST", path, {"body": "x" * 65_537}).status == 422
    assert place.app.repo("POST", path, {"body": " "}).status == 422


def test_lists_are_paged(place: Place) -> None:
    for number in range(5):
        place.app.repo("POST", "/labels", {"name": f"l{number}"})
    first = place.app.repo("GET", "/labels?per_page=2")
    links = first.headers["Link"]
    assert [label["name"] for label in first.json] == ["l0", "l1"]
    assert 'page=2>; rel="next"' in links
    assert 'page=3>; rel="last"' in links
    last = place.app.repo("GET", "/labels?per_page=2&page=3")
    assert [label["name"] for label in last.json] == ["l4"]
    assert 'rel="next"' not in last.headers["Link"]


def test_comparing_and_history(place: Place) -> None:
    sha = place.change("topic", a="1")
    place.change("main", b="1")
    compared = place.app.repo("GET", "/compare/main...topic").json
    assert (compared["status"], compared["ahead_by"], compared["behind_by"]) == ("diverged", 1, 1)
    assert [file["filename"] for file in compared["files"]] == ["a"]
    number = place.open("topic")
    found = place.app.repo("GET", f"/commits/{sha}/pulls").json
    assert [pull["number"] for pull in found] == [number]
    commit = place.app.repo("GET", f"/commits/{sha}").json
    assert commit["stats"]["total"] == 1


def test_malformed_requests(place: Place) -> None:
    send = place.stand_in.wsgi.test_client()
    headers = {"Authorization": f"Bearer {place.ann.token}"}
    broken = send.post(f"/api/v3/repos/{SHOP}/labels", headers=headers, data=b"{")
    assert (broken.status_code, broken.json) == (
        400,
        {
            "message": "Problems parsing JSON",
            "documentation_url": "https://docs.github.com/rest",
            "status": "400",
        },
    )
    assert place.ann.repo("POST", "/labels", [1]).status == 400
    assert place.ann("GET", "/nope").status == 404
    bad = send.post("/api/graphql", headers=headers, data=b"{")
    assert bad.status_code == 400


def test_answers_have_the_host_of_the_request(place: Place) -> None:
    answer = place.stand_in.wsgi.test_client().get(
        f"/api/v3/repos/{SHOP}",
        headers={"Authorization": f"token {place.ann.token}", "Host": "git.example:8443"},
    )
    assert answer.get_json()["url"] == f"http://git.example:8443/api/v3/repos/{SHOP}"


@pytest.fixture
def live(place: Place) -> Iterator[str]:
    server = make_server("127.0.0.1", 0, place.stand_in.wsgi, threaded=True)
    thread = Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


def test_pygithub_drives_a_promotion(place: Place, live: str) -> None:
    app = Github(base_url=f"{live}/api/v3", auth=Auth.Token(place.app.token))
    repo = app.get_repo(SHOP)
    base = repo.get_branch("main").commit.sha
    repo.create_git_ref("refs/heads/topic", base)
    file = repo.get_contents("README.md", ref="topic")
    assert not isinstance(file, list)
    repo.update_file(file.path, "Change", "# Store\n", file.sha, branch="topic")
    pull = repo.create_pull(base="main", head="topic", title="Promote", body="Body")
    pull.add_to_labels("promotion")
    pull.create_issue_comment("hello")
    run = repo.create_check_run("towline", pull.head.sha, conclusion="success")
    assert run.status == "completed"
    assert [f.filename for f in pull.get_files()] == ["README.md"]
    assert repo.get_pull(pull.number).mergeable is True
    ann = Github(base_url=f"{live}/api/v3", auth=Auth.Token(place.ann.token))
    merged = ann.get_repo(SHOP).get_pull(pull.number).merge(sha=pull.head.sha)
    assert merged.merged is True
    assert repo.get_pull(pull.number).is_merged() is True
    assert repo.get_commit("main").commit.message.startswith("Merge pull request #1")
    app.close()
    ann.close()


def test_users(place: Place) -> None:
    assert place.ann("GET", "/user").json["login"] == "ann"
    assert place.app("GET", "/user").status == 403
    assert (
        Client(place.stand_in, place.ann.token)("GET", "/users/towline%5Bbot%5D").json["type"]
        == "Bot"
    )
