"""What a person should know before merging a promotion: moved tags, downgrades. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from github_app.ledger import Seen
from github_app.rules.adoption import is_downgrade
from github_app.warehouse.versions import version_of
from plugin.artifact import Artifact, Repository
from plugin.freight import Freight
from plugin.promotion import Held

Before = Mapping[Repository, Held]


def reviewer_warnings(
    freight: Freight, before: Before, seen: Sequence[Seen], place: int
) -> tuple[str, ...]:
    """One sentence for each thing about `freight` that needs a person's eye.

    `before` is what the stage holds, `seen` the warehouse's freight as it became newest and
    `place` the freight's own place in it: a tag that moved later does not concern it.
    """
    earlier = seen[: max(place, 0)]
    return tuple(
        sentence
        for artifact in freight.artifacts
        for sentence in (
            *_moved(artifact, earlier),
            *_downgraded(artifact, before.get(artifact.repository)),
            *_unfinished(artifact),
        )
    )


def _moved(artifact: Artifact, earlier: Sequence[Seen]) -> Iterator[str]:
    """A tag that names other content than it did: what was tested under it is not this."""
    digests = {
        other.digest
        for one in earlier
        for other in one.freight.artifacts
        if other.repository == artifact.repository and other.tag == artifact.tag
    } - {artifact.digest}
    if digests:
        known = ", ".join(sorted(digests))
        yield (
            f"tag {artifact.tag} of {artifact.repository} was moved: it was {known} before, "
            f"it is {artifact.digest} now"
        )


def _downgraded(artifact: Artifact, held: Held | None) -> Iterator[str]:
    if held is not None and held.tag and is_downgrade(held.tag, artifact.tag):
        yield f"{artifact.repository} goes back from {held.tag} to {artifact.tag}, a lower version"


def _unfinished(artifact: Artifact) -> Iterator[str]:
    version = version_of(artifact.tag, strict=True)
    if version is not None and version.prerelease:
        yield f"{artifact.tag} of {artifact.repository} is a pre-release"
