"""Deliveries: signed, in order, kept, sent again when asked."""

from __future__ import annotations

import hashlib
import hmac
import json
from uuid import UUID

from tests.sandbox.conftest import SECRET, SHOP, Place, public_of


def test_headers_and_signature(place: Place) -> None:
    place.change("topic", a="1")
    place.delivered()
    headers, body = place.mail.received[0]
    mac = hmac.new(SECRET.encode(), body, hashlib.sha256).hexdigest()
    assert headers["X-Hub-Signature-256"] == f"sha256={mac}"
    assert headers["X-GitHub-Hook-Installation-Target-Type"] == "integration"
    assert headers["User-Agent"].startswith("GitHub-Hookshot/")
    assert UUID(headers["X-GitHub-Delivery"]).version == 4
    assert json.loads(body)["installation"]["id"] == place.installation.id


def test_an_app_hears_of_its_own_pushes(place: Place) -> None:
    body = {"ref": "refs/heads/topic", "sha": place.tip()}
    place.app.repo("POST", "/git/refs", body)
    assert place.delivered()[:2] == ["create", "push"]
    assert place.mail.last("push")["sender"]["login"] == "towline[bot]"


def test_a_failed_delivery_is_not_sent_again_by_itself(place: Place) -> None:
    place.mail.answer = 500
    place.change("topic", a="1")
    sent = place.delivered()
    assert place.delivered() == []
    failed = place.jwt("GET", "/app/hook/deliveries?status=failure").json
    assert len(failed) == len(sent)
    assert {item["status_code"] for item in failed} == {500}


def test_a_redelivery_has_the_same_guid(place: Place) -> None:
    place.change("topic", a="1")
    place.delivered()
    last = place.jwt("GET", "/app/hook/deliveries?per_page=1").json[0]
    path = f"/app/hook/deliveries/{last['id']}"
    detail = place.jwt("GET", path).json
    assert detail["request"]["headers"]["X-GitHub-Delivery"] == last["guid"]
    assert place.jwt("POST", f"{path}/attempts").status == 202
    assert len(place.delivered()) == 1
    assert place.mail.received[-1][0]["X-GitHub-Delivery"] == last["guid"]
    again = place.jwt("GET", "/app/hook/deliveries").json[0]
    assert (again["guid"], again["redelivery"]) == (last["guid"], True)


def test_deliveries_are_paged_by_cursor(place: Place) -> None:
    for number in range(3):
        place.change("topic", a=str(number))
    place.delivered()
    first = place.jwt("GET", "/app/hook/deliveries?per_page=2")
    cursor = first.headers["Link"].split("cursor=")[1].split(">")[0]
    rest = place.jwt("GET", f"/app/hook/deliveries?per_page=2&cursor={cursor}").json
    assert {item["id"] for item in rest} & {item["id"] for item in first.json} == set()


def test_only_subscribed_and_permitted_events_are_sent(place: Place, private_key: str) -> None:
    place.stand_in.register_app(
        "nosy",
        public_key=public_of(private_key),
        webhook_url="http://nosy.test",
        permissions={"contents": "read"},
        events=["push", "pull_request"],
    )
    place.stand_in.install("nosy", "acme")
    place.delivered()
    place.change("topic", a="1")
    place.open("topic")
    place.stand_in.deliver()
    assert [d.event for d in place.stand_in.deliveries("nosy")] == ["ping", "installation", "push"]


def test_another_owners_push_is_nobodys_business(place: Place) -> None:
    place.stand_in.create_repository("ann", "own", {"a": "1"})
    place.stand_in.commit("ann/own", "main", {"a": "2"}, "x", "ann")
    assert place.delivered() == []


def test_installations_are_told_of(place: Place) -> None:
    place.stand_in.create_repository("acme", "other", {"a": "1"})
    place.stand_in.change_installation(place.installation.id, add=["other"])
    place.stand_in.change_installation(place.installation.id, remove=["shop"])
    assert place.delivered() == [
        "installation_repositories.added",
        "installation_repositories.removed",
    ]
    assert place.app.repo("GET", "").status == 404


def test_packages_are_told_of_twice(place: Place) -> None:
    digest = "sha256:" + "1" * 64
    place.stand_in.package_published(SHOP, "web", "1.0.0", digest)
    assert place.delivered() == ["registry_package.published", "package.published"]
    body = place.mail.last("package.published")["package"]
    assert body["package_version"]["container_metadata"]["tag"]["digest"] == digest


def test_a_merge_group_is_to_be_checked(place: Place) -> None:
    place.change("topic", a="1")
    number = place.open("topic")
    sha = place.stand_in.merge_group(SHOP, number)
    assert "merge_group.checks_requested" in place.delivered()
    group = place.mail.last("merge_group.checks_requested")["merge_group"]
    assert (group["head_sha"], group["base_ref"]) == (sha, "refs/heads/main")


def test_comments_and_labels_are_told_of(place: Place) -> None:
    place.change("topic", a="1")
    number = place.open("topic")
    place.delivered()
    place.stand_in.comment(SHOP, number, "bob", "/towline hold")
    place.app.repo("POST", f"/issues/{number}/labels", {"labels": ["promotion"]})
    assert place.delivered() == ["issue_comment.created", "pull_request.labeled"]
    assert place.mail.last("pull_request.labeled")["label"]["name"] == "promotion"
    assert place.mail.last("issue_comment.created")["issue"]["pull_request"]["url"]


def test_sent_in_the_background_in_order(place: Place) -> None:
    place.stand_in.start_sending()
    for number in range(5):
        place.change("topic", a=str(number))
    place.stand_in._webhooks.drained()
    place.stand_in.stop()
    pushes = [
        json.loads(b)["after"] for h, b in place.mail.received if h["X-GitHub-Event"] == "push"
    ]
    commits = place.stand_in.history(SHOP, "topic", 5)
    assert pushes == [commit.sha for commit in reversed(commits)]


def test_urls_have_the_set_host(place: Place) -> None:
    place.stand_in.url = "http://127.0.0.1:4711/"
    place.change("topic", a="1")
    place.delivered()
    assert (
        place.mail.last("push")["repository"]["url"] == f"http://127.0.0.1:4711/api/v3/repos/{SHOP}"
    )
