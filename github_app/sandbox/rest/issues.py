"""What a pull request has from being an issue: labels, comments and reactions to them.

https://docs.github.com/rest/issues
"""

from __future__ import annotations

from github_app.sandbox import conversation, reacting
from github_app.sandbox.refused import Refused, not_found
from github_app.sandbox.rest import pull_shapes, shapes, talk_shapes
from github_app.sandbox.rest.call import Answer, Call, page
from github_app.sandbox.state import Comment, PullRequest


def _pull(call: Call) -> PullRequest:
    return call.world.pull(call.repo, call.number("number"))


def get(call: Call) -> Answer:
    """https://docs.github.com/rest/issues/issues#get-an-issue"""
    return Answer(200, pull_shapes.issue(call.world, call.urls, call.repo, _pull(call)))


def labels(call: Call) -> Answer:
    """https://docs.github.com/rest/issues/labels#list-labels-for-an-issue"""
    return _labels(call, _pull(call))


def _labels(call: Call, pull: PullRequest) -> Answer:
    own = [call.repo.labels[name.lower()] for name in pull.labels]
    return page(call, own, lambda label: shapes.label(call.urls, call.repo, label))


def add_labels(call: Call) -> Answer:
    """The body is an object with `labels`, or the list itself; unknown labels are created.

    https://docs.github.com/rest/issues/labels#add-labels-to-an-issue
    """
    names = call.json if isinstance(call.json, list) else call.texts("labels")
    if not names:
        raise Refused(422, 'Invalid request.\n\n"labels" wasn\'t supplied.')
    texts = [name["name"] if isinstance(name, dict) else str(name) for name in names]
    pull = conversation.add_labels(call.world, call.repo, _pull(call), call.actor, texts)
    return _labels(call, pull)


def remove_label(call: Call) -> Answer:
    """https://docs.github.com/rest/issues/labels#remove-a-label-from-an-issue"""
    name = call.path["name"]
    pull = conversation.remove_label(call.world, call.repo, _pull(call), call.actor, name)
    return _labels(call, pull)


def repository_labels(call: Call) -> Answer:
    """https://docs.github.com/rest/issues/labels#list-labels-for-a-repository"""
    own = list(call.repo.labels.values())
    return page(call, own, lambda label: shapes.label(call.urls, call.repo, label))


def repository_label(call: Call) -> Answer:
    """https://docs.github.com/rest/issues/labels#get-a-label"""
    found = call.repo.labels.get(call.path["name"].lower())
    if found is None:
        raise not_found()
    return Answer(200, shapes.label(call.urls, call.repo, found))


def create_label(call: Call) -> Answer:
    """https://docs.github.com/rest/issues/labels#create-a-label"""
    color = call.optional("color") or "ededed"
    made = conversation.create_label(
        call.world, call.repo, call.text("name"), color, call.optional("description") or ""
    )
    return Answer(201, shapes.label(call.urls, call.repo, made))


def comments(call: Call) -> Answer:
    """https://docs.github.com/rest/issues/comments#list-issue-comments"""
    number = _pull(call).number
    found = [c for c in call.world.of(call.repo).comments.values() if c.number == number]
    return page(call, found, lambda c: talk_shapes.comment(call.world, call.urls, call.repo, c))


def create_comment(call: Call) -> Answer:
    """https://docs.github.com/rest/issues/comments#create-an-issue-comment"""
    pull, body = _pull(call), call.text("body")
    return _shown(call, conversation.comment(call.world, call.repo, pull, call.actor, body), 201)


def _shown(call: Call, comment: Comment, status: int = 200) -> Answer:
    shape = talk_shapes.comment(call.world, call.urls, call.repo, comment)
    return Answer(status, shape)


def _comment(call: Call) -> Comment:
    found = call.world.of(call.repo).comments.get(call.number("comment"))
    if found is None:
        raise not_found()
    return found


def get_comment(call: Call) -> Answer:
    """https://docs.github.com/rest/issues/comments#get-an-issue-comment"""
    return _shown(call, _comment(call))


def edit_comment(call: Call) -> Answer:
    """https://docs.github.com/rest/issues/comments#update-an-issue-comment"""
    body = call.text("body")
    edited = conversation.edit_comment(call.world, call.repo, _comment(call), call.actor, body)
    return _shown(call, edited)


def delete_comment(call: Call) -> Answer:
    """https://docs.github.com/rest/issues/comments#delete-an-issue-comment"""
    conversation.delete_comment(call.world, call.repo, _comment(call), call.actor)
    return Answer(204)


def reactions(call: Call) -> Answer:
    """https://docs.github.com/rest/reactions/reactions#list-reactions-for-an-issue-comment"""
    found = reacting.reactions_to(call.world, call.repo, _comment(call))
    wanted = call.query.get("content")
    found = [reaction for reaction in found if wanted in (None, reaction.content)]
    return page(call, found, lambda r: talk_shapes.reaction(call.world, call.urls, call.repo, r))


def react(call: Call) -> Answer:
    """201, or 200 for a reaction that was there already.

    https://docs.github.com/rest/reactions/reactions#create-reaction-for-an-issue-comment
    """
    content = call.text("content")
    made, new = reacting.react(call.world, call.repo, _comment(call), call.actor, content)
    shape = talk_shapes.reaction(call.world, call.urls, call.repo, made)
    return Answer(201 if new else 200, shape)
