"""A stage's `rollout`: how the stages of one matrix follow each other."""

from __future__ import annotations

from plugin.pipeline_file import not_yet
from plugin.pipeline_file.fields import Fields, mapping
from plugin.pipeline_file.mistakes import Mistakes
from plugin.pipeline_file.nodes import Node
from plugin.pipeline_file.scalars import whole_number, word
from plugin.pipeline_file.vocabulary import opened
from plugin.stage_policy import Rollout

_MOST = 1000


def rollout(node: Node, mistakes: Mistakes) -> Rollout | None:
    """Whether there is one pull request, how many at a time, and what a failure stops."""
    whole = mapping(node, mistakes, "'rollout'", "{parallel: 1}")
    if whole is None:
        return None
    fields = opened("rollout", whole, mistakes)
    read = Rollout(
        fields.read("pullRequests", word("each", "one")) == "one",
        fields.read("parallel", whole_number(1, _MOST)),
        fields.read("onFailure", word("stop", "continue")) != "continue",
    )
    if read.together:
        _refuse_one(fields)
    return read


def _refuse_one(fields: Fields) -> None:
    not_yet.refuse_meaning("pullRequests: one", fields.at("pullRequests"), fields.mistakes)
    if fields.has("parallel"):
        fields.mistakes.add(
            fields.at("parallel"),
            "'parallel' has nothing to count: 'pullRequests: one' promotes all stages at once",
            "remove one of them",
        )
