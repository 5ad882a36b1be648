"""What a stage is and what it renders to: Towline's vocabulary and the Argo CD sidecar."""

from __future__ import annotations

__version__ = "0.1.0"
