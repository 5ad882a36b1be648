"""Who is meant: GitHub logins, teams, roles; `may` and `reviews`."""

from __future__ import annotations

from plugin.pipeline_file.fields import Reader, distinct, keyed, listed, mapping
from plugin.pipeline_file.mistakes import Mistakes
from plugin.pipeline_file.nodes import Mapping, Node
from plugin.pipeline_file.scalars import boolean, matching, whole_number, word
from plugin.pipeline_file.vocabulary import opened
from plugin.stage_policy import Reviews

VERBS = (
    "promote", "approve", "reject", "hold", "resume", "rollback", "retry", "verify", "refresh",
    "status", "override", "allow-replace", "hotfix",
)  # fmt: skip
_MOST_REVIEWS = 20
# https://docs.github.com/en/enterprise-cloud@latest/admin/managing-iam/iam-configuration-reference/username-considerations-for-external-authentication
_LOGIN = r"[A-Za-z0-9](?:[A-Za-z0-9_-]{0,38})(?:\[bot\])?"
_TEAM = r"[A-Za-z0-9][A-Za-z0-9._-]*"

_login: Reader[str] = matching(_LOGIN, "a GitHub login", "octocat")
_team: Reader[str] = matching(rf"(?:{_LOGIN}/)?{_TEAM}", "a team's name", "sre")
_reviewer: Reader[str] = matching(
    rf"{_LOGIN}(?:/{_TEAM})?", "a GitHub login or a team such as acme/sre", "octocat"
)
_who = matching(
    rf"@?{_LOGIN}(?:/{_TEAM})?",
    "a login, a team such as acme/sre, or a role such as maintain",
    "acme/sre",
)


def _plain(node: Node, mistakes: Mistakes) -> str | None:
    """Without the `@` that people are used to."""
    value = _who(node, mistakes)
    return value and value.removeprefix("@")


logins: Reader[tuple[str, ...]] = distinct(listed("GitHub logins", "[octocat]", _login))
reviewers: Reader[tuple[str, ...]] = distinct(listed("logins or teams", "[octocat]", _reviewer))
_whoever: Reader[tuple[str, ...]] = distinct(listed("people, teams or roles", "[acme/sre]", _plain))
_rights = keyed("a map of commands", "{approve: [acme/sre]}", word(*VERBS), _whoever)
_teams: Reader[tuple[str, ...]] = distinct(listed("teams", "[sre]", _team))
_count = whole_number(1, _MOST_REVIEWS)


def may(node: Node, mistakes: Mistakes) -> dict[str, tuple[str, ...]] | None:
    """Who may give each command: logins, teams and roles, without `@`."""
    pairs = _rights(node, mistakes)
    return None if pairs is None else dict(pairs)


def reviews(node: Node, mistakes: Mistakes) -> Reviews | None:
    """A number of reviews, or a map with count, teams and codeowners."""
    if not isinstance(node, Mapping):
        count = _count(node, mistakes)
        return None if count is None else Reviews(count)
    whole = mapping(node, mistakes, "a number of reviews or a map", "{count: 2}")
    if whole is None:
        return None
    fields = opened("reviews", whole, mistakes)
    return Reviews(
        fields.read_or("count", _count, 1),
        fields.read_or("teams", _teams, ()),
        fields.read_or("codeowners", boolean, default=False),
    )
