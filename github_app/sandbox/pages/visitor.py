"""Who looks at the pages, and proof that a form comes from one of them.

The stand-in has no passwords: a visitor picks one of the people who may write to a repository.
What still must not happen is that another web page in the same browser presses *Merge*.
"""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass

from flask import Request

from github_app.sandbox.refused import Refused
from github_app.sandbox.state import Repository

COOKIE = "sandbox_visitor"
_WRITERS = ("admin", "maintain", "write")


@dataclass(frozen=True, slots=True)
class Visitor:
    """A login to act as, None where nobody may write; `choices` are all who could be picked."""

    login: str | None
    choices: tuple[str, ...]


def visitor(request: Request, repository: Repository, people: tuple[str, ...]) -> Visitor:
    """The person picked earlier if still allowed, else the first of `people` or collaborators."""
    named = (*repository.collaborators.items(), *repository.through_teams.items())
    choices = tuple(dict.fromkeys((*people, *(who for who, role in named if role in _WRITERS))))
    picked = request.cookies.get(COOKIE, "")
    chosen = picked if picked in choices else next(iter(choices), None)
    return Visitor(chosen, choices)


class Forms:
    """Marks forms as ours; the mark can't be guessed or read by another site."""

    def __init__(self, key: bytes) -> None:
        self.mark = hmac.new(key, b"sandbox form", hashlib.sha256).hexdigest()

    def demand(self, request: Request) -> None:
        """Nothing, if a form is ours; Refused (403) otherwise."""
        origin = request.headers.get("Origin")
        foreign = origin is not None and origin != request.host_url.rstrip("/")
        given = request.form.get("mark", "")
        if foreign or not hmac.compare_digest(given.encode(), self.mark.encode()):
            raise Refused(403, "This form does not come from these pages: load the page again.")
