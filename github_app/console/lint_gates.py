"""What `towline lint` says of gates that never open, and of gates that are none."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from github_app.rules.codeowners import PLACES
from github_app.rules.windows import Shut, state_of
from plugin.artifact import GitRepository
from plugin.pipeline import InDirectory, Merge, Stage
from plugin.stage_policy import Draft


@dataclass(frozen=True, slots=True)
class GateFaults:
    """Judges stages of the checkout at `root`, which comes from `home`, at the moment `now`."""

    root: Path
    home: GitRepository | None
    now: datetime

    def of(self, stage: Stage) -> Iterator[str]:
        """Each as a sentence without the stage's name."""
        yield from self._windows(stage)
        yield from self._teams(stage)
        yield from self._owners(stage)
        if stage.merge is Merge.AUTO and stage.pull_request.draft is Draft.YES:
            yield (
                "opens drafts, which are not merged by themselves (merge: auto); "
                "write draft: waiting, or leave 'draft' out"
            )

    def _windows(self, stage: Stage) -> Iterator[str]:
        state = state_of(stage.windows, self.now) if stage.windows else None
        if isinstance(state, Shut) and state.until is None:
            yield f"its windows let nothing in: {state}; mend 'windows'"

    def _teams(self, stage: Stage) -> Iterator[str]:
        """GitHub has teams of the repository's organization alone give reviews."""
        if self.home is None or stage.reviews is None:
            return
        owner = self.home.path.partition("/")[0]
        for team in stage.reviews.teams:
            organization, slash, _ = team.partition("/")
            if slash and organization.lower() != owner.lower():
                yield f"no review counts for {team}: only teams of {owner} are asked here"

    def _owners(self, stage: Stage) -> Iterator[str]:
        wanted = stage.reviews is not None and stage.reviews.codeowners
        # The file of a stage's branch may be another than the checkout's.
        here = isinstance(stage.place, InDirectory)
        if wanted and here and not any((self.root / one).is_file() for one in PLACES):
            yield "codeowners: true asks nobody: there is no CODEOWNERS file; add one"
