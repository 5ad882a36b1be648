"""After the merge: what becomes of a promotion, where it is shown, and who is told."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path

import pytest

from github_app.sandbox.state import PullRequest
from tests.story.world import FILES, LEDGER, PIPELINE, REPOSITORY, Story, told


def pipeline(verify: str, *, extra: str = "") -> Mapping[str, str]:
    """The shop, with dev verified like this."""
    dev = f"merge: auto, verify: [{verify}]{extra}"
    return FILES | {"towline.yaml": PIPELINE.replace("merge: auto, verify: none", dev)}


SMOKE = "{status: smoke}"


def merged(story: Story, stage: str = "dev") -> PullRequest:
    """The stage's last merged pull request."""
    found = [one for one in story.pulls() if one.merged and f"/{stage}/" in one.head_ref]
    return found[-1]


def said(story: Story, pull: PullRequest) -> list[str]:
    return [one.body for one in story.stand_in.comments(REPOSITORY, pull.number)]


def deployments(story: Story) -> list[tuple[str, str, list[str]]]:
    """Environment, commit, and the states of each, oldest first."""
    return [
        (one.environment, one.sha, [status.state for status in reversed(statuses)])
        for one, statuses in story.stand_in.deployments(REPOSITORY)
    ]


def report(story: Story, state: str, sha: str | None = None) -> None:
    story.alice.status(sha or story.tip(), "smoke", state)
    story.settle()


def heads(story: Story) -> list[str]:
    return [one for one in story.stand_in.branches(REPOSITORY) if one.startswith("towline/")]


def at_rest(story: Story) -> None:
    """Nothing is written once nothing happens any more."""
    before = len(story.weather.exchanges)
    story.later(timedelta(minutes=2))
    assert {one.kind for one in story.weather.exchanges[before:]} <= {"look", "rest"}
    assert not any(one.mutations for one in story.weather.exchanges[before:])


def test_a_promotion_is_deployed_verified_and_said_once(tmp_path: Path) -> None:
    with told(tmp_path, pipeline(SMOKE)) as story:
        story.push("1.0.0", 1)
        pull = merged(story)
        assert deployments(story) == [("dev", pull.merge_sha, ["queued"])]
        assert said(story, pull) == []
        report(story, "pending")
        story.later(timedelta(minutes=2))
        report(story, "success")
        assert deployments(story) == [("dev", pull.merge_sha, ["queued", "in_progress", "success"])]
        (comment,) = said(story, pull)
        assert comment.startswith("**Verified in dev** at ")
        assert "by status smoke" in comment
        assert "[staging](" in comment
        at_rest(story)
        assert said(story, pull) == [comment]


def test_what_asks_for_no_proof_is_deployed_and_not_commented(tmp_path: Path) -> None:
    with told(tmp_path) as story:
        story.push("1.0.0", 1)
        story.merge(story.open_pull("staging"))
        shown = [(environment, states) for environment, _, states in deployments(story)]
        assert shown == [("dev", ["success"]), ("staging", ["success"])]
        assert said(story, merged(story)) == []
        at_rest(story)


def test_the_next_promotion_retires_the_last(tmp_path: Path) -> None:
    with told(tmp_path) as story:
        story.push("1.0.0", 1)
        story.push("1.1.0", 2)
        states = [states for environment, _, states in deployments(story) if environment == "dev"]
        assert states == [["success", "inactive"], ["success"]]


def test_the_last_stage_is_production(tmp_path: Path) -> None:
    with told(tmp_path) as story:
        story.push("1.0.0", 1)
        for stage in ("staging", "prod"):
            story.merge(story.open_pull(stage))
        found = [one for one, _ in story.stand_in.deployments(REPOSITORY)]
        assert [(one.environment, one.production) for one in found] == [
            ("dev", False),
            ("staging", False),
            ("prod", True),
        ]


def test_our_own_deployments_verify_nothing(tmp_path: Path) -> None:
    with told(tmp_path, pipeline("{deployment: true}")) as story:
        story.push("1.0.0", 1)
        assert [states for _, _, states in deployments(story)] == [["queued"]]
        assert story.open_pulls() == []
        sha = story.tip()
        made = story.alice.ask("POST", "/deployments", ref=sha, environment="dev", auto_merge=False)
        story.alice.ask("POST", f"/deployments/{made['id']}/statuses", state="success")
        story.settle()
        assert story.open_pull("staging").head_ref == "towline/shop/staging/web"


def test_a_failure_blocks_until_the_same_succeeds(tmp_path: Path) -> None:
    with told(tmp_path, pipeline(SMOKE)) as story:
        story.push("1.0.0", 1)
        report(story, "failure")
        (failed,) = said(story, merged(story))
        assert failed.startswith("**Failed in dev** at ")
        assert "status smoke" in failed
        assert story.open_pulls() == []
        assert [states for _, _, states in deployments(story)] == [["queued", "failure"]]
        report(story, "success")
        assert story.open_pull("staging").state == "open"
        assert len(said(story, merged(story))) == 2
        at_rest(story)


def test_a_timeout_fails_by_itself(tmp_path: Path) -> None:
    with told(tmp_path, pipeline("{status: smoke, timeout: 30m}")) as story:
        story.push("1.0.0", 1)
        story.later(timedelta(minutes=29))
        assert said(story, merged(story)) == []
        story.later(timedelta(minutes=2))
        (failed,) = said(story, merged(story))
        assert "smoke (not in time)" in failed.replace("`", "")
        assert "failed:" in story.text("shop/stages/dev.yaml", LEDGER)


def argocd(story: Story, revision: str, **words: str) -> int:
    body = {
        "repository": f"https://github.com/{REPOSITORY}.git",
        "application": "shop-dev",
        "revision": revision,
        "health": "Healthy",
        "sync": "Synced",
        "phase": "Succeeded",
    }
    answer = story.app.client.post(
        "/webhooks/argocd", json=body | words, headers={"Authorization": "Bearer argocd-secret"}
    )
    story.settle()
    return answer.status_code


def test_argo_cd_verifies_what_contains_the_merge(tmp_path: Path) -> None:
    with told(tmp_path, pipeline("{argocd: shop-dev}")) as story:
        before = story.tip()
        story.push("1.0.0", 1)
        assert argocd(story, before) == 202
        assert argocd(story, "f" * 40) == 202
        assert argocd(story, story.tip(), health="Progressing") == 202
        assert story.open_pulls() == []
        assert "in_progress" in deployments(story)[0][2]
        later = story.commit("main", {"notes.md": "hello\n"})
        argocd(story, later)
        assert story.open_pull("staging").state == "open"
        assert "Argo CD's shop-dev" in said(story, merged(story))[0].replace("`", "")


def test_argo_cd_s_word_on_another_branch_is_nothing_to_a_stage(tmp_path: Path) -> None:
    with told(tmp_path, pipeline("{argocd: shop-dev}")) as story:
        story.push("1.0.0", 1)
        story.alice.force("feature", story.tip())
        other = story.commit("feature", {"notes.md": "hello\n"})
        argocd(story, other)
        assert story.open_pulls() == []


def test_a_degraded_application_has_failed_and_says_so(tmp_path: Path) -> None:
    with told(tmp_path, pipeline("{argocd: shop-dev}")) as story:
        story.push("1.0.0", 1)
        argocd(story, story.tip(), health="Degraded")
        assert said(story, merged(story))[0].startswith("**Failed in dev**")
        argocd(story, story.tip())
        assert story.open_pull("staging").state == "open"


def stage_files(story: Story, stage: str) -> Mapping[str, str]:
    files = ("kustomization.yaml", ".freight/web.yaml")
    return {name: story.text(f"stages/{stage}/{name}") for name in files}


def test_what_fails_is_taken_back_and_held(tmp_path: Path) -> None:
    with told(tmp_path, pipeline(SMOKE)) as story:
        story.push("1.0.0", 1)
        report(story, "success")
        good = stage_files(story, "dev")
        story.later(timedelta(minutes=1))
        story.push("1.1.0", 2)
        failed = merged(story)
        report(story, "failure")
        assert story.holds("dev") == "1.0.0"
        assert stage_files(story, "dev")["kustomization.yaml"] == good["kustomization.yaml"]
        (comment,) = said(story, failed)
        assert "taken back" in comment
        states = {sha: states for _, sha, states in deployments(story)}
        assert states[str(failed.merge_sha)][-1] == "failure"
        assert states[str(merged(story).merge_sha)] == ["success"]
        # The line is held: what is newer does not come by itself.
        story.push("1.2.0", 3)
        assert story.holds("dev") == "1.0.0"
        at_rest(story)


def test_a_rollback_is_never_rolled_back(tmp_path: Path) -> None:
    with told(tmp_path, pipeline(SMOKE)) as story:
        story.push("1.0.0", 1)
        report(story, "success")
        story.later(timedelta(minutes=1))
        story.push("1.1.0", 2)
        report(story, "failure")
        back = merged(story)
        report(story, "failure")
        assert (story.holds("dev"), merged(story).number) == ("1.0.0", back.number)


def test_a_person_s_revert_is_no_failure_to_mend(tmp_path: Path) -> None:
    with told(tmp_path, pipeline(SMOKE)) as story:
        story.push("1.0.0", 1)
        report(story, "success")
        good = {f"stages/dev/{name}": text for name, text in stage_files(story, "dev").items()}
        story.push("1.1.0", 2)
        story.commit("main", good)
        report(story, "failure")
        assert story.open_pulls() == [
            one for one in story.open_pulls() if "/dev/" not in one.head_ref
        ]
        assert story.holds("dev") == "1.0.0"


def test_a_verification_that_fails_after_a_revert_finds_nothing_to_do(tmp_path: Path) -> None:
    with told(tmp_path, pipeline(SMOKE)) as story:
        story.push("1.0.0", 1)
        report(story, "success")
        good = {f"stages/dev/{name}": text for name, text in stage_files(story, "dev").items()}
        story.push("1.1.0", 2)
        broken = story.tip()
        story.commit("main", good)
        report(story, "failure", broken)
        assert story.holds("dev") == "1.0.0"
        at_rest(story)


@pytest.mark.parametrize("stage", ["dev", "staging"])
def test_branches_go_with_their_pull_requests(tmp_path: Path, stage: str) -> None:
    with told(tmp_path) as story:
        story.push("1.0.0", 1)
        story.merge(story.open_pull("staging"))
        assert f"towline/shop/{stage}/web" not in heads(story)
        assert heads(story) == ["towline/shop/prod/web"]
        at_rest(story)


def test_whom_closes_a_promotion_may_open_it_again_for_a_day(tmp_path: Path) -> None:
    with told(tmp_path) as story:
        story.push("1.0.0", 1)
        pull = story.open_pull("staging")
        story.stand_in.close(REPOSITORY, pull.number, "alice")
        story.settle()
        assert heads(story) == ["towline/shop/staging/web"]
        story.later(timedelta(hours=25))
        assert heads(story) == []
        story.later(timedelta(hours=1))
        assert story.open_pulls() == []


def test_somebody_s_own_commit_stays_where_it_is(tmp_path: Path) -> None:
    with told(tmp_path) as story:
        story.push("1.0.0", 1)
        pull = story.open_pull("staging")
        story.commit(pull.head_ref, {"stages/staging/notes.md": "mine\n"})
        story.stand_in.close(REPOSITORY, pull.number, "alice")
        story.later(timedelta(hours=25))
        assert heads(story) == ["towline/shop/staging/web"]


def test_what_was_changed_while_merging_is_said(tmp_path: Path) -> None:
    with told(tmp_path) as story:
        story.push("1.0.0", 1)
        pull = story.open_pull("staging")
        text = story.text("stages/staging/kustomization.yaml", pull.head_ref)
        wrong = {"stages/staging/kustomization.yaml": text.replace("1.0.0", "0.1.0")}
        story.commit(pull.head_ref, wrong)
        story.merge(pull)
        story.later(timedelta(minutes=2))
        found = [one for one in said(story, pull) if "does not hold what this" in one]
        assert len(found) == 1
        at_rest(story)
