"""What a stage cannot say whose files stand where the sidecar sees no pipeline file."""

from __future__ import annotations

from plugin.pipeline import InBranch
from plugin.pipeline_file.fields import Fields
from plugin.pipeline_file.stage_places import Made


def refuse_unseen(fields: Fields, made: Made, *, overrides: bool, allows: bool) -> None:
    """What the sidecar would have to read here: Argo CD sends it the stage's place alone.

    A copy of this file there is whoever's who may write to that branch, and decides nothing.
    """
    if made.repo is None and not isinstance(made.place, InBranch):
        return
    alone = "in another repository" if made.repo is not None else "with a branch of its own"
    that = "repository" if made.repo is not None else "branch"
    instead = "'repo'" if made.repo is not None else "a 'path' instead of 'branch'"
    remedy = f"take {instead} out" if made.repo is not None else f"give the stage {instead}"
    for key, said, what in (
        ("overrides", overrides, "'overrides: true'"),
        ("disks", allows, "'disks: {allow: ...}'"),
    ):
        if said:
            fields.mistakes.add(
                fields.at(key),
                f"{what} has no effect on a stage {alone}: the sidecar sees that {that} alone, and "
                "not this file",
                f"remove it, or {remedy}",
            )
