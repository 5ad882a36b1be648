"""`/<owner>/<repo>.git/...`: what Git clients talk to."""

from __future__ import annotations

from flask import Blueprint, Response, request

from github_app.sandbox.auth import Auth
from github_app.sandbox.calls import Calls
from github_app.sandbox.git_http import GitAnswer, GitRequest, serve
from github_app.sandbox.refused import Refused
from github_app.sandbox.world import World


def blueprint(world: World, auth: Auth, calls: Calls) -> Blueprint:
    """The routes of the smart protocol; the dumb one is not served."""
    made = Blueprint("git", __name__)

    def view(owner: str, repo: str, path: str) -> Response:
        calls.add("git")
        return _answered(world, auth, f"{owner}/{repo}", path)

    place = "/<owner>/<repo>.git"
    refs = {"path": "info/refs"}
    made.add_url_rule(f"{place}/info/refs", "refs", view, methods=["GET"], defaults=refs)
    services = f"{place}/<any('git-upload-pack','git-receive-pack'):path>"
    made.add_url_rule(services, "service", view, methods=["POST"])
    return made


def _answered(world: World, auth: Auth, name: str, path: str) -> Response:
    try:
        with world.lock:
            actor = auth.actor(request.headers.get("Authorization"))
            repository = world.repository(name)
        return _response(serve(world, repository, actor, _request(path)))
    except Refused as why:
        made = Response(f"{why.message}\n", why.status, content_type="text/plain; charset=utf-8")
        if why.status == 401:
            made.headers["WWW-Authenticate"] = 'Basic realm="GitHub"'
        return made


def _request(path: str) -> GitRequest:
    return GitRequest(
        request.method,
        path,
        request.query_string.decode(),
        request.headers.get("Content-Type", ""),
        request.get_data(),
        request.headers.get("Git-Protocol", ""),
        request.headers.get("Content-Encoding", ""),
    )


def _response(answer: GitAnswer) -> Response:
    made = Response(answer.body, answer.status)
    for name, value in answer.headers:
        made.headers[name] = value
    return made
