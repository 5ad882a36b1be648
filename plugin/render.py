"""A stage's manifests with its freight: applied where records ask for it, guarded, annotated."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from plugin.kustomize.build import Kustomize, configured
from plugin.local import unreadable
from plugin.printed import Printed, printed
from plugin.settings import GITHUB, github_url

if TYPE_CHECKING:
    from plugin.asked_stage import AskedStage
    from plugin.kustomize.begun import Ahead
    from plugin.stage_policy import Guard


@dataclass(frozen=True, slots=True)
class Renderer:
    """What renders, as whoever runs it set it up; `github_url` is where GitHub's pages are."""

    kustomize: Kustomize
    github_url: str = GITHUB

    @classmethod
    def configured(
        cls,
        environ: Mapping[str, str],
        timeout: float,
        *,
        own_group: bool = True,
        ahead: Ahead | None = None,
    ) -> Renderer:
        """The renderer that `environ` describes; raises Refusal for what cannot be meant."""
        kustomize = configured(environ, timeout, own_group=own_group, ahead=ahead)
        return cls(kustomize, github_url(environ))


def rendered(
    root: Path, stage: AskedStage, renderer: Renderer, allowed: Callable[[], frozenset[Guard]]
) -> Printed:
    """The manifests of `stage` below `root`, and what decided those without freight.

    In order: records with `write: record` are applied; disks that would be lost or ignored are
    refused, unless `allowed`, asked only then, leaves that guard out; what carries freight is
    annotated. A stage without records is what `printed` says, byte for byte. Raises Refusal with
    file and line, also for what the file system does not let us read.
    """
    try:
        plain = printed(root, stage.directory, renderer.kustomize, meanwhile=lambda: _loaded(stage))
    except OSError as error:
        raise unreadable(root, stage.directory, error) from error
    if not stage.records:
        return plain
    manifests = _with_freight(stage, plain.manifests, renderer.github_url, allowed)
    return replace(plain, manifests=manifests)


def _loaded(stage: AskedStage) -> None:
    """Load what the stage's records need, which takes as long as a small build."""
    if stage.records:
        import plugin.manifests.annotate
        import plugin.manifests.guards
    if stage.to_apply:
        import plugin.manifests.applied  # noqa: F401


def _with_freight(
    stage: AskedStage,
    manifests: bytes,
    github_url: str,
    allowed: Callable[[], frozenset[Guard]],
) -> bytes:
    from plugin.manifests.annotate import annotated
    from plugin.manifests.guards import guarded

    if stage.to_apply:
        from plugin.manifests.applied import applied

        manifests = applied(manifests, stage.to_apply, stage.directory)
    guarded(manifests, stage.records, stage.directory, allowed)
    return annotated(manifests, stage.records, stage.name or "", github_url, stage.overrides)
