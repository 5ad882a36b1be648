"""A refusal in GitHub's own words: HTTP status for REST, error type for GraphQL."""

from __future__ import annotations

from collections.abc import Mapping

from plugin.errors import Refusal

_KINDS = {401: "UNAUTHORIZED", 403: "FORBIDDEN", 404: "NOT_FOUND"}


class Refused(Refusal):
    """What GitHub would answer instead of doing it; the text is GitHub's `message`."""

    def __init__(
        self,
        status: int,
        message: str,
        *,
        kind: str = "",
        errors: tuple[object, ...] = (),
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.kind = kind or _KINDS.get(status, "UNPROCESSABLE")
        self.errors = errors
        self.headers = dict(headers or {})

    @property
    def sentence(self) -> str:
        """The one sentence GraphQL shows: REST hides it among the errors of a failed validation."""
        for error in self.errors:
            if isinstance(error, Mapping) and "message" in error:
                return str(error["message"])
        return self.message


def not_found() -> Refused:
    """404, also for what the caller may not know of: GitHub does not tell the two apart."""
    return Refused(404, "Not Found")


def invalid(resource: str, message: str, *, field: str = "") -> Refused:
    """422 for a value GitHub parsed but does not accept; GraphQL shows the sentence alone."""
    error = {"resource": resource, "code": "custom", "message": message}
    return Refused(
        422, "Validation Failed", errors=({**error, **({"field": field} if field else {})},)
    )


def missing(resource: str, field: str) -> Refused:
    """422 for a required value that was not sent."""
    return Refused(
        422,
        "Invalid request.",
        errors=({"resource": resource, "field": field, "code": "missing_field"},),
    )
