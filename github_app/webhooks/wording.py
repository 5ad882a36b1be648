"""What deliveries ask for, in a few words for the log."""

from __future__ import annotations

from typing import assert_never

from github_app.events import (
    ApplicationReported,
    ArtifactPosted,
    ButtonPressed,
    CommentMade,
    Event,
    FreightAsked,
    ImagePushed,
    InstallationChanged,
    RepositoryChanged,
)
from github_app.webhooks.message import SECRET_HOLDER

_SHOWN = 3


def told(events: tuple[Event, ...]) -> str:
    """Where to look, such as `docker.io/acme/web:1.4.2`; the first few, and how many more."""
    shown = [_told(event) for event in events[:_SHOWN]]
    more = len(events) - len(shown)
    return ", ".join(shown) + (f" and {more} more" if more else "")


def _told(event: Event) -> str:
    match event:
        case ImagePushed(repository, tag):
            return f"{repository}:{tag}" if tag else str(repository)
        case RepositoryChanged(_, repository, why):
            return f"{repository} ({why})"
        case InstallationChanged(number):
            return f"installation {number}"
        case CommentMade(_, repository, comment):
            return f"{repository} (comment {comment})"
        case ButtonPressed(_, repository, _, button, who):
            return f"{repository} ({who} pressed {button})"
        case _:
            return _posted(event)


def _posted(event: ApplicationReported | ArtifactPosted | FreightAsked) -> str:
    match event:
        case ArtifactPosted():
            return f"{event.name} {event.version} for {_place(event)}"
        case ApplicationReported(repository, application, _, _, words):
            return f"{application} of {repository} is {words}"
        case FreightAsked():
            versions = " ".join(f"{name}={version}" for name, version in event.versions)
            return f"{versions} for {_place(event)}"
        case _:
            assert_never(event)


def _place(post: ArtifactPosted | FreightAsked) -> str:
    """The repository, of project and warehouse what is named, and who posted it."""
    named = "/".join(name for name in (post.project, post.warehouse) if name)
    who = "with the secret" if post.sender == SECRET_HOLDER.name else f"by {post.sender}"
    return f"{post.repository} {named} {who}" if named else f"{post.repository} {who}"
