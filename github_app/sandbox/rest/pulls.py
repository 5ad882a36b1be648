"""Pull requests over REST.

https://docs.github.com/rest/pulls
"""

from __future__ import annotations

from github_app.sandbox import merging
from github_app.sandbox import pulls as rules
from github_app.sandbox.mergeability import first_look
from github_app.sandbox.refused import Refused, not_found
from github_app.sandbox.rest import git_shapes, pull_shapes
from github_app.sandbox.rest.call import Answer, Call, page
from github_app.sandbox.rest.shapes import Json
from github_app.sandbox.state import MergeMethod, PullRequest


def _pull(call: Call) -> PullRequest:
    return call.world.pull(call.repo, call.number("number"))


def _full(call: Call, pull: PullRequest) -> Json:
    answer = first_look(call.world, call.repo, pull)
    return pull_shapes.pull_full(call.world, call.urls, call.repo, pull, answer)


def listed(call: Call) -> Answer:
    """https://docs.github.com/rest/pulls/pulls#list-pull-requests"""
    found = [pull for pull in call.world.pulls(call.repo) if _matches(call, pull)]
    if call.query.get("sort") == "updated":
        found.sort(key=lambda pull: pull.updated_at, reverse=True)
    if call.query.get("direction") == "asc":
        found.reverse()
    return page(call, found, lambda p: pull_shapes.pull_simple(call.world, call.urls, call.repo, p))


def _matches(call: Call, pull: PullRequest) -> bool:
    """`head` counts only in the form `owner:branch`, else GitHub ignores it."""
    state = call.query.get("state", "open")
    if state not in ("all", pull.state):
        return False
    owner, colon, branch = call.query.get("head", "").partition(":")
    if colon and (owner.lower(), branch) != (call.repo.owner.lower(), pull.head_ref):
        return False
    return call.query.get("base", pull.base_ref) == pull.base_ref


def create(call: Call) -> Answer:
    """https://docs.github.com/rest/pulls/pulls#create-a-pull-request"""
    wish = rules.Draft(
        call.text("title"),
        call.text("head"),
        call.text("base"),
        call.optional("body"),
        call.flag("draft"),
    )
    pull = rules.open_pull(call.world, call.repo, call.actor, wish)
    return Answer(201, _full(call, pull), {"Location": str(_full(call, pull)["url"])})


def get(call: Call) -> Answer:
    """https://docs.github.com/rest/pulls/pulls#get-a-pull-request"""
    return Answer(200, _full(call, _pull(call)))


def update(call: Call) -> Answer:
    """https://docs.github.com/rest/pulls/pulls#update-a-pull-request"""
    pull = _pull(call)
    wish = rules.Edit(call.optional("title"), call.optional("body"), call.optional("base"))
    state = call.optional("state")
    if state not in (None, "open", "closed"):
        raise Refused(422, f"Invalid request.\n\nFor 'state', {state!r} is not open or closed.")
    pull = rules.edit(call.world, call.repo, pull, call.actor, wish)
    if state == "closed":
        pull = rules.close_pull(call.world, call.repo, pull, call.actor)
    elif state == "open":
        pull = rules.reopen(call.world, call.repo, pull, call.actor)
    return Answer(200, _full(call, pull))


def merge(call: Call) -> Answer:
    """https://docs.github.com/rest/pulls/pulls#merge-a-pull-request"""
    wish = merging.Wish(
        _method(call.fields.get("merge_method", "merge")),
        call.optional("sha"),
        call.optional("commit_title"),
        call.optional("commit_message"),
    )
    sha = merging.merge(call.world, call.repo, _pull(call), call.actor, wish)
    body = {"sha": sha, "merged": True, "message": "Pull Request successfully merged"}
    return Answer(200, body)


def _method(word: object) -> MergeMethod:
    match word:
        case "merge" | "squash" | "rebase":
            return word
        case _:
            raise Refused(422, f"Invalid request.\n\n{word!r} is not a merge method.")


def merged(call: Call) -> Answer:
    """https://docs.github.com/rest/pulls/pulls#check-if-a-pull-request-has-been-merged"""
    if not _pull(call).merged:
        raise not_found()
    return Answer(204)


def commits(call: Call) -> Answer:
    """At most 250, oldest first.

    https://docs.github.com/rest/pulls/pulls#list-commits-on-a-pull-request
    """
    pull = _pull(call)
    found = call.git.between(pull_shapes.base_of(call.world, call.repo, pull), pull.head_sha)
    return page(
        call,
        found[:250],
        lambda sha: git_shapes.commit(call.world, call.urls, call.repo, call.git.known_commit(sha)),
    )


def files(call: Call) -> Answer:
    """https://docs.github.com/rest/pulls/pulls#list-pull-requests-files"""
    pull = _pull(call)
    changes = pull_shapes.changed_files(call.world, call.repo, pull)
    return page(
        call, changes[:3000], lambda c: pull_shapes.diff_entry(call.urls, call.repo, pull, c)
    )
