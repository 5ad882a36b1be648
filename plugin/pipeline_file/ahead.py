"""The syntax of what the grammar has and no value carries yet; see `not_yet`."""

from __future__ import annotations

from plugin.pipeline_file.fields import distinct, listed, record
from plugin.pipeline_file.scalars import matching, text, word

EVENTS = ("opened", "merged", "verified", "failed", "rejected", "rolled-back", "held")

_https = matching(r"https://[^\s/]+(?:/\S*)?", "an https address", "https://example.com/hook")
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
