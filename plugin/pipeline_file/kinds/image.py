"""`image`: the tags of a repository in a registry."""

from __future__ import annotations

from functools import partial

from plugin.artifact.image import Reference, Repository
from plugin.errors import Refusal
from plugin.pipeline_file.fields import Fields
from plugin.pipeline_file.kinds.platforms import platform
from plugin.pipeline_file.kinds.shared import Setting, called, refuse_without_effect
from plugin.pipeline_file.mistakes import Mistakes, shown
from plugin.pipeline_file.nodes import Node
from plugin.pipeline_file.scalars import boolean, choice, text
from plugin.pipeline_file.tag_rules import exact_tag, limit, patterns, version_constraint
from plugin.subscriptions import LIMIT, ImageSubscription, Selection

_text = text("an image", "ghcr.io/acme/web")
_BY_VERSION = {"constraint": "remove it, or narrow the tags by 'allow'", "strict": "remove it"}
_WITHOUT_EFFECT = {
    Selection.SEMVER: {},
    Selection.LEXICAL: _BY_VERSION,
    Selection.NEWEST_BUILD: _BY_VERSION,
    Selection.DIGEST: dict.fromkeys(("strict", "allow", "ignore", "limit"), "remove it"),
}


def read(fields: Fields, setting: Setting) -> ImageSubscription | None:
    """The subscription of `fields`; None with a mistake."""
    before = len(fields.mistakes)
    repository = fields.read("image", _repository)
    select = fields.read_or("select", choice(Selection), Selection.SEMVER)
    tags = exact_tag if select is Selection.DIGEST else version_constraint
    read = partial(
        ImageSubscription,
        called(fields, repository.path.rpartition("/")[2] if repository else None),
        select=select,
        constraint=fields.read("constraint", tags),
        strict=fields.read_or("strict", boolean, True),
        allow=fields.read("allow", patterns) or (),
        ignore=fields.read("ignore", patterns) or (),
        limit=fields.read_or("limit", limit, LIMIT),
        platform=fields.read("platform", platform),
        min_age=setting.age(fields),
    )
    _refuse_idle(fields, select)
    return read(repository=repository) if repository and len(fields.mistakes) == before else None


def _refuse_idle(fields: Fields, select: Selection) -> None:
    refuse_without_effect(fields, select.value, _WITHOUT_EFFECT[select])
    if select is Selection.DIGEST and not fields.has("constraint"):
        fields.mistakes.add(
            fields.at("select"),
            "select: digest follows one tag and does not say which",
            "write constraint: latest",
        )


def _spelled(value: str) -> str:
    try:
        return str(Reference.parse(value.lower()).repository)
    except Refusal:
        return "host/owner/name, such as ghcr.io/acme/web"


def _repository(node: Node, mistakes: Mistakes) -> Repository | None:
    value = _text(node, mistakes)
    if value is None:
        return None
    login, _, rest = value.rpartition("@")
    if login and "/" in rest:
        # What stands there may be a password, which no answer repeats.
        mistakes.add(
            node.at,
            "this image holds a user or a password, which everybody can read here",
            f"write {shown(rest)}",
        )
        return None
    if "://" in value:
        mistakes.add(
            node.at,
            f"{shown(value)} is an address, not an image",
            f"write {shown(value.partition('://')[2])}",
        )
        return None
    try:
        reference = Reference.parse(value)
    except Refusal as refusal:
        mistakes.add(node.at, str(refusal), f"write {_spelled(value)}")
        return None
    if reference.tag or reference.digest:
        mistakes.add(
            node.at,
            f"{shown(value)} names one version, and a subscription watches them all",
            f"write {reference.repository} and say which versions in 'constraint'",
        )
        return None
    return reference.repository
