"""What a claim of the inbox is about, and how long it waits when it failed."""

from __future__ import annotations

from datetime import timedelta

from github_app.events import ImagePushed, InstallationChanged, Told
from github_app.inbox.ports import Claim

_FIRST_RETRY = timedelta(seconds=5)
LONGEST_RETRY = timedelta(minutes=10)


def posts_of(claim: Claim) -> tuple[Told, ...]:
    """What was posted for it, which nobody says again."""
    return tuple(one for one in claim.events if isinstance(one, Told))


def subject_of(claim: Claim) -> str:
    """A name of it for logs: an image, an installation or a repository."""
    match claim.events[0]:
        case ImagePushed(image):
            return str(image)
        case InstallationChanged(number):
            return f"installation {number}"
        case event:
            return event.repository


def pause_after(claim: Claim) -> timedelta:
    """Twice as long after each try, up to a limit."""
    return min(_FIRST_RETRY * (1 << min(claim.attempts - 1, 10)), LONGEST_RETRY)
