"""Who may ask for what: one function for every entrance. Pure.

Comments, buttons, the Action, the command line and the web all ask here, with what GitHub says of
the person at that moment.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from github_app.commands.verbs import Verb
from github_app.picture import Person
from plugin.pipeline import Stage

# GitHub's roles, each with all that those before it have:
# https://docs.github.com/organizations/managing-user-access-to-your-organizations-repositories/managing-repository-roles/repository-roles-for-an-organization
ROLES = ("none", "read", "triage", "write", "maintain", "admin")
USUAL: Mapping[Verb, str] = {
    Verb.HELP: "read",
    Verb.STATUS: "read",
    Verb.PROMOTE: "write",
    Verb.HOLD: "write",
    Verb.RESUME: "write",
    Verb.RETRY: "write",
    Verb.VERIFY: "write",
    Verb.REFRESH: "write",
    Verb.REJECT: "write",
    Verb.ROLLBACK: "write",
    Verb.APPROVE: "maintain",
    Verb.OVERRIDE: "maintain",
    Verb.ALLOW_REPLACE: "maintain",
    Verb.HOTFIX: "maintain",
}
"""The role that each verb needs where the pipeline file's `may` does not say who may."""


@dataclass(frozen=True, slots=True)
class Permitted:
    """The person may."""


@dataclass(frozen=True, slots=True)
class Denied:
    """The person may not; `reason` says who may."""

    reason: str


def may(actor: Person, verb: Verb, stage: Stage, owner: str) -> Permitted | Denied:
    """Whether `actor` may ask for `verb` in `stage` of a repository of `owner`.

    An entry of the pipeline file's `may` for the verb replaces what is usual, for the stage or for
    its whole project. Entries are roles, teams (`org/team`, or `team` of the owner) and logins.
    """
    named = stage.may.get(verb.value)
    entries = (USUAL[verb],) if named is None else named
    if any(_means(entry.lower(), actor, owner.lower()) for entry in entries):
        return Permitted()
    who = " or ".join(_words(entry) for entry in entries) or "nobody"
    by = "the pipeline file" if named is not None else "default"
    return Denied(f"{verb.value} in {stage.name} is for {who} (by {by})")


def _means(entry: str, actor: Person, owner: str) -> bool:
    if entry in ROLES:
        # Who writes "none" means nobody.
        return entry != ROLES[0] and _rank(actor.permission) >= _rank(entry)
    teams = {one.lower() for one in actor.teams}
    if "/" in entry:
        return entry in teams
    # Anybody can register a login that is called as a team is, and may read a public repository.
    known = _rank(actor.permission) > _rank("read")
    return f"{owner}/{entry}" in teams or (known and entry == actor.login.lower())


def _rank(role: str) -> int:
    """How much a role is; one that we do not know is none."""
    return ROLES.index(role) if role in ROLES else 0


def _words(entry: str) -> str:
    if entry.lower() == ROLES[0]:
        return "nobody"
    return f"the role {entry}" if entry.lower() in ROLES else entry
