"""The stand-in's pages for a person: read a pull request, merge it, close it, see what was sent."""

from __future__ import annotations

from github_app.sandbox.pages.blueprint import pages

__all__ = ["pages"]
