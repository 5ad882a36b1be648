"""`custom`: versions of something that only its makers know, posted by their CI."""

from __future__ import annotations

from plugin.pipeline_file.fields import Fields, Reader, distinct, listed
from plugin.pipeline_file.kinds.shared import Setting
from plugin.pipeline_file.mistakes import Mistakes
from plugin.pipeline_file.nodes import Node
from plugin.pipeline_file.scalars import matching, name
from plugin.subscriptions import CustomSubscription

# What an OIDC token says of a job: a repository of GitHub, or a project behind its host.
_sender_text = matching(
    r"[A-Za-z0-9][A-Za-z0-9-]*/[A-Za-z0-9._-]+"
    r"|[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+(?::[0-9]{1,5})?(?:/[A-Za-z0-9._-]+){2,}",
    "a repository whose CI may post",
    "acme/model-training, or gitlab.com/acme/model-training",
)


def _sender(node: Node, mistakes: Mistakes) -> str | None:
    value = _sender_text(node, mistakes)
    return value.lower() if value is not None else None


_senders: Reader[tuple[str, ...]] = distinct(
    listed("repositories", "[acme/model-training]", _sender)
)


def read(fields: Fields, setting: Setting) -> CustomSubscription | None:
    """The subscription of `fields`; None with a mistake."""
    before = len(fields.mistakes)
    kind = fields.read("custom", name("a kind"))
    named = fields.required("name", name("a subscription"), f"name: {kind or 'model'}")
    senders = fields.read("from", _senders) or ()
    age = setting.age(fields)
    if kind is None or named is None or len(fields.mistakes) > before:
        return None
    return CustomSubscription(named, kind, senders, age)
