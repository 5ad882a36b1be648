"""GitLab: the notifications of a self-managed instance's container registry.

Projects have no hook for their registry; a CI job posts instead, to `/webhooks/post`.
https://docs.gitlab.com/administration/packages/container_registry/#configure-container-registry-notifications
https://docs.gitlab.com/user/project/integrations/webhooks/
"""

from __future__ import annotations

from github_app.events import Ignored
from github_app.identity import Identity
from github_app.webhooks import proofs
from github_app.webhooks.fields import parsed
from github_app.webhooks.ids import hash_of, kind_of
from github_app.webhooks.message import Credentials, Delivered, Message, Sender
from github_app.webhooks.registry_events import read_envelope


def proven(delivered: Delivered, credentials: Credentials) -> Sender | None:
    """Whoever sent the secret in `X-Gitlab-Token`, as hooks do, or in `Authorization`."""
    by_token = proofs.by_header(delivered, credentials, "x-gitlab-token")
    return proofs.by_authorization(delivered, credentials) or by_token


def read(delivered: Delivered, _identity: Identity, _sender: Sender) -> Message:
    """The tags that were pushed; raises Refusal."""
    hook = delivered.headers.get("x-gitlab-event")
    if hook is None:
        return read_envelope(delivered)
    parsed(delivered.body)
    reading = Ignored("a project's hook says nothing of its registry")
    return Message(hash_of(delivered.body), kind_of(hook), reading)
