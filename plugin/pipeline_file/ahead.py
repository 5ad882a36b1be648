"""The syntax of what the grammar has and Towline does not carry out yet; see `not_yet`."""

from __future__ import annotations

from plugin.pipeline_file.durations import duration
from plugin.pipeline_file.fields import (
    Fields,
    Reader,
    distinct,
    keyed,
    listed,
    record,
)
from plugin.pipeline_file.matrix import TEMPLATE_WORDS
from plugin.pipeline_file.mistakes import Mistakes
from plugin.pipeline_file.nodes import Mapping, Node
from plugin.pipeline_file.places import relative_path
from plugin.pipeline_file.scalars import boolean, matching, name, template, text, whole_number, word

VERBS = (
    "promote", "approve", "reject", "hold", "resume", "rollback", "retry", "verify", "refresh",
    "status", "override", "allow-replace",
)  # fmt: skip
EVENTS = ("opened", "merged", "verified", "failed", "rejected", "rolled-back", "held")
_WINDOW = "{allow: FREQ=DAILY;BYHOUR=9, for: 8h, zone: Europe/Berlin}"
_RULE_KEYS = (
    "FREQ|UNTIL|COUNT|INTERVAL|BYSECOND|BYMINUTE|BYHOUR|BYDAY|BYMONTHDAY|BYYEARDAY|BYWEEKNO|"
    "BYMONTH|BYSETPOS|WKST"
)

login: Reader[str] = matching(
    r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,38})(?:\[bot\])?", "a GitHub login", "octocat"
)
logins = distinct(listed("GitHub logins", "[octocat]", login))
_team = matching(r"[A-Za-z0-9][A-Za-z0-9._-]*", "a team's name", "sre")
_who = matching(
    r"@?[A-Za-z0-9][A-Za-z0-9-]*(?:/[A-Za-z0-9._-]+)?(?:\[bot\])?",
    "a login, a team such as acme/sre, or a role such as maintain",
    "acme/sre",
)
_whoever = distinct(listed("people, teams or roles", "[acme/sre]", _who))
_https = matching(r"https://[^\s/]+(?:/\S*)?", "an https address", "https://example.com/hook")
_link = template("an address", "https://example.com/${stage}", TEMPLATE_WORDS)
_recurrence = matching(
    rf"FREQ=[A-Z]+(?:;(?:{_RULE_KEYS})=[A-Z0-9,+-]+)*",
    "a recurrence rule of RFC 5545",
    "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH;BYHOUR=9",
)
_zone = matching(r"UTC|[A-Z][A-Za-z_]+(?:/[A-Za-z0-9_+-]+){1,2}", "a time zone", "Europe/Berlin")
_moment = matching(
    r"\d{4}-\d{2}-\d{2}(?:T\d{2}:\d{2}(?::\d{2})?)?", "a date or time", "2026-01-31T09:00"
)
_subscription_names = distinct(listed("names of subscriptions", "[web]", name("a subscription")))

repository: Reader[str] = matching(
    r"[A-Za-z0-9][A-Za-z0-9-]*/[A-Za-z0-9._-]+", "a repository of GitHub", "acme/web-config"
)
links = keyed("a map of links", "{Grafana: 'https://...'}", text("a title", "Grafana"), _link)
may = keyed("a map of commands", "{approve: [acme/sre]}", word(*VERBS), _whoever)
order = _subscription_names
copy = keyed("a map of paths", "{base: base}", relative_path, relative_path)
rollout = record(
    "'rollout'",
    "{parallel: 1}",
    {
        "pullRequests": word("each", "one"),
        "parallel": whole_number(1, 1000),
        "onFailure": word("stop", "continue"),
    },
)
_reviews = record(
    "'reviews'",
    "{count: 2}",
    {
        "count": whole_number(1, 20),
        "teams": distinct(listed("teams", "[sre]", _team)),
        "codeowners": boolean,
    },
)
_hook = record(
    "a webhook",
    "{url: https://example.com/hook}",
    {
        "url": _https,
        "on": distinct(listed("events", "[merged]", word(*EVENTS))),
        "secret": text("the name of a secret", "HOOK_SECRET"),
    },
    required=("url",),
)
notify = listed("webhooks", "[{url: https://example.com/hook}]", _hook)
_window = record(
    "a window",
    _WINDOW,
    {
        "allow": _recurrence,
        "deny": _recurrence,
        "from": _moment,
        "for": duration,
        "zone": _zone,
    },
    required=("for", "zone"),
)


def reviews(node: Node, mistakes: Mistakes) -> object:
    """A number of reviews, or a map with count, teams and codeowners."""
    return (_reviews if isinstance(node, Mapping) else whole_number(1, 20))(node, mistakes)


def windows(node: Node, mistakes: Mistakes) -> object:
    """A list of times in which promotion is allowed or denied."""
    return listed("windows", f"[{_WINDOW}]", _one_window)(node, mistakes)


def _one_window(node: Node, mistakes: Mistakes) -> Fields | None:
    fields = _window(node, mistakes)
    if fields and fields.has("allow") == fields.has("deny"):
        instead = "write one of allow: FREQ=... and deny: FREQ=..."
        mistakes.add(node.at, "a window either allows or denies", instead)
        return None
    return fields
