"""OIDC tokens of CI jobs and clouds: whose are let in, by which keys, and what they say."""

from __future__ import annotations
