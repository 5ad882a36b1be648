"""`python -m plugin` is `towline-plugin`; so is `python3 -I -S <this directory>`."""

from __future__ import annotations

import os
import sys

if not __package__:
    # Started as a directory, which stands first on the path then instead of the one above it.
    sys.path[0] = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))  # noqa: PTH100, PTH120

from plugin.cli import leave

leave()
