"""Pull requests follow, close and turn out merged as their refs move."""

from __future__ import annotations

from tests.sandbox.conftest import Place


def test_a_push_to_the_head_is_followed(place: Place) -> None:
    place.change("topic", a="1")
    number = place.open("topic")
    place.delivered()
    before = place.pull(number)["head"]["sha"]
    after = place.change("topic", a="2")
    assert place.pull(number)["head"]["sha"] == after
    assert "pull_request.synchronize" in place.delivered()
    body = place.mail.last("pull_request.synchronize")
    assert (body["before"], body["after"]) == (before, after)
    assert place.stand_in.git_dir("acme/shop").exists()


def test_a_deleted_head_closes(place: Place) -> None:
    place.change("topic", a="1")
    number = place.open("topic")
    place.stand_in.delete_branch("acme/shop", "topic", "ann")
    pull = place.pull(number)
    assert (pull["state"], pull["merged"]) == ("closed", False)
    assert place.stand_in.pull_request("acme/shop", number).closed_by == "ann"
