"""Where in GitHub a delivery points: its repository, and whether we did it ourselves."""

from __future__ import annotations

from github_app.events import RepositoryChanged, Understood
from github_app.identity import Identity
from github_app.webhooks.fields import Object, full_name, maybe_number, maybe_text


def look(payload: Object, why: str) -> Understood:
    """A look at the repository, and why."""
    return Understood((changed(payload, why),))


def changed(payload: Object, why: str) -> RepositoryChanged:
    """The repository that a delivery is about, in which something changed."""
    name = full_name(payload, "repository", "full_name")
    return RepositoryChanged(maybe_number(payload, "installation", "id"), name, why)


def by_us(payload: Object, identity: Identity) -> bool:
    """Whether the App itself did what is told: it knows already."""
    return maybe_text(payload, "sender", "login") == identity.login
