"""The blueprint of all pages: routes as one table, headers, and how a refusal looks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Blueprint, Response, render_template

from github_app.sandbox.pages import words
from github_app.sandbox.pages.code import CodePages
from github_app.sandbox.pages.decisions import DecisionPages
from github_app.sandbox.pages.deliveries import DeliveryPages
from github_app.sandbox.pages.desk import Desk
from github_app.sandbox.pages.markdown import rendered
from github_app.sandbox.pages.pull import PullPages
from github_app.sandbox.refused import Refused

if TYPE_CHECKING:
    from flask.typing import RouteCallable

    from github_app.sandbox.stand_in import StandIn

# No script at all, no style but our sheet, no picture from elsewhere, forms only to ourselves.
_POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; "
    "base-uri 'none'; frame-ancestors 'none'"
)
# Functions of `words`, under the same names.
_FILTERS = (
    "at",
    "check_state",
    "colour",
    "count",
    "detail",
    "face",
    "pull_state",
    "sentence",
    "web",
)


def pages(stand_in: StandIn) -> Blueprint:
    """The pages of `stand_in`, to be served beside its API on the same address."""
    blueprint = Blueprint(
        "pages",
        __name__,
        template_folder="templates",
        static_folder="static",
        static_url_path="/-/pages",
    )
    desk = Desk(stand_in)
    _add_routes(blueprint, desk)
    blueprint.after_request(_guarded)
    blueprint.register_error_handler(Refused, _refused)
    blueprint.add_app_template_filter(rendered, "markdown")
    for name in (
        "colour",
        "check_state",
        "pull_state",
        "sentence",
        "count",
        "at",
        "face",
        "web",
        "detail",
    ):
        blueprint.add_app_template_filter(getattr(words, name), name)
    return blueprint


def _add_routes(blueprint: Blueprint, desk: Desk) -> None:
    code, pull, sent = CodePages(desk), PullPages(desk), DeliveryPages(desk)
    decide = DecisionPages(desk, pull)
    repository = "/<owner>/<repo>"
    number = f"{repository}/pull/<int:number>"
    app = "/settings/apps/<slug>/advanced"
    reads: dict[str, RouteCallable] = {
        "/": code.start,
        "/<owner>": code.owned,
        "/avatars/<int:number>": code.avatar,
        repository: code.home,
        f"{repository}/pulls": code.pulls,
        f"{repository}/branches": code.branches,
        f"{repository}/deployments": code.deployments,
        f"{repository}/tree/<path:address>": code.tree,
        f"{repository}/blob/<path:address>": code.blob,
        f"{repository}/raw/<path:address>": code.raw,
        f"{repository}/commits/<path:address>": code.history,
        f"{repository}/commit/<sha>": code.commit,
        f"{repository}/runs/<int:number>": decide.run,
        number: pull.conversation,
        f"{number}/commits": pull.commits,
        f"{number}/checks": pull.checks,
        f"{number}/files": pull.files,
        app: sent.everything,
        f"{app}/<int:number>": sent.one,
    }
    writes: dict[str, RouteCallable] = {
        f"{repository}/visitor": code.become,
        f"{number}/merge": pull.merge,
        f"{number}/close": pull.close,
        f"{number}/reopen": pull.reopen,
        f"{number}/comment": pull.comment,
        f"{number}/review": decide.review,
        f"{number}/dismiss": decide.dismiss,
        f"{number}/enqueue": decide.enqueue,
        f"{number}/dequeue": decide.dequeue,
        f"{repository}/runs/<int:number>/press": decide.press,
        f"{app}/<int:number>/attempts": sent.again,
    }
    for methods, table in ((["GET"], reads), (["POST"], writes)):
        for rule, view in table.items():
            blueprint.add_url_rule(rule, view.__name__, view, methods=methods)


def _guarded(response: Response) -> Response:
    response.headers["Content-Security-Policy"] = _POLICY
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Referrer-Policy"] = "same-origin"
    return response


def _refused(refusal: Refused) -> tuple[str, int]:
    return render_template("refused.html", refusal=refusal), refusal.status
