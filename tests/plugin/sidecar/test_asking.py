"""Which stage an Application means, and what it is told when it cannot be known."""

from __future__ import annotations

from pathlib import Path

import pytest

from plugin.asked_stage import AskedStage
from plugin.errors import Refusal
from plugin.file_tree import FileTree
from plugin.sidecar.argocd import Request
from plugin.sidecar.asking import asked_stage
from plugin.sidecar.declared_stage import declared
from tests.plugin.shop import DB, PIPELINE, put, record, shop, write


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return shop(tmp_path / "repository")


def asked(root: Path, here: str, stage: str | None = None, *, blank: bool = False) -> AskedStage:
    return asked_stage(FileTree(root), here, Request(stage, blank))


def refusal(root: Path, here: str, stage: str | None = None, *, blank: bool = False) -> str:
    with pytest.raises(Refusal) as refused:
        asked(root, here, stage, blank=blank)
    return str(refused.value)


def test_a_directory_is_the_stage_its_records_name(root: Path) -> None:
    assert asked(root, "stages/prod") == AskedStage("stages/prod", None, ())
    held = record("prod")
    put(root, "stages/prod", held)
    (root / "towline.yaml").unlink()
    assert asked(root, "stages/prod") == AskedStage("stages/prod", "prod", (held,))
    assert asked(root, "stages/prod", "prod") == asked(root, "stages/prod")


def test_a_project_needs_to_be_told_the_stage(root: Path) -> None:
    put(root, "stages/dev", record("dev"))
    assert asked(root, "", "dev") == asked(root, "stages/dev")
    assert asked(root, "", "prod") == AskedStage("stages/prod", "prod", ())
    assert refusal(root, "") == (
        "towline.yaml: 'shop' is a project with the stages dev, staging, prod, live; give the "
        "Application the parameter 'stage', or TOWLINE_STAGE in plugin.env"
    )
    assert "TOWLINE_STAGE is there but empty" in refusal(root, "", blank=True)


def test_a_project_in_a_folder_has_its_stages_below_it(tmp_path: Path) -> None:
    write(tmp_path, {"apps/shop/towline.yaml": PIPELINE})
    assert asked(tmp_path, "apps/shop", "dev").directory == "apps/shop/stages/dev"


@pytest.mark.parametrize(
    ("stage", "said"),
    [
        ("nope", "towline.yaml: has no stage 'nope'; it has dev, staging, prod, live"),
        ("gate", "towline.yaml: stage 'gate' has neither path nor branch"),
        (
            "live",
            "towline.yaml: stage 'live' is the branch 'env/live'; set the Application's target",
        ),
    ],
)
def test_a_stage_without_a_directory_is_refused(root: Path, stage: str, said: str) -> None:
    assert refusal(root, "", stage).startswith(said)


def test_a_stages_branch_holds_a_copy_of_the_pipeline_file(root: Path) -> None:
    write(root, {"kustomization.yaml": "resources: [base]\n"})
    assert asked(root, "") == AskedStage("", None, ())
    held = record("live")
    put(root, "", held)
    assert asked(root, "") == asked(root, "", "live") == AskedStage("", "live", (held,))
    assert asked(root, "", "dev").directory == "stages/dev"


def test_a_directory_that_is_another_stage_is_refused(root: Path) -> None:
    said = "stages/prod: is stage 'prod', but the Application asks for 'dev'"
    assert refusal(root, "stages/prod", "dev").startswith(said)
    put(root, "stages/prod", record("prod"))
    assert refusal(root, "stages/prod", "dev").startswith(said)
    (root / "towline.yaml").unlink()
    assert refusal(root, "stages/prod", "dev").startswith(said)


def test_a_name_that_nothing_confirms_is_refused(root: Path) -> None:
    assert asked(root, "stages/prod", "prod").name == "prod"
    (root / "towline.yaml").unlink()
    said = refusal(root, "stages/prod", "prod")
    assert said.startswith("stages/prod: nothing here says that this is stage 'prod'")


def test_the_pipeline_file_names_a_copied_stage(root: Path) -> None:
    """Records copied from dev still say dev, until each line is promoted once."""
    put(root, "stages/prod", record("dev"), record("prod", DB, warehouse="db"))
    assert asked(root, "stages/prod").name == "prod"
    assert asked(root, "stages/prod", "prod").name == "prod"
    (root / "towline.yaml").unlink()
    assert asked(root, "stages/prod").name is None


def test_what_is_declared_of_a_stage(root: Path) -> None:
    tree = FileTree(root)
    found = declared(tree, asked(root, "stages/staging"))
    assert found is not None
    assert (found[1].name, found[1].overrides) == ("staging", True)
    # Whoever may write to the stage's branch wrote the copy there.
    assert declared(tree, AskedStage("", "live", ())) is None
    assert declared(tree, AskedStage("base", None, ())) is None


def test_what_was_looked_at_is_remembered(root: Path) -> None:
    tree = FileTree(root)
    asked_stage(tree, "stages/prod", Request("prod"))
    assert set(tree.looked_at) == {
        "stages/prod/.freight",
        "stages/prod/towline.yaml",
        "stages/towline.yaml",
        "towline.yaml",
    }


def test_records_must_be_what_they_seem(root: Path) -> None:
    put(root, "stages/prod", record("prod"))
    file = root / "stages/prod/.freight/web.yaml"
    file.rename(file.with_name("db.yaml"))
    assert refusal(root, "stages/prod").startswith(
        "stages/prod/.freight/db.yaml: is the record of warehouse 'web'"
    )
    file.write_bytes(b"\xff")
    file.with_name("db.yaml").unlink()
    assert refusal(root, "stages/prod").startswith("stages/prod/.freight/web.yaml: is not UTF-8")
    file.unlink()
    file.symlink_to("/etc/hostname")
    assert "leads out of the repository" in refusal(root, "stages/prod")
    file.unlink()
    file.mkdir()
    assert refusal(root, "stages/prod").startswith("stages/prod/.freight/web.yaml:1: ")
