"""How freight gets there: the GitHub App."""

from __future__ import annotations
