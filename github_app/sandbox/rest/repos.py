"""A repository: itself, its branches, commits and comparisons."""

from __future__ import annotations

from github_app.sandbox.demands import Demands, demands_of
from github_app.sandbox.differences import FileChange
from github_app.sandbox.refused import Refused, not_found
from github_app.sandbox.rest import git_shapes, pull_shapes, shapes
from github_app.sandbox.rest.call import Answer, Call, page
from github_app.sandbox.rest.shapes import Json
from github_app.sandbox.world import sha_of


def get(call: Call) -> Answer:
    """https://docs.github.com/rest/repos/repos#get-a-repository"""
    return Answer(200, shapes.full_repository(call.world, call.urls, call.repo, call.actor))


def branches(call: Call) -> Answer:
    """https://docs.github.com/rest/branches/branches#list-branches"""
    names = sorted(call.git.branches())
    if call.query.get("protected") == "true":
        names = [name for name in names if demands_of(call.repo, name)]
    return page(call, names, lambda name: _short(call, name))


def _short(call: Call, name: str) -> Json:
    sha = call.git.branches()[name]
    return {
        "name": name,
        "commit": {"sha": sha, "url": call.urls.repo(call.repo, f"/commits/{sha}")},
        "protected": demands_of(call.repo, name) is not None,
    }


def branch(call: Call) -> Answer:
    """https://docs.github.com/rest/branches/branches#get-a-branch"""
    name = call.path["branch"]
    sha = call.git.branch(name)
    if sha is None:
        raise Refused(404, "Branch not found")
    own = call.urls.repo(call.repo, f"/branches/{shapes.quoted(name)}")
    tree = call.urls.page(call.repo, f"/tree/{shapes.quoted(name)}")
    demands = demands_of(call.repo, name)
    contexts = [check.context for check in (demands or Demands()).required_checks]
    return Answer(
        200,
        {
            "name": name,
            "commit": git_shapes.commit(
                call.world, call.urls, call.repo, call.git.known_commit(sha)
            ),
            "_links": {"self": own, "html": tree},
            "protected": demands is not None,
            "protection": {
                "enabled": demands is not None,
                "required_status_checks": {
                    "enforcement_level": "everyone" if contexts else "off",
                    "contexts": contexts,
                    "checks": [],
                },
            },
            "protection_url": f"{own}/protection",
        },
    )


def commits(call: Call) -> Answer:
    """https://docs.github.com/rest/commits/commits#list-commits"""
    start = sha_of(call.world, call.repo, call.query.get("sha") or call.repo.default_branch)
    found = call.git.history(start, 1000)
    return page(call, found, lambda sha: _commit(call, sha))


def _commit(call: Call, sha: str) -> Json:
    return git_shapes.commit(call.world, call.urls, call.repo, call.git.known_commit(sha))


def commit(call: Call) -> Answer:
    """https://docs.github.com/rest/commits/commits#get-a-commit"""
    sha = sha_of(call.world, call.repo, call.path["ref"])
    value = call.git.known_commit(sha)
    before = value.parents[0] if value.parents else call.git.write_tree([])
    changes = call.git.changes(before, sha)
    plus, minus = sum(c.additions for c in changes), sum(c.deletions for c in changes)
    stats = {"additions": plus, "deletions": minus, "total": plus + minus}
    files = [_file(call, sha, change) for change in changes]
    return Answer(200, {**_commit(call, sha), "stats": stats, "files": files})


def _file(call: Call, sha: str, change: FileChange) -> Json:
    path = shapes.quoted(change.path)
    at = f"{sha}/{path}"
    return {
        "sha": change.sha,
        "filename": change.path,
        "status": change.status,
        "additions": change.additions,
        "deletions": change.deletions,
        "changes": change.additions + change.deletions,
        "blob_url": call.urls.page(call.repo, f"/blob/{at}"),
        "raw_url": call.urls.page(call.repo, f"/raw/{at}"),
        "contents_url": call.urls.repo(call.repo, f"/contents/{path}?ref={sha}"),
        **({"patch": change.patch} if change.patch is not None else {}),
        **({"previous_filename": change.previous} if change.previous else {}),
    }


def compare(call: Call) -> Answer:
    """https://docs.github.com/rest/commits/commits#compare-two-commits"""
    base_name, dots, head_name = call.path["basehead"].partition("...")
    if not dots:
        raise not_found()
    base, head = (sha_of(call.world, call.repo, name) for name in (base_name, head_name))
    fork = call.git.merge_base(base, head)
    if fork is None:
        raise Refused(404, f"No common ancestor between {base_name} and {head_name}.")
    ahead, behind = call.git.between(base, head), call.git.between(head, base)
    named = f"/compare/{shapes.quoted(call.path['basehead'])}"
    page_url = call.urls.page(call.repo, named)
    return Answer(
        200,
        {
            "url": call.urls.repo(call.repo, named),
            "html_url": page_url,
            "permalink_url": page_url,
            "diff_url": f"{page_url}.diff",
            "patch_url": f"{page_url}.patch",
            "base_commit": _commit(call, base),
            "merge_base_commit": _commit(call, fork),
            "status": _relation(len(ahead), len(behind)),
            "ahead_by": len(ahead),
            "behind_by": len(behind),
            "total_commits": len(ahead),
            "commits": [_commit(call, sha) for sha in ahead[-250:]],
            "files": [_file(call, head, change) for change in call.git.changes(fork, head)],
        },
    )


def _relation(ahead: int, behind: int) -> str:
    if ahead and behind:
        return "diverged"
    if ahead:
        return "ahead"
    return "behind" if behind else "identical"


def pulls_of_commit(call: Call) -> Answer:
    """https://docs.github.com/rest/commits/commits#list-pull-requests-associated-with-a-commit"""
    sha = sha_of(call.world, call.repo, call.path["ref"])
    found = [
        pull
        for pull in call.world.pulls(call.repo)
        if sha == pull.merge_sha
        or sha in call.git.between(pull_shapes.base_of(call.world, call.repo, pull), pull.head_sha)
    ]
    return page(call, found, lambda p: pull_shapes.pull_simple(call.world, call.urls, call.repo, p))
