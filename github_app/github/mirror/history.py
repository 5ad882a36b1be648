"""Questions about commits: what continues what, what changed, what a merge gives, what was held."""

from __future__ import annotations

from datetime import datetime

from github_app.github.mirror import parsing
from github_app.github.mirror.bounds import MIB, Bounds, TooMuch
from github_app.github.mirror.git import Git
from github_app.github.mirror.values import Change, Conflicts, RecordChange, checked_oid
from plugin.errors import Refusal, Temporary

# Some 200,000 paths.
_CHANGES = Bounds(printed=32 * MIB)
RECORDS = ":(glob)**/.freight/*.yaml"


def merge_base(git: Git, one: str, other: str) -> str | None:
    """Where two commits parted, None when they have nothing in common."""
    ran = git.run("merge-base", checked_oid(one), checked_oid(other))
    if ran.status not in {0, 1}:
        raise Temporary(f"git cannot compare {one} and {other}: {ran.complaint}")
    return ran.out.decode().strip() or None


def changes(git: Git, before: str, after: str) -> tuple[Change, ...]:
    """Every path that differs between two commits or trees; a rename is two paths."""
    try:
        raw = git.output(
            *("diff-tree", "-r", "-z", "--raw", "--no-renames", "--no-abbrev"),
            *(checked_oid(before), checked_oid(after)),
            bounds=_CHANGES,
        )
    except TooMuch as error:
        raise TooMuch(
            f"too many paths differ between {before} and {after} ({error}): make the change in"
            " smaller parts"
        ) from None
    return parsing.changes(raw)


def merge_tree(git: Git, ours: str, theirs: str) -> str | Conflicts:
    """The tree of the merge of two commits, as Git makes it, or where they conflict."""
    ran = git.run(
        *("merge-tree", "--write-tree", "-z", "--name-only", "--no-messages"),
        *(checked_oid(ours), checked_oid(theirs)),
    )
    words = [parsing.path_text(word) for word in ran.out.split(b"\0") if word]
    match ran.status:
        case 0:
            return words[0]
        case 1:
            return Conflicts(tuple(words[1:]))
        case _ if "unrelated histories" in ran.complaint:
            raise Refusal(f"{ours} and {theirs} have no commit in common: they cannot be merged")
        case _:
            raise Temporary(f"git cannot merge {ours} and {theirs}: {ran.complaint}")


def record_history(
    git: Git, tip: str, since: datetime | None, limit: int
) -> tuple[RecordChange, ...]:
    """What happened to records on the branch's own line, newest first.

    A merge counts as one step, by its difference from its first parent: what came in by a pull
    request was held from the merge on, not from when its branch was written. `limit` counts
    commits that touch a record; `since` is compared with the committers' clocks.
    """
    raw = git.output(
        *("log", "-m", "--first-parent", "--raw", "-z", "--no-abbrev", "--no-renames"),
        *("--no-show-signature", "--format=%H %ct", f"--max-count={limit:d}"),
        *((f"--since={int(since.timestamp())}",) if since is not None else ()),
        *(checked_oid(tip), "--", RECORDS),
    )
    return parsing.record_history(raw)


def last_author(git: Git, tip: str, path: str) -> str:
    """The author that the last commit to change a path, or anything below it, claims."""
    where = (f":(literal){path}",) if path else ()
    raw = git.output("log", "-1", "--format=%an <%ae>", checked_oid(tip), "--", *where)
    return raw.decode("utf-8", "replace").strip()
