"""Bare mirrors of repositories: fetched over HTTP, read as Git objects, never checked out."""

from github_app.github.mirror.fetch import LEDGER_BRANCH, GitCredentials, TokenRefused
from github_app.github.mirror.mirrors import LARGEST_FILE, Mirrors
from github_app.github.mirror.repository import Mirror
from github_app.github.mirror.values import (
    Change,
    Commit,
    Conflicts,
    Entry,
    EntryKind,
    Fetched,
    LedgerTip,
    RecordChange,
    Rewound,
)

__all__ = [
    "LARGEST_FILE",
    "LEDGER_BRANCH",
    "Change",
    "Commit",
    "Conflicts",
    "Entry",
    "EntryKind",
    "Fetched",
    "GitCredentials",
    "LedgerTip",
    "Mirror",
    "Mirrors",
    "RecordChange",
    "Rewound",
    "TokenRefused",
]
