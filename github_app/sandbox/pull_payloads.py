"""Bodies of the webhooks about pull requests, reviews and comments."""

from __future__ import annotations

from github_app.sandbox.payload_view import View
from github_app.sandbox.rest import pull_shapes, shapes, talk_shapes, team_shapes
from github_app.sandbox.rest.shapes import Json, stamp
from github_app.sandbox.state import Account, Comment, Label, PullRequest, Review
from github_app.sandbox.team import Team

# GitHub describes the teams of `requested_teams` in two ways; these actions have the newer one.
_NEW_TEAMS = frozenset(
    {"closed", "converted_to_draft", "edited", "opened", "ready_for_review", "reopened"}
)


def pull_request(view: View) -> Json:
    """Of `pull_request`."""
    pull = view.subject(PullRequest)
    full = pull_shapes.pull_full(view.world, view.urls, view.repo, pull)
    # GitHub has not found out yet when it sends this.
    unknown: Json = {"mergeable": None, "rebaseable": None, "mergeable_state": "unknown"}
    shown = {**full, **unknown}
    if view.happening.action not in _NEW_TEAMS:
        shown["requested_teams"] = _old_teams(view, pull)
    return {"number": pull.number, "pull_request": shown, **details(view)}


def _old_teams(view: View, pull: PullRequest) -> list[Json]:
    owner = view.repo.owner
    return [_old_team(view, view.world.team(owner, slug)) for slug in pull.requested_teams]


def _old_team(view: View, team: Team) -> Json:
    """A team as webhooks show it: without what REST has learnt to tell since."""
    shape = team_shapes.team(view.urls, view.world.account(view.repo.owner), team)
    new = ("notification_setting", "type", "organization_id")
    return {key: value for key, value in shape.items() if key not in new}


def details(view: View) -> Json:
    """What the action adds: label, reviewer or assignee, the ids before and after, changes."""
    added: Json = {}
    for key, value in view.happening.detail.items():
        match value:
            case Label():
                added["label"] = shapes.label(view.urls, view.repo, value)
            case Account():
                word = "requested_reviewer" if key == "reviewer" else key
                added[word] = shapes.user(view.urls, value)
            case Team():
                added["requested_team"] = _old_team(view, value)
            case _:
                added[key] = value
    return added


def review(view: View) -> Json:
    """Of `pull_request_review`."""
    pull, given = view.subject(PullRequest), view.detail("review", Review)
    shape = talk_shapes.review(view.world, view.urls, view.repo, given)
    updated = {"state": given.state.lower(), "updated_at": stamp(given.submitted_at)}
    simple = pull_shapes.pull_simple(view.world, view.urls, view.repo, pull)
    return {
        "review": {**shape, **updated},
        "pull_request": {**simple, "requested_teams": _old_teams(view, pull)},
    }


def issue_comment(view: View) -> Json:
    """Of `issue_comment`."""
    pull, comment = view.subject(PullRequest), view.detail("comment", Comment)
    issue = pull_shapes.issue(view.world, view.urls, view.repo, pull)
    del issue["closed_by"]
    body: Json = {
        "issue": issue,
        "comment": talk_shapes.comment(view.world, view.urls, view.repo, comment),
    }
    changes = view.happening.detail.get("changes")
    return {**body, "changes": changes} if changes else body
