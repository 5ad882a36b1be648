"""Every REST operation and every webhook the stand-in serves is as GitHub describes it.

Each test drives one family of operations; the last ones compare what was driven with what is
served, so that a new route or event without a test here is found.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import quote

import pytest

from github_app.sandbox.rules import QueueRule, RequiredCheck, ReviewRule, Ruleset
from tests.contracts.caller import NAME, REPO, Setting, encoded, new_setting
from tests.contracts.deliveries import Sent
from tests.contracts.recording import Record, Recorder, contracts

pytestmark = pytest.mark.usefixtures("published")

DIGEST = "sha256:" + "ab" * 32


@pytest.fixture(scope="module")
def record() -> Record:
    return Record()


@pytest.fixture(scope="module")
def github(record: Record, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Setting]:
    setting = new_setting(tmp_path_factory.mktemp("github"))
    app = setting.stand_in.wsgi
    app.wsgi_app = Recorder(app.wsgi_app, record)  # type: ignore[method-assign]  # Flask's own way
    yield setting
    setting.stand_in.stop()


def test_the_app_itself(github: Setting) -> None:
    app = github.app
    assert app("GET", "/app", 200)["slug"] == "towline"
    (installed,) = app("GET", "/app/installations", 200)
    path = f"/app/installations/{installed['id']}"
    assert app("GET", path, 200)["account"]["login"] == "acme"
    narrow = {"repositories": ["deploy"], "permissions": {"contents": "read"}}
    token = app("POST", f"{path}/access_tokens", 201, narrow)
    assert token["permissions"] == {"contents": "read", "metadata": "read"}
    assert app("GET", f"{REPO}/installation", 200)["id"] == installed["id"]
    assert app("GET", "/orgs/acme/installation", 200)["id"] == installed["id"]
    app("GET", "/users/alice/installation", 404)
    app("GET", "/users/acme/installation", 200)
    app("GET", "/app/installations/4711", 404)


def test_deliveries_and_their_redelivery(github: Setting) -> None:
    github.alice("POST", f"{REPO}/statuses/{github.tip()}", 201, {"state": "success"})
    github.stand_in.deliver()
    deliveries = github.app("GET", "/app/hook/deliveries?per_page=5", 200)
    path = f"/app/hook/deliveries/{deliveries[0]['id']}"
    assert github.app("GET", path, 200)["guid"] == deliveries[0]["guid"]
    github.app("POST", f"{path}/attempts", 202)
    assert github.app("GET", "/app/hook/deliveries?status=failure", 200)


def test_who_is_who(github: Setting) -> None:
    assert github.bot("GET", "/installation/repositories", 200)["total_count"] == 1
    assert github.alice("GET", "/user", 200)["login"] == "alice"
    assert github.alice("GET", "/users/alice", 200)["type"] == "User"
    assert github.bot("GET", "/users/towline%5Bbot%5D", 200)["type"] == "Bot"
    permission = github.bot("GET", f"{REPO}/collaborators/alice/permission", 200)
    assert permission["permission"] == "admin"
    github.bot("GET", f"{REPO}/collaborators/nobody/permission", 404)


def test_a_repository_and_its_history(github: Setting) -> None:
    assert github.bot("GET", REPO, 200)["default_branch"] == "main"
    assert github.bot("GET", f"{REPO}/branches", 200)
    assert github.bot("GET", f"{REPO}/branches/main", 200)["commit"]["sha"] == github.tip()
    github.bot("GET", f"{REPO}/branches/gone", 404)
    assert github.bot("GET", f"{REPO}/rules/branches/main", 200) == []
    assert github.bot("GET", f"{REPO}/commits?sha=main&per_page=1", 200)
    rules = Ruleset(
        "elsewhere",
        branches=("refs/heads/release/*",),
        deletion=True,
        non_fast_forward=True,
        required_checks=(RequiredCheck("towline", 1000), RequiredCheck("ci")),
        reviews=ReviewRule(1, code_owners=True),
        queue=QueueRule(),
    )
    made = github.stand_in.add_ruleset(NAME, rules)
    assert len(github.bot("GET", f"{REPO}/rules/branches/release/1", 200)) == 5
    assert [one["id"] for one in github.bot("GET", f"{REPO}/rulesets", 200)] == [made.id]
    assert github.bot("GET", f"{REPO}/rulesets/{made.id}", 200)["enforcement"] == "active"
    github.bot("GET", f"{REPO}/rulesets/4711", 404)
    head = github.commit("history", {"h": "1\n"})
    assert github.bot("GET", f"{REPO}/commits/{head}", 200)["files"]
    assert github.bot("GET", f"{REPO}/compare/main...history", 200)["ahead_by"] == 1
    github.bot("GET", "/repos/acme/gone", 404)


def test_a_merge_queue(github: Setting) -> None:
    checks, queue = (RequiredCheck("queued"),), QueueRule()
    rules = Ruleset("queue", ("refs/heads/busy",), required_checks=checks, queue=queue)
    github.stand_in.add_ruleset(NAME, rules)
    github.commit("busy", {"b": "1\n"})
    head = github.commit("hurry", {"c": "1\n"})
    made = {"name": "queued", "head_sha": head, "conclusion": "success"}
    github.bot("POST", f"{REPO}/check-runs", 201, made)
    wish = {"title": "x", "head": "hurry", "base": "busy"}
    number = github.bot("POST", f"{REPO}/pulls", 201, wish)["number"]
    github.bot("PUT", f"{REPO}/pulls/{number}/merge", 405, {})
    github.stand_in.enqueue(NAME, number, "alice")
    github.stand_in.dequeue(NAME, number, "alice")


def test_git_data(github: Setting) -> None:
    text = {"content": encoded("hello\n"), "encoding": "base64"}
    blob = github.bot("POST", f"{REPO}/git/blobs", 201, text)["sha"]
    assert github.bot("GET", f"{REPO}/git/blobs/{blob}", 200)["size"] == 6
    entry = {"path": "a/b.txt", "mode": "100644", "type": "blob", "sha": blob}
    tree = github.bot("POST", f"{REPO}/git/trees", 201, {"tree": [entry]})["sha"]
    assert github.bot("GET", f"{REPO}/git/trees/{tree}?recursive=1", 200)["tree"]
    root = {"message": "Root of the ledger", "tree": tree, "parents": []}
    commit = github.bot("POST", f"{REPO}/git/commits", 201, root)
    assert commit["verification"]["verified"]
    assert github.bot("GET", f"{REPO}/git/commits/{commit['sha']}", 200)["parents"] == []
    named = {"name": "Someone", "email": "someone@example.com", "date": "2026-01-01T00:00:00Z"}
    github.bot("POST", f"{REPO}/git/commits", 201, root | {"author": named})
    github.bot("POST", f"{REPO}/git/commits", 422, root | {"tree": "0" * 40})
    github.bot("GET", f"{REPO}/git/blobs/{'0' * 40}", 404)


def test_refs(github: Setting) -> None:
    first = github.commit("towline/shop/dev/web", {"a": "1\n"})
    second = github.commit("", {"a": "2\n"})
    path = f"{REPO}/git/refs/heads/towline/shop/dev/web"
    github.bot("GET", f"{REPO}/git/ref/heads/towline/shop/dev/web", 200)
    ref = {"ref": "refs/heads/towline/shop/dev/web", "sha": first}
    github.bot("POST", f"{REPO}/git/refs", 422, ref)
    assert github.bot("GET", f"{REPO}/git/matching-refs/heads/towline/shop", 200)
    github.bot("PATCH", path, 422, {"sha": second})
    assert github.bot("PATCH", path, 200, {"sha": second, "force": True})
    github.bot("DELETE", path, 204)
    github.bot("DELETE", path, 422)
    github.bot("GET", f"{REPO}/git/ref/heads/towline/shop/dev/web", 404)


def test_contents(github: Setting) -> None:
    alice = github.alice
    assert alice("GET", f"{REPO}/contents/", 200)
    assert alice("GET", f"{REPO}/contents/stages/dev?ref=main", 200)
    path = f"{REPO}/contents/notes/one.md"
    made = alice("PUT", path, 201, {"message": "Add", "content": encoded("1\n")})
    sha = made["content"]["sha"]
    assert alice("GET", path, 200)["sha"] == sha
    change = {"message": "Change", "content": encoded("2\n")}
    alice("PUT", path, 409, change | {"sha": "0" * 40})
    sha = alice("PUT", path, 200, change | {"sha": sha})["content"]["sha"]
    alice("DELETE", path, 200, {"message": "Remove", "sha": sha})
    alice("GET", path, 404)


def test_the_life_of_a_pull_request(github: Setting) -> None:
    number = github.pull("life")
    path = f"{REPO}/pulls/{number}"
    assert github.bot("GET", f"{REPO}/pulls?state=open&head=acme:life&base=main", 200)
    assert github.bot("GET", path, 200)["mergeable"]
    again = {"title": "x", "head": "life", "base": "main"}
    github.bot("POST", f"{REPO}/pulls", 422, again)
    assert github.bot("PATCH", path, 200, {"title": "New title", "body": "new"})
    assert len(github.bot("GET", f"{path}/commits", 200)) == 1
    assert github.bot("GET", f"{path}/files", 200)[0]["status"] == "added"
    github.bot("GET", f"{path}/merge", 404)
    github.bot("PATCH", path, 200, {"state": "closed"})
    github.bot("PATCH", path, 200, {"state": "open"})
    moved = github.commit("", {"files/life": "2\n"})
    ref = f"{REPO}/git/refs/heads/life"
    github.bot("PATCH", ref, 200, {"sha": moved, "force": True})
    github.bot("PUT", f"{path}/merge", 409, {"sha": "0" * 40})
    merged = github.bot("PUT", f"{path}/merge", 200, {"sha": moved, "merge_method": "squash"})
    github.bot("GET", f"{path}/merge", 204)
    github.bot("PUT", f"{path}/merge", 405, {})
    assert github.bot("GET", path, 200)["merged_by"]["login"] == "towline[bot]"
    assert github.bot("GET", f"{REPO}/commits/{merged['sha']}/pulls", 200)


def test_reviews_and_reviewers(github: Setting) -> None:
    path = f"{REPO}/pulls/{github.pull('reviews')}"
    github.bot("POST", f"{path}/requested_reviewers", 201, {"reviewers": ["alice"]})
    review = {"event": "APPROVE", "body": "fine"}
    assert github.alice("POST", f"{path}/reviews", 200, review)["state"] == "APPROVED"
    (given,) = github.bot("GET", f"{path}/reviews", 200)
    github.bot("POST", f"{path}/reviews", 422, {"event": "APPROVE"})
    place = f"{path}/reviews/{given['id']}"
    assert github.bot("GET", place, 200)["commit_id"] == given["commit_id"]
    why = {"message": "The freight changed.", "event": "DISMISS"}
    assert github.bot("PUT", f"{place}/dismissals", 200, why)["state"] == "DISMISSED"
    github.bot("PUT", f"{place}/dismissals", 422, why)


def test_teams_and_collaborators(github: Setting) -> None:
    github.stand_in.create_user("bob")
    github.stand_in.create_team("acme", "sre", ["bob"], maintainers=["alice"])
    github.stand_in.grant_team(NAME, "sre", "write")
    assert [team["slug"] for team in github.bot("GET", "/orgs/acme/teams", 200)] == ["sre"]
    assert len(github.bot("GET", "/orgs/acme/teams/sre/members?role=member", 200)) == 1
    path = "/orgs/acme/teams/sre/memberships"
    assert github.bot("GET", f"{path}/alice", 200)["role"] == "maintainer"
    github.bot("GET", f"{path}/nobody", 404)
    found = github.bot("GET", f"{REPO}/collaborators", 200)
    assert {one["login"]: one["role_name"] for one in found} == {"alice": "admin", "bob": "write"}
    number = github.pull("teams")
    asked = {"reviewers": ["bob"], "team_reviewers": ["sre"]}
    path = f"{REPO}/pulls/{number}/requested_reviewers"
    assert github.bot("POST", path, 201, asked)["requested_teams"][0]["slug"] == "sre"
    assert github.bot("GET", f"{REPO}/pulls/{number}", 200)["requested_teams"]
    github.bot("POST", path, 422, {"reviewers": ["nobody"]})
    assert github.bot("DELETE", path, 200, asked)["requested_teams"] == []
    place = f"{REPO}/issues/{number}/assignees"
    assert github.bot("POST", place, 201, {"assignees": ["bob"]})["assignees"]
    assert not github.bot("DELETE", place, 200, {"assignees": ["bob"]})["assignees"]


def test_labels_and_comments(github: Setting) -> None:
    number = github.pull("talk")
    path = f"{REPO}/issues/{number}"
    assert github.bot("GET", path, 200)["pull_request"]
    github.bot("POST", f"{path}/labels", 200, {"labels": ["towline", "brand new"]})
    assert len(github.bot("GET", f"{path}/labels", 200)) == 2
    github.bot("DELETE", f"{path}/labels/brand%20new", 200)
    assert github.bot("GET", f"{REPO}/labels", 200)
    github.bot("POST", f"{REPO}/labels", 201, {"name": "hold", "color": "b60205"})
    github.bot("POST", f"{REPO}/labels", 422, {"name": "hold", "color": "b60205"})
    assert github.bot("GET", f"{REPO}/labels/hold", 200)["color"] == "b60205"
    comment = github.alice("POST", f"{path}/comments", 201, {"body": "/towline status"})["id"]
    assert len(github.bot("GET", f"{path}/comments", 200)) == 1
    place = f"{REPO}/issues/comments/{comment}"
    github.bot("GET", place, 200)
    github.bot("POST", f"{place}/reactions", 201, {"content": "eyes"})
    github.bot("POST", f"{place}/reactions", 200, {"content": "eyes"})
    assert github.bot("GET", f"{place}/reactions", 200)[0]["content"] == "eyes"
    assert github.bot("GET", place, 200)["reactions"]["eyes"] == 1
    github.alice("PATCH", place, 200, {"body": "edited"})
    github.alice("DELETE", place, 204)
    github.bot("POST", f"{path}/comments", 422, {"body": "x" * 65_537})


def test_check_runs_and_statuses(github: Setting) -> None:
    head = github.commit("gates", {"g": "1\n"})
    made = {"name": "towline", "head_sha": head, "status": "in_progress", "external_id": "one"}
    run = github.bot("POST", f"{REPO}/check-runs", 201, made)["id"]
    path = f"{REPO}/check-runs/{run}"
    note = {
        "path": "towline.yaml",
        "start_line": 1,
        "end_line": 1,
        "annotation_level": "failure",
        "message": "no",
    }
    output = {"title": "Broken", "summary": "**line 1**", "annotations": [note]}
    done = {"status": "completed", "conclusion": "failure", "output": output}
    github.bot("PATCH", path, 200, done)
    assert github.bot("GET", path, 200)["output"]["annotations_count"] == 1
    assert github.bot("GET", f"{path}/annotations", 200)
    github.bot("POST", f"{path}/rerequest", 201)
    github.alice("POST", f"{REPO}/check-runs", 403, made)
    found = github.bot("GET", f"{REPO}/commits/gates/check-runs?check_name=towline", 200)
    assert found["total_count"] == 1
    assert github.bot("GET", f"{REPO}/commits/gates/check-suites", 200)["check_suites"]
    state = {
        "state": "pending",
        "context": "ci",
        "description": "…",
        "target_url": "https://ci.example",
    }
    github.alice("POST", f"{REPO}/statuses/{head}", 201, state)
    assert github.bot("GET", f"{REPO}/commits/gates/status", 200)["state"] == "pending"
    assert len(github.bot("GET", f"{REPO}/commits/gates/statuses", 200)) == 1


def test_deployments(github: Setting) -> None:
    wish = {
        "ref": "main",
        "environment": "dev",
        "auto_merge": False,
        "required_contexts": [],
        "production_environment": False,
    }
    made = github.bot("POST", f"{REPO}/deployments", 201, wish)["id"]
    path = f"{REPO}/deployments/{made}"
    assert github.bot("GET", path, 200)["environment"] == "dev"
    assert github.bot("GET", f"{REPO}/deployments?environment=dev", 200)
    state = {
        "state": "success",
        "environment_url": "https://dev.example",
        "log_url": "https://l.example",
    }
    github.bot("POST", f"{path}/statuses", 201, state)
    assert github.bot("GET", f"{REPO}/environments", 200)["total_count"] == 1
    assert github.bot("GET", f"{REPO}/environments/dev", 200)["name"] == "dev"
    github.bot("GET", f"{REPO}/environments/gone", 404)
    assert github.bot("GET", f"{path}/statuses", 200)[0]["state"] == "success"


def test_names_that_need_encoding(github: Setting) -> None:
    branch = "ü/☃_and_<b>"
    head = github.commit(branch, {"a b/ü?#.md": "1\n"})
    address = quote(branch)
    github.bot("GET", f"{REPO}/git/ref/heads/{address}", 200)
    github.bot("GET", f"{REPO}/branches/{address}", 200)
    github.bot("GET", f"{REPO}/contents/a%20b?ref={head}", 200)
    github.bot("GET", f"{REPO}/contents/a%20b/%C3%BC%3F%23.md?ref={head}", 200)
    assert github.bot("GET", f"{REPO}/compare/main...{head}", 200)["files"]
    number = github.bot(
        "POST", f"{REPO}/pulls", 201, {"title": "x", "head": branch, "base": "main"}
    )["number"]
    github.bot("GET", f"{REPO}/pulls/{number}/files", 200)
    note = {"path": "a b/ü?#.md", "start_line": 1, "end_line": 1}
    note |= {"annotation_level": "failure", "message": "no"}
    output = {"title": "t", "summary": "s", "annotations": [note]}
    made = {"name": "x", "head_sha": head, "status": "in_progress", "output": output}
    run = github.bot("POST", f"{REPO}/check-runs", 201, made)["id"]
    github.bot("GET", f"{REPO}/check-runs/{run}/annotations", 200)


def test_events_that_have_no_rest_operation(github: Setting) -> None:
    github.stand_in.package_published(NAME, "web", "1.1.0", DIGEST)


def test_documents(github: Setting) -> None:
    number = github.pull("documents")
    read = """
        query Read($owner: String!, $name: String!, $number: Int!) {
          repository(owner: $owner, name: $name) {
            pullRequest(number: $number) { id mergeable }
          }
        }
    """
    found = github.bot.document(read, owner="acme", name="deploy", number=number)
    pull = found["repository"]["pullRequest"]["id"]
    draft = """
        mutation Draft($pull: ID!) {
          draft: convertPullRequestToDraft(input: {pullRequestId: $pull}) { clientMutationId }
          ready: markPullRequestReadyForReview(input: {pullRequestId: $pull}) { clientMutationId }
          close: closePullRequest(input: {pullRequestId: $pull}) { pullRequest { state } }
        }
    """
    assert github.alice.document(draft, pull=pull)["close"]["pullRequest"]["state"] == "CLOSED"


def test_nothing_departed_from_githubs_contracts(github: Setting, record: Record) -> None:
    for app in github.stand_in.apps():
        for delivery in github.stand_in.deliveries(app.slug):
            sent = Sent(delivery.request_headers, delivery.request_body)
            record.webhook(sent, app.webhook_secret)
    assert not record.faults, "\n".join(record.faults)


def test_every_route_that_is_served_was_driven(github: Setting, record: Record) -> None:
    rules = [rule for rule in github.stand_in.wsgi.url_map.iter_rules() if "/api/v3/" in rule.rule]
    served = set()
    for rule in rules:
        path = re.sub(r"<[^>]+>", "x", rule.rule.removeprefix("/api/v3"))
        path = path.replace("/x/x/git/ref/x", "/x/x/git/ref/heads/x")
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}:
            met = contracts().rest.operation(method, path)
            served.add(f"{method} {met[0].template}" if met else f"{method} {path}")
    served = {one for one in served if not one.endswith(" /x")}
    assert served - record.seen.keys() == set()


EVENTS = {
    "push",
    "create",
    "delete",
    "status",
    "check_suite.requested",
    "check_suite.completed",
    "check_run.created",
    "check_run.completed",
    "check_run.rerequested",
    "deployment.created",
    "deployment_status.created",
    "issue_comment.created",
    "issue_comment.edited",
    "issue_comment.deleted",
    "package.published",
    "registry_package.published",
    "installation.created",
    "pull_request.opened",
    "pull_request.edited",
    "pull_request.labeled",
    "pull_request.unlabeled",
    "pull_request.synchronize",
    "pull_request.closed",
    "pull_request.reopened",
    "pull_request.converted_to_draft",
    "pull_request.ready_for_review",
    "pull_request.enqueued",
    "pull_request.dequeued",
    "merge_group.checks_requested",
    "merge_group.destroyed",
    "pull_request.review_requested",
    "pull_request.review_request_removed",
    "pull_request.assigned",
    "pull_request.unassigned",
    "pull_request_review.submitted",
    "pull_request_review.dismissed",
}


def test_every_event_that_the_app_listens_to_was_sent(record: Record) -> None:
    assert EVENTS - record.seen.keys() == set()
