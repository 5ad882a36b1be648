"""Rulesets, and the rules that hold for a branch; classic protection is none of them.

https://docs.github.com/rest/repos/rules
"""

from __future__ import annotations

from collections.abc import Iterator

from github_app.sandbox.demands import rulesets_of
from github_app.sandbox.node_ids import node_id
from github_app.sandbox.refused import not_found
from github_app.sandbox.rest.call import Answer, Call, page
from github_app.sandbox.rest.shapes import Json, stamp
from github_app.sandbox.rules import QueueRule, RequiredCheck, ReviewRule, Ruleset


def branch_rules(call: Call) -> Answer:
    """Readable by everyone who reads, also for a branch that does not exist yet.

    https://docs.github.com/rest/repos/rules#get-rules-for-a-branch
    """
    found = [
        {**rule, **_origin(call, ruleset)}
        for ruleset in rulesets_of(call.repo, call.path["branch"])
        for rule in _rules(ruleset)
    ]
    return page(call, found, lambda rule: rule)


def _origin(call: Call, ruleset: Ruleset) -> Json:
    return {
        "ruleset_source_type": "Repository",
        "ruleset_source": call.repo.full_name,
        "ruleset_id": ruleset.id,
    }


def _rules(ruleset: Ruleset) -> Iterator[Json]:
    if ruleset.deletion:
        yield {"type": "deletion"}
    if ruleset.non_fast_forward:
        yield {"type": "non_fast_forward"}
    if ruleset.required_checks:
        parameters: Json = {
            "strict_required_status_checks_policy": ruleset.strict,
            "do_not_enforce_on_create": True,
            "required_status_checks": [_check(check) for check in ruleset.required_checks],
        }
        yield {"type": "required_status_checks", "parameters": parameters}
    if ruleset.reviews:
        yield {"type": "pull_request", "parameters": _reviews(ruleset.reviews)}
    if ruleset.queue:
        yield {"type": "merge_queue", "parameters": _queue(ruleset.queue)}


def _check(check: RequiredCheck) -> Json:
    pinned: Json = {"integration_id": check.app_id} if check.app_id else {}
    return {"context": check.context, **pinned}


def _reviews(rule: ReviewRule) -> Json:
    return {
        "allowed_merge_methods": list(rule.methods),
        "required_approving_review_count": rule.count,
        "dismiss_stale_reviews_on_push": rule.dismiss_stale,
        "require_code_owner_review": rule.code_owners,
        "require_last_push_approval": rule.last_push,
        "required_review_thread_resolution": False,
    }


def _queue(rule: QueueRule) -> Json:
    return {
        "check_response_timeout_minutes": rule.timeout,
        "grouping_strategy": "ALLGREEN",
        "max_entries_to_build": rule.most_to_build,
        "max_entries_to_merge": rule.most_to_merge,
        "merge_method": rule.method.upper(),
        "min_entries_to_merge": 1,
        "min_entries_to_merge_wait_minutes": 0,
    }


def listed(call: Call) -> Answer:
    """https://docs.github.com/rest/repos/rules#get-all-repository-rulesets"""
    return page(call, list(call.repo.rulesets.values()), lambda one: _summary(call, one))


def get(call: Call) -> Answer:
    """With the rules, but who may bypass them is told to administrators alone.

    https://docs.github.com/rest/repos/rules#get-a-repository-ruleset
    """
    found = call.repo.rulesets.get(call.number("ruleset"))
    if found is None:
        raise not_found()
    conditions = {"ref_name": {"include": found.branches, "exclude": found.excluded}}
    whole = {"conditions": conditions, "rules": list(_rules(found))}
    return Answer(200, {**_summary(call, found), **whole})


def _summary(call: Call, ruleset: Ruleset) -> Json:
    own = call.urls.repo(call.repo, f"/rulesets/{ruleset.id}")
    page_of = call.urls.page(call.repo, f"/rules/{ruleset.id}")
    return {
        "id": ruleset.id,
        "name": ruleset.name,
        "target": "branch",
        "source_type": "Repository",
        "source": call.repo.full_name,
        "enforcement": ruleset.enforcement,
        "node_id": node_id("Ruleset", call.repo.id, ruleset.id),
        "_links": {"self": {"href": own}, "html": {"href": page_of}},
        "created_at": stamp(call.repo.created_at),
        "updated_at": stamp(call.repo.created_at),
    }
