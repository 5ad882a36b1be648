"""Errors as Argo CD's screen shows them."""

from __future__ import annotations

import pytest

from plugin.errors import Refusal, Temporary
from plugin.sidecar.failures import BUG, REFUSED, told

ROOT = "/work/_cmp_server/6f1d0c5e-0d5f-4d3e-9b0a-1f2e3d4c5b6a"


@pytest.mark.parametrize(
    ("error", "status", "text"),
    [
        (Refusal("a.yaml:1: no"), REFUSED, "a.yaml:1: no"),
        (Temporary("busy"), REFUSED, "busy"),
        (Refusal(f"{ROOT}/a.yaml:1: no, see {ROOT}"), REFUSED, "a.yaml:1: no, see ."),
        (Refusal("a\x1b[31mb\r\nc\n"), REFUSED, "a [31mb \nc"),
        (KeyError("s3cret"), BUG, "towline-plugin: bug in ?: KeyError; please report it"),
        (OSError(5, "Input/output error", "/s3cret"), BUG, "towline-plugin: ?: Input/output error"),
        (OSError("s3cret"), BUG, "towline-plugin: bug in ?: OSError; please report it"),
        (ImportError("x", name="yaml"), BUG, "towline-plugin: 'yaml' is not installed; repair the"),
        (MemoryError(), REFUSED, "towline-plugin: out of memory; give the sidecar more, or split"),
    ],
    ids=lambda value: type(value).__name__,
)
def test_what_is_said_and_which_status(error: Exception, status: int, text: str) -> None:
    ended, said = told(error, ROOT)
    assert ended == status
    assert said.startswith(text)
    assert "s3cret" not in said


def test_much_becomes_little_with_the_best_first() -> None:
    many = told(Refusal("\n".join(f"line {number}" for number in range(100))), "/")[1]
    assert many.startswith("line 0\nline 1\n")
    assert many.endswith("\nand 80 more lines")
    assert len(told(Refusal("ä" * 10_000), "/")[1].encode()) <= 3500
