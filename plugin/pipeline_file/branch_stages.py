"""What a stage on a branch of its own cannot say."""

from __future__ import annotations

from plugin.pipeline_file.fields import Fields


def refuse_in_branch(fields: Fields, *, overrides: bool, allows: bool) -> None:
    """What the sidecar would have to read here: Argo CD sends it the stage's branch alone.

    A copy of this file there is whoever's who may write to that branch, and decides nothing.
    """
    for key, said, what in (
        ("overrides", overrides, "'overrides: true'"),
        ("disks", allows, "'disks: {allow: ...}'"),
    ):
        if said:
            fields.mistakes.add(
                fields.at(key),
                f"{what} has no effect on a stage with a branch of its own: the sidecar sees that "
                "branch alone, and not this file",
                "remove it, or give the stage a 'path' instead of 'branch'",
            )
