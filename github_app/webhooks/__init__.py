"""Webhook dialects: headers and body to what they ask for. Pure; one module per kind of sender."""

from __future__ import annotations

from collections.abc import Mapping

from github_app.webhooks import distribution, github
from github_app.webhooks.message import Dialect

DIALECTS: Mapping[str, Dialect] = {
    "github": Dialect(github.proven, github.read),
    "distribution": Dialect(distribution.proven, distribution.read),
}
"""Every kind of sender, under the last part of its address `/webhooks/<name>`."""
