"""The stages of other projects that warehouses watch: whether there are such ones."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from plugin.errors import Refusal
from plugin.held_in import HeldIn, with_stages
from plugin.pipeline import Project, Stage
from plugin.pipeline_file.mistakes import similar
from plugin.subscriptions import StageSubscription


def with_strangers(project: Project, others: Mapping[str, Project]) -> Project:
    """The project with what is wrong with the stages it names, as far as files alone tell."""

    def look(one: StageSubscription) -> HeldIn:
        try:
            if one.project not in others:
                return HeldIn(problems=(unknown(one, others),))
            warehouses_of(one, stage_of(one, others[one.project]))
        except Refusal as refusal:
            return HeldIn(problems=(str(refusal),))
        return HeldIn()

    return with_stages(project, look)


def unknown(one: StageSubscription, names: Collection[str]) -> str:
    """Why nobody is meant by the project that `one` names."""
    meant = similar(one.project, names)
    instead = f"did you mean '{meant}'?" if meant else "a stage is watched in its own repository"
    return f"this repository has no project called '{one.project}'; {instead}"


def stage_of(one: StageSubscription, project: Project) -> Stage:
    """The stage that `one` means; raises Refusal if there is none that could hold anything."""
    names = [stage.name for stage in project.stages]
    if one.stage not in names:
        meant = similar(one.stage, names)
        instead = f"did you mean '{meant}'?" if meant else f"it has {', '.join(names)}"
        raise Refusal(f"project '{one.project}' has no stage called '{one.stage}'; {instead}")
    stage = project.stage(one.stage)
    if stage.place is None:
        raise Refusal(f"'{one}' holds nothing: it has no path and no branch; watch a stage behind")
    return stage


def warehouses_of(one: StageSubscription, stage: Stage) -> tuple[str, ...]:
    """Whose freight of the stage `one` means; raises Refusal for what the stage does not take."""
    taken = tuple(line.warehouse for line in stage.lines)
    if one.warehouse is None:
        return taken
    if one.warehouse not in taken:
        raise Refusal(f"'{one}' takes no freight of '{one.warehouse}', but of {', '.join(taken)}")
    return (one.warehouse,)
