"""What states, times and numbers are called on the pages, and the sign each state gets."""

from __future__ import annotations

from datetime import datetime

from github_app.sandbox.state import CheckRun, Event, PullRequest

_GOOD = frozenset({"success", "approved"})
_CALM = frozenset({"neutral", "skipped", "stale", "inactive"})
_BAD = frozenset(
    {"failure", "error", "timed_out", "cancelled", "action_required", "changes_requested"}
)
_SENTENCES = {
    "opened": "opened this pull request",
    "closed": "closed this pull request",
    "reopened": "reopened this pull request",
    "merged": "merged this pull request",
    "head_moved": "updated the branch",
    "head_ref_deleted": "deleted the branch",
    "labeled": "added the label",
    "unlabeled": "removed the label",
    "renamed": "changed the title",
    "auto_merge_enabled": "asked for an automatic merge",
    "auto_merge_disabled": "took back the automatic merge",
    "converted_to_draft": "made this a draft",
    "ready_for_review": "marked this as ready for review",
    "review_requested": "asked for a review from",
    "review_request_removed": "no longer asks for a review from",
    "review_dismissed": "dismissed a review",
    "assigned": "assigned",
    "unassigned": "unassigned",
    "added_to_merge_queue": "put this into the merge queue",
    "removed_from_merge_queue": "took this out of the merge queue",
    "head_ref_restored": "restored the branch",
}


_FACES = {
    "+1": "👍",
    "-1": "👎",
    "laugh": "😄",
    "hooray": "🎉",
    "confused": "😕",
    "heart": "❤️",
    "rocket": "🚀",
    "eyes": "👀",
}


def colour(state: str | None) -> str:
    """good, bad, calm or busy: the colour of a check, status, deployment or delivery."""
    word = (state or "").lower()
    table = (("good", _GOOD), ("bad", _BAD), ("calm", _CALM))
    return next((name for name, states in table if word in states), "busy")


def check_state(run: CheckRun) -> str:
    """The conclusion of a check run, or how far it is."""
    return run.conclusion or run.status


def pull_state(pull: PullRequest) -> str:
    """Merged, Closed, Draft or Open."""
    if pull.merged:
        return "Merged"
    if not pull.open:
        return "Closed"
    return "Draft" if pull.draft else "Open"


def sentence(kind: str) -> str:
    """What happened, after the name of who did it."""
    return _SENTENCES.get(kind, kind.replace("_", " "))


def face(content: str) -> str:
    """The picture of a reaction."""
    return _FACES[content]


def detail(event: Event) -> str:
    """What a line of a timeline is about: a name, a shortened commit id, a reason."""
    if event.kind == "review_dismissed":
        return event.detail.split(" ", 2)[2]
    return event.detail[:7] if len(event.detail) == 40 else event.detail


def web(address: str | None) -> str:
    """An address that a link may lead to, "" for any that no browser should follow."""
    return address if address and address.startswith(("http://", "https://")) else ""


def count(number: int, one: str, many: str = "") -> str:
    """`1 file`, `2 files`."""
    return f"{number} {one if number == 1 else many or one + 's'}"


def at(time: datetime | None) -> str:
    """A time for people: UTC, to the second; "" for none."""
    return time.strftime("%Y-%m-%d %H:%M:%S UTC") if time else ""
