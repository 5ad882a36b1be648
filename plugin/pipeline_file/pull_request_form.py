"""A stage's `pullRequest` and `links`: how its promotions look on GitHub."""

from __future__ import annotations

import re

from plugin.pipeline import PullRequestForm
from plugin.pipeline_file import not_yet
from plugin.pipeline_file.fields import Reader, distinct, keyed, listed, mapping, wrong
from plugin.pipeline_file.matrix import TEMPLATE_WORDS
from plugin.pipeline_file.mistakes import Mistakes, shown
from plugin.pipeline_file.nodes import Node, Text
from plugin.pipeline_file.people import logins, reviewers
from plugin.pipeline_file.scalars import boolean, template, text
from plugin.pipeline_file.vocabulary import opened
from plugin.stage_policy import Draft

_LONGEST_LABEL = 50
_title = template("a title", "'Promote ${freight} to ${stage}'", TEMPLATE_WORDS)
_address = template("an address", "https://example.com/${stage}", TEMPLATE_WORDS)


def _label(node: Node, mistakes: Mistakes) -> str | None:
    value = text("a label", "promotion")(node, mistakes)
    if value is not None and (len(value) > _LONGEST_LABEL or "," in value):
        mistakes.add(
            node.at,
            f"{shown(value)} cannot be a label on GitHub",
            f"write at most {_LONGEST_LABEL} characters, without commas",
        )
        return None
    return value


def _link(node: Node, mistakes: Mistakes) -> str | None:
    value = _address(node, mistakes)
    if value is None or re.match(r"https?://[^\s/$]+(?:/\S*)?$", value):
        return value
    mistakes.add(
        node.at, f"{shown(value)} is no address of the web", "write https://example.com/${stage}"
    )
    return None


def _draft(node: Node, mistakes: Mistakes) -> Draft | None:
    if isinstance(node, Text) and node.text == Draft.WAITING.value:
        not_yet.refuse_meaning("draft: waiting", node.at, mistakes)
        return Draft.WAITING
    if isinstance(node, Text) and node.text not in ("", "yes", "no", "on", "off", "true", "false"):
        wrong(node, mistakes, "true, false or waiting", "write one of these")
        return None
    value = boolean(node, mistakes)
    return None if value is None else Draft.YES if value else Draft.NO


_labels: Reader[tuple[str, ...]] = distinct(listed("labels", "[promotion]", _label))
links: Reader[tuple[tuple[str, str], ...]] = keyed(
    "a map of links", "{Grafana: 'https://...'}", text("a title", "Grafana"), _link
)


def pull_request_form(node: Node, mistakes: Mistakes) -> PullRequestForm | None:
    """Templates, labels, people and whether it is a draft."""
    whole = mapping(node, mistakes, "how pull requests look", "{labels: [promotion]}")
    if whole is None:
        return None
    fields = opened("pullRequest", whole, mistakes)
    return PullRequestForm(
        fields.read("title", _title),
        fields.read_or("labels", _labels, ()),
        fields.read_or("draft", _draft, Draft.NO),
        fields.read_or("reviewers", reviewers, ()),
        fields.read_or("assignees", logins, ()),
    )
