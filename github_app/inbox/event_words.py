"""Events as `towline deliveries` shows them: a line for people, named fields for programs."""

from __future__ import annotations

import json
from typing import Any, assert_never

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
    Told,
)
from github_app.inbox.event_text import dump


def said(event: Event) -> str:
    """What the event asks for, in one line."""
    match event:
        case RepositoryChanged(_, repository, why):
            return f"look at {repository}: {why}"
        case ImagePushed(repository, tag):
            return f"ask the registry for {repository}" + (f":{tag}" if tag else "")
        case InstallationChanged(installation):
            return f"list the repositories of installation {installation}"
        case _:
            return _told(event)


def _told(event: Told) -> str:
    match event:
        case CommentMade(_, repository, comment):
            return f"look at {repository}: comment {comment}"
        case ButtonPressed(_, repository, _, button, who):
            return f"look at {repository}: {who} pressed {button}"
        case ArtifactPosted(name=name, version=version, metadata=metadata, sender=sender):
            more = f" ({_joined(metadata)})" if metadata else ""
            return f"take {name} {version}{more} into {_place(event)}, posted by {sender}"
        case ApplicationReported(repository, application, _, _, words):
            return f"look at {repository}: Argo CD's {application} is {words}"
        case FreightAsked(versions=versions, sender=sender):
            return f"assemble {_joined(versions)} in {_place(event)}, asked for by {sender}"
        case _:
            assert_never(event)


def fields(event: Event) -> dict[str, Any]:
    """The event for programs, with the words its sender would use."""
    match event:
        case ArtifactPosted(name=name, version=version, metadata=metadata):
            made = {"name": name, "version": version, "metadata": dict(metadata)}
            return {"artifact": made, **_posted(event)}
        case FreightAsked(versions=versions):
            return {"assemble": dict(versions), **_posted(event)}
        case ApplicationReported(repository, application, revisions, state, words, at):
            said_of = {"application": application, "revisions": list(revisions), "at": at}
            return {"repository": repository, **said_of, "state": state, "said": words}
        case ButtonPressed(_, repository, oid, button, who, _):
            return {"repository": repository, "commit": oid, "pressed": button, "who": who}
        case RepositoryChanged() | ImagePushed() | InstallationChanged() | CommentMade():
            (found,) = json.loads(dump([event]))
            return {**found}
        case _:
            assert_never(event)


def _posted(event: ArtifactPosted | FreightAsked) -> dict[str, str]:
    place = {"project": event.project, "warehouse": event.warehouse}
    return {"repository": event.repository, **place, "sender": event.sender}


def _place(event: ArtifactPosted | FreightAsked) -> str:
    named = (event.repository, event.project, event.warehouse)
    return " ".join(name for name in named if name)


def _joined(pairs: tuple[tuple[str, str], ...]) -> str:
    return ", ".join(f"{name}={value}" for name, value in pairs)
