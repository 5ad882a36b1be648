"""One request to GitHub's REST API and its answer, held against GitHub's OpenAPI description.

Checked: the operation exists and is open to Apps, parameters and body are described and valid, the
status is documented for the operation, and the answer's body is exactly what is described: all
that is required, nothing invented.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

from tests.contracts.schemas import Schema, Schemas

Description = Mapping[str, Any]
# Every operation can answer these, documented for it or not:
# https://docs.github.com/rest/using-the-rest-api/troubleshooting-the-rest-api
EVERYWHERE = frozenset({400, 401, 403, 404, 415, 422, 429})
_NOT_JSON = object()
# Where the description contradicts itself. The first wants every account to be a user *and* an
# enterprise (`allOf`), while the `installation` it means says either (`anyOf`). The second says in
# words that a bare array will do too; PyGithub sends one.
_INSTALLATION = {"$ref": "#/components/schemas/installation"}
_CORRECTED: Mapping[tuple[str, str, str], Schema] = {
    ("answer", "get", "/app/installations"): {"type": "array", "items": _INSTALLATION},
    ("request", "post", "/repos/{owner}/{repo}/issues/{issue_number}/labels"): {
        "anyOf": [
            {"type": "array", "items": {"type": "string"}},
            {
                "type": "object",
                "properties": {"labels": {"type": "array", "items": {"type": "string"}}},
            },
        ]
    },
}
_METHODS = ("get", "post", "put", "patch", "delete")


@dataclass(frozen=True, slots=True)
class Exchange:
    """A request below the API's base path (`/repos/...`) and the answer; header names any case."""

    method: str
    path: str
    status: int
    query: str = ""
    request_headers: Mapping[str, str] = field(default_factory=dict)
    request_body: bytes = b""
    response_headers: Mapping[str, str] = field(default_factory=dict)
    response_body: bytes = b""

    def __str__(self) -> str:
        return f"{self.method} {self.path} -> {self.status}"


@dataclass(frozen=True, slots=True)
class Operation:
    """A documented method of a documented path."""

    method: str
    template: str
    pattern: re.Pattern[str]
    described: Description


class Contract:
    """GitHub's REST API as its OpenAPI description has it."""

    def __init__(self, description: Description) -> None:
        self._description = description
        self._schemas = Schemas(description["components"]["schemas"])
        self._operations = sorted(self._all_operations(), key=_specificity)
        kinds = ("basic-error", "validation-error", "validation-error-simple")
        self._error = {"anyOf": [{"$ref": f"#/components/schemas/{kind}"} for kind in kinds]}

    @classmethod
    def read(cls, path: Path) -> Contract:
        """The contract in the file that `tests.contracts.fetch` put at `path`."""
        return cls(json.loads(path.read_bytes()))

    def operation(self, method: str, path: str) -> tuple[Operation, dict[str, str]] | None:
        """The operation a request meets, with its path parameters; None if it is not documented."""
        for operation in self._operations:
            if operation.method == method.lower():
                match = operation.pattern.fullmatch(path)
                if match:
                    return operation, match.groupdict()
        return None

    def faults(self, exchange: Exchange) -> list[str]:
        """Everything in which the exchange departs from the description; [] when nothing does."""
        met = self.operation(exchange.method, exchange.path)
        if met is None:
            return [] if exchange.status == 404 else [f"{exchange}: not an operation of GitHub's"]
        operation, in_path = met
        refused = 400 <= exchange.status < 500
        faults = [*self._answer_faults(operation, exchange), *_caller_faults(operation, exchange)]
        if not refused:
            faults += self._parameter_faults(operation, exchange, in_path)
            faults += self._request_faults(operation, exchange)
        return [f"{exchange}: {fault}" for fault in faults]

    def _all_operations(self) -> Iterator[Operation]:
        for template, item in self._description["paths"].items():
            for method in _METHODS:
                if method in item:
                    yield self._operation(method, template, item[method])

    def _operation(self, method: str, template: str, described: Description) -> Operation:
        parameters = self._parameters(described)
        long = {each["name"] for each in parameters if each.get("x-multi-segment")}
        names = iter(re.findall(r"\{([^}]+)\}", template))
        pieces = re.split(r"\{[^}]+\}", template)
        pattern = re.escape(pieces[0])
        for piece in pieces[1:]:
            name = next(names)
            wild = ".*" if name == "path" else ".+" if name in long else "[^/]+"
            pattern += f"(?P<{name.replace('-', '_')}>{wild})" + re.escape(piece)
        return Operation(method, template, re.compile(pattern), described)

    def _parameters(self, described: Description) -> list[Description]:
        return [self._resolved(each) for each in described.get("parameters", ())]

    def _resolved(self, node: Description) -> Description:
        while "$ref" in node:
            target: Any = self._description
            for part in node["$ref"].removeprefix("#/").split("/"):
                target = target[part]
            node = target
        return node

    def _parameter_faults(
        self, operation: Operation, exchange: Exchange, in_path: Mapping[str, str]
    ) -> Iterator[str]:
        described = self._parameters(operation.described)
        known = {(each["in"], each["name"]): each for each in described}
        in_query = dict(parse_qsl(exchange.query, keep_blank_values=True))
        given = {("path", name): text for name, text in in_path.items()}
        given |= {("query", name): text for name, text in in_query.items()}
        for (place, name), text in given.items():
            parameter = known.get((place, name))
            if parameter is None:
                yield f"{place} parameter '{name}' is not described"
            else:
                schema = parameter["schema"]
                value = _from_text(text, schema)
                yield from (
                    f"{place} '{name}' {line}" for line in self._schemas.faults(schema, value)
                )
        for (place, name), parameter in known.items():
            if place == "query" and parameter.get("required") and name not in in_query:
                yield f"query parameter '{name}' is required"

    def _request_faults(self, operation: Operation, exchange: Exchange) -> Iterator[str]:
        described = operation.described.get("requestBody")
        if described is None:
            if exchange.request_body not in (b"", b"{}"):
                yield "a request body is sent, none is described"
            return
        described = self._resolved(described)
        if not exchange.request_body:
            if described.get("required"):
                yield "the request body is required"
            return
        schema = _CORRECTED.get(("request", operation.method, operation.template))
        schema = schema or described["content"]["application/json"]["schema"]
        yield from self._body_faults("request", schema, exchange.request_body)

    def _answer_faults(self, operation: Operation, exchange: Exchange) -> Iterator[str]:
        answers = operation.described["responses"]
        if str(exchange.status) not in answers:
            yield from self._undocumented_faults(exchange)
            return
        content = self._resolved(answers[str(exchange.status)]).get("content", {})
        if exchange.status >= 400 and exchange.response_body:
            yield from self._refusal_faults(content, exchange.response_body)
        elif not content:
            if exchange.response_body not in (b"", b"{}"):
                yield "an answer without body is described, one with a body was sent"
        else:
            corrected = _CORRECTED.get(("answer", operation.method, operation.template))
            yield from self._content_faults(content, exchange, corrected)

    def _content_faults(
        self, content: Description, exchange: Exchange, corrected: Schema | None
    ) -> Iterator[str]:
        kind = _header(exchange.response_headers, "content-type").partition(";")[0].strip()
        if "+json" in kind and kind not in content:
            kind = "application/json"
        if kind not in content:
            yield f"an answer of type '{kind}' is not described"
        elif kind == "application/json":
            schema = corrected or content[kind].get("schema", {})
            yield from self._body_faults("answer", schema, exchange.response_body)

    def _refusal_faults(self, content: Description, body: bytes) -> Iterator[str]:
        """A refusal carries `status` since 2024, which most descriptions of refusals lack."""
        schema = content.get("application/json", {}).get("schema", self._error)
        said = _json(body)
        if isinstance(said, dict):
            said = {key: value for key, value in said.items() if key != "status"}
        yield from self._value_faults("answer", schema, said)

    def _undocumented_faults(self, exchange: Exchange) -> Iterator[str]:
        if exchange.status in EVERYWHERE:
            yield from self._refusal_faults({}, exchange.response_body)
        elif exchange.status < 500:
            yield "the status is not documented for this operation"

    def _body_faults(self, which: str, schema: Schema, body: bytes) -> Iterator[str]:
        yield from self._value_faults(which, schema, _json(body))

    def _value_faults(self, which: str, schema: Schema, value: object) -> Iterator[str]:
        if value is _NOT_JSON:
            yield f"{which} is not JSON"
        else:
            yield from (f"{which} {line}" for line in self._schemas.faults(schema, value))


def _caller_faults(operation: Operation, exchange: Exchange) -> Iterator[str]:
    """GitHub refuses requests without User-Agent, and Apps where an operation is not for them.

    https://docs.github.com/rest/using-the-rest-api/getting-started-with-the-rest-api#user-agent
    """
    if exchange.status in EVERYWHERE:
        return
    headers = exchange.request_headers
    if headers and not _header(headers, "user-agent"):
        yield "the request has no User-Agent"
    is_app = _header(headers, "authorization").partition(" ")[2].startswith("ghs_")
    if is_app and not operation.described["x-github"]["enabledForGitHubApps"]:
        yield "an installation token may not be used here"


def _specificity(operation: Operation) -> tuple[int, int, str]:
    segments = operation.template.split("/")
    wild = sum("{" in segment for segment in segments)
    return wild, -len(segments), operation.template


def _json(body: bytes) -> object:
    try:
        return json.loads(body)
    except ValueError:
        return _NOT_JSON


def _header(headers: Mapping[str, str], name: str) -> str:
    return next((value for key, value in headers.items() if key.lower() == name), "")


def _from_text(text: str, schema: Schema) -> object:
    read: Sequence[tuple[str, Callable[[str], object]]] = (
        ("integer", int),
        ("boolean", {"true": True, "false": False}.__getitem__),
    )
    for kind, value in read:
        if schema.get("type") == kind:
            try:
                return value(text)
            except (ValueError, KeyError):
                return text
    return text
