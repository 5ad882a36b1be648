"""The search above a list of pull requests: as much of GitHub's syntax as links to it use."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from github_app.sandbox.state import PullRequest

_IS: Mapping[str, Callable[[PullRequest], bool]] = {
    "pr": lambda _: True,
    "open": lambda pull: pull.state == "open",
    "closed": lambda pull: pull.state == "closed",
    "merged": lambda pull: pull.merged,
}


def matching(pulls: Sequence[PullRequest], query: str) -> list[PullRequest]:
    """Those that every word of `query` is true of: `is:merged`, `head:towline/shop`, a title's.

    Without `is:open` or `is:closed` they are of any state, and `head:` takes the beginning of a
    branch, as on GitHub
    (https://docs.github.com/en/search-github/searching-on-github/searching-issues-and-pull-requests).
    """
    return [one for one in pulls if all(_is_true(word, one) for word in query.split())]


def _is_true(word: str, pull: PullRequest) -> bool:
    key, colon, value = word.partition(":")
    value = value.strip('"')
    if key == "is" and value in _IS:
        return _IS[value](pull)
    if colon and key in ("head", "base"):
        return (pull.head_ref if key == "head" else pull.base_ref).startswith(value)
    return word.lower() in pull.title.lower()
