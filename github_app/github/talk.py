"""What people decided and said on a pull request, out of GitHub's GraphQL. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from github_app.github.results import Json, nodes
from github_app.pulls import Review, Said

_DECISIONS = {"APPROVED": True, "CHANGES_REQUESTED": False}


def moment(text: str | None) -> datetime | None:
    """GitHub's words for a moment, if there are any."""
    return datetime.fromisoformat(text) if text else None


def reviews_of(pull: Json) -> Iterator[Review]:
    """Every person's latest decision; dismissed ones and those of deleted accounts are none.

    Nor are those of bots: what a program approves nobody has looked at.

    https://docs.github.com/graphql/reference/objects#pullrequestreview
    """
    given = [*nodes(pull.get("latestOpinionatedReviews")), *nodes(pull.get("everybody"))]
    for one in {each["id"]: each for each in given}.values():
        author, at = one.get("author"), moment(one.get("submittedAt"))
        if author is None or at is None or one["state"] not in _DECISIONS:
            continue
        if author["__typename"] == "Bot":
            continue
        yield Review(
            node=one["id"],
            author=author["login"],
            approved=_DECISIONS[one["state"]],
            oid=(one.get("commit") or {}).get("oid", ""),
            at=at,
            may_push=one["authorCanPushToRepository"],
            teams=tuple(team["combinedSlug"] for team in nodes(one.get("onBehalfOf"))),
        )


def comments_of(pull: Json) -> Iterator[Said]:
    """The last comments, oldest first; those of deleted accounts are nobody's."""
    found = map(comment_of, nodes(pull.get("comments")))
    return (one for one in found if one is not None)


def comment_of(tree: Json) -> Said | None:
    """One comment; None if its author's account is deleted."""
    author = tree.get("author")
    if author is None:
        return None
    return Said(
        node=tree["id"],
        author=author["login"],
        bot=author["__typename"] != "User",
        text=tree["body"],
        at=datetime.fromisoformat(tree["createdAt"]),
        edited=tree.get("lastEditedAt") is not None,
        reacted=any(group["viewerHasReacted"] for group in tree.get("reactionGroups") or ()),
    )
