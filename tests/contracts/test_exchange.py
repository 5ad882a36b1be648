"""The judge must be able to fail: GitHub's own examples pass, each mutation of them is caught."""

from __future__ import annotations

import json
from collections.abc import Callable
from copy import deepcopy
from dataclasses import replace
from typing import Any

import pytest

from tests.contracts.exchange import Exchange
from tests.contracts.recording import contracts

pytestmark = pytest.mark.usefixtures("published")

JSON = {"Content-Type": "application/json; charset=utf-8"}
USER = {"User-Agent": "towline", "Authorization": "Bearer ghp_user"}
APP = {"User-Agent": "towline", "Authorization": "Bearer ghs_installation"}


def example(method: str, path: str, status: int) -> Any:
    """GitHub's published example of an answer."""
    contract = contracts().rest
    met = contract.operation(method, path)
    assert met is not None
    answer = contract._resolved(met[0].described["responses"][str(status)])
    examples = answer["content"]["application/json"]["examples"].values()
    return deepcopy(contract._resolved(next(iter(examples)))["value"])


def exchange(method: str, path: str, status: int, body: object, request: object = None) -> Exchange:
    return Exchange(
        method=method,
        path=path,
        status=status,
        request_headers=APP,
        request_body=b"" if request is None else json.dumps(request).encode(),
        response_headers=JSON,
        response_body=json.dumps(body).encode(),
    )


def faults(judged: Exchange) -> str:
    return "\n".join(contracts().rest.faults(judged))


GOOD = [
    ("GET", "/repos/o/r/git/ref/heads/towline/shop/dev/web", 200, None),
    ("GET", "/repos/o/r/git/commits/abc", 200, None),
    ("POST", "/repos/o/r/git/trees", 201, {"tree": [{"path": "a", "mode": "100644", "sha": None}]}),
    ("POST", "/repos/o/r/git/refs", 201, {"ref": "refs/heads/a", "sha": "0" * 40}),
    ("PATCH", "/repos/o/r/git/refs/heads/a/b", 200, {"sha": "0" * 40, "force": True}),
    ("POST", "/repos/o/r/issues/1/labels", 200, {"labels": ["promotion"]}),
    ("POST", "/repos/o/r/issues/1/comments", 201, {"body": "hello"}),
    ("PUT", "/repos/o/r/pulls/1/merge", 200, {"sha": "0" * 40, "merge_method": "squash"}),
    ("POST", "/repos/o/r/statuses/abc", 201, {"state": "success", "context": "ci"}),
]


@pytest.mark.parametrize(("method", "path", "status", "request_"), GOOD)
def test_githubs_own_examples_are_valid(
    method: str, path: str, status: int, request_: object
) -> None:
    body = example(method, path, status)
    assert faults(exchange(method, path, status, body, request_)) == ""


def test_most_examples_of_the_whole_description_are_valid() -> None:
    """A judge that refuses GitHub's own examples would be too strict; a few really are wrong."""
    contract, seen, refused = contracts().rest, 0, 0
    for operation in contract._operations:
        for answer in operation.described["responses"].values():
            content = contract._resolved(answer).get("content", {}).get("application/json", {})
            for sample in content.get("examples", {}).values():
                seen += 1
                value = contract._resolved(sample).get("value")
                refused += bool(contract._schemas.faults(content["schema"], value))
    assert seen > 500
    assert refused < seen / 4


def drop(key: str) -> Callable[[dict[str, Any]], object]:
    return lambda body: body.pop(key)


def put(key: str, value: object) -> Callable[[dict[str, Any]], object]:
    return lambda body: body.update({key: value})


@pytest.mark.parametrize(
    ("mutate", "said"),
    [
        (drop("ref"), '"ref" is a required property'),
        (put("ref", 5), 'ref: 5 is not of type "string"'),
        (put("ref", None), 'ref: null is not of type "string"'),
        (put("colour", "red"), "'colour' was unexpected"),
        (put("url", "no address"), 'is not a "uri"'),
        (lambda body: body["object"].pop("sha"), '"sha" is a required property'),
        (lambda body: body["object"].update(extra=1), "'extra' was unexpected"),
    ],
)
def test_a_mutated_answer_is_caught(mutate: Callable[[dict[str, Any]], object], said: str) -> None:
    body = example("GET", "/repos/o/r/git/ref/heads/main", 200)
    mutate(body)
    assert said in faults(exchange("GET", "/repos/o/r/git/ref/heads/main", 200, body))


REF = {"ref": "refs/heads/a", "sha": "0" * 40}


@pytest.mark.parametrize(
    ("request_", "said"),
    [
        ({"ref": "refs/heads/a"}, '"sha" is a required property'),
        (REF | {"force": True}, "'force' was unexpected"),
        (REF | {"sha": 1}, "is not of type"),
        (None, "the request body is required"),
    ],
)
def test_a_wrong_request_that_was_granted_is_caught(request_: object, said: str) -> None:
    body = example("POST", "/repos/o/r/git/refs", 201)
    assert said in faults(exchange("POST", "/repos/o/r/git/refs", 201, body, request_))


def test_a_wrong_request_that_was_refused_is_no_fault() -> None:
    body = {"message": "Invalid request.", "documentation_url": "https://docs.github.com/rest"}
    assert faults(exchange("POST", "/repos/o/r/git/refs", 422, body, {"ref": 1})) == ""


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"status": 202}, "the status is not documented"),
        ({"response_body": b"<html>"}, "answer is not JSON"),
        ({"response_headers": {"Content-Type": "text/html"}}, "type 'text/html' is not described"),
        ({"query": "branch=main"}, "query parameter 'branch' is not described"),
        ({"request_headers": {"Authorization": "Bearer x"}}, "no User-Agent"),
        ({"path": "/repos/o/r/git/reference/heads/main"}, "not an operation of GitHub's"),
        ({"method": "PUT"}, "not an operation of GitHub's"),
        ({"request_body": b'{"a": 1}'}, "a request body is sent, none is described"),
    ],
)
def test_a_mutated_exchange_is_caught(change: dict[str, Any], said: str) -> None:
    body = example("GET", "/repos/o/r/git/ref/heads/main", 200)
    good = exchange("GET", "/repos/o/r/git/ref/heads/main", 200, body)
    assert faults(good) == ""
    assert said in faults(replace(good, **change))


def test_parameters_are_read_as_their_types() -> None:
    body: list[object] = []
    pulls = exchange("GET", "/repos/o/r/pulls", 200, body)
    assert faults(replace(pulls, query="state=all&per_page=100&head=o:a/b")) == ""
    assert "query 'per_page'" in faults(replace(pulls, query="per_page=many"))
    assert "query 'state'" in faults(replace(pulls, query="state=merged"))
    assert "path 'pull_number'" in faults(exchange("GET", "/repos/o/r/pulls/one", 200, {}))


def test_an_operation_that_is_not_for_apps_is_caught() -> None:
    body = example("GET", "/user/emails", 200)
    assert "an installation token" in faults(exchange("GET", "/user/emails", 200, body))
    assert faults(replace(exchange("GET", "/user/emails", 200, body), request_headers=USER)) == ""


def test_a_missing_operation_may_only_be_answered_with_404() -> None:
    error = {"message": "Not Found", "documentation_url": "https://docs.github.com/rest"}
    assert faults(exchange("GET", "/invented", 404, error)) == ""
    assert "not an operation" in faults(exchange("GET", "/invented", 200, {}))
