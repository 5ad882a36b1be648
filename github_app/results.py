"""What others say of a commit, and our deployments of it. Values only."""

from __future__ import annotations

import enum
from dataclasses import dataclass
from datetime import datetime


class ResultState(enum.Enum):
    """How a check, a status or a deployment stands."""

    SUCCESS = "success"
    PENDING = "pending"
    FAILURE = "failure"


class ResultKind(enum.Enum):
    """Where a result comes from."""

    CHECK = "check"
    STATUS = "status"
    WORKFLOW = "workflow"
    DEPLOYMENT = "deployment"
    ARGOCD = "argocd"


@dataclass(frozen=True, slots=True)
class Result:
    """What somebody other than us said of a commit, and when."""

    kind: ResultKind
    name: str
    state: ResultState
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Deployed:
    """A deployment of ours: its node id, environment, commit, and GitHub's word for its state.

    `state` is that of the last status, '' where there is none yet.
    """

    node: str
    environment: str
    oid: str
    state: str
