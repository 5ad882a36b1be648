"""Who lets a promotion into a stage, and when: merges, windows, reviews, rollouts, rights."""

from __future__ import annotations

import enum
from collections.abc import Mapping
from dataclasses import replace

from plugin.pipeline import Merge, Stage
from plugin.pipeline_file import not_yet
from plugin.pipeline_file.fields import Fields
from plugin.pipeline_file.mistakes import Mistakes
from plugin.pipeline_file.nodes import Node
from plugin.pipeline_file.people import may, reviews
from plugin.pipeline_file.rollouts import rollout
from plugin.pipeline_file.scalars import choice, word
from plugin.pipeline_file.verification import verification
from plugin.pipeline_file.windows import windows
from plugin.stage_policy import Opening


class _Rollback(enum.Enum):
    AUTO = "auto"
    MANUAL = "manual"


def with_gates(stage: Stage, fields: Fields, rights: Mapping[str, tuple[str, ...]]) -> Stage:
    """`stage` with what its fields say of its gates; `rights` are the project's."""
    merge = fields.read_or("merge", choice(Merge), Merge.MANUAL)
    verify = fields.read("verify", verification) or ()
    usual = _Rollback.AUTO if merge is Merge.AUTO and verify else _Rollback.MANUAL
    read = replace(
        stage,
        merge=merge,
        verify=verify,
        opening=fields.read_or("promote", _opening, Opening.AUTO),
        reviews=fields.read("reviews", reviews),
        windows=fields.read_or("windows", windows, ()),
        rollout=fields.read("rollout", rollout),
        may={**rights, **fields.read_or("may", may, {})},
        unprotected=fields.read("protection", word("none")) is not None,
        rollback=fields.read_or("rollback", choice(_Rollback), usual) is _Rollback.AUTO,
    )
    if not fields.lacks("path", "branch"):
        _refuse_idle(fields, read)
    return read


def _opening(node: Node, mistakes: Mistakes) -> Opening | None:
    value = choice(Opening)(node, mistakes)
    if value is Opening.MANUAL:
        not_yet.refuse_meaning("promote: manual", node.at, mistakes)
    return value


def _refuse_idle(fields: Fields, stage: Stage) -> None:
    """Adds a mistake for each gate that could never close or open."""
    if stage.rollout is not None and not stage.family:
        _refuse(fields, "rollout", "orders the stages of a matrix", "add matrix: {region: [eu]}")
    if stage.unprotected and stage.merge is Merge.MANUAL and fields.lacks("merge"):
        _refuse(
            fields, "protection", "lets Towline merge, and people do it here", "add merge: auto"
        )
    if stage.rollback and not stage.verify and fields.lacks("verify"):
        what = "takes back what was not verified, and nothing is verified here"
        _refuse(fields, "rollback", what, "add verify: [{check: NAME}]")


def _refuse(fields: Fields, key: str, does: str, instead: str) -> None:
    fields.mistakes.add(fields.at(key), f"'{key}' {does}", f"{instead}, or remove '{key}'")
