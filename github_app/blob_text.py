"""What the content of a blob says, where it is a text. Pure."""

from __future__ import annotations


def blob_text(content: bytes | None) -> str | None:
    """The text; None where there is no content, or it is no UTF-8."""
    try:
        return None if content is None else content.decode("utf-8")
    except UnicodeDecodeError:
        return None
