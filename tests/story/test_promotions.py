"""The main job, and what it costs."""

from __future__ import annotations

from tests.story.world import REPOSITORY, Story, digest


def test_freight_travels_through_the_stages_in_four_pull_requests(story: Story) -> None:
    story.push("1.0.0", 1)
    assert [one.title for one in story.pulls()] == [
        "Promote shop/web 1.0.0 to dev",
        "Promote shop/web 1.0.0 to staging",
    ]
    assert story.holds("dev") == "1.0.0"
    staging = story.open_pull()

    story.push("1.1.0", 2)
    updated = story.open_pull("staging")
    assert updated.number == staging.number
    assert updated.title == "Promote shop/web 1.1.0 to staging"
    assert len(story.stand_in.commits(REPOSITORY, updated.number)) == 1

    story.merge(updated)
    story.merge(story.open_pull("prod"))
    assert [story.holds(one) for one in ("dev", "staging", "prod")] == ["1.1.0"] * 3
    assert digest(2) in story.text("stages/prod/kustomization.yaml")
    assert "# the shop's front" in story.text("stages/prod/kustomization.yaml")
    assert [one.number for one in story.pulls()] == [1, 2, 3, 4]
    assert all(one.merged for one in story.pulls())


def test_a_promotion_costs_at_most_four_requests(story: Story) -> None:
    story.push("1.0.0", 1)
    story.merge(story.open_pull("staging"))
    before = story.app.calls.calls()
    story.push("1.1.0", 2)
    spent = story.app.calls.calls() - before
    # dev: look, two documents, and the look after the merge, which also updates staging with two
    # more documents and a deployment; then one idle look for the webhooks of the merge.
    assert spent.rest <= 1
    assert spent.graphql <= 8


def test_a_duplicate_delivery_and_our_own_echoes_cost_nothing(story: Story) -> None:
    story.push("1.0.0", 1)
    before = story.app.calls.calls()
    for delivery in story.stand_in.deliveries("towline"):
        answer = story.app.client.post(
            "/webhooks/github", data=delivery.request_body, headers=dict(delivery.request_headers)
        )
        assert answer.status_code in {200, 204}
    story.settle()
    assert story.app.calls.calls() == before
