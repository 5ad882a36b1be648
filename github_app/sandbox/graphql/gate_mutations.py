"""Mutations of check runs and deployments: GraphQL's words turned into REST's."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from github_app.sandbox import checks, deployments
from github_app.sandbox.graphql import nodes
from github_app.sandbox.graphql.scope import Arguments, Scope, Thing

Payload = dict[str, object]
_RUN_FIELDS = {
    "name": "name",
    "headSha": "head_sha",
    "detailsUrl": "details_url",
    "externalId": "external_id",
    "startedAt": "started_at",
    "completedAt": "completed_at",
    "actions": "actions",
}


def create_check_run(scope: Scope, wish: Arguments) -> Payload:
    """GitHub's `createcheckrun`.

    https://docs.github.com/graphql/reference/mutations#createcheckrun
    """
    repo = nodes.repository(scope, wish["repositoryId"])
    scope.demand_write(repo, "checks")
    run = checks.create_run(scope.world, repo, scope.actor, _run_fields(wish))
    return {"checkRun": Thing("CheckRun", run, repo)}


def update_check_run(scope: Scope, wish: Arguments) -> Payload:
    """GitHub's `updatecheckrun`.

    https://docs.github.com/graphql/reference/mutations#updatecheckrun
    """
    repo, run = nodes.run(scope, wish["checkRunId"])
    scope.demand_write(repo, "checks")
    changed = checks.update_run(scope.world, repo, run, scope.actor, _run_fields(wish))
    return {"checkRun": Thing("CheckRun", changed, repo)}


def _run_fields(wish: Arguments) -> dict[str, Any]:
    fields = {rest: wish[own] for own, rest in _RUN_FIELDS.items() if wish.get(own) is not None}
    for word in ("status", "conclusion"):
        if wish.get(word):
            fields[word] = wish[word].lower()
    output = wish.get("output")
    if output:
        annotations = [_annotation(a) for a in output.get("annotations") or ()]
        fields["output"] = {**output, "annotations": annotations}
    return fields


def _annotation(given: Mapping[str, Any]) -> dict[str, object]:
    location = given["location"]
    return {
        "path": given["path"],
        "annotation_level": given["annotationLevel"].lower(),
        "message": given["message"],
        "title": given.get("title"),
        "raw_details": given.get("rawDetails"),
        "start_line": location["startLine"],
        "end_line": location["endLine"],
        "start_column": location.get("startColumn"),
        "end_column": location.get("endColumn"),
    }


def create_deployment(scope: Scope, wish: Arguments) -> Payload:
    """GitHub's `createdeployment`.

    https://docs.github.com/graphql/reference/mutations#createdeployment
    """
    repo = nodes.repository(scope, wish["repositoryId"])
    scope.demand_write(repo, "deployments")
    ref = nodes.expected(scope, "Ref", wish["refId"]).value.removeprefix("refs/heads/")
    if wish.get("autoMerge"):
        merged = deployments.merge_default_branch(scope.world, repo, scope.actor, ref)
        if merged:
            return {"autoMerged": True, "deployment": None}
    fields = {
        "ref": ref,
        "environment": wish.get("environment"),
        "description": wish.get("description") or None,
        "task": wish.get("task"),
        "payload": json.loads(wish.get("payload") or "{}"),
        "required_contexts": wish.get("requiredContexts"),
    }
    made = deployments.deploy(scope.world, repo, scope.actor, fields)
    return {"autoMerged": False, "deployment": Thing("Deployment", made, repo)}


def create_deployment_status(scope: Scope, wish: Arguments) -> Payload:
    """GitHub's `createdeploymentstatus`.

    https://docs.github.com/graphql/reference/mutations#createdeploymentstatus
    """
    repo, deployment = nodes.deployment(scope, wish["deploymentId"])
    scope.demand_write(repo, "deployments")
    fields = {
        "state": wish["state"].lower(),
        "environment": wish.get("environment"),
        "description": wish.get("description"),
        "log_url": wish.get("logUrl"),
        "environment_url": wish.get("environmentUrl"),
        "auto_inactive": wish.get("autoInactive", True),
    }
    made = deployments.report(scope.world, repo, deployment, scope.actor, fields)
    return {"deploymentStatus": Thing("DeploymentStatus", made, repo)}
