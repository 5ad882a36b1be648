"""What a person decides with the buttons: reviews, the merge queue, actions of checks."""

from __future__ import annotations

import json

from github_app.sandbox.rules import QueueRule, Ruleset
from tests.contracts.caller import NAME, REPO
from tests.sandbox.pages.conftest import HEAD, Person


def run_with_button(person: Person, text: str = "") -> int:
    action = {"label": "Hold", "description": "Hold this line", "identifier": "hold"}
    run = {
        "name": "towline/diff",
        "head_sha": person.github.tip(HEAD),
        "conclusion": "success",
        "actions": [action],
        "output": {"title": "3 changed", "summary": "of 9", "text": text},
    }
    number: int = person.github.bot("POST", f"{REPO}/check-runs", 201, run)["id"]
    return number


def test_approve_and_request_changes(person: Person) -> None:
    assert person.presses("review", state="APPROVED").status_code == 303
    assert '<span>alice <span class="quiet">approved</span></span>' in person.reads()
    person.presses("review", state="CHANGES_REQUESTED", body="no **way**")
    html = person.reads()
    assert "changes requested" in html
    assert "<strong>way</strong>" in html
    states = [one.state for one in person.github.stand_in.reviews(NAME, person.number)]
    assert states == ["APPROVED", "CHANGES_REQUESTED"]


def test_a_review_is_dismissed_with_a_reason(person: Person) -> None:
    given = person.github.stand_in.review(NAME, person.number, "alice")
    assert person.presses("dismiss", review=str(given.id)).status_code == 422
    person.presses("dismiss", review=str(given.id), message="It changed.")
    html = person.reads()
    assert "dismissed a review" in html
    assert '<span class="detail">It changed.</span>' in html
    assert person.presses("dismiss", review="x", message="no").status_code == 404


def test_who_was_asked_and_assigned_is_named(person: Person) -> None:
    github = person.github
    github.stand_in.create_user("bob")
    github.stand_in.create_team("acme", "sre", ["bob"])
    github.stand_in.grant_team(NAME, "sre", "write")
    asked = {"reviewers": ["alice"], "team_reviewers": ["sre"]}
    github.bot("POST", f"{REPO}/pulls/{person.number}/requested_reviewers", 201, asked)
    github.bot("POST", f"{REPO}/issues/{person.number}/assignees", 201, {"assignees": ["bob"]})
    html = person.reads()
    assert 'alice <span class="quiet">asked' in html
    assert 'sre <span class="quiet">asked' in html
    assert "<h2>Assignees</h2>\n  <p>bob " in html


def test_reactions_and_edits_are_shown(person: Person) -> None:
    person.presses("comment", body="/towline hold")
    (said,) = person.github.stand_in.comments(NAME, person.number)
    assert "· edited" not in person.reads()
    reaction = {"content": "eyes"}
    person.github.bot("POST", f"{REPO}/issues/comments/{said.id}/reactions", 201, reaction)
    person.github.stand_in.edit_comment(NAME, said.id, "alice", "/towline resume")
    html = person.reads()
    assert "👀" in html
    assert "· edited" in html


def test_a_check_has_a_page_with_its_text_and_buttons(person: Person) -> None:
    number = run_with_button(person, "```diff\n-image: web:1\n+image: web:2\n```")
    html = person.reads(f"/{NAME}/runs/{number}")
    assert '<span class="added">+image: web:2' in html
    assert f"#{person.number} Promote shop/web" in html
    form = person.fields() | {"action": "hold"}
    answer = person.client.post(f"/{NAME}/runs/{number}/press", data=form)
    assert (answer.status_code, answer.location) == (303, f"/{NAME}/runs/{number}")
    sent = [
        json.loads(one.request_body)
        for one in person.github.stand_in.deliveries("towline")
        if one.action == "requested_action"
    ]
    assert [one["requested_action"] for one in sent] == [{"identifier": "hold"}]
    assert sent[0]["sender"]["login"] == "alice"
    form["action"] = "unknown"
    assert person.client.post(f"/{NAME}/runs/{number}/press", data=form).status_code == 404


def test_a_button_of_a_check_needs_our_form(person: Person) -> None:
    number = run_with_button(person)
    answer = person.client.post(f"/{NAME}/runs/{number}/press", data={"action": "hold"})
    assert answer.status_code == 403


def test_merge_when_ready_puts_into_the_queue(person: Person) -> None:
    rules = Ruleset("queue", queue=QueueRule(most_to_build=0))
    person.github.stand_in.add_ruleset(NAME, rules)
    assert "Merge when ready" in person.reads()
    assert person.presses("enqueue").status_code == 303
    assert "Queued to merge by alice" in person.reads()
    assert person.presses("dequeue").status_code == 303
    assert "Merge when ready" in person.reads()


def test_only_addresses_of_the_web_become_links(person: Person) -> None:
    wish = {"ref": "main", "environment": "dev", "auto_merge": False, "required_contexts": []}
    made = person.github.bot("POST", f"{REPO}/deployments", 201, wish)["id"]
    stand_in = person.github.stand_in
    for address in ("https://dev.example", "javascript:alert(1)"):
        fields = {"state": "success", "environment_url": address}
        person.github.bot("POST", f"{REPO}/deployments/{made}/statuses", 201, fields)
        html = person.reads(f"/{NAME}/deployments")
        assert ('href="https://dev.example"' in html) == address.startswith("https")
        assert "javascript:" not in html
    assert stand_in.deployments(NAME)
