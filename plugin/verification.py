"""What must have succeeded before freight counts as verified in a stage, as values."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias


@dataclass(frozen=True, slots=True)
class CheckSucceeds:
    """A check run of this name, by any App but ours, must succeed."""

    name: str


@dataclass(frozen=True, slots=True)
class StatusSucceeds:
    """A commit status of this context must succeed."""

    context: str


@dataclass(frozen=True, slots=True)
class WorkflowSucceeds:
    """Every check of the workflow in this file of `.github/workflows` must succeed."""

    file: str


@dataclass(frozen=True, slots=True)
class DeploymentSucceeds:
    """A deployment to the environment of the stage's name must succeed."""


@dataclass(frozen=True, slots=True)
class ArgocdSucceeds:
    """Argo CD must say that this Application runs what the commit holds, in sync and healthy.

    It says so by a commit status of the context that its own templates for GitHub use:
    https://argo-cd.readthedocs.io/en/stable/operator-manual/notifications/services/github/
    """

    application: str

    @property
    def context(self) -> str:
        """The context of that status."""
        return f"continuous-delivery/{self.application}"


Verification: TypeAlias = (
    CheckSucceeds | StatusSucceeds | WorkflowSucceeds | DeploymentSucceeds | ArgocdSucceeds
)
