"""Reactions to comments: each person gives each of the eight at most once.

https://docs.github.com/rest/reactions/reactions
"""

from __future__ import annotations

from github_app.sandbox.reaction import CONTENTS, Reaction
from github_app.sandbox.refused import invalid
from github_app.sandbox.state import Comment, Repository
from github_app.sandbox.world import Actor, World


def react(
    world: World, repository: Repository, comment: Comment, actor: Actor, content: str
) -> tuple[Reaction, bool]:
    """The reaction, and whether it is new; webhooks tell of no reactions."""
    if content not in CONTENTS:
        raise invalid("Reaction", f"{content} is not a reaction", field="content")
    for known in reactions_to(world, repository, comment):
        if (known.author, known.content) == (actor.login, content):
            return known, False
    made = Reaction(world.new_id("reaction"), comment.id, actor.login, content, world.now())
    world.of(repository).reactions[made.id] = made
    return made, True


def take_back(
    world: World, repository: Repository, comment: Comment, actor: Actor, content: str
) -> Reaction | None:
    """The caller's reaction that is gone now, None if there was none."""
    for known in reactions_to(world, repository, comment):
        if (known.author, known.content) == (actor.login, content):
            return world.of(repository).reactions.pop(known.id)
    return None


def reactions_to(world: World, repository: Repository, comment: Comment) -> list[Reaction]:
    """All reactions to a comment, oldest first."""
    return [r for r in world.of(repository).reactions.values() if r.comment == comment.id]
