"""Stages whose promotions write the record alone, and stages that change their minds."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import yaml

from plugin.kustomize.build import Kustomize
from plugin.record import Record, read_record
from plugin.render import Renderer
from plugin.sidecar.application import render
from plugin.stage_policy import Write
from tests.story.disks import (
    DISKS,
    FEDORA,
    MACHINE,
    NEW,
    NEWEST,
    SECOND,
    STAGE,
    THIRD,
    body,
    faults,
    imported,
    red,
    used,
)
from tests.story.disks import PIPELINE as OF_DISKS
from tests.story.disks import files as with_disks
from tests.story.test_consents import consent
from tests.story.world import FILES, IMAGE, PIPELINE, REPOSITORY, Story, digest, told

STAGES = ("dev", "staging", "prod")
BARE = "resources: [../../base]\n"
RECORDS = PIPELINE.replace("path: stages/staging", "path: stages/staging, write: record").replace(
    "path: stages/prod", "path: stages/prod, write: record"
)


def switched(pipeline: str = PIPELINE, stage: str = "staging") -> dict[str, str]:
    """The pipeline file with `write: record` in one stage."""
    path = f"path: stages/{stage}"
    return {"towline.yaml": pipeline.replace(path, f"{path}, write: record")}


def without_pins(*stages: str) -> dict[str, str]:
    """Stages that only take in what all of them share."""
    return {f"stages/{one}/kustomization.yaml": BARE for one in stages}


SHARED = {**FILES, "towline.yaml": RECORDS, **without_pins("staging", "prod")}


def recorded(story: Story, stage: str, ref: str = "main", warehouse: str = "web") -> Record:
    """What the record of a stage says."""
    path = f"stages/{stage}/.freight/{warehouse}.yaml"
    return read_record(path, story.text(path, ref))


def changed(story: Story, number: int) -> set[str]:
    """The files that a pull request changes."""
    return {one.path for one in story.stand_in.files(REPOSITORY, number)}


def reverted(story: Story, path: str, parent: str) -> None:
    """A person takes the file back to what it was in a commit."""
    old = story.stand_in.file(REPOSITORY, parent, path)
    story.commit("main", {path: old.decode() if old is not None else None})


def test_freight_travels_by_records_alone(tmp_path: Path) -> None:
    with told(tmp_path, SHARED) as story:
        story.push("1.0.0", 1)
        pull = story.open_pull("staging")
        assert changed(story, pull.number) == {"stages/staging/.freight/web.yaml"}
        assert body(pull).startswith("**1 image, the record alone, no disk.**")
        assert "the sidecar applies the record" in body(pull)
        assert story.check(pull).conclusion == "success"
        story.push("1.1.0", 2)
        assert story.open_pull("staging").number == pull.number
        story.merge(story.open_pull("staging"))
        story.merge(story.open_pull("prod"))
        for stage in ("staging", "prod"):
            held = recorded(story, stage)
            assert (held.write, held.freight.tags()) == (Write.RECORD, "1.1.0")
            assert story.text(f"stages/{stage}/kustomization.yaml") == BARE
        assert story.holds("dev") == "1.1.0"
        assert not story.open_pulls()


def test_freight_soaks_by_its_record_and_newer_displaces_it(tmp_path: Path) -> None:
    soaking = RECORDS.replace("after: [staging]", "after: [staging], soak: 30m")
    with told(tmp_path, {**SHARED, "towline.yaml": soaking}) as story:
        story.push("1.0.0", 1)
        story.merge(story.open_pull("staging"))
        story.later(timedelta(minutes=20))
        assert not story.open_pulls()
        story.later(timedelta(minutes=11))
        assert recorded(story, "prod", story.open_pull("prod").head_ref).freight.tags() == "1.0.0"


def test_a_revert_of_the_record_holds_the_line(tmp_path: Path) -> None:
    with told(tmp_path, SHARED) as story:
        story.push("1.0.0", 1)
        story.merge(story.open_pull("staging"))
        before = story.tip()
        story.push("1.1.0", 2)
        story.merge(story.open_pull("staging"))
        reverted(story, "stages/staging/.freight/web.yaml", before)
        assert recorded(story, "staging").freight.tags() == "1.0.0"
        story.push("1.2.0", 3)
        assert story.holds("dev") == "1.2.0"
        assert [one.head_ref for one in story.open_pulls()] == ["towline/shop/prod/web"]


def test_what_a_person_rejects_waits_for_newer_freight(tmp_path: Path) -> None:
    with told(tmp_path, SHARED) as story:
        story.push("1.0.0", 1)
        story.alice.edit(story.open_pull("staging").number, state="closed")
        story.settle()
        assert not story.open_pulls()
        story.push("1.1.0", 2)
        assert recorded(story, "staging", story.open_pull("staging").head_ref).previous is None


def test_versions_in_the_files_are_nobodys_business_once_there_is_a_record(tmp_path: Path) -> None:
    with told(tmp_path, SHARED) as story:
        story.push("1.0.0", 1)
        story.merge(story.open_pull("staging"))
        quarrel = "\n".join(
            f"apiVersion: v1\nkind: Pod\nspec: {{containers: [{{image: '{IMAGE}:{tag}'}}]}}\n---"
            for tag in ("9.0.0", "0.1.0")
        )
        story.commit("main", {"stages/staging/pods.yaml": quarrel})
        story.push("1.1.0", 2)
        pull = story.open_pull("staging")
        assert (changed(story, pull.number), story.check(pull).conclusion) == (
            {"stages/staging/.freight/web.yaml"},
            "success",
        )


def test_what_was_there_before_the_first_record_is_never_downgraded(tmp_path: Path) -> None:
    pods = "\n".join(
        f"apiVersion: v1\nkind: Pod\nspec: {{containers: [{{image: '{IMAGE}:{tag}'}}]}}\n---"
        for tag in ("1.0.0", "2.0.0")
    )
    with told(tmp_path, {**SHARED, "stages/staging/pods.yaml": pods}) as story:
        story.push("1.5.0", 1)
        assert not story.open_pulls()
        story.push("2.1.0", 2)
        assert recorded(story, "staging", story.open_pull("staging").head_ref).freight.tags() == (
            "2.1.0"
        )


def test_a_stage_that_turns_to_records_does_so_with_its_next_promotion(tmp_path: Path) -> None:
    with told(tmp_path) as story:
        story.push("1.0.0", 1)
        story.merge(story.open_pull("staging"))
        story.merge(story.open_pull("prod"))
        pinned = story.text("stages/staging/kustomization.yaml")
        story.commit("main", switched())
        assert not story.open_pulls()
        assert recorded(story, "staging").write is Write.PINS
        story.push("1.1.0", 2)
        pull = story.open_pull("staging")
        assert changed(story, pull.number) == {"stages/staging/.freight/web.yaml"}
        story.merge(pull)
        assert recorded(story, "staging").write is Write.RECORD
        assert story.text("stages/staging/kustomization.yaml") == pinned
        story.commit("main", without_pins("staging"))
        story.push("1.2.0", 3)
        assert story.check(story.open_pull("staging")).conclusion == "success"


def test_a_stage_may_turn_to_records_and_drop_its_pins_at_once(tmp_path: Path) -> None:
    with told(tmp_path) as story:
        story.push("1.0.0", 1)
        story.merge(story.open_pull("staging"))
        story.merge(story.open_pull("prod"))
        story.commit("main", {**switched(), **without_pins("staging")})
        pull = story.open_pull("staging")
        assert "staging holds" in body(pull)
        assert "and asks for write: record" in body(pull)
        story.merge(pull)
        held = recorded(story, "staging")
        assert (held.write, held.freight.tags(), held.previous) == (Write.RECORD, "1.0.0", None)
        assert not story.open_pulls()


def test_a_stage_that_turns_to_pins_has_them_written_for_the_same_freight(tmp_path: Path) -> None:
    pinned = {**SHARED, "stages/staging/kustomization.yaml": FILES["stages/dev/kustomization.yaml"]}
    soaking = RECORDS.replace("after: [staging]", "after: [staging], soak: 30m")
    with told(tmp_path, {**pinned, "towline.yaml": soaking}) as story:
        story.push("1.0.0", 1)
        story.merge(story.open_pull("staging"))
        story.later(timedelta(minutes=20))
        back = soaking.replace("path: stages/staging, write: record", "path: stages/staging")
        story.commit("main", {"towline.yaml": back})
        pull = story.open_pull("staging")
        assert changed(story, pull.number) == {
            "stages/staging/.freight/web.yaml",
            "stages/staging/kustomization.yaml",
        }
        assert story.check(pull).conclusion == "success"
        story.merge(pull)
        assert (recorded(story, "staging").write, story.holds("staging")) == (Write.PINS, "1.0.0")
        assert not story.open_pulls()
        # It never left the stage, so its soak goes on.
        story.later(timedelta(minutes=11))
        assert story.open_pull("prod").title.endswith("to prod")


def test_a_person_may_refuse_to_have_pins_written(tmp_path: Path) -> None:
    pinned = {**SHARED, "stages/staging/kustomization.yaml": FILES["stages/dev/kustomization.yaml"]}
    with told(tmp_path, pinned) as story:
        story.push("1.0.0", 1)
        story.merge(story.open_pull("staging"))
        story.merge(story.open_pull("prod"))
        back = RECORDS.replace("path: stages/staging, write: record", "path: stages/staging")
        story.commit("main", {"towline.yaml": back})
        story.alice.edit(story.open_pull("staging").number, state="closed")
        story.settle()
        assert not story.open_pulls()
        story.push("1.1.0", 2)
        story.merge(story.open_pull("staging"))
        assert (recorded(story, "staging").write, story.holds("staging")) == (Write.PINS, "1.1.0")


def test_a_stage_without_a_place_for_pins_says_so_when_it_turns_to_them(tmp_path: Path) -> None:
    with told(tmp_path, SHARED) as story:
        story.push("1.0.0", 1)
        story.merge(story.open_pull("staging"))
        story.push("1.1.0", 2)
        back = RECORDS.replace("path: stages/staging, write: record", "path: stages/staging")
        story.commit("main", {"towline.yaml": back})
        check = story.check(story.open_pull("staging"))
        assert check.conclusion == "action_required"
        assert "holds no pin of ghcr.io/acme/web" in (check.summary or "")


ANY = "web-root-000000000000"


def anywhere(text: str) -> str:
    """A manifest that stands for any version of its disk."""
    return text.replace(digest(int("aa1".ljust(64, "7"), 16)), "sha256:" + "0" * 64).replace(
        "web-root-aa1777777777", ANY
    )


STATELESS = {**STAGE, "disks.yaml": anywhere(DISKS), "machine.yaml": anywhere(MACHINE)}
STATEFUL = {
    **STATELESS,
    "machine.yaml": STATELESS["machine.yaml"].replace("disk-policy: replace", "team: web"),
}


def disks_of(story: Story, stage: str = "prod") -> tuple[str, list[str]]:
    """The version of the stage's record, and those of the disks that stay."""
    held = recorded(story, stage, warehouse="vm")
    return held.freight.tags(), [one.tag for one in held.previous_disks]


def test_a_disk_of_the_record_is_replaced_with_consent_and_kept(tmp_path: Path) -> None:
    auto = OF_DISKS.replace("path: stages/prod", "path: stages/prod, merge: auto")
    of = switched(auto, "prod")["towline.yaml"]
    with told(tmp_path, with_disks(of, prod=STATEFUL)) as story:
        story.push("1.1.0", SECOND, FEDORA)
        assert f"written to disk root since `{ANY}` was imported is lost" in red(story)
        story.commit("main", consent(story, SECOND))
        assert disks_of(story) == ("1.1.0", ["1.0.0"])
        story.push("1.2.0", THIRD, FEDORA)
        said = red(story)
        assert f"written to disk root since `{NEW}` was imported is lost" in said
        assert f"`{NEW}` | `{NEWEST}` (imported anew)" in body(story.open_pull("prod"))
        assert "**Do not merge" in body(story.open_pull("prod"))
        story.commit("main", consent(story, THIRD))
        assert disks_of(story) == ("1.2.0", ["1.1.0"])
        assert (used(story, "prod"), imported(story, "prod")) == (ANY, [ANY])
        # The way back is to a disk that is still there.
        story.push("1.1.1", SECOND, FEDORA)
        assert disks_of(story) == ("1.1.1", ["1.2.0"])
        assert f"`{NEWEST}` | `{NEW}` (still there)" in body(story.pulls()[-1])


def test_disks_are_written_as_the_record_has_them(tmp_path: Path, kustomize: Path) -> None:
    of = switched(OF_DISKS, "prod")["towline.yaml"]
    with told(tmp_path / "world", with_disks(of, prod=STATELESS)) as story:
        for tag, number in (("1.1.0", SECOND), ("1.2.0", THIRD)):
            story.push(tag, number, FEDORA)
            story.merge(story.open_pull("prod"))
        assert disks_of(story) == ("1.2.0", ["1.1.0"])
        story.commit("main", {"towline.yaml": OF_DISKS})
        pull = story.open_pull("prod")
        assert "no disk" in body(pull)
        assert story.check(pull).conclusion == "success"
        story.merge(pull)
        assert (used(story, "prod"), imported(story, "prod")) == (NEWEST, [NEWEST, NEW])
        assert disks_of(story) == ("1.2.0", ["1.1.0"])
        assert faults(story, "prod", tmp_path / "rendered", kustomize) == []
        assert not story.open_pulls()


def rendered(root: Path, stage: str, kustomize: Path) -> list[dict[str, Any]]:
    """What the sidecar gives Argo CD for a stage, but for what says which stage it is."""
    manifests = render(root, f"stages/{stage}", Renderer(Kustomize((str(kustomize), "build"))))
    found: list[dict[str, Any]] = list(yaml.safe_load_all(manifests))
    for one in found:
        said: dict[str, str] = one["metadata"].get("annotations", {})
        for name in [name for name in said if name.endswith("/stage") or name.startswith("link.")]:
            del said[name]
    return found


def test_a_record_gives_the_disks_that_pins_would(tmp_path: Path, kustomize: Path) -> None:
    of = switched(OF_DISKS, "prod")["towline.yaml"]
    with told(tmp_path / "world", with_disks(of)) as story:
        for tag, number in (("1.1.0", SECOND), ("1.2.0", THIRD)):
            story.push(tag, number, FEDORA)
            story.merge(story.open_pull("prod"))
            faults(story, "dev", tmp_path / tag, kustomize)
            by_pins, by_record = (
                rendered(tmp_path / tag, stage, kustomize) for stage in ("dev", "prod")
            )
            assert by_record == by_pins
        disks = {one["metadata"]["name"] for one in by_record if one["kind"] == "DataVolume"}
        assert disks == {NEWEST, NEW, "web-data"}
