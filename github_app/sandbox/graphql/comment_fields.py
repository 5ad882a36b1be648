"""Comments below a pull request, and reactions to them."""

from __future__ import annotations

from github_app.sandbox.access import association
from github_app.sandbox.graphql.scope import (
    Arguments,
    Scope,
    Table,
    Thing,
    account,
    connection,
    thing_id,
)
from github_app.sandbox.reacting import reactions_to
from github_app.sandbox.reaction import CONTENTS, Reaction
from github_app.sandbox.rest.shapes import stamp


def _comments(scope: Scope, thing: Thing, arguments: Arguments) -> object:
    every = scope.world.of(thing.home).comments.values()
    found = [comment for comment in every if comment.number == thing.value.number]
    order = arguments.get("orderBy")
    if order:
        found.sort(key=lambda comment: (comment.updated_at, comment.id))
        if order["direction"] == "DESC":
            found.reverse()
    return connection("comments", found, arguments, lambda c: Thing("IssueComment", c, thing.home))


def _groups(scope: Scope, thing: Thing, arguments: Arguments) -> list[Thing]:
    """One for each of the eight reactions, given or not."""
    return [Thing("ReactionGroup", (thing.value, word), thing.home) for word in CONTENTS]


def _given(scope: Scope, thing: Thing) -> list[Reaction]:
    comment, word = thing.value
    return [r for r in reactions_to(scope.world, thing.home, comment) if r.content == word]


def _first(scope: Scope, thing: Thing, arguments: Arguments) -> str | None:
    found = _given(scope, thing)
    return stamp(found[0].created_at) if found else None


def _has_reacted(scope: Scope, thing: Thing, arguments: Arguments) -> bool:
    return scope.actor.login in {reaction.author for reaction in _given(scope, thing)}


def _reactors(scope: Scope, thing: Thing, arguments: Arguments) -> object:
    found = _given(scope, thing)
    return connection("reactors", found, arguments, lambda one: account(scope, one.author))


def _yes(scope: Scope, thing: Thing, arguments: Arguments) -> bool:
    return True


def _page(scope: Scope, thing: Thing) -> str:
    number, own = thing.value.number, thing.value.id
    return scope.urls.page(thing.home, f"/pull/{number}#issuecomment-{own}")


TABLE: Table = {
    "PullRequest": {"comments": _comments},
    "IssueComment": {
        "id": lambda s, t, a: thing_id(t, t.value.id),
        "databaseId": lambda s, t, a: t.value.id,
        "fullDatabaseId": lambda s, t, a: str(t.value.id),
        "author": lambda s, t, a: account(s, t.value.author),
        "authorAssociation": lambda s, t, a: association(t.home, t.value.author),
        "body": lambda s, t, a: t.value.body,
        "createdAt": lambda s, t, a: stamp(t.value.created_at),
        "updatedAt": lambda s, t, a: stamp(t.value.updated_at),
        "lastEditedAt": lambda s, t, a: stamp(t.value.edited_at),
        "editor": lambda s, t, a: account(s, t.value.edited_by),
        "includesCreatedEdit": lambda s, t, a: t.value.edited_at is not None,
        "pullRequest": lambda s, t, a: Thing(
            "PullRequest", s.world.pull(t.home, t.value.number), t.home
        ),
        "repository": lambda s, t, a: Thing("Repository", s.fresh(t.home), t.home),
        "reactionGroups": _groups,
        "viewerCanReact": _yes,
        "viewerDidAuthor": lambda s, t, a: s.actor.login == t.value.author,
        "url": lambda s, t, a: _page(s, t),
    },
    "ReactionGroup": {
        "content": lambda s, t, a: CONTENTS[t.value[1]],
        "createdAt": _first,
        "reactors": _reactors,
        "subject": lambda s, t, a: Thing("IssueComment", t.value[0], t.home),
        "viewerHasReacted": _has_reacted,
    },
    "Reaction": {
        "id": lambda s, t, a: thing_id(t, t.value.id),
        "databaseId": lambda s, t, a: t.value.id,
        "content": lambda s, t, a: CONTENTS[t.value.content],
        "createdAt": lambda s, t, a: stamp(t.value.created_at),
        "reactable": lambda s, t, a: Thing(
            "IssueComment", s.world.of(t.home).comments[t.value.comment], t.home
        ),
    },
}
