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


_REPOSITORY = "/<owner>/<repo>"
_PULL = f"{_REPOSITORY}/pull/<int:number>"
_APP = "/settings/apps/<slug>/advanced"


def _add_routes(blueprint: Blueprint, desk: Desk) -> None:
    code, pull, sent = CodePages(desk), PullPages(desk), DeliveryPages(desk)
    decide = DecisionPages(desk, pull)
    tables = {"GET": _reads(code, pull, decide, sent), "POST": _writes(code, pull, decide, sent)}
    for method, table in tables.items():
        for rule, view in table.items():
            blueprint.add_url_rule(rule, view.__name__, view, methods=[method])


def _reads(
    code: CodePages, pull: PullPages, decide: DecisionPages, sent: DeliveryPages
) -> dict[str, RouteCallable]:
    return {
        "/": code.start,
        "/<owner>": code.owned,
        "/avatars/<int:number>": code.avatar,
        _REPOSITORY: code.home,
        f"{_REPOSITORY}/pulls": code.pulls,
        f"{_REPOSITORY}/branches": code.branches,
        f"{_REPOSITORY}/deployments": code.deployments,
        f"{_REPOSITORY}/tree/<path:address>": code.tree,
        f"{_REPOSITORY}/blob/<path:address>": code.blob,
        f"{_REPOSITORY}/raw/<path:address>": code.raw,
        f"{_REPOSITORY}/commits/<path:address>": code.history,
        f"{_REPOSITORY}/commit/<sha>": code.commit,
        f"{_REPOSITORY}/runs/<int:number>": decide.run,
        _PULL: pull.conversation,
        f"{_PULL}/commits": pull.commits,
        f"{_PULL}/checks": pull.checks,
        f"{_PULL}/files": pull.files,
        _APP: sent.everything,
        f"{_APP}/<int:number>": sent.one,
    }


def _writes(
    code: CodePages, pull: PullPages, decide: DecisionPages, sent: DeliveryPages
) -> dict[str, RouteCallable]:
    return {
        f"{_REPOSITORY}/visitor": code.become,
        f"{_PULL}/merge": pull.merge,
        f"{_PULL}/close": pull.close,
        f"{_PULL}/reopen": pull.reopen,
        f"{_PULL}/comment": pull.comment,
        f"{_PULL}/review": decide.review,
        f"{_PULL}/dismiss": decide.dismiss,
        f"{_PULL}/enqueue": decide.enqueue,
        f"{_PULL}/dequeue": decide.dequeue,
        f"{_REPOSITORY}/runs/<int:number>/press": decide.press,
        f"{_APP}/<int:number>/attempts": sent.again,
    }


def _guarded(response: Response) -> Response:
    response.headers["Content-Security-Policy"] = _POLICY
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Referrer-Policy"] = "same-origin"
    return response


def _refused(refusal: Refused) -> tuple[str, int]:
    return render_template("refused.html", refusal=refusal), refusal.status
