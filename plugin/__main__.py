"""`python -m plugin` is `towline-plugin`."""

from __future__ import annotations

import sys

from plugin.cli import main

sys.exit(main())
