"""The `towline` command's subcommands, one module each."""

from __future__ import annotations
