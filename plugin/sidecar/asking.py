"""The stage that an Application means, of those in the tree that Argo CD sent.

Never derived from the branch, the revision, the repository or the Argo CD project: these may
change while Argo CD keeps the manifests it has.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from plugin.asked_stage import AskedStage
from plugin.stage_records import records_in, stage_name

if TYPE_CHECKING:
    from plugin.file_tree import FileTree
    from plugin.sidecar.argocd import Request

PIPELINE = "towline.yaml"


def asked_stage(tree: FileTree, here: str, request: Request) -> AskedStage:
    """The stage of an Application whose path is `here`; raises Refusal with what to write.

    A directory with a pipeline file is a project: there the Application says which stage it means.
    Every other directory is a stage itself.
    """
    records = records_in(tree, here)
    stage = AskedStage(here, stage_name(records), records)
    if records and stage.name and request.stage in (None, stage.name):
        return stage
    if not records and request.stage is None and tree.read(pipeline_in(here)) is None:
        return stage
    from plugin.sidecar.declared_stage import declared_stage  # loads all that a pipeline can say

    return declared_stage(tree, stage, request)


def pipeline_in(directory: str) -> str:
    """Where the pipeline file of the project in `directory` is."""
    return f"{directory}/{PIPELINE}" if directory else PIPELINE
