"""`git`: the commits or the tags of a Git repository."""

from __future__ import annotations

import re
from functools import partial

from plugin.artifact.git import GitRepository
from plugin.errors import Refusal
from plugin.pipeline_file.addresses import web_address
from plugin.pipeline_file.fields import Fields, distinct, listed
from plugin.pipeline_file.kinds.shared import Setting, called, refuse_without_effect
from plugin.pipeline_file.mistakes import Mistakes, shown
from plugin.pipeline_file.nodes import Node, Text
from plugin.pipeline_file.places import git_branch
from plugin.pipeline_file.scalars import boolean, choice, text
from plugin.pipeline_file.tag_rules import limit, patterns, tag_pattern, version_constraint
from plugin.subscriptions import LIMIT, GitSelection, GitSubscription

_EXAMPLE = "https://github.com/acme/config or acme/config"
_SHORT = re.compile(r"[A-Za-z0-9][A-Za-z0-9-]*/[A-Za-z0-9._-]+")
_SSH = re.compile(r"(?:git::)?(?:ssh://|git://|[^\s@/:]+@[^\s@/:]+:)")
_GLOB = "glob:"
_REGEX = ("regex:", "regexp:")
_text = text("a Git repository", _EXAMPLE)
_path_text = text("a path", "apps/web")
_TAGS = "remove it, or choose among tags by 'select'"
_VERSIONS = "remove it, or write select: semver"
_BRANCH = {"branch": "remove it: tags belong to no branch"}
_WITHOUT_EFFECT = {
    GitSelection.NEWEST_COMMIT: {"allow": _TAGS, "ignore": _TAGS}
    | dict.fromkeys(("constraint", "strict"), _VERSIONS),
    GitSelection.NEWEST_TAG: _BRANCH | dict.fromkeys(("constraint", "strict"), _VERSIONS),
    GitSelection.SEMVER: _BRANCH,
    GitSelection.LEXICAL: _BRANCH | dict.fromkeys(("constraint", "strict"), _VERSIONS),
}


def read(fields: Fields, setting: Setting) -> GitSubscription | None:
    """The subscription of `fields`; None with a mistake."""
    before = len(fields.mistakes)
    address = fields.read("git", _address)
    repository = GitRepository.parse(address) if address else None
    select = fields.read_or("select", choice(GitSelection), GitSelection.NEWEST_COMMIT)
    read = partial(
        GitSubscription,
        called(fields, repository.path.rpartition("/")[2] if repository else None),
        select=select,
        branch=fields.read("branch", git_branch),
        constraint=fields.read("constraint", version_constraint),
        strict=fields.read_or("strict", boolean, True),
        allow=fields.read("allow", patterns) or (),
        ignore=fields.read("ignore", patterns) or (),
        include=fields.read("include", _paths) or (),
        exclude=fields.read("exclude", _paths) or (),
        ignore_authors=fields.read("ignoreAuthors", patterns) or (),
        ignore_subjects=fields.read("ignoreSubjects", patterns) or (),
        limit=fields.read_or("limit", limit, LIMIT),
        min_age=setting.age(fields),
    )
    refuse_without_effect(fields, select.value, _WITHOUT_EFFECT[select])
    if repository is None or address is None or len(fields.mistakes) > before:
        return None
    return read(repository=repository, address=address)


def _address(node: Node, mistakes: Mistakes) -> str | None:
    """An http or https address; `owner/name` is GitHub's."""
    value = _text(node, mistakes)
    if value is None:
        return None
    if _SHORT.fullmatch(value):
        return str(GitRepository.parse(value))
    if _SSH.match(value):
        what = f"{shown(value)} is read by SSH or Git's own protocol, and Towline reads by HTTPS"
        mistakes.add(node.at, what, f"write {_of_the_web(value)}")
        return None
    address = web_address("a Git repository", _EXAMPLE)(node, mistakes)
    if address is None:
        return None
    try:
        GitRepository.parse(address)
    except Refusal as refusal:
        mistakes.add(node.at, str(refusal), f"write {_EXAMPLE}")
        return None
    return address.rstrip("/")


def _of_the_web(value: str) -> str:
    try:
        return str(GitRepository.parse(value))
    except Refusal:
        return _EXAMPLE


def _path(node: Node, mistakes: Mistakes) -> str | None:
    """A path, or a pattern behind `glob:` or `regex:`."""
    value = _path_text(node, mistakes)
    if value is None or not isinstance(node, Text):
        return None
    word = next((one for one in (_GLOB, *_REGEX) if value.startswith(one)), None)
    if word in _REGEX:
        pattern = tag_pattern(Text(node.at, value.removeprefix(word), quoted=True), mistakes)
        return None if pattern is None else _REGEX[0] + pattern
    parts = value.removeprefix(word or "").split("/")
    if word is None:
        parts = [one for one in parts if one not in ("", ".")]
    if not any(parts) or ".." in parts or "\\" in value or value.startswith("/"):
        what = f"{shown(value)} is not a path below the repository's root"
        mistakes.add(node.at, what, "write apps/web, 'glob:charts/**' or 'regex:\\.ya?ml$'")
        return None
    if word is None and any(one in value for one in "*?["):
        what = f"{shown(value)} looks like a pattern, and a path alone means itself"
        mistakes.add(node.at, what, f"write {shown(_GLOB + value)}")
        return None
    return (word or "") + "/".join(parts)


_paths = distinct(listed("paths", "[apps/web]", _path))
