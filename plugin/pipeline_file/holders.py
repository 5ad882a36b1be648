"""Which stages really hold a line's freight: a control-flow stage stands for its upstreams."""

from __future__ import annotations

from plugin.pipeline import After, Line, Merge
from plugin.pipeline_file.mistakes import Mistakes
from plugin.pipeline_file.stages import Declared


class Holders:
    """Built stage by stage, upstream first."""

    def __init__(self, stages: dict[str, Declared]) -> None:
        self._stages = stages
        self._holders: dict[tuple[str, str], frozenset[str]] = {}
        # Stages that say nothing of `verify` -> the first that merges automatically behind them.
        self._unverified: dict[str, Declared] = {}

    def of(self, stage: str, warehouse: str) -> frozenset[str]:
        """The stages with a path or a branch that `stage` stands for, itself if it has one."""
        return self._holders[stage, warehouse]

    def add(self, stage: Declared, line: Line) -> None:
        """Adds a line whose upstreams were added before."""
        upstreams = line.source.upstreams if isinstance(line.source, After) else ()
        behind = frozenset[str]().union(*(self.of(one.stage, line.warehouse) for one in upstreams))
        real = stage.stage.place is not None
        self._holders[stage.name, line.warehouse] = frozenset((stage.name,)) if real else behind
        if stage.stage.merge is Merge.AUTO:
            for one in behind:
                if not self._stages[one].says_verify:
                    self._unverified.setdefault(one, stage)

    def refuse_unverified(self, mistakes: Mistakes) -> None:
        """Adds a mistake for each stage whose silence on `verify` lets freight through unseen."""
        for upstream, stage in self._unverified.items():
            mistakes.add(
                self._stages[upstream].at,
                f"'{upstream}' does not say how freight is verified, and '{stage.name}' behind it "
                f"merges automatically (line {stage.positions['merge'].line})",
                f"write verify: [{{check: NAME}}] in '{upstream}', "
                "or verify: none if its merge is enough",
            )
