"""A stage's `verify`: what must succeed before freight counts as verified."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

from plugin.pipeline_file.durations import duration
from plugin.pipeline_file.fields import Reader, listed, mapping, wrong
from plugin.pipeline_file.mistakes import Mistakes, shown
from plugin.pipeline_file.nodes import Node, Text
from plugin.pipeline_file.scalars import matching, only_true, text
from plugin.pipeline_file.vocabulary import opened
from plugin.verification import (
    ArgocdSucceeds,
    CheckSucceeds,
    DeploymentSucceeds,
    StatusSucceeds,
    Verification,
    WorkflowSucceeds,
)

_EXAMPLE = "[{check: smoke}]"
_TIMED = "{check: smoke, timeout: 30m}"
_OURS = ("towline", "towline/diff")
# https://kubernetes.io/docs/concepts/overview/working-with-objects/names/#dns-subdomain-names
_APPLICATION = matching(
    r"[a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9])?", "the name of an Argo CD Application", "shop-dev"
)


def _check(node: Node, mistakes: Mistakes) -> CheckSucceeds | None:
    value = text("the name of a check", "smoke")(node, mistakes)
    if value in _OURS:
        mistakes.add(
            node.at,
            f"'{value}' is Towline's own check, which never counts",
            "name a check that tests the stage",
        )
        return None
    return CheckSucceeds(value) if value is not None else None


def _status(node: Node, mistakes: Mistakes) -> StatusSucceeds | None:
    value = text("the context of a commit status", "ci/smoke")(node, mistakes)
    return StatusSucceeds(value) if value is not None else None


def _workflow(node: Node, mistakes: Mistakes) -> WorkflowSucceeds | None:
    read = matching(r"[^/\\]+\.ya?ml", "a file in .github/workflows", "smoke.yaml")
    value = read(node, mistakes)
    return WorkflowSucceeds(value) if value is not None else None


def _deployment(node: Node, mistakes: Mistakes) -> DeploymentSucceeds | None:
    return DeploymentSucceeds() if only_true(node, mistakes) else None


def _argocd(node: Node, mistakes: Mistakes) -> ArgocdSucceeds | None:
    value = _APPLICATION(node, mistakes)
    return ArgocdSucceeds(value) if value is not None else None


_KINDS: dict[str, Callable[[Node, Mistakes], Verification | None]] = {
    "check": _check,
    "status": _status,
    "workflow": _workflow,
    "deployment": _deployment,
    "argocd": _argocd,
}


def verification(node: Node, mistakes: Mistakes) -> tuple[Verification, ...] | None:
    """What must succeed; empty for `none`, which says that merging is enough."""
    if isinstance(node, Text) and node.text == "none":
        return ()
    if isinstance(node, Text):
        wrong(node, mistakes, "none or a list of what must succeed", f"write {_instead(node)}")
        return None
    read: Reader[tuple[Verification, ...]] = listed(
        "what must succeed", f"{_EXAMPLE}, or none", _one
    )
    return read(node, mistakes)


def _instead(node: Text) -> str:
    sayings = ("true", "false", "yes", "no", "")
    check = "smoke" if node.is_nothing or node.text in sayings else shown(node.text)[1:-1]
    return f"none, or [{{check: {check}}}]"


def _one(node: Node, mistakes: Mistakes) -> Verification | None:
    whole = mapping(node, mistakes, "what must succeed", _EXAMPLE[1:-1])
    if whole is None:
        return None
    fields = opened("verification", whole, mistakes)
    timeout = fields.read("timeout", _timeout)
    written = [entry for entry in whole.entries if entry.key.text in _KINDS]
    if len(written) > 1:
        mistakes.add(
            written[1].key.at,
            f"'{written[0].key.text}' and '{written[1].key.text}' stand in one item",
            "write a list item for each: all of them must succeed",
        )
        return None
    if not written:
        if fields.written == ["timeout"]:
            mistakes.add(whole.at, "nothing says what must succeed in time", f"write {_TIMED}")
        return None
    found = _KINDS[written[0].key.text](written[0].value, mistakes)
    return replace(found, timeout=timeout) if found else None


def _timeout(node: Node, mistakes: Mistakes) -> timedelta | None:
    found = duration(node, mistakes)
    if found is not None and not found:
        mistakes.add(
            node.at, "no time at all is given", "write timeout: 30m, or leave out the timeout"
        )
        return None
    return found
