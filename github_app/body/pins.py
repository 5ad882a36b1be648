"""The pins that a promotion changes, in a fold. Pure."""

from __future__ import annotations

from github_app.body.artifacts import version
from github_app.body.subject import Subject
from github_app.markdown import code
from plugin.stage_policy import Write


def pins(subject: Subject, most: int) -> str:
    """At most so many pins with file and line; '' where there is none to be changed."""
    if subject.stage.write is Write.RECORD:
        body = "None is written: the sidecar applies the record when it renders the stage."
    elif subject.bumps:
        body = _table(subject, most)
    else:
        return ""
    return f"<details><summary>Pins</summary>\n\n{body}\n\n</details>"


def _table(subject: Subject, most: int) -> str:
    rows = [
        f"| {code(f'{one.pin.file}:{one.pin.line}')} | {version(one.pin.tag, one.pin.digest)} | "
        f"{version(one.artifact.tag, one.artifact.digest)} |"
        for one in subject.bumps[:most]
    ]
    left = len(subject.bumps) - most
    more = [f"| and {left} more | | |"] if left > 0 else []
    return "\n".join(["| pin | from | to |", "|---|---|---|", *rows, *more])
