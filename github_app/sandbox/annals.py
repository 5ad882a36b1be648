"""What belongs to one repository beside its Git objects, in memory."""

from __future__ import annotations

from dataclasses import dataclass, field

from github_app.sandbox.environment import Environment
from github_app.sandbox.queue_entry import QueueEntry
from github_app.sandbox.reaction import Reaction
from github_app.sandbox.state import (
    CheckRun,
    CheckSuite,
    Comment,
    Deployment,
    DeploymentStatus,
    Event,
    PullRequest,
    Review,
    Status,
)


@dataclass(slots=True)
class Annals:
    """By id or number, in the order in which things came."""

    pulls: dict[int, PullRequest] = field(default_factory=dict)
    timelines: dict[int, list[Event]] = field(default_factory=dict)
    comments: dict[int, Comment] = field(default_factory=dict)
    reactions: dict[int, Reaction] = field(default_factory=dict)
    reviews: dict[int, Review] = field(default_factory=dict)
    suites: dict[int, CheckSuite] = field(default_factory=dict)
    runs: dict[int, CheckRun] = field(default_factory=dict)
    statuses: list[Status] = field(default_factory=list)
    environments: dict[str, Environment] = field(default_factory=dict)
    deployments: dict[int, Deployment] = field(default_factory=dict)
    deployment_statuses: dict[int, DeploymentStatus] = field(default_factory=dict)
    queue: list[QueueEntry] = field(default_factory=list)
    # Who last moved a branch.
    pushers: dict[str, str] = field(default_factory=dict)
    looked_at: set[tuple[int, str, str]] = field(default_factory=set)
