"""Deliveries once each: what was accepted is durable, and is acted on until it is done."""

from __future__ import annotations
