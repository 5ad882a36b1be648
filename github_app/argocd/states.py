"""What Argo CD's words for an Application come to. Pure.

Its words: https://argo-cd.readthedocs.io/en/stable/operator-manual/health/, and for operations and
comparisons its CRD's enums.
"""

from __future__ import annotations

from github_app.results import ResultState


def state_of(health: str, sync: str, phase: str) -> ResultState:
    """Whether the Application runs what the compared commit holds.

    Only a synced Application's health is about that commit: an older one may be degraded while the
    commit is not applied. `phase` is that of an operation on the same commit, '' for none.
    """
    if phase in {"Failed", "Error"}:
        return ResultState.FAILURE
    if sync != "Synced" or phase == "Running":
        return ResultState.PENDING
    match health:
        case "Healthy":
            return ResultState.SUCCESS
        case "Degraded":
            return ResultState.FAILURE
        case _:
            return ResultState.PENDING


def said_of(health: str, sync: str, phase: str, message: str = "") -> str:
    """The same in Argo CD's words, for people."""
    words = ", ".join(word for word in (sync, health, f"sync {phase}" if phase else "") if word)
    return f"{words}: {message}" if message else words
