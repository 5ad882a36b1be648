"""What every page has at hand: the stand-in, the visitor, the mark of its forms."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from github_app.sandbox.pages.visitor import Forms, Visitor, visitor
from github_app.sandbox.refused import Refused
from github_app.sandbox.state import Repository

if TYPE_CHECKING:
    from github_app.sandbox.stand_in import StandIn


class Desk:
    """One per blueprint; a request's own things are read from Flask's `request`."""

    def __init__(self, stand_in: StandIn) -> None:
        self.stand_in = stand_in
        self._forms = Forms(stand_in.form_key)

    def repository(self, owner: str, repo: str) -> Repository:
        """The repository of an address; Refused (404) if there is none."""
        return self.stand_in.repository(f"{owner}/{repo}")

    def visitor(self, repository: Repository) -> Visitor:
        """Who looks at this repository's pages."""
        owner = self.stand_in.account(repository.owner)
        people = (owner.login,) if owner.kind == "User" else ()
        return visitor(request, repository, people)

    def actor(self, repository: Repository) -> str:
        """The login that a form acts as.

        Raises Refused (403): the form is not ours, or nobody may write here.
        """
        self._forms.demand(request)
        login = self.visitor(repository).login
        if login is None:
            raise Refused(403, f"Nobody may write to {repository.full_name}.")
        return login

    def demand_form(self) -> None:
        """Nothing, if the request is a form of these pages; Refused (403) otherwise."""
        self._forms.demand(request)

    def page(self, template: str, repository: Repository | None = None, **values: object) -> str:
        """A page with what every page shows."""
        who = self.visitor(repository) if repository else None
        shared = {"repository": repository, "visitor": who, "mark": self._forms.mark}
        return render_template(template, **shared, apps=self.stand_in.apps(), **values)

    def back(self, endpoint: str, **values: object) -> Response:
        """After a form: see the page again, with GET."""
        return redirect(url_for(f"pages.{endpoint}", **values), 303)  # type: ignore[arg-type]  # Any
