"""Check runs, statuses and deployments."""

from __future__ import annotations

import pytest

from github_app.sandbox.checks import TEXT_LIMIT
from tests.sandbox.conftest import SHOP, Answer, Place


def run(place: Place, **fields: object) -> Answer:
    return place.app.repo(
        "POST", "/check-runs", {"name": "towline", "head_sha": place.tip(), **fields}
    )


def test_a_run_is_made_and_finished(place: Place) -> None:
    made = run(place, status="in_progress", external_id="freight").json
    assert (made["status"], made["conclusion"]) == ("in_progress", None)
    answer = place.app.repo(
        "PATCH",
        f"/check-runs/{made['id']}",
        {"conclusion": "success", "output": {"title": "T", "summary": "S"}},
    )
    done = answer.json
    assert (done["status"], done["conclusion"]) == ("completed", "success")
    assert done["output"]["title"] == "T"
    assert done["external_id"] == "freight"
    events = place.delivered()
    for event in ("check_run.created", "check_run.completed", "check_suite.completed"):
        assert event in events


def test_only_apps_make_runs(place: Place) -> None:
    body = {"name": "x", "head_sha": place.tip()}
    answer = place.ann.repo("POST", "/check-runs", body)
    assert (answer.status, answer.json["message"]) == (
        403,
        "You must authenticate via a GitHub App.",
    )


@pytest.mark.parametrize(
    "fields",
    [
        {"output": {"title": "T", "summary": "x" * (TEXT_LIMIT + 1)}},
        {"output": {"title": "T", "summary": "", "text": "x" * (TEXT_LIMIT + 1)}},
        {"output": {"title": "T", "summary": "S", "annotations": [{}] * 51}},
        {"output": {"title": "T"}},
        {"status": "completed"},
        {"conclusion": "maybe"},
        {"status": "done"},
        {"head_sha": "1" * 40},
        {"name": None},
        {"actions": [{"label": "a", "description": "a", "identifier": "a"}] * 4},
    ],
)
def test_what_a_run_may_not_be(place: Place, fields: dict[str, object]) -> None:
    assert run(place, **fields).status == 422


def test_annotations_add_up(place: Place) -> None:
    note = {
        "path": "a",
        "start_line": 1,
        "end_line": 1,
        "annotation_level": "notice",
        "message": "m",
    }
    output = {"title": "T", "summary": "S", "annotations": [note] * 50}
    made = run(place, output=output).json
    place.app.repo("PATCH", f"/check-runs/{made['id']}", {"output": output})
    path = f"/check-runs/{made['id']}/annotations?per_page=100"
    assert len(place.app.repo("GET", path).json) == 100


def test_the_newest_of_a_name_counts(place: Place) -> None:
    run(place, conclusion="failure")
    last = run(place, conclusion="success").json["id"]
    run(place, name="other")
    path = f"/commits/{place.tip()}/check-runs"
    latest = place.app.repo("GET", f"{path}?check_name=towline").json
    assert [found["id"] for found in latest["check_runs"]] == [last]
    assert place.app.repo("GET", f"{path}?filter=all").json["total_count"] == 3
    assert place.app.repo("GET", "/commits/main/check-suites").json["total_count"] == 1


def test_a_push_asks_for_a_suite(place: Place) -> None:
    sha = place.change("topic", a="1")
    assert "check_suite.requested" in place.delivered()
    suite = place.mail.last("check_suite.requested")["check_suite"]
    assert (suite["head_sha"], suite["head_branch"]) == (sha, "topic")


def test_buttons_come_back(place: Place) -> None:
    action = {"label": "Promote", "description": "Now", "identifier": "promote"}
    made = run(place, conclusion="neutral", actions=[action]).json
    place.stand_in.press(SHOP, made["id"], "ann", "promote")
    place.stand_in.press(SHOP, made["id"], "ann")
    events = place.delivered()
    assert events[-2:] == ["check_run.requested_action", "check_run.rerequested"]
    asked = place.mail.last("check_run.requested_action")
    assert asked["requested_action"] == {"identifier": "promote"}
    assert asked["sender"]["login"] == "ann"


def test_runs_over_graphql(place: Place) -> None:
    create = """mutation($repo: ID!, $sha: GitObjectID!) { createCheckRun(input: {
      repositoryId: $repo, headSha: $sha, name: "towline", status: IN_PROGRESS,
      output: {title: "T", summary: "S", annotations: [{path: "a", annotationLevel: WARNING,
        message: "m", location: {startLine: 1, endLine: 2}}]}}) {
      checkRun { id status annotations(first: 5) { nodes { path annotationLevel
        location { end { line } } } } } } }"""
    made = place.app.data(create, repo=place.node("Repository"), sha=place.tip())
    shown = made["createCheckRun"]["checkRun"]
    assert shown["annotations"]["nodes"][0]["location"]["end"]["line"] == 2
    update = """mutation($repo: ID!, $run: ID!) { updateCheckRun(input: {
      repositoryId: $repo, checkRunId: $run, conclusion: SUCCESS}) {
      checkRun { status conclusion } } }"""
    done = place.app.data(update, repo=place.node("Repository"), run=shown["id"])
    assert done["updateCheckRun"]["checkRun"] == {"status": "COMPLETED", "conclusion": "SUCCESS"}


def test_statuses_combine(place: Place) -> None:
    sha = place.tip()

    def set_to(context: str, state: str) -> str:
        body = {"state": state, "context": context, "description": "d"}
        assert place.bob.repo("POST", f"/statuses/{sha}", body).status == 201
        combined: str = place.app.repo("GET", "/commits/main/status").json["state"]
        return combined

    assert place.app.repo("GET", "/commits/main/status").json["state"] == "pending"
    assert set_to("ci", "success") == "success"
    assert set_to("slow", "pending") == "pending"
    assert set_to("slow", "error") == "failure"
    assert set_to("slow", "success") == "success"
    assert place.app.repo("GET", "/commits/main/status").json["total_count"] == 2
    assert len(place.app.repo("GET", "/commits/main/statuses").json) == 4
    assert place.delivered().count("status") == 4


def test_what_a_status_may_not_be(place: Place) -> None:
    assert place.bob.repo("POST", f"/statuses/{place.tip()}", {"state": "green"}).status == 422
    answer = place.bob.repo("POST", f"/statuses/{'1' * 40}", {"state": "success"})
    assert "No commit found for SHA" in answer.json["message"]


def deploy(place: Place, **more: object) -> Answer:
    body = {"ref": "main", "environment": "dev", "auto_merge": False, **more}
    return place.app.repo("POST", "/deployments", body)


def test_a_deployment_and_its_statuses(place: Place) -> None:
    first, second = deploy(place).json["id"], deploy(place).json["id"]
    for number in (first, second):
        body = {"state": "success", "environment_url": "https://dev.example"}
        assert place.app.repo("POST", f"/deployments/{number}/statuses", body).status == 201
    states = [s["state"] for s in place.app.repo("GET", f"/deployments/{first}/statuses").json]
    assert states == ["inactive", "success"]
    assert len(place.app.repo("GET", "/deployments?environment=dev").json) == 2
    assert place.app.repo("GET", "/deployments?environment=prod").json == []
    events = place.delivered()
    assert events.count("deployment.created") == 2
    assert events.count("deployment_status.created") == 3


def test_a_deployment_wants_green_contexts(place: Place) -> None:
    body = {"state": "pending", "context": "ci"}
    place.bob.repo("POST", f"/statuses/{place.tip()}", body)
    assert deploy(place).status == 409
    assert deploy(place, required_contexts=["other"]).status == 409
    assert deploy(place, required_contexts=[]).status == 201


def test_a_deployment_merges_the_default_branch_unless_told(place: Place) -> None:
    place.change("topic", a="1")
    place.change("main", b="1")
    answer = deploy(place, ref="topic", auto_merge=True)
    text = "Auto-merged main into topic on deployment."
    assert (answer.status, answer.json["message"]) == (202, text)
    assert "b" in place.stand_in.paths(SHOP, "topic")
    assert deploy(place, ref="topic", auto_merge=True).status == 201


def test_deployments_over_graphql(place: Place) -> None:
    ref = place.app.repo("GET", "/git/ref/heads/main").json["node_id"]
    made = place.app.data(
        """mutation($repo: ID!, $ref: ID!) { createDeployment(input: {repositoryId: $repo,
          refId: $ref, environment: "prod", autoMerge: false, requiredContexts: []}) {
          deployment { id state environment } } }""",
        repo=place.node("Repository"),
        ref=ref,
    )["createDeployment"]["deployment"]
    assert (made["state"], made["environment"]) == ("PENDING", "prod")
    shown = place.app.data(
        """mutation($id: ID!) { createDeploymentStatus(input: {deploymentId: $id, state: SUCCESS}) {
          deploymentStatus { state deployment { state } } } }""",
        id=made["id"],
    )["createDeploymentStatus"]["deploymentStatus"]
    assert shown == {"state": "SUCCESS", "deployment": {"state": "ACTIVE"}}


ENVIRONMENTS = """
query Environments { repository(owner: "acme", name: "shop") {
  environments(first: 10) { nodes { name latestCompletedDeployment { commitOid } } }
  environment(name: "DEV") { name }
  deployments(last: 5, environments: ["dev"]) { nodes {
    environment state commitOid latestStatus { state environmentUrl }
  } }
} }
"""


def test_the_first_deployment_makes_its_environment(place: Place) -> None:
    assert place.app.repo("GET", "/environments").json["total_count"] == 0
    wish = {"ref": "main", "environment": "dev", "auto_merge": False, "required_contexts": []}
    made = place.app.repo("POST", "/deployments", wish).json
    place.app.repo("POST", "/deployments", {**wish, "environment": "Dev"})
    path = f"/deployments/{made['id']}/statuses"
    place.app.repo("POST", path, {"state": "success", "environment_url": "https://dev.example"})
    shown = place.app.data(ENVIRONMENTS)["repository"]
    done = {"name": "dev", "latestCompletedDeployment": {"commitOid": place.tip()}}
    assert shown["environments"]["nodes"] == [done]
    assert shown["environment"] == {"name": "dev"}
    states = [one["state"] for one in shown["deployments"]["nodes"]]
    assert states == ["ACTIVE", "PENDING"]
