"""The stage that an Application means where a pipeline file has a say in it."""

from __future__ import annotations

from collections.abc import Iterator

from plugin.asked_stage import AskedStage
from plugin.errors import Refusal
from plugin.file_tree import FileTree
from plugin.pins.kustomization import NAMES
from plugin.pipeline import InBranch, InDirectory, Project, Stage
from plugin.sidecar.argocd import Request, quoted
from plugin.sidecar.asking import PIPELINE, pipeline_in
from plugin.stage_records import records_in

_SUFFIXES = (".yaml", ".yml", ".json")
_HOW = "give the Application the parameter 'stage', or TOWLINE_STAGE in plugin.env"
_BLANK = (
    "; TOWLINE_STAGE is there but empty: write the name itself, for Argo CD replaces a variable "
    "it does not know by nothing"
)


def declared_stage(tree: FileTree, stage: AskedStage, request: Request) -> AskedStage:
    """What the Application at `stage` means; raises Refusal with what to write."""
    if request.stage is None:
        return _unnamed(tree, stage, blank=request.blank)
    project = project_at(tree, stage.directory)
    if project is not None:
        return _of_project(tree, project, request.stage)
    return _confirmed(tree, stage, request.stage)


def project_at(tree: FileTree, directory: str) -> Project | None:
    """The project whose pipeline file lies in `directory`; raises InvalidProject."""
    file = pipeline_in(directory)
    content = tree.read(file)
    if content is None:
        return None
    from plugin.pipeline_file import read_project_bytes  # as long to load as most renders take

    return read_project_bytes(file, content)


def declared(tree: FileTree, stage: AskedStage) -> tuple[Project, Stage] | None:
    """What the nearest pipeline file that knows the stage declares of it, or None.

    Nothing is declared of a stage on a branch: the pipeline file there is a copy that came along.
    """
    for place in _upwards(stage.directory):
        project = project_at(tree, place)
        for one in project.stages if project else ():
            if project and is_here(one) and one.place == InDirectory(stage.directory):
                return project, one
    return None


def _upwards(directory: str) -> Iterator[str]:
    place = directory
    while place:
        yield place
        place = place.rpartition("/")[0]
    yield ""


def _unnamed(tree: FileTree, stage: AskedStage, *, blank: bool) -> AskedStage:
    if stage.records:
        return _named_by_file(tree, stage)
    project = project_at(tree, stage.directory)
    if project is None or _may_be_a_branch(tree, stage.directory, project):
        return stage
    own = declared(tree, stage)
    if own is None:
        raise Refusal(
            f"{project.file}: '{project.name}' is a project with the stages "
            f"{stages_of(project)}; {_HOW}{_BLANK if blank else ''}"
        )
    return AskedStage(stage.directory, own[1].name, stage.records)


def _may_be_a_branch(tree: FileTree, here: str, project: Project) -> bool:
    """Whether this may be a stage's branch: it holds a copy of the pipeline file, and manifests.

    Before its first promotion it holds no record. Without one the name decides nothing.
    """
    if not any(isinstance(one.place, InBranch) for one in project.stages):
        return False
    names = [one for one in tree.names(here) if one != PIPELINE and not one.startswith(".")]
    return any(one in NAMES or one.endswith(_SUFFIXES) for one in names)


def _named_by_file(tree: FileTree, stage: AskedStage) -> AskedStage:
    """The stage with the name its pipeline file gives it, because its records quarrel about it."""
    found = declared(tree, stage)
    return AskedStage(stage.directory, found[1].name if found else None, stage.records)


def _of_project(tree: FileTree, project: Project, name: str) -> AskedStage:
    found = next((one for one in project.stages if one.name == name), None)
    if found is None:
        raise Refusal(f"{project.file}: has no stage {quoted(name)}; it has {stages_of(project)}")
    directory = _directory(project, found)
    return AskedStage(directory, name, records_in(tree, directory))


def is_here(stage: Stage) -> bool:
    """Whether the stage is a directory beside its pipeline file."""
    return stage.repo is None and isinstance(stage.place, InDirectory)


def _directory(project: Project, stage: Stage) -> str:
    name = stage.name
    if stage.repo is not None:
        raise Refusal(
            f"{project.file}: stage '{name}' lives in {stage.repo}; let the Application read that "
            "repository, and ask for no stage"
        )
    match stage.place:
        case InDirectory(path):
            return path
        case InBranch(branch, sources):
            raise Refusal(
                f"{project.file}: stage '{name}' is the branch {quoted(branch)}; set the "
                f"Application's targetRevision: {branch} and path: {sources or '.'}, "
                "and ask for no stage"
            )
        case None:
            raise Refusal(
                f"{project.file}: stage '{name}' has neither path nor branch, so it has no "
                f"manifests; ask for one of {stages_of(project)}"
            )


def _confirmed(tree: FileTree, stage: AskedStage, name: str) -> AskedStage:
    """The directory itself, if it is the stage that is asked for."""
    here = stage.directory
    found = declared(tree, stage)
    known = found[1].name if found else stage.name
    place = here or "."
    if known == name:
        return AskedStage(here, name, stage.records)
    if known is None:
        raise Refusal(
            f"{place}: nothing here says that this is stage {quoted(name)}, neither a record nor a "
            f"{PIPELINE} above; take the stage out of the Application, whose path says enough"
        )
    raise Refusal(
        f"{place}: is stage '{known}', but the Application asks for {quoted(name)}; "
        "change its path, or take the stage out of it"
    )


def stages_of(project: Project) -> str:
    """The names of its stages that have manifests, for a sentence."""
    names = [one.name for one in project.stages if one.place is not None]
    return ", ".join(names[:20]) + (f" and {len(names) - 20} more" if len(names) > 20 else "")
