"""Who may ask for what: every verb and role, and what the pipeline file says instead."""

from __future__ import annotations

from dataclasses import replace
from itertools import product

import pytest

from github_app.commands.verbs import Verb
from github_app.may import ROLES, USUAL, Denied, Permitted, may
from github_app.picture import Person
from plugin.pipeline_file.people import VERBS
from tests.github_app.shop import stage

PROD = stage("prod")
READ = {Verb.HELP, Verb.STATUS}
MAINTAIN = {Verb.APPROVE, Verb.OVERRIDE, Verb.ALLOW_REPLACE, Verb.HOTFIX}


def least(verb: Verb) -> str:
    return "read" if verb in READ else "maintain" if verb in MAINTAIN else "write"


@pytest.mark.parametrize(("verb", "role"), list(product(Verb, ROLES)))
def test_by_default_each_verb_needs_a_role(verb: Verb, role: str) -> None:
    answer = may(Person("kim", role, frozenset({"acme/sre"})), verb, PROD, "acme")
    assert (answer == Permitted()) == (ROLES.index(role) >= ROLES.index(least(verb)))


@pytest.mark.parametrize(
    ("entries", "actor", "allowed"),
    [
        (("kim",), Person("kim", "write"), True),
        (("Kim",), Person("kIM", "triage"), True),
        (("kim",), Person("alex", "admin"), False),
        # Anybody may take a name, and read what is public.
        (("sre",), Person("sre", "read"), False),
        (("sre",), Person("sre", "none"), False),
        (("sre",), Person("kim", "read", frozenset({"acme/sre"})), True),
        (("acme/sre",), Person("kim", "read", frozenset({"Acme/SRE"})), True),
        (("sre",), Person("kim", "write", frozenset({"other/sre"})), False),
        (("other/sre",), Person("kim", "write", frozenset({"acme/sre"})), False),
        (("triage",), Person("kim", "triage"), True),
        (("triage",), Person("kim", "read"), False),
        (("maintain",), Person("kim", "admin"), True),
        (("read",), Person("kim", "none"), False),
        (("none",), Person("kim", "none"), False),
        (("none",), Person("kim", "read"), False),
        (("none",), Person("kim", "admin"), False),
        (("maintain",), Person("kim", "release-engineer"), False),
        (("kim", "acme/sre"), Person("alex", "read", frozenset({"acme/sre"})), True),
        ((), Person("kim", "admin"), False),
    ],
)
@pytest.mark.parametrize("verb", list(Verb))
def test_the_pipeline_file_replaces_what_is_usual(
    entries: tuple[str, ...], actor: Person, allowed: bool, verb: Verb
) -> None:
    named = replace(PROD, may={verb.value: entries})
    assert (may(actor, verb, named, "acme") == Permitted()) == allowed


@pytest.mark.parametrize("verb", list(Verb))
def test_an_entry_for_one_verb_or_stage_changes_no_other(verb: Verb) -> None:
    mine = replace(PROD, may={verb.value: ("kim",)})
    alex = Person("alex", "admin")
    assert isinstance(may(alex, verb, mine, "acme"), Denied)
    assert may(alex, verb, stage("staging"), "acme") == Permitted()
    others = [one for one in Verb if one is not verb]
    assert all(may(alex, one, mine, "acme") == Permitted() for one in others)


def test_a_denial_says_who_may() -> None:
    named = replace(PROD, may={"approve": ("acme/sre", "admin")})
    assert may(Person("kim", "write"), Verb.APPROVE, named, "acme") == Denied(
        "approve in prod is for acme/sre or the role admin (by the pipeline file)"
    )
    assert may(Person("kim", "write"), Verb.APPROVE, PROD, "acme") == Denied(
        "approve in prod is for the role maintain (by default)"
    )


def test_every_verb_has_a_role_and_the_pipeline_file_may_name_it() -> None:
    assert set(USUAL) == set(Verb)
    assert {one.value for one in Verb} == {*VERBS, "help"}
