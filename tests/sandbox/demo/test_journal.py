"""The journal counts what the App asked of the APIs, and nothing else."""

from __future__ import annotations

from datetime import UTC, datetime

from flask import Flask

from github_app.sandbox.demo.journal import Journal, Standing

AT = datetime(2026, 1, 1, tzinfo=UTC)


def journal() -> tuple[Journal, Flask, list[Standing]]:
    app = Flask("forge")
    app.add_url_rule("/<path:page>", view_func=lambda page: page, methods=["GET", "POST"])
    standing = [Standing()]
    return Journal(app, lambda: standing[-1], lambda: AT, frozenset({"hers"})), app, standing


def test_people_git_pages_and_token_minting_do_not_count() -> None:
    kept, app, _ = journal()
    client, ours = app.test_client(), {"Authorization": "Bearer ours"}
    client.post("/api/graphql", headers=ours)
    client.get("/api/v3/app", headers=ours)
    client.post("/api/v3/app/installations/1/access_tokens", headers=ours)
    client.get("/acme/shop.git/info/refs", headers=ours)
    client.get("/acme/shop/pull/1")
    client.post("/api/v3/repos/acme/shop/pulls/1/merge", headers={"Authorization": "Bearer hers"})
    assert [one.what for one in kept.since(0)] == ["POST /api/graphql", "GET /api/v3/app"]


def test_requests_are_counted_until_something_stands() -> None:
    kept, app, standing = journal()
    for then in (Standing(), Standing(), Standing(frozenset({"abc"})), Standing()):
        standing.append(then)
        app.test_client().post("/api/graphql")
    assert kept.until(0, lambda then: "abc" in then.checked) == 3
    assert kept.until(1, lambda then: "abc" in then.checked) == 2
    assert kept.until(3, lambda then: "abc" in then.checked) is None
    assert kept.until(0, lambda then: 7 in then.merged) is None
