"""Stages that live in another repository of the same installation (`repo:`)."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from github_app.sandbox.stand_in import StandIn
from github_app.sandbox.state import CheckRun, Protection, PullRequest, RequiredCheck, Settings
from tests.story.world import KUSTOMIZATION, REPOSITORY, Story, told

CONFIG = "acme/config"
PIPELINE = """\
project: shop
warehouses:
  web: [{image: ghcr.io/acme/web}]
stages:
  dev:  {warehouses: [web], path: stages/dev, merge: auto, verify: none}
  prod: {after: [dev], repo: acme/config, path: apps/web}
"""
PIN = KUSTOMIZATION.replace("resources: [../../base]\n", "")
FILES = {"towline.yaml": PIPELINE, "stages/dev/kustomization.yaml": PIN}
GREEN = Protection(required_checks=(RequiredCheck("towline"),))


def beside(stand_in: StandIn, name: str = "config", **files: str) -> None:
    """Another repository of the installation, whose default branch takes only what is green."""
    stand_in.create_repository("acme", name, {"apps/web/kustomization.yaml": PIN, **files})
    stand_in.add_collaborator(f"acme/{name}", "alice", "write")
    stand_in.configure(f"acme/{name}", Settings(auto_merge=True))
    stand_in.protect(f"acme/{name}", "main", GREEN)


def both(stand_in: StandIn) -> None:
    stand_in.configure(REPOSITORY, Settings(auto_merge=True))
    stand_in.protect(REPOSITORY, "main", GREEN)
    beside(stand_in)


@contextmanager
def two(directory: Path, pipeline: str = PIPELINE) -> Iterator[Story]:
    with told(directory, {**FILES, "towline.yaml": pipeline}, both) as story:
        yield story


def pulls_there(story: Story, repository: str = CONFIG) -> list[PullRequest]:
    every = sorted(story.stand_in.pull_requests(repository), key=lambda one: one.number)
    return [one for one in every if one.state == "open"]


def check_there(story: Story, pull: PullRequest) -> CheckRun:
    every = story.stand_in.checks(CONFIG, pull.head_sha)
    (found,) = [one for one in every if one.name == "towline"]
    return found


def text_there(story: Story, path: str, ref: str = "main") -> str:
    content = story.stand_in.file(CONFIG, ref, path)
    assert content is not None, f"{path} is not on {ref}"
    return content.decode()


def merge_there(story: Story, pull: PullRequest) -> None:
    story.stand_in.merge(CONFIG, pull.number, "alice")
    story.settle()


def test_a_promotion_goes_to_the_other_repository(tmp_path: Path) -> None:
    with two(tmp_path) as story:
        story.push("1.0.0", 1)
        (pull,) = pulls_there(story)
        assert (pull.head_ref, pull.base_ref) == ("towline/shop/prod/web", "main")
        assert check_there(story, pull).conclusion == "success"
        assert story.stand_in.mergeability(CONFIG, pull.number).state == "clean"
        merge_there(story, pull)
        assert "1.0.0" in text_there(story, "apps/web/kustomization.yaml")
        assert f"repository: {CONFIG}" in text_there(story, "apps/web/.freight/web.yaml")
        assert story.open_pulls() == []
        assert "towline-ledger" in story.stand_in.branches(REPOSITORY)
        assert "towline-ledger" not in story.stand_in.branches(CONFIG)
        assert pull.head_ref not in story.stand_in.branches(CONFIG)


def test_the_same_pull_request_goes_on_to_newer_freight(tmp_path: Path) -> None:
    with two(tmp_path) as story:
        story.push("1.0.0", 1)
        (pull,) = pulls_there(story)
        story.push("1.1.0", 2)
        (again,) = pulls_there(story)
        assert again.number == pull.number
        assert "1.1.0" in text_there(story, "apps/web/kustomization.yaml", again.head_ref)
        assert check_there(story, again).conclusion == "success"


def test_what_happens_there_wakes_the_pipeline_at_once(tmp_path: Path) -> None:
    after = PIPELINE + "  next: {after: [prod], path: stages/dev2}\n"
    with told(tmp_path, {**FILES, "towline.yaml": after, "stages/dev2/x.yaml": PIN}, both) as story:
        story.push("1.0.0", 1)
        now = story.clock.now
        (pull,) = pulls_there(story)
        merge_there(story, pull)
        assert story.clock.now == now
        assert story.text("towline.yaml") == after


def test_nothing_happens_there_while_nothing_changes(tmp_path: Path) -> None:
    """One look at each repository in each round: the pipeline's own costs no more than ever."""
    with two(tmp_path) as story:
        story.push("1.0.0", 1)
        story.later(timedelta(minutes=3))
        before = story.requests()
        written = story.stand_in.content
        story.later(timedelta(minutes=3))
        # A sweep asks for installations, repositories and lost webhooks, then looks at each
        # repository, and once more at the one that the other promotes to.
        assert story.requests() - before == 3 + 2 + 1
        assert story.stand_in.content == written


def test_people_s_pull_requests_there_are_let_through(tmp_path: Path) -> None:
    with two(tmp_path) as story:
        story.push("1.0.0", 1)
        story.stand_in.commit(CONFIG, "mine", {"docs.md": "hello\n"}, "By hand", "alice")
        number = mine(story)
        (pull,) = [one for one in pulls_there(story) if one.number == number]
        assert check_there(story, pull).conclusion == "success"
        merge_there(story, pull)


def mine(story: Story, head: str = "mine") -> int:
    """Alice opens a pull request of her own there."""
    there = replace(story.alice, repository=CONFIG)
    number = there.open_pull(head)
    story.settle()
    return number


def test_closing_there_rejects_and_is_remembered_here(tmp_path: Path) -> None:
    with two(tmp_path) as story:
        story.push("1.0.0", 1)
        (pull,) = pulls_there(story)
        story.stand_in.close(CONFIG, pull.number, "alice")
        story.settle()
        assert pulls_there(story) == []
        assert "rejected" in story.text("shop/stages/prod.yaml", "towline-ledger")
        story.push("1.1.0", 2)
        assert len(pulls_there(story)) == 1


def say(story: Story, pull: PullRequest, words: str, who: str) -> str:
    """Somebody comments there; the App's last word on the pull request."""
    story.clock.now += timedelta(seconds=2)
    story.stand_in.comment(CONFIG, pull.number, who, words)
    story.settle()
    said = story.stand_in.comments(CONFIG, pull.number)
    return said[-1].body


def test_commands_there_are_obeyed_with_the_rights_there(tmp_path: Path) -> None:
    """Whoever writes there commands the stage there, and no stage here."""
    with two(tmp_path) as story:
        story.stand_in.create_user("bob")
        story.stand_in.create_user("stranger")
        story.stand_in.add_collaborator(CONFIG, "bob", "maintain")
        story.push("1.0.0", 1)
        (pull,) = pulls_there(story)
        assert "hold" in say(story, pull, "/towline hold friday", "bob")
        assert "held" in story.text("shop/stages/prod.yaml", "towline-ledger")
        refused = say(story, pull, "/towline approve for dev", "bob")
        assert "was not done" in refused
        assert "was not done" not in say(story, pull, "/towline approve for prod", "bob")
        assert "was not done" in say(story, pull, "/towline resume", "stranger")


def test_a_command_on_an_older_pull_request_there_is_heard(tmp_path: Path) -> None:
    with two(tmp_path) as story:
        for number, tag in enumerate(("1.0.0", "1.1.0", "1.2.0"), 1):
            story.push(tag, number)
            (pull,) = pulls_there(story)
            merge_there(story, pull)
        first = story.stand_in.pull_request(CONFIG, 1)
        assert "status" in say(story, first, "/towline status", "alice") or "prod" in say(
            story, first, "/towline status", "alice"
        )


def test_a_button_there_is_heard(tmp_path: Path) -> None:
    with two(tmp_path) as story:
        story.push("1.0.0", 1)
        (pull,) = pulls_there(story)
        story.stand_in.press(CONFIG, check_there(story, pull).id, "alice", "hold")
        story.settle()
        assert "held" in story.text("shop/stages/prod.yaml", "towline-ledger")


def test_a_stage_that_is_gone_closes_its_pull_request_there(tmp_path: Path) -> None:
    with told(tmp_path, FILES, beside) as story:
        story.push("1.0.0", 1)
        assert len(pulls_there(story)) == 1
        kept = PIPELINE.replace("prod:", "live:").replace("apps/web", "apps/live")
        story.commit("main", {"towline.yaml": kept})
        assert [one.head_ref for one in pulls_there(story)] == []


def test_a_repository_the_app_is_not_installed_in_is_said(tmp_path: Path) -> None:
    def prepare(stand_in: StandIn) -> None:
        stand_in.create_organization("other")
        stand_in.create_repository("other", "config", {"apps/web/kustomization.yaml": PIN})
        stand_in.install("towline", "other")

    pipeline = PIPELINE.replace("acme/config", "other/config")
    with told(tmp_path, {**FILES, "towline.yaml": pipeline}, prepare) as story:
        story.push("1.0.0", 1)
        assert story.holds("dev") == "1.0.0"
        assert story.stand_in.pull_requests("other/config") == ()
        assert "towline/shop/prod/web" not in story.stand_in.branches("other/config")


def test_a_repository_that_comes_later_is_promoted_to(tmp_path: Path) -> None:
    with told(tmp_path, {**FILES, "towline.yaml": PIPELINE}) as story:
        story.push("1.0.0", 1)
        beside(story.stand_in)
        story.later(timedelta(minutes=3))
        assert len(pulls_there(story)) == 1


TOOLS = """\
project: tools
warehouses:
  api: [{image: ghcr.io/acme/api}]
stages:
  live: {warehouses: [api], path: apps/api}
"""
API = PIN.replace("acme/web", "acme/api")


def test_a_target_with_a_pipeline_of_its_own_keeps_both(tmp_path: Path) -> None:
    def prepare(stand_in: StandIn) -> None:
        stand_in.configure(REPOSITORY, Settings(auto_merge=True))
        beside(stand_in, **{"towline.yaml": TOOLS, "apps/api/kustomization.yaml": API})

    with told(tmp_path, FILES, prepare) as story:
        story.push("1.0.0", 1)
        story.push("2.0.0", 2, "ghcr.io/acme/api")
        heads = {one.head_ref for one in pulls_there(story)}
        assert heads == {"towline/shop/prod/web", "towline/tools/live/api"}
        story.later(timedelta(minutes=3))
        assert {one.head_ref for one in pulls_there(story)} == heads
        for one in pulls_there(story):
            assert check_there(story, one).title != "Not a promotion"
            merge_there(story, one)
        assert "1.0.0" in text_there(story, "apps/web/kustomization.yaml")
        assert "2.0.0" in text_there(story, "apps/api/kustomization.yaml")


def test_two_projects_of_one_name_do_not_share_head_branches(tmp_path: Path) -> None:
    def prepare(stand_in: StandIn) -> None:
        same = TOOLS.replace("project: tools", "project: shop")
        beside(stand_in, **{"towline.yaml": same, "apps/api/kustomization.yaml": API})

    with told(tmp_path, FILES, prepare) as story:
        story.push("1.0.0", 1)
        assert [one.head_ref for one in pulls_there(story)] == []
        assert story.holds("dev") == "1.0.0"


def test_two_repositories_with_projects_of_one_name_do_not_fight(tmp_path: Path) -> None:
    def prepare(stand_in: StandIn) -> None:
        both(stand_in)
        second = PIPELINE.replace("acme/web", "acme/api")
        stand_in.create_repository(
            "acme", "zoo", {"towline.yaml": second, "stages/dev/kustomization.yaml": API}
        )

    with told(tmp_path, FILES, prepare) as story:
        story.push("1.0.0", 1)
        story.push("2.0.0", 2, "ghcr.io/acme/api")
        (pull,) = pulls_there(story)
        assert "1.0.0" in pull.title
        story.later(timedelta(minutes=3))
        assert [one.number for one in pulls_there(story)] == [pull.number]


def test_its_own_repository_is_refused_as_another(tmp_path: Path) -> None:
    pipeline = PIPELINE.replace("acme/config", "Acme/Shop")
    with told(tmp_path, {**FILES, "towline.yaml": pipeline}) as story:
        story.push("1.0.0", 1)
        assert story.open_pulls() == []


def test_a_branch_there_is_begun_and_filled_from_sources_here(
    tmp_path: Path, kustomize: Path
) -> None:
    pipeline = PIPELINE.replace("path: apps/web", "branch: env/prod, path: stages/prod")
    sources = {"stages/prod/kustomization.yaml": PIN + "resources: [web.yaml]\n"}
    files = {**FILES, **sources, "towline.yaml": pipeline, "stages/prod/web.yaml": DEPLOYMENT}
    with told(tmp_path, files, both, kustomize=kustomize) as story:
        story.push("1.0.0", 1)
        assert "env/prod" not in story.stand_in.branches(REPOSITORY)
        (pull,) = pulls_there(story)
        assert pull.base_ref == "env/prod"
        assert "1.0.0" in text_there(story, "stages/prod/kustomization.yaml", pull.head_ref)
        assert text_there(story, "stages/prod/web.yaml", pull.head_ref) == DEPLOYMENT


def test_rendered_manifests_go_there(tmp_path: Path, kustomize: Path) -> None:
    place = "branch: env/prod, path: stages/prod, render: true"
    pipeline = PIPELINE.replace("path: apps/web", place)
    sources = {"stages/prod/kustomization.yaml": PIN + "resources: [web.yaml]\n"}
    files = {**FILES, **sources, "towline.yaml": pipeline, "stages/prod/web.yaml": DEPLOYMENT}
    with told(tmp_path, files, both, kustomize=kustomize) as story:
        story.push("1.0.0", 1)
        (pull,) = pulls_there(story)
        rendered = text_there(story, "stages/prod/deployment.apps_web.yaml", pull.head_ref)
        assert "ghcr.io/acme/web:1.0.0" in rendered


def test_the_difference_is_rendered_there(tmp_path: Path, kustomize: Path) -> None:
    files = {
        "apps/web/kustomization.yaml": PIN + "resources: [web.yaml]\n",
        "apps/web/web.yaml": DEPLOYMENT,
    }

    def prepare(stand_in: StandIn) -> None:
        beside(stand_in, **files)

    with told(tmp_path, FILES, prepare, kustomize=kustomize) as story:
        story.push("1.0.0", 1)
        (pull,) = pulls_there(story)
        every = story.stand_in.checks(CONFIG, pull.head_sha)
        (shown,) = [one for one in every if one.name == "towline/diff"]
        assert "ghcr.io/acme/web:1.0.0" in (shown.text or "") + (shown.summary or "")


DEPLOYMENT = """\
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec: {template: {spec: {containers: [{name: web, image: web}]}}}
"""


def test_it_is_deployed_and_verified_there(tmp_path: Path) -> None:
    pipeline = PIPELINE.replace("path: apps/web", "path: apps/web, verify: [{argocd: shop-prod}]")
    with two(tmp_path, pipeline) as story:
        story.push("1.0.0", 1)
        (pull,) = pulls_there(story)
        merge_there(story, pull)
        (deployed,) = [one for one, _ in story.stand_in.deployments(CONFIG)]
        assert deployed.environment == "prod"
        here = {one.environment for one, _ in story.stand_in.deployments(REPOSITORY)}
        assert here == {"dev"}
        body = {
            "repository": f"https://github.com/{CONFIG}.git",
            "application": "shop-prod",
            "revision": story.stand_in.branches(CONFIG)["main"],
            "health": "Healthy",
            "sync": "Synced",
            "phase": "Succeeded",
        }
        header = {"Authorization": "Bearer argocd-secret"}
        answer = story.app.client.post("/webhooks/argocd", json=body, headers=header)
        assert answer.status_code == 202
        story.settle()
        assert "verified" in story.text("shop/stages/prod.yaml", "towline-ledger")
        (last,) = story.stand_in.comments(CONFIG, pull.number)
        assert last.body.startswith("**Verified in prod**")
