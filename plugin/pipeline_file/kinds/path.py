"""`path`: what the pins of a directory say, whoever writes them."""

from __future__ import annotations

from plugin.pipeline_file.fields import Fields
from plugin.pipeline_file.kinds.shared import Setting, called
from plugin.pipeline_file.places import relative_path
from plugin.subscriptions import PathSubscription


def read(fields: Fields, setting: Setting) -> PathSubscription | None:
    """The subscription of `fields`, its path from the repository's root; None with a mistake."""
    before = len(fields.mistakes)
    path = fields.read("path", relative_path)
    name = called(fields, path.rpartition("/")[2] if path else None)
    if path is None or len(fields.mistakes) > before:
        return None
    return PathSubscription(name, f"{setting.directory}/{path}" if setting.directory else path)
