"""What a reviewer should know about freight before merging it: moved tags, downgrades. Pure."""

from __future__ import annotations

from github_app.picture import ProjectPicture
from plugin.freight import Freight


def warnings_of(picture: ProjectPicture, warehouse: str, freight: Freight) -> tuple[str, ...]:
    """One sentence for each thing about `freight` that needs a person's eye."""
    warnings = []
    for artifact in freight.artifacts:
        digests = {
            other.digest
            for seen in picture.ledger.seen(warehouse)
            for other in seen.freight.artifacts
            if other.repository == artifact.repository and other.tag == artifact.tag
        } - {artifact.digest}
        if digests:
            known = ", ".join(sorted(digests))
            warnings.append(
                f"tag {artifact.tag} of {artifact.repository} was moved: it was {known} before, "
                f"it is {artifact.digest} now"
            )
    return tuple(warnings)
