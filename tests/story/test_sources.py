"""Stages whose files come from elsewhere: sources, copies and rendered manifests, push to prod."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import pytest

from github_app.sandbox.state import Protection, PullRequest, RequiredCheck, Settings
from plugin.artifact import GitRepository, Revision
from tests.story.world import KUSTOMIZATION, REPOSITORY, Story, digest, told

PIPELINE = """\
project: shop
warehouses:
  web: [{image: ghcr.io/acme/web}]
stages:
  dev:  {warehouses: [web], path: stages/dev, merge: auto, verify: none}
  prod: {after: [dev], branch: env/prod, path: stages/prod}
"""
API = "ghcr.io/acme/api"
DEPLOYMENT = """\
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec: {template: {spec: {containers: [{name: web, image: web}]}}}
"""
BASE = {
    "base/kustomization.yaml": "resources: [deployment.yaml]\n",
    "base/deployment.yaml": DEPLOYMENT,
}
SOURCES = {
    "towline.yaml": PIPELINE,
    **BASE,
    "stages/dev/kustomization.yaml": KUSTOMIZATION,
    "stages/prod/kustomization.yaml": KUSTOMIZATION + "patches: [{path: big.yaml}]\n",
    "stages/prod/big.yaml": DEPLOYMENT.replace("spec: {", "spec: {replicas: 9, ", 1),
    "README.md": "ours\n",
}
BROUGHT = {
    "base/deployment.yaml",
    "base/kustomization.yaml",
    "stages/prod/.freight/files.json",
    "stages/prod/.freight/web.yaml",
    "stages/prod/big.yaml",
    "stages/prod/kustomization.yaml",
}


def paths(story: Story, ref: str) -> set[str]:
    """The files on a branch."""
    return set(story.stand_in.paths(REPOSITORY, ref))


def changed(story: Story, pull: PullRequest) -> set[str]:
    """The files that a pull request changes."""
    before, after = pull.base_ref, pull.head_ref
    file = story.stand_in.file
    return {
        one
        for one in paths(story, before) | paths(story, after)
        if file(REPOSITORY, before, one) != file(REPOSITORY, after, one)
    }


def test_sources_travel_into_a_branch_that_is_begun_for_them(tmp_path: Path) -> None:
    with told(tmp_path, SOURCES) as story:
        assert paths(story, "env/prod") == {"README.md"}
        assert "`path: stages/prod`" in story.text("README.md", "env/prod")
        story.push("1.0.0", 1)
        pull = story.open_pull("prod")
        assert pull.base_ref == "env/prod"
        assert len(story.stand_in.commits(REPOSITORY, pull.number)) == 1
        story.merge(pull)
        assert paths(story, "env/prod") == {*BROUGHT, "README.md"}
        assert "newTag: 1.0.0" in story.text("stages/prod/kustomization.yaml", "env/prod")
        assert "newTag: 0.9.0" in story.text("stages/prod/kustomization.yaml")
        assert not story.open_pulls()


def test_a_change_of_the_sources_alone_opens_a_pull_request(tmp_path: Path) -> None:
    with told(tmp_path, SOURCES) as story:
        story.push("1.0.0", 1)
        story.merge(story.open_pull("prod"))
        story.commit("main", {"README.md": "of no concern\n"})
        assert not story.open_pulls()
        story.commit("main", {"base/deployment.yaml": DEPLOYMENT + "# mended\n"})
        pull = story.open_pull("prod")
        assert story.check(pull).conclusion == "success"
        assert changed(story, pull) == {"base/deployment.yaml"}
        writes = story.requests()
        story.commit("main", {"README.md": "again of no concern\n"})
        assert story.stand_in.pull_request(REPOSITORY, pull.number).head_sha == pull.head_sha
        assert story.requests() - writes <= 2
        story.merge(pull)
        assert "# mended" in story.text("base/deployment.yaml", "env/prod")
        assert not story.open_pulls()


def test_sources_that_change_back_close_their_pull_request(tmp_path: Path) -> None:
    with told(tmp_path, SOURCES) as story:
        story.push("1.0.0", 1)
        story.merge(story.open_pull("prod"))
        story.commit("main", {"base/deployment.yaml": DEPLOYMENT + "# mended\n"})
        story.commit("main", {"base/deployment.yaml": DEPLOYMENT})
        assert not story.open_pulls()
        assert story.pulls()[-1].merged_at is None


def test_what_a_person_takes_out_of_the_branch_stays_out(tmp_path: Path) -> None:
    with told(tmp_path, SOURCES) as story:
        story.push("1.0.0", 1)
        story.merge(story.open_pull("prod"))
        story.commit("main", {"base/deployment.yaml": DEPLOYMENT + "# mended\n"})
        story.merge(story.open_pull("prod"))
        story.commit("env/prod", {"base/deployment.yaml": DEPLOYMENT})
        assert not story.open_pulls()
        story.later(timedelta(minutes=1))
        story.stand_in.comment(REPOSITORY, story.pulls()[-1].number, "alice", "/towline resume")
        story.settle()
        assert changed(story, story.open_pull("prod")) == {"base/deployment.yaml"}
        story.commit("main", {"base/deployment.yaml": DEPLOYMENT + "# mended better\n"})
        story.merge(story.open_pull("prod"))
        assert "# mended better" in story.text("base/deployment.yaml", "env/prod")


def test_a_source_that_goes_goes_from_the_branch_and_a_persons_file_stays(tmp_path: Path) -> None:
    with told(tmp_path, SOURCES) as story:
        story.push("1.0.0", 1)
        story.merge(story.open_pull("prod"))
        story.commit("env/prod", {"CODEOWNERS": "* @sre\n", "stages/prod/notes.md": "mine\n"})
        gone = {"stages/prod/big.yaml": None, "stages/prod/kustomization.yaml": KUSTOMIZATION}
        story.commit("main", gone)
        story.push("1.1.0", 2)
        story.merge(story.open_pull("prod"))
        theirs = {"README.md", "CODEOWNERS", "stages/prod/notes.md"}
        assert paths(story, "env/prod") == BROUGHT - {"stages/prod/big.yaml"} | theirs
        assert "newTag: 1.1.0" in story.text("stages/prod/kustomization.yaml", "env/prod")


def test_two_warehouses_keep_their_own_versions_in_the_same_sources(tmp_path: Path) -> None:
    both = SOURCES["stages/prod/kustomization.yaml"].replace(
        "images:\n", "images:\n  - {name: api, newName: ghcr.io/acme/api, newTag: 0.1.0}\n"
    )
    pipeline = PIPELINE.replace("stages:\n", "  api: [{image: ghcr.io/acme/api}]\nstages:\n")
    pipeline = pipeline.replace("{after: [dev], branch", "{warehouses: [web, api], branch")
    pipeline = pipeline.replace("  dev:", "  # dev:")
    files = {**SOURCES, "towline.yaml": pipeline, "stages/prod/kustomization.yaml": both}
    with told(tmp_path, files) as story:
        story.push("1.0.0", 1)
        story.merge(story.open_pull("prod", "web"))
        story.push("2.0.0", 2, API)
        story.merge(story.open_pull("prod", "api"))
        story.commit("main", {"stages/prod/kustomization.yaml": both + "namePrefix: x-\n"})
        story.push("1.1.0", 3)
        (pull,) = story.open_pulls()
        story.merge(pull)
        text = story.text("stages/prod/kustomization.yaml", "env/prod")
        assert "newTag: 1.1.0" in text
        assert "newTag: 2.0.0" in text
        assert "namePrefix: x-" in text
        assert not story.open_pulls()


@pytest.mark.parametrize(("mode", "why"), [("120000", "link"), ("100755", "executable")])
def test_a_file_that_cannot_travel_is_named(tmp_path: Path, mode: str, why: str) -> None:
    with told(tmp_path, SOURCES) as story:
        story.push("1.0.0", 1)
        pull = story.open_pull("prod")
        story.alice.put("stages/prod/run.sh", b"big.yaml", mode)
        story.settle()
        check = story.check(pull)
        assert check.conclusion == "action_required"
        assert "stages/prod/run.sh" in str(check.summary)
        assert why in str(check.summary)


def test_files_of_the_sources_may_be_binary(tmp_path: Path) -> None:
    with told(tmp_path, SOURCES) as story:
        story.push("1.0.0", 1)
        story.merge(story.open_pull("prod"))
        story.alice.put("stages/prod/logo.png", b"\x89PNG\xff\x00\n")
        story.settle()
        pull = story.open_pull("prod")
        assert changed(story, pull) == {"stages/prod/logo.png", "stages/prod/.freight/files.json"}
        story.settle()
        assert story.stand_in.pull_request(REPOSITORY, pull.number).head_sha == pull.head_sha
        story.merge(pull)
        logo = story.stand_in.file(REPOSITORY, "env/prod", "stages/prod/logo.png")
        assert logo == b"\x89PNG\xff\x00\n"
        assert not story.open_pulls()


def watching(story: Story, commit: str) -> None:
    """The repository itself offers this commit, as its subscription says."""
    own = GitRepository.parse(f"{story.stand_in.url}/{REPOSITORY}")
    story.shelf.revisions[own] = Revision(own, commit, commit)


COPYING = """\
project: shop
warehouses:
  web: [{image: ghcr.io/acme/web}, {git: "URL/acme/shop"}]
stages:
  dev:  {warehouses: [web], path: stages/dev, copy: {base: base}, merge: auto, verify: none}
  prod: {after: [dev], path: stages/prod, copy: {base: base, base/extra.txt: notes.txt}}
"""
LOCAL = KUSTOMIZATION.replace("../../base", "base")


@contextmanager
def copying(directory: Path) -> Iterator[Story]:
    """A world whose stages get `base/` by promotion only."""
    files = {**SOURCES, "base/extra.txt": "one\n"}
    files |= {f"stages/{one}/kustomization.yaml": LOCAL for one in ("dev", "prod")}
    files |= {f"stages/{one}/base/kustomization.yaml": "resources: []\n" for one in ("dev", "prod")}
    with told(directory, files) as story:
        pipeline = COPYING.replace("URL", story.stand_in.url)
        watching(story, story.commit("main", {"towline.yaml": pipeline}))
        yield story


def test_copies_reach_prod_only_through_the_stages(tmp_path: Path) -> None:
    with copying(tmp_path) as story:
        story.push("1.0.0", 1)
        assert story.text("stages/dev/base/extra.txt") == "one\n"
        pull = story.open_pull("prod")
        assert changed(story, pull) == {
            "stages/prod/.freight/files.json",
            "stages/prod/.freight/web.yaml",
            "stages/prod/base/deployment.yaml",
            "stages/prod/base/extra.txt",
            "stages/prod/base/kustomization.yaml",
            "stages/prod/kustomization.yaml",
            "stages/prod/notes.txt",
        }
        story.merge(pull)
        assert story.text("stages/prod/notes.txt") == "one\n"
        # Edited on main, prod still has what its freight says.
        story.commit("main", {"base/extra.txt": "two\n"})
        assert not story.open_pulls()
        assert story.text("stages/prod/base/extra.txt") == "one\n"


def test_a_copied_file_that_goes_goes_with_the_next_freight(tmp_path: Path) -> None:
    with copying(tmp_path) as story:
        story.push("1.0.0", 1)
        story.merge(story.open_pull("prod"))
        story.commit("main", {"stages/prod/base/mine.txt": "mine\n"})
        gone = story.commit("main", {"base/deployment.yaml": None, "base/new.txt": "new\n"})
        watching(story, gone)
        story.push("1.1.0", 2)
        assert "stages/dev/base/deployment.yaml" not in paths(story, "main")
        story.merge(story.open_pull("prod"))
        there = {one for one in paths(story, "main") if one.startswith("stages/prod/base/")}
        assert there == {
            f"stages/prod/base/{one}"
            for one in ("extra.txt", "kustomization.yaml", "mine.txt", "new.txt")
        }


def test_sources_at_the_freights_commit_do_not_follow_main(tmp_path: Path) -> None:
    with told(tmp_path, SOURCES) as story:
        git = '[{image: ghcr.io/acme/web}, {git: "URL/acme/shop"}]'
        pipeline = PIPELINE.replace("[{image: ghcr.io/acme/web}]", git)
        pipeline = pipeline.replace("URL", story.stand_in.url)
        watching(story, story.commit("main", {"towline.yaml": pipeline}))
        story.push("1.0.0", 1)
        story.merge(story.open_pull("prod"))
        later = story.commit("main", {"base/deployment.yaml": DEPLOYMENT + "# later\n"})
        assert not story.open_pulls()
        watching(story, later)
        story.push("1.0.1", 2)
        pull = story.open_pull("prod")
        assert "base/deployment.yaml" in changed(story, pull)


RENDERED = PIPELINE.replace("path: stages/prod}", "path: stages/prod, render: true}")
CONFIG = "\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: web, namespace: shop}\ndata: {a: b}\n"
MANIFESTS = {
    "stages/prod/configmap_shop_web.yaml",
    "stages/prod/deployment.apps_web.yaml",
}
RECORDS = {"stages/prod/.freight/files.json", "stages/prod/.freight/web.yaml"}


@contextmanager
def rendering(directory: Path, kustomize: Path) -> Iterator[Story]:
    """A world whose prod is a branch of rendered manifests."""
    files = {**SOURCES, "towline.yaml": RENDERED}
    files["base/deployment.yaml"] = DEPLOYMENT + "---" + CONFIG
    with told(directory, files, kustomize=kustomize) as story:
        yield story


def test_a_branch_of_rendered_manifests_is_its_own_difference(
    tmp_path: Path, kustomize: Path
) -> None:
    with rendering(tmp_path, kustomize) as story:
        story.push("1.0.0", 1)
        story.merge(story.open_pull("prod"))
        assert paths(story, "env/prod") == {"README.md", *MANIFESTS, *RECORDS}
        deployment = story.text("stages/prod/deployment.apps_web.yaml", "env/prod")
        assert f"image: ghcr.io/acme/web:1.0.0@{digest(1)}" in deployment
        assert "towline.dev/freight" in deployment
        story.push("1.1.0", 2)
        pull = story.open_pull("prod")
        assert changed(story, pull) == {
            "stages/prod/.freight/web.yaml",
            "stages/prod/deployment.apps_web.yaml",
        }
        story.merge(pull)
        assert not story.open_pulls()


def test_a_resource_that_goes_goes_from_the_rendered_branch(
    tmp_path: Path, kustomize: Path
) -> None:
    with rendering(tmp_path, kustomize) as story:
        story.push("1.0.0", 1)
        story.merge(story.open_pull("prod"))
        story.commit("env/prod", {"CODEOWNERS": "* @sre\n", ".github/notes.md": "mine\n"})
        story.commit("main", {"base/deployment.yaml": DEPLOYMENT})
        pull = story.open_pull("prod")
        assert changed(story, pull) == {
            "stages/prod/.freight/files.json",
            "stages/prod/configmap_shop_web.yaml",
        }
        story.merge(pull)
        there = {"README.md", "CODEOWNERS", ".github/notes.md", *RECORDS}
        assert paths(story, "env/prod") == there | {"stages/prod/deployment.apps_web.yaml"}
        assert not story.open_pulls()


def test_sources_that_cannot_be_rendered_are_said(tmp_path: Path, kustomize: Path) -> None:
    with rendering(tmp_path, kustomize) as story:
        story.push("1.0.0", 1)
        pull = story.open_pull("prod")
        story.commit("main", {"base/kustomization.yaml": "resources: [nowhere.yaml]\n"})
        check = story.check(pull)
        assert check.conclusion == "action_required"
        assert "nowhere.yaml" in str(check.summary)


MIXED = """\
project: shop
warehouses:
  web: [{image: ghcr.io/acme/web}]
stages:
  dev:     {warehouses: [web], path: stages/dev, merge: auto, verify: none}
  staging: {after: [dev], branch: env/staging, path: stages/prod, merge: auto, verify: none}
  prod:    {after: [staging], branch: env/prod, path: stages/prod, render: true}
"""


def test_directory_branch_and_rendered_branch_behind_protection(
    tmp_path: Path, kustomize: Path
) -> None:
    required = Protection(required_checks=(RequiredCheck("towline"), RequiredCheck("towline/diff")))
    with told(tmp_path, {**SOURCES, "towline.yaml": MIXED}, kustomize=kustomize) as story:
        story.stand_in.configure(REPOSITORY, Settings(auto_merge=True))
        for branch in ("main", "env/staging", "env/prod"):
            story.stand_in.protect(REPOSITORY, branch, required)
        for number, tag in ((1, "1.0.0"), (2, "1.1.0")):
            story.push(tag, number)
            assert story.holds("dev") == tag
            assert f"newTag: {tag}" in story.text("stages/prod/kustomization.yaml", "env/staging")
            pull = story.open_pull("prod")
            assert story.check(pull).conclusion == "success"
            story.merge(pull)
            deployment = story.text("stages/prod/deployment.apps_web.yaml", "env/prod")
            assert f"web:{tag}@{digest(number)}" in deployment
        assert not story.open_pulls()
