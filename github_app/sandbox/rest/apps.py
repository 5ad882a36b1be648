"""`/app`, `/installation` and accounts: what an App asks about itself."""

from __future__ import annotations

import json

from github_app.sandbox import auth
from github_app.sandbox.access import (
    can_push,
    collaborators_of,
    repositories_of,
    role,
    role_words,
)
from github_app.sandbox.refused import Refused, not_found
from github_app.sandbox.rest import shapes
from github_app.sandbox.rest.call import Answer, Call, counted, page
from github_app.sandbox.rest.shapes import Json, stamp
from github_app.sandbox.state import Account, Delivery, Installation
from github_app.sandbox.world import covers


def get_app(call: Call) -> Answer:
    """https://docs.github.com/rest/apps/apps#get-the-authenticated-app"""
    return Answer(200, shapes.app(call.world, call.urls, call.app))


def installations(call: Call) -> Answer:
    """https://docs.github.com/rest/apps/apps#list-installations-for-the-authenticated-app"""
    own = [i for i in call.world.installations.values() if i.app == call.app.slug]
    return page(call, own, lambda i: shapes.installation(call.world, call.urls, i))


def installation(call: Call) -> Answer:
    """https://docs.github.com/rest/apps/apps#get-an-installation-for-the-authenticated-app"""
    return _shown(call, _own(call, call.number("installation")))


def _own(call: Call, number: int) -> Installation:
    found = call.world.installations.get(number)
    if found is None or found.app != call.app.slug:
        raise not_found()
    return found


def _shown(call: Call, found: Installation) -> Answer:
    return Answer(200, shapes.installation(call.world, call.urls, found))


def repository_installation(call: Call) -> Answer:
    """https://docs.github.com/rest/apps/apps#get-a-repository-installation-for-the-authenticated-app"""
    repo = call.world.repository(f"{call.path['owner']}/{call.path['repo']}")
    for found in call.world.installations_for(repo):
        if found.app == call.app.slug:
            return _shown(call, found)
    raise not_found()


def account_installation(call: Call) -> Answer:
    """https://docs.github.com/rest/apps/apps#get-a-user-installation-for-the-authenticated-app"""
    for found in call.world.installations.values():
        same = found.account.lower() == call.path["account"].lower()
        if found.app == call.app.slug and same:
            return _shown(call, found)
    raise not_found()


def create_token(call: Call) -> Answer:
    """https://docs.github.com/rest/apps/apps#create-an-installation-access-token-for-an-app"""
    own = _own(call, call.number("installation"))
    ids = call.fields.get("repository_ids") or []
    chosen = auth.selected(call.world, own, call.texts("repositories") or [], ids)
    token = call.site.auth.installation_token(own, call.fields.get("permissions"), chosen)
    narrowed = chosen is not None or own.repositories is not None
    body: Json = {
        "token": token.text,
        "expires_at": stamp(token.expires_at),
        "permissions": dict(token.permissions),
        "repository_selection": "selected" if narrowed else "all",
    }
    if chosen is not None:
        found = [r for r in call.world.repositories.values() if covers(chosen, r)]
        body["repositories"] = [shapes.repository(call.world, call.urls, r) for r in found]
    return Answer(201, body)


def installation_repositories(call: Call) -> Answer:
    """https://docs.github.com/rest/apps/installations#list-repositories-accessible-to-the-app-installation"""
    if call.actor.installation is None:
        raise Refused(403, "You must authenticate with an installation access token.")
    own = repositories_of(call.world, call.actor)
    selection = "all" if call.actor.installation.repositories is None else "selected"
    return counted(
        call,
        "repositories",
        own,
        lambda r: shapes.repository(call.world, call.urls, r, call.actor),
        {"repository_selection": selection},
    )


def deliveries(call: Call) -> Answer:
    """Newest first, paged by cursor.

    https://docs.github.com/rest/apps/webhooks#list-deliveries-for-an-app-webhook
    """
    own = [d for d in reversed(call.site.webhooks.of_app(call.app.slug)) if d.delivered_at]
    wanted = call.query.get("status")
    if wanted:
        own = [d for d in own if (d.status == "OK") == (wanted == "success")]
    cursor = call.query.get("cursor", "")
    if cursor.isdigit():
        own = [d for d in own if d.id <= int(cursor)]
    size = min(int(call.query.get("per_page", "30")), 100)
    headers = {}
    if len(own) > size:
        headers["Link"] = f'<{call.url}?per_page={size}&cursor={own[size].id}>; rel="next"'
    return Answer(200, [_item(delivery) for delivery in own[:size]], headers)


def _item(delivery: Delivery) -> Json:
    return {
        "id": delivery.id,
        "guid": delivery.guid,
        "delivered_at": stamp(delivery.delivered_at or delivery.created_at),
        "redelivery": delivery.redelivery,
        "duration": 0.01,
        "status": delivery.status,
        "status_code": delivery.status_code,
        "event": delivery.event,
        "action": delivery.action,
        "installation_id": delivery.installation,
        "repository_id": delivery.repository,
        "throttled_at": None,
    }


def delivery(call: Call) -> Answer:
    """https://docs.github.com/rest/apps/webhooks#get-a-delivery-for-an-app-webhook"""
    one = call.site.webhooks.one(call.app, call.number("delivery"))
    request = {
        "headers": dict(one.request_headers),
        "payload": json.loads(one.request_body),
    }
    response = {"headers": {}, "payload": one.response_body}
    body = {**_item(one), "url": one.url, "request": request, "response": response}
    return Answer(200, body)


def redeliver(call: Call) -> Answer:
    """https://docs.github.com/rest/apps/webhooks#redeliver-a-delivery-for-an-app-webhook"""
    call.site.webhooks.again(call.site.webhooks.one(call.app, call.number("delivery")))
    return Answer(202, {})


def current_user(call: Call) -> Answer:
    """https://docs.github.com/rest/users/users#get-the-authenticated-user"""
    if call.actor.installation is not None:
        raise Refused(403, "Resource not accessible by integration")
    return Answer(200, _public_user(call, call.actor.login))


def user(call: Call) -> Answer:
    """https://docs.github.com/rest/users/users#get-a-user"""
    return Answer(200, _public_user(call, call.path["user"]))


def _public_user(call: Call, login: str) -> Json:
    account = call.world.account(login)
    counts = dict.fromkeys(("public_repos", "public_gists", "followers", "following"), 0)
    blank = dict.fromkeys(("company", "location", "hireable", "bio"))
    return {
        **shapes.user(call.urls, account),
        **blank,
        **counts,
        "name": account.name or None,
        "email": account.email or None,
        "blog": "",
        "created_at": stamp(account.created_at),
        "updated_at": stamp(account.created_at),
    }


def collaborators(call: Call) -> Answer:
    """Everybody with a role of their own, with it; only those who may push may ask.

    https://docs.github.com/rest/collaborators/collaborators#list-repository-collaborators
    """
    if not can_push(call.actor, call.repo):
        raise Refused(403, "Must have push access to view repository collaborators.")
    return page(call, collaborators_of(call.world, call.repo), lambda who: _with_role(call, who))


def _with_role(call: Call, account: Account) -> Json:
    own = role(call.repo, account.login)
    rights = role_words(own)
    return {**shapes.user(call.urls, account), "permissions": rights, "role_name": own}


def permission(call: Call) -> Answer:
    """The five roles told in the four old words, and the role itself.

    https://docs.github.com/rest/collaborators/collaborators#get-repository-permissions-for-a-user
    """
    account = call.world.account(call.path["user"])
    own = role(call.repo, account.login)
    old = {"maintain": "write", "triage": "read"}.get(own, own)
    who = _with_role(call, account)
    return Answer(200, {"permission": old, "role_name": own, "user": who})
