"""Where in a repository's tree a subscription's rules look."""

from __future__ import annotations

from github_app.github.mirror.scope import RECORDS, Scope
from github_app.warehouse.git_paths import PathRules


def scope_of(rules: PathRules) -> Scope:
    """Where changes matter: where rules admit any, or else where promotions leave their records."""
    return Scope.of(rules.within, rules.without) if rules else RECORDS
