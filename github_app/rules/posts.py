"""What was posted to the warehouses of a project: which it takes, and from whom. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import assert_never

from github_app.arrivals import Posted
from github_app.events import ArtifactPosted, FreightAsked, Post
from github_app.webhooks.message import SECRET_HOLDER
from plugin.pipeline import Creation, Project, Warehouse
from plugin.subscriptions import CustomSubscription


@dataclass(frozen=True, slots=True)
class Posts:
    """Custom artifacts and versions asked for, by warehouse, and why others were not taken."""

    posted: Mapping[str, tuple[Posted, ...]] = field(default_factory=dict)
    asked: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    refused: tuple[str, ...] = ()


def posts_to(project: Project, repository: str, posts: Sequence[Post], now: datetime) -> Posts:
    """What of `posts` concerns the project in `repository`, `owner/name`."""
    posted: dict[str, tuple[Posted, ...]] = {}
    asked: dict[str, Mapping[str, str]] = {}
    mine = [post for post in posts if post.project in {"", project.name}]
    refused = list(_for_nobody(project, mine))
    for post in mine:
        for warehouse in _meant(project, post):
            match post:
                case ArtifactPosted():
                    problem = _not_taken(warehouse, post)
                    one = Posted(post.name, post.version, post.metadata, now, post.sender)
                    if problem is None:
                        posted[warehouse.name] = (*posted.get(warehouse.name, ()), one)
                case FreightAsked():
                    problem = _not_assembled(warehouse, post, repository)
                    if problem is None:
                        asked[warehouse.name] = dict(post.versions)
            refused += [f"{project.file}: {problem}"] if problem else []
    return Posts(posted, asked, tuple(refused))


def unknown(projects: Sequence[Project], repository: str, posts: Sequence[Post]) -> Iterator[str]:
    """Why posts go nowhere that no project of `repository`, `owner/name`, answers for."""
    for post in posts:
        if post.project:
            known = any(one.name == post.project for one in projects)
        else:
            known = any(any(_meant(one, post)) for one in projects)
        if not known:
            yield f"{repository} has no {_addressed(post)}"


def _addressed(post: Post) -> str:
    """Where a post was to go, '*' for what it leaves open, and from whom it is."""
    where = f"{post.project or '*'}/{post.warehouse or '*'}"
    match post:
        case ArtifactPosted(name=name, version=version):
            return f"{where}/{name} (project/warehouse/name) that {post.sender} posts {version} of"
        case FreightAsked():
            return f"{where} (project/warehouse) that {post.sender} asks freight of"
        case _:
            assert_never(post)


def _for_nobody(project: Project, posts: Sequence[Post]) -> Iterator[str]:
    """Those that name the project; others may well be for another one of the repository."""
    for post in posts:
        if post.project and not any(_meant(project, post)):
            what = f"warehouse '{post.warehouse}'"
            if isinstance(post, ArtifactPosted) and not post.warehouse:
                what = f"warehouse with a custom artifact '{post.name}'"
            said = f"{post.sender} posts to project {project.name}, which has no {what}"
            yield f"{project.file}: {said}"


def _meant(project: Project, post: Post) -> Iterator[Warehouse]:
    """The warehouses that a post may be for; without a name all that know the artifact."""
    for warehouse in project.warehouses:
        if post.warehouse == warehouse.name or (
            not post.warehouse
            and isinstance(post, ArtifactPosted)
            and isinstance(warehouse.subscription(post.name), CustomSubscription)
        ):
            yield warehouse


def _not_taken(warehouse: Warehouse, post: ArtifactPosted) -> str | None:
    subscription = warehouse.subscription(post.name)
    if not isinstance(subscription, CustomSubscription):
        known = [one.name for one in warehouse.subscriptions if isinstance(one, CustomSubscription)]
        names = ", ".join(known) or "none"
        return (
            f"warehouse {warehouse.name} has no custom artifact '{post.name}' that "
            f"{post.sender} posted {post.version} of; it has {names}"
        )
    # Where nobody is named, whoever holds the secret may; where somebody is, nobody else.
    senders = subscription.senders or (SECRET_HOLDER.name,)
    if post.sender.lower() in senders:
        return None
    said = f"{post.sender} may not post {post.name} to warehouse {warehouse.name}"
    if post.sender == SECRET_HOLDER.name:
        return f"{said}: post with the token of a job of {_either(senders)}, or remove 'from'"
    return f"{said}: name it in 'from' of that subscription"


def _either(names: Sequence[str]) -> str:
    """The names as somebody would say them."""
    return " or ".join(part for part in (", ".join(names[:-1]), names[-1]) if part)


def _not_assembled(warehouse: Warehouse, post: FreightAsked, repository: str) -> str | None:
    if warehouse.creation is not Creation.MANUAL:
        return (
            f"freight of warehouse {warehouse.name} is made by itself, so {post.sender} cannot "
            "assemble it: write freight: manual"
        )
    if post.sender == SECRET_HOLDER.name or post.sender.lower() == repository.lower():
        return None
    return f"{post.sender} may not assemble freight here; {repository} may, or who has the secret"
