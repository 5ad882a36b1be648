"""`stage`: what a stage of another project in this repository holds, once verified there."""

from __future__ import annotations

from plugin.pipeline_file.fields import Fields, Reader
from plugin.pipeline_file.kinds.shared import Setting, called
from plugin.pipeline_file.mistakes import Mistakes, shown
from plugin.pipeline_file.nodes import Node, Text
from plugin.pipeline_file.scalars import matching, name
from plugin.subscriptions import StageSubscription

_NAME = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
_stage_text: Reader[str] = matching(
    f"{_NAME}/{_NAME}", "a project and one of its stages", "billing/prod"
)


def read(fields: Fields, setting: Setting) -> StageSubscription | None:
    """The subscription of `fields`; None with a mistake. Who is meant, others must find out."""
    before = len(fields.mistakes)
    meant = fields.read("stage", _stage(setting))
    project, _, stage = (meant or "").partition("/")
    warehouse = fields.read("warehouse", name("a warehouse"))
    own = called(fields, f"{project}-{stage}" if meant else None)
    if meant is None or len(fields.mistakes) > before:
        return None
    return StageSubscription(own, project, stage, warehouse)


def _stage(setting: Setting) -> Reader[str]:
    def read(node: Node, mistakes: Mistakes) -> str | None:
        if isinstance(node, Text) and "/" not in node.text and not node.is_nothing:
            mistakes.add(
                node.at,
                f"{shown(node.text)} does not say of which project",
                f"write PROJECT/{shown(node.text)[1:-1]}, or follow a stage of this project "
                f"with after: [{shown(node.text)[1:-1]}]",
            )
            return None
        value = _stage_text(node, mistakes)
        if value is not None and value.partition("/")[0] == setting.project:
            stage = value.partition("/")[2]
            mistakes.add(
                node.at,
                f"'{value}' is a stage of this project, which would feed itself",
                f"let stages follow it: after: [{stage}]",
            )
            return None
        return value

    return read
