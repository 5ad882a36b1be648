"""REST over Flask: authenticate, allow, call the handler, word errors as GitHub does."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping

from flask import Blueprint, Request, Response, request

from github_app.sandbox.access import demand, demand_live
from github_app.sandbox.calls import Calls
from github_app.sandbox.content_limit import ROUTES
from github_app.sandbox.latency import Latency
from github_app.sandbox.limits import Limits
from github_app.sandbox.refused import Refused, not_found
from github_app.sandbox.rest.call import Answer, Call, Site
from github_app.sandbox.rest.routes import Route, routes
from github_app.sandbox.rest.shapes import Urls
from github_app.sandbox.world import Actor

DOCUMENTATION = "https://docs.github.com/rest"


def blueprint(site: Site, calls: Calls, limits: Limits, latency: Latency) -> Blueprint:
    """All routes below `/api/v3`."""
    made = Blueprint("rest", __name__, url_prefix="/api/v3")
    for number, route in enumerate(routes()):
        view = _view(site, route, calls, limits, latency)
        made.add_url_rule(route.path, f"route_{number}", view, methods=[route.method])
    made.add_url_rule(
        "/<path:unknown>", "unknown", _unknown, methods=["GET", "POST", "PUT", "PATCH", "DELETE"]
    )
    return made


def _unknown(unknown: str) -> Response:
    return response(refusal(not_found()))


def _view(
    site: Site, route: Route, calls: Calls, limits: Limits, latency: Latency
) -> Callable[..., Response]:
    def view(**path: object) -> Response:
        calls.add("tokens" if route.path.endswith("/access_tokens") else "rest")
        latency.wait(writes=route.writes)
        texts = {name: str(value) for name, value in path.items()}
        with site.world.lock:
            return _answered(site, route, limits, texts)

    return view


def _answered(site: Site, route: Route, limits: Limits, path: Mapping[str, str]) -> Response:
    headers: dict[str, str] = {}
    try:
        call = _call(site, route, request, path)
        key = call.caller.budget if call.caller else f"app {call.app.id}"
        headers = limits.spend(key, "core")
        limits.content.spend(key, _content(route))
        _demand_allowed(call, route)
        answer = route.handler(call)
    except Refused as why:
        headers = {**headers, **why.headers}
        answer = refusal(why)
    return response(answer, headers)


def _content(route: Route) -> int:
    """How much content a call would create that notifies people."""
    path = route.path.removeprefix("/repos/<owner>/<repo>")
    return int(route.method == "POST" and path in ROUTES)


def _call(site: Site, route: Route, asked: Request, path: Mapping[str, str]) -> Call:
    header = asked.headers.get("Authorization")
    caller: Actor | None = None
    signed_by = None
    if route.who == "app":
        signed_by = site.auth.app(header)
    else:
        caller = site.auth.actor(header)
    repository = None
    if route.who == "repository":
        repository = site.world.repository(f"{path['owner']}/{path['repo']}")
    return Call(
        site,
        Urls(asked.host_url),
        asked.base_url,
        path,
        asked.args.to_dict(),
        _json(asked.get_data()),
        caller,
        repository,
        signed_by,
        asked.headers.get("Accept", ""),
    )


def _json(data: bytes) -> object:
    if not data:
        return None
    try:
        return json.loads(data)
    except ValueError as why:
        raise Refused(400, "Problems parsing JSON") from why


def _demand_allowed(call: Call, route: Route) -> None:
    if route.who != "repository":
        return
    demand(call.actor, call.repo, route.needs)
    if route.writes:
        demand_live(call.repo)


def refusal(why: Refused) -> Answer:
    """An error as GitHub prints it."""
    body: dict[str, object] = {"message": why.message}
    if why.errors:
        body["errors"] = list(why.errors)
    return Answer(
        why.status, {**body, "documentation_url": DOCUMENTATION, "status": str(why.status)}
    )


def response(answer: Answer, headers: Mapping[str, str] | None = None) -> Response:
    """An answer for Flask."""
    data = b"" if answer.body is None else json.dumps(answer.body).encode()
    made = Response(data, answer.status, content_type="application/json; charset=utf-8")
    made.headers["X-GitHub-Media-Type"] = "github.v3; format=json"
    for name, value in {**(headers or {}), **answer.headers}.items():
        made.headers[name] = value
    return made
