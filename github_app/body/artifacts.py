"""A promotion's artifacts as a table: old to new, with links, and the commits between. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from github_app.artifact_words import count_of, heading, name_of
from github_app.body.links import Link, commit_page, links_of
from github_app.body.origins import NOWHERE, Origin
from github_app.body.subject import Subject
from github_app.markdown import code, plain, shortened
from github_app.source_commits.values import SourceCommit, SourceCommits
from plugin.artifact import Artifact
from plugin.artifact.git import is_commit
from plugin.held import held_of

_COMMIT_SHOWN = 12
_DIGEST_SHOWN = len("sha256:") + 12
_MOST_SUBJECT = 120
_MOST_AUTHOR = 40
_MOST_NAME = 200


def table(subject: Subject, most: int) -> str:
    """At most so many artifacts, each with what it replaces and where to read on."""
    every = [(line, one) for line in subject.lines for one in line.freight.artifacts]
    shown = every[:most]
    linked = [" · ".join(map(str, _links(line, one))) for line, one in shown]
    more = any(linked)
    rows = [f"| {heading(one for _, one in every)} | from | to |", "|---|---|---|"]
    if more:
        rows = [f"{rows[0]} read on |", f"{rows[1]}---|"]
    rows += [
        _row(line, one) + (f" {links} |" if more else "")
        for (line, one), links in zip(shown, linked, strict=True)
    ]
    left = len(every) - len(shown)
    return "\n".join([*rows, *([f"| and {left} more | | |{' |' if more else ''}"] if left else [])])


def is_held(subject: Subject, artifact: Artifact) -> bool:
    """Whether the stage holds exactly this already."""
    return subject.before.get(artifact.subject) == held_of(artifact)


def _row(subject: Subject, artifact: Artifact) -> str:
    held = subject.before.get(artifact.subject)
    old = version(held.tag, held.digest) if held else "nothing"
    same = is_held(subject, artifact)
    new = "unchanged" if same else version(artifact.tag, artifact.digest)
    return f"| {code(shortened(name_of(artifact.subject), _MOST_NAME))} | {old} | {new} |"


def version(tag: str | None, digest: str | None) -> str:
    """Both parts, the digest as short as people compare it; a pin may lack either."""
    shown = tag[:_COMMIT_SHOWN] if tag and is_commit(tag) else tag
    parts = [code(part) for part in (shown, digest and digest[:_DIGEST_SHOWN]) if part]
    return " ".join(parts) or "no version"


def _links(subject: Subject, artifact: Artifact) -> tuple[Link, ...]:
    new = subject.origins.get(artifact.subject, NOWHERE)
    return links_of(artifact, new, subject.old_origins.get(artifact.subject, NOWHERE))


def commits(subject: Subject, most: int) -> str:
    """The commits between the old revisions and the new ones; '' where none are known."""
    parts = [
        _section(name_of(one.subject), found, line.origins.get(one.subject, NOWHERE), most)
        for line in subject.lines
        for one in line.freight.artifacts
        if (found := line.commits.get(one.subject)) and found.commits
    ]
    return "\n\n".join(parts)


def _section(name: str, found: SourceCommits, origin: Origin, most: int) -> str:
    shown = found.commits[:most]
    left = found.more or len(found.commits) > len(shown)
    count = f"The last {len(shown)} commits" if left else count_of(len(shown), "commit")
    lines = [f"* {_commit(one, origin)}" for one in shown]
    return f"**{count} of** {code(name)}\n\n" + "\n".join([*lines, *(["* …"] if left else [])])


def _commit(commit: SourceCommit, origin: Origin) -> str:
    page = commit_page(origin.source, commit.oid) if origin.source else ""
    name = code(commit.oid[:_COMMIT_SHOWN])
    shown = f"[{name}]({page})" if page else name
    return " ".join((shown, *_words(commit)))


def _words(commit: SourceCommit) -> Iterator[str]:
    yield plain(commit.subject[:_MOST_SUBJECT])
    if commit.author:
        yield f"({code(commit.author[:_MOST_AUTHOR])})"
