"""The promotion rules: what each line of a stage may, must and must not do now. Pure."""

from __future__ import annotations
