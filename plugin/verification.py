"""What must have succeeded before freight counts as verified in a stage, as values.

Each has the time within which it must, counted from when the freight came; None: however long.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TypeAlias


@dataclass(frozen=True, slots=True)
class CheckSucceeds:
    """A check run of this name, by any App but ours, must succeed."""

    name: str
    timeout: timedelta | None = None


@dataclass(frozen=True, slots=True)
class StatusSucceeds:
    """A commit status of this context must succeed."""

    context: str
    timeout: timedelta | None = None


@dataclass(frozen=True, slots=True)
class WorkflowSucceeds:
    """Every check of the workflow in this file of `.github/workflows` must succeed."""

    file: str
    timeout: timedelta | None = None


@dataclass(frozen=True, slots=True)
class DeploymentSucceeds:
    """A deployment to the environment of the stage's name, not our own, must succeed."""

    timeout: timedelta | None = None


@dataclass(frozen=True, slots=True)
class ArgocdSucceeds:
    """Argo CD must say that this Application runs what the commit holds, in sync and healthy.

    It says so to the App itself, or by a commit status of the context that its own templates for
    GitHub use: https://argo-cd.readthedocs.io/en/stable/operator-manual/notifications/services/github/
    """

    application: str
    timeout: timedelta | None = None

    @property
    def context(self) -> str:
        """The context of that status."""
        return f"continuous-delivery/{self.application}"


Verification: TypeAlias = (
    CheckSucceeds | StatusSucceeds | WorkflowSucceeds | DeploymentSucceeds | ArgocdSucceeds
)
