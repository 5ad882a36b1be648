"""What GitHub answered, and what it means: an answer, a limit, a refusal. Pure."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

from plugin.errors import Refusal, Temporary

_LIMIT_WORDS = re.compile(
    r"api rate limit exceeded|secondary rate limit|abuse detection"
    r"|wait a few minutes before you try again|retry your request again later",
    re.IGNORECASE,
)
_LIMIT_TYPES = frozenset({"RATE_LIMITED", "RATE_LIMIT"})
_BROKE_DOWN = re.compile(r"something went wrong while executing your query", re.IGNORECASE)


class UnknownOutcome(Temporary):
    """A write was sent and its answer lost: it may be done. Look before repeating it."""


class NotFound(Refusal):
    """GitHub shows no such thing: it does not exist, or the App may not see it."""


class RestAnswer(NamedTuple):
    """An answer of the REST API; header names are in lower case, `json` is None without a body."""

    status: int
    headers: Mapping[str, str]
    json: Any


@dataclass(frozen=True, slots=True)
class GraphError:
    """One entry of a GraphQL answer's `errors`; `type` is GitHub's word, or empty."""

    path: tuple[str | int, ...]
    type: str
    message: str


@dataclass(frozen=True, slots=True)
class GraphAnswer:
    """A GraphQL answer: where an error's path points, `data` holds null and the rest is valid.

    `cost` is the document's own `rateLimit { cost }`, None where it did not ask.
    """

    data: Mapping[str, Any]
    errors: tuple[GraphError, ...]
    cost: int | None


def rest_answer(status: int, headers: Mapping[str, str], text: str) -> RestAnswer | None:
    """The answer with its body read; None when a success carries something that is no JSON."""
    try:
        body = json.loads(text) if text.strip() else None
    except ValueError:
        if status < 400:
            return None
        body = None
    return RestAnswer(status, headers, body)


def graph_errors(answer: RestAnswer) -> tuple[GraphError, ...]:
    """The `errors` of a GraphQL answer."""
    found = answer.json.get("errors") if isinstance(answer.json, dict) else None
    return tuple(
        GraphError(
            tuple(one.get("path") or ()), str(one.get("type", "")), str(one.get("message", ""))
        )
        for one in found or ()
        if isinstance(one, dict)
    )


def graph_answer(answer: RestAnswer) -> GraphAnswer:
    """The GraphQL answer; a document GitHub did not execute is a Refusal with its reasons."""
    errors = graph_errors(answer)
    data = answer.json.get("data") if isinstance(answer.json, dict) else None
    if not isinstance(data, dict):
        reasons = "; ".join(one.message for one in errors) or "no data in the answer"
        raise Refusal(f"GitHub refuses the GraphQL document: {reasons}")
    limits = data.get("rateLimit")
    return GraphAnswer(data, errors, limits.get("cost") if isinstance(limits, dict) else None)


def executed_nothing(answer: RestAnswer) -> bool:
    """Whether a GraphQL answer shows that no field of the document was executed."""
    data = answer.json.get("data") if isinstance(answer.json, dict) else None
    return not isinstance(data, dict) or all(value is None for value in data.values())


def broke_down(answer: RestAnswer) -> bool:
    """Whether GraphQL gave up in the middle: what a 502 is to REST, with status 200."""
    return any(not one.type and _BROKE_DOWN.search(one.message) for one in graph_errors(answer))


def is_limit(answer: RestAnswer) -> bool:
    """Whether a primary or secondary rate limit answered.

    https://docs.github.com/en/rest/using-the-rest-api/rate-limits-for-the-rest-api
    """
    if any(one.type in _LIMIT_TYPES for one in graph_errors(answer)):
        return True
    if answer.status != 403:
        return answer.status == 429
    named = "retry-after" in answer.headers or answer.headers.get("x-ratelimit-remaining") == "0"
    return named or bool(_LIMIT_WORDS.search(message_of(answer)))


def named_wait(answer: RestAnswer, now: datetime) -> timedelta | None:
    """How long GitHub asks to wait, if it says so: Retry-After first, then the budget's reset."""
    after = answer.headers.get("retry-after", "")
    if after.isdecimal():
        return timedelta(seconds=max(1, int(after)))
    reset = answer.headers.get("x-ratelimit-reset", "")
    if answer.headers.get("x-ratelimit-remaining") != "0" or not reset.isdecimal():
        return None
    wait = datetime.fromtimestamp(int(reset), UTC) - now
    return wait if wait > timedelta(0) else None


def message_of(answer: RestAnswer) -> str:
    """GitHub's own words about an error, with the details of a failed validation."""
    if not isinstance(answer.json, dict):
        return ""
    details = answer.json.get("errors")
    said = [str(answer.json.get("message", ""))]
    if isinstance(details, list):
        said += [str(one.get("message", "")) for one in details if isinstance(one, dict)]
    return "; ".join(word for word in said if word)


def refusal(what: str, whose: str, answer: RestAnswer) -> Refusal | None:
    """The refusal in an answer; None for success and for what its caller judges (405, 409, 422).

    GitHub names the missing permission in `X-Accepted-GitHub-Permissions`, on 404 too:
    https://docs.github.com/en/rest/using-the-rest-api/troubleshooting-the-rest-api
    """
    words = message_of(answer) or f"status {answer.status}"
    match answer.status:
        case 401:
            return Refusal(
                f"GitHub does not accept the credentials of {whose} for {what}: {words}."
                " Check the App's id, its private key and this machine's clock."
            )
        case 403:
            return Refusal(f"GitHub refuses {what} to {whose}: {words}.{_wanted(answer)}")
        case 404 | 410 | 451:
            return NotFound(
                f"GitHub shows {whose} nothing at {what}: {words}."
                f" It is gone, or the App may not see it.{_wanted(answer)}"
            )
        case status if 300 <= status < 400:
            return Refusal(f"GitHub redirects {what} elsewhere: correct the address of GitHub")
        case _:
            return None


def _wanted(answer: RestAnswer) -> str:
    wanted = answer.headers.get("x-accepted-github-permissions", "")
    if not wanted:
        return ""
    return (
        f" The App needs the permission {wanted}: grant it in the App's settings"
        " and accept it in the installation."
    )
