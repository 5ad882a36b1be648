"""Events as the inbox keeps them: as text, and under the key that makes them one piece of work."""

from __future__ import annotations

import json
from collections.abc import Iterable
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
from plugin.artifact import Repository


def key_of(event: Event) -> str:
    """What is looked at when the event is acted on; events of one key are one piece of work.

    GitHub's names ignore case, so they are lower-cased here. What is posted has a key for each
    sender: nobody's post waits behind a stranger's flood, or dies with it.
    """
    match event:
        case (
            RepositoryChanged(installation, repository)
            | CommentMade(installation, repository)
            | ButtonPressed(installation, repository)
        ):
            return f"repo:{installation or '-'}:{repository.lower()}"
        case ImagePushed(repository, _):
            return f"image:{repository}"
        case InstallationChanged(installation):
            return f"installation:{installation}"
        case ApplicationReported(repository=repository, application=application):
            return f"application:{repository.lower()}:{application}"
        case ArtifactPosted() | FreightAsked():
            return f"posted:{event.repository.lower()}:{event.sender.lower()}"
        case _:
            assert_never(event)


def dump(events: Iterable[Event]) -> str:
    """The events as one line of JSON, the same for equal events."""
    return json.dumps([_fields(event) for event in events], sort_keys=True, separators=(",", ":"))


def _fields(event: Event) -> dict[str, Any]:
    match event:
        case RepositoryChanged(installation, repository, why):
            return {"repository": repository, "installation": installation, "why": why}
        case ImagePushed(repository, tag):
            return {"image": repository.path, "host": repository.host, "tag": tag}
        case InstallationChanged(installation):
            return {"installation": installation}
        case _:
            return _told_fields(event)


def _told_fields(event: Told) -> dict[str, Any]:
    match event:
        case CommentMade(installation, repository, comment):
            return {"comment": comment, "repository": repository, "installation": installation}
        case ButtonPressed(installation, repository, oid, button, who, delivery):
            pressed = [repository, oid, button, who, delivery]
            return {"pressed": pressed, "installation": installation}
        case ArtifactPosted(repository, project, warehouse, name, version, metadata, sender):
            posted = [repository, project, warehouse, name, version, sender]
            return {"posted": posted, "metadata": metadata}
        case ApplicationReported(repository, application, revisions, state, said, at):
            return {"application": [repository, application, state, said, at], "at": revisions}
        case FreightAsked(repository, project, warehouse, versions, sender):
            return {"asked": [repository, project, warehouse, sender], "versions": versions}
        case _:
            assert_never(event)


def load(text: str) -> tuple[Event, ...]:
    """The events `dump` wrote."""
    return tuple(_event(fields) for fields in json.loads(text))


def _event(fields: object) -> Event:
    match fields:
        case {"repository": str(name), "installation": int() | None as installation, "why": why}:
            return RepositoryChanged(installation, name, str(why))
        case {"image": str(path), "host": str(host), "tag": str() | None as tag}:
            return ImagePushed(Repository(host, path), tag)
        case {"installation": int(installation), **rest} if not rest:
            return InstallationChanged(installation)
        case _:
            return _told(fields)


def _told(fields: object) -> Told:
    match fields:
        case {"comment": str(node), "repository": str(name), "installation": installation}:
            return CommentMade(installation, name, node)
        case {"pressed": [name, oid, button, who, delivery], "installation": installation}:
            return ButtonPressed(installation, name, oid, button, who, delivery)
        case {"posted": [repository, project, warehouse, name, version, sender], "metadata": data}:
            place = repository, project, warehouse
            return ArtifactPosted(*place, name, version, _pairs(data), sender)
        case {"application": [repository, application, state, said, at], "at": [*revisions]}:
            found = tuple(str(one) for one in revisions)
            return ApplicationReported(repository, application, found, state, said, at)
        case {"asked": [repository, project, warehouse, sender], "versions": versions}:
            return FreightAsked(repository, project, warehouse, _pairs(versions), sender)
        case _:
            raise ValueError(f"no event is written as {fields!r}")


def _pairs(written: list[Any]) -> tuple[tuple[str, str], ...]:
    return tuple((name, value) for name, value in written)
