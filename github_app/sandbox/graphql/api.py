"""GraphQL documents executed by graphql-core on our part of GitHub's schema.

Mutations of one document run in order; one that fails answers null and an error with its path,
and those before and after it stay done: https://spec.graphql.org/October2021/#sec-Mutation
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache, lru_cache
from importlib.resources import files
from typing import Any

from graphql import (
    DocumentNode,
    ExecutionResult,
    FieldNode,
    GraphQLAbstractType,
    GraphQLError,
    GraphQLResolveInfo,
    GraphQLSchema,
    OperationDefinitionNode,
    build_schema,
    execute_sync,
    parse,
    validate,
)

from github_app.sandbox.access import demand
from github_app.sandbox.content_limit import MUTATIONS as CONTENT
from github_app.sandbox.graphql import (
    comment_fields,
    deployment_fields,
    gate_fields,
    gate_mutations,
    git_fields,
    git_mutations,
    nodes,
    people_fields,
    pull_fields,
    pull_mutations,
    queue_fields,
    repository_fields,
    review_fields,
    review_mutations,
    rule_fields,
)
from github_app.sandbox.graphql.scope import Arguments, Resolver, Scope, Thing
from github_app.sandbox.refused import Refused

Mutation = Callable[[Scope, Arguments], dict[str, object]]

MUTATIONS: Mapping[str, Mutation] = {
    "addAssigneesToAssignable": review_mutations.assign,
    "addComment": pull_mutations.add_comment,
    "addLabelsToLabelable": pull_mutations.add_labels,
    "addPullRequestReview": review_mutations.add_review,
    "addReaction": review_mutations.add_reaction,
    "closePullRequest": pull_mutations.close_pull_request,
    "convertPullRequestToDraft": pull_mutations.convert_to_draft,
    "createCheckRun": gate_mutations.create_check_run,
    "createCommitOnBranch": git_mutations.create_commit_on_branch,
    "createDeployment": gate_mutations.create_deployment,
    "createDeploymentStatus": gate_mutations.create_deployment_status,
    "createLabel": pull_mutations.create_label,
    "createPullRequest": pull_mutations.create_pull_request,
    "createRef": git_mutations.create_ref,
    "deleteIssueComment": pull_mutations.delete_comment,
    "deleteRef": git_mutations.delete_ref,
    "dequeuePullRequest": queue_fields.dequeue,
    "disablePullRequestAutoMerge": pull_mutations.disable_auto_merge,
    "dismissPullRequestReview": review_mutations.dismiss_review,
    "enablePullRequestAutoMerge": pull_mutations.enable_auto_merge,
    "enqueuePullRequest": queue_fields.enqueue,
    "markPullRequestReadyForReview": pull_mutations.mark_ready,
    "mergePullRequest": pull_mutations.merge_pull_request,
    "removeAssigneesFromAssignable": review_mutations.unassign,
    "removeLabelsFromLabelable": pull_mutations.remove_labels,
    "removeReaction": review_mutations.remove_reaction,
    "reopenPullRequest": pull_mutations.reopen_pull_request,
    "requestReviews": review_mutations.request_reviews,
    "updateCheckRun": gate_mutations.update_check_run,
    "updateIssueComment": pull_mutations.update_comment,
    "updatePullRequest": pull_mutations.update_pull_request,
    "updateRef": git_mutations.update_ref,
    "updateRefs": git_mutations.update_refs,
}

# Reading these needs more than `metadata`.
_NEEDS: Mapping[tuple[str, str], str] = {
    ("Repository", "pullRequest"): "pull_requests",
    ("Repository", "pullRequests"): "pull_requests",
    ("Repository", "object"): "contents",
    ("Repository", "mergeQueue"): "merge_queues",
    ("Repository", "deployments"): "deployments",
    ("Commit", "checkSuites"): "checks",
    ("Commit", "statusCheckRollup"): "checks",
    ("Commit", "status"): "statuses",
    ("Commit", "deployments"): "deployments",
}


@cache
def schema() -> GraphQLSchema:
    """Our part of GitHub's schema."""
    text = files("github_app.sandbox").joinpath("schema.graphql").read_text("utf-8")
    return build_schema(text)


@cache
def table() -> Mapping[str, Mapping[str, Resolver]]:
    """Type -> field -> resolver, of all areas."""
    merged: dict[str, dict[str, Resolver]] = {}
    areas = (
        repository_fields.TABLE,
        git_fields.TABLE,
        gate_fields.COMMIT,
        gate_fields.TABLE,
        deployment_fields.TABLE,
        pull_fields.TABLE,
        review_fields.TABLE,
        comment_fields.TABLE,
        people_fields.TABLE,
        rule_fields.TABLE,
        queue_fields.TABLE,
    )
    for area in areas:
        for name, resolvers in area.items():
            merged.setdefault(name, {}).update(resolvers)
    return merged


@lru_cache(maxsize=256)
def _checked(query: str) -> DocumentNode | tuple[GraphQLError, ...]:
    try:
        document = parse(query)
    except GraphQLError as why:
        return (why,)
    errors = validate(schema(), document)
    return tuple(errors) if errors else document


def content_of(query: str) -> int:
    """How many mutations of a document create content that notifies people."""
    checked = _checked(query)
    if isinstance(checked, tuple):
        return 0
    return sum(
        isinstance(field, FieldNode) and field.name.value in CONTENT
        for definition in checked.definitions
        if isinstance(definition, OperationDefinitionNode)
        for field in definition.selection_set.selections
    )


def execute(scope: Scope, query: str, variables: Mapping[str, Any] | None) -> dict[str, object]:
    """The answer: `data`, and `errors` with GitHub's `type` if there are any."""
    checked = _checked(query)
    if isinstance(checked, tuple):
        return {"errors": [_error(why) for why in checked]}
    result = execute_sync(
        schema(),
        checked,
        context_value=scope,
        variable_values=dict(variables or {}),
        field_resolver=_resolve,
        type_resolver=_type,
    )
    return _answer(result)


def _answer(result: ExecutionResult) -> dict[str, object]:
    answer: dict[str, object] = {"data": result.data}
    if result.errors:
        answer["errors"] = [_error(why) for why in result.errors]
        for why in result.errors:
            _raise_if_bug(why)
    return answer


def _raise_if_bug(why: GraphQLError) -> None:
    cause = why.original_error
    if cause is not None and not isinstance(cause, Refused | GraphQLError):
        raise cause


def _error(why: GraphQLError) -> dict[str, object]:
    shown: dict[str, object] = {}
    cause = why.original_error
    if isinstance(cause, Refused):
        shown["type"] = cause.kind
    if why.path:
        shown["path"] = list(why.path)
    if why.locations:
        shown["locations"] = [{"line": at.line, "column": at.column} for at in why.locations]
    shown["message"] = cause.sentence if isinstance(cause, Refused) else why.message
    return shown


def _resolve(source: Any, info: GraphQLResolveInfo[Scope], **arguments: Any) -> object:
    scope = info.context
    kind, field = info.parent_type.name, info.field_name
    match kind:
        case "Query":
            return _root(scope, field, arguments)
        case "Mutation":
            return _mutated(scope, field, arguments["input"])
    if isinstance(source, Mapping):
        return source.get(field)
    return _field(scope, source, kind, field, arguments)


def _field(scope: Scope, source: Thing, kind: str, field: str, arguments: Arguments) -> object:
    need = _NEEDS.get((kind, field))
    if need is not None:
        demand(scope.actor, source.home, ((need, "read"),))
    return table()[kind][field](scope, source, arguments)


def _mutated(scope: Scope, field: str, wish: Arguments) -> dict[str, object]:
    payload = MUTATIONS[field](scope, wish)
    return {**payload, "clientMutationId": wish.get("clientMutationId")}


def _root(scope: Scope, field: str, arguments: Arguments) -> object:
    match field:
        case "repository":
            return repository_fields.repository(scope, arguments["owner"], arguments["name"])
        case "organization":
            return people_fields.organization(scope, arguments["login"])
        case "user":
            return people_fields.user(scope, arguments["login"])
        case "node":
            return nodes.node(scope, arguments["id"])
        case "nodes":
            return [nodes.node(scope, text) for text in arguments["ids"]]
        case _:
            return repository_fields.rate_limit(scope)


def _type(value: Any, info: GraphQLResolveInfo[Scope], abstract: GraphQLAbstractType) -> str:
    return str(value.type)
