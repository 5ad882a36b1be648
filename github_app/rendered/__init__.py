"""Stages rendered as the sidecar renders them, at commits of a mirror, for promotions."""
