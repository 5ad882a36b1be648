"""GraphQL over HTTP: `POST /api/graphql`, always 200 once the caller is known."""

from __future__ import annotations

import json
from dataclasses import replace

from flask import Blueprint, Response, request

from github_app.sandbox.auth import Auth
from github_app.sandbox.calls import Calls
from github_app.sandbox.graphql.api import content_of, execute
from github_app.sandbox.graphql.scope import Scope
from github_app.sandbox.latency import Latency
from github_app.sandbox.limits import Limits
from github_app.sandbox.refused import Refused
from github_app.sandbox.rest.call import Answer
from github_app.sandbox.rest.server import refusal, response
from github_app.sandbox.rest.shapes import Urls
from github_app.sandbox.world import World


def blueprint(
    world: World, auth: Auth, calls: Calls, limits: Limits, latency: Latency
) -> Blueprint:
    """The one route."""
    made = Blueprint("graphql", __name__)

    @made.post("/api/graphql")
    def graphql() -> Response:
        calls.add("graphql")
        body = request.get_data()
        latency.wait(writes=b"mutation" in body)
        with world.lock:
            return _answered(world, auth, limits, body)

    return made


def _answered(world: World, auth: Auth, limits: Limits, body: bytes) -> Response:
    headers: dict[str, str] = {}
    try:
        actor = auth.actor(request.headers.get("Authorization"))
        headers = limits.spend(actor.budget, "graphql")
        scope = Scope(world, actor, Urls(request.host_url), limits)
        answer = _executed(scope, body)
    except Refused as why:
        answer = _refused(why)
    return response(answer, headers)


def _refused(why: Refused) -> Answer:
    """A spent budget is an error inside a 200; everything else is told as REST would."""
    if why.kind == "RATE_LIMITED":
        return Answer(200, {"errors": [{"type": why.kind, "message": why.message}]}, why.headers)
    return replace(refusal(why), headers=why.headers)


def _executed(scope: Scope, body: bytes) -> Answer:
    try:
        sent = json.loads(body)
        query = sent["query"]
    except (ValueError, KeyError, TypeError) as why:
        raise Refused(400, "Problems parsing JSON") from why
    if not isinstance(query, str):
        raise Refused(400, "A query attribute must be specified and must be a string.")
    scope.limits.content.spend(scope.actor.budget, content_of(query))
    return Answer(200, execute(scope, query, sent.get("variables")))
