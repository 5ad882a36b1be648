"""GraphQL node ids: opaque to callers, readable here."""

from __future__ import annotations

import base64

from github_app.sandbox.refused import Refused

_PREFIXES = {
    "User": "U",
    "Organization": "O",
    "Bot": "BOT",
    "App": "A",
    "Repository": "R",
    "PullRequest": "PR",
    "Commit": "C",
    "Tree": "T",
    "Blob": "B",
    "Ref": "REF",
    "Label": "LA",
    "IssueComment": "IC",
    "PullRequestReview": "PRR",
    "Reaction": "REA",
    "ReviewRequest": "RR",
    "Team": "TEAM",
    "Ruleset": "RRS",
    "Rule": "RRU",
    "Environment": "EN",
    "MergeQueue": "MQ",
    "MergeQueueEntry": "MQE",
    "CheckSuite": "CS",
    "CheckRun": "CR",
    "StatusContext": "SC",
    "StatusCheckRollup": "SCR",
    "Deployment": "DE",
    "DeploymentStatus": "DES",
    "PullRequestCommit": "PURC",
    "Event": "EV",
    "Installation": "MDIz",
}
_TYPES = {prefix: kind for kind, prefix in _PREFIXES.items()}


def node_id(kind: str, *parts: object) -> str:
    """The id of a node: its type and what finds it again."""
    text = ":".join(str(part) for part in parts)
    packed = base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")
    return f"{_PREFIXES[kind]}_{packed}"


def parsed(text: str) -> tuple[str, list[str]]:
    """Type and parts of a node id.

    Raises Refused (NOT_FOUND) for what was never one.
    """
    prefix, _, packed = text.partition("_")
    try:
        data = base64.urlsafe_b64decode(packed + "=" * (-len(packed) % 4)).decode()
        return _TYPES[prefix], data.split(":")
    except (ValueError, KeyError) as why:
        raise unresolved(text) from why


def unresolved(text: str) -> Refused:
    """What GraphQL says of an id that leads nowhere."""
    return Refused(404, f"Could not resolve to a node with the global id of '{text}'.")
