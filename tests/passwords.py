"""The one login that registries in tests let in."""

from __future__ import annotations

USER, PASSWORD = "gate", "hush"
# The same as a line of a password file: bcrypt, at its lowest cost.
HTPASSWD = "gate:$2b$04$1dqPMVYDkrzvCIqynFGz9OfJvWeYmkwOdgOWBNA/aNgjs9sseYd..\n"
