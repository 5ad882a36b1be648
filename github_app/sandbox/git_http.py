"""Git over HTTP: `git http-backend` behind tokens, and the ref moves a push made.

https://git-scm.com/docs/git-http-backend
"""

from __future__ import annotations

import gzip
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from github_app.sandbox.access import can_push, demand_live, visible
from github_app.sandbox.git_store import ZERO, RefMove, git_environment
from github_app.sandbox.protection import force_refused, push_refusal
from github_app.sandbox.refs import HEADS, after_moves
from github_app.sandbox.refused import Refused, not_found
from github_app.sandbox.state import Repository
from github_app.sandbox.world import Actor, World

_HOOK = """\
#!/bin/sh
# Written by the stand-in: branch protection, as GitHub answers a push.
ref=$1 old=$2 new=$3
zero=0000000000000000000000000000000000000000
refusal=$(printf '%s\\n' "$STAND_IN_REFUSED" | sed -n "s#^$ref ##p")
if [ -n "$refusal" ]; then
  echo "error: GH006: Protected branch update failed for $ref." >&2
  echo "error: $refusal" >&2
  exit 1
fi
if [ "$old" != $zero ] && [ "$new" != $zero ] &&
   printf '%s\\n' "$STAND_IN_NO_FORCE" | grep -qxF "$ref" &&
   ! git merge-base --is-ancestor "$old" "$new"; then
  echo "error: GH006: Protected branch update failed for $ref." >&2
  echo "error: Cannot force-push to this branch" >&2
  exit 1
fi
"""


@dataclass(frozen=True, slots=True)
class GitRequest:
    """One HTTP request of a Git client; `path` is what follows `.git/`."""

    method: str
    path: str
    query: str
    content_type: str
    body: bytes
    protocol: str
    encoding: str = ""

    @property
    def writes(self) -> bool:
        """Whether it belongs to a push."""
        return "git-receive-pack" in (self.path, self.query.removeprefix("service="))


@dataclass(frozen=True, slots=True)
class GitAnswer:
    """What goes back to the Git client."""

    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes


def serve(world: World, repository: Repository, actor: Actor, request: GitRequest) -> GitAnswer:
    """The answer of Git's own server; after a push everything follows its ref moves.

    Raises Refused: 404 for what the caller may not know of, 403 for a push without the right.
    """
    if not visible(actor, repository):
        raise not_found()
    if not request.writes:
        return _backend(world, repository, actor, request, {})
    if not can_push(actor, repository):
        text = f"Permission to {repository.full_name}.git denied to {actor.login}."
        raise Refused(403, text)
    demand_live(repository)
    return _pushed(world, repository, actor, request)


def _pushed(world: World, repository: Repository, actor: Actor, request: GitRequest) -> GitAnswer:
    with world.lock:
        git = world.git(repository)
        before = dict(git.refs())
        _write_hook(git.path)
        rules = _rules(world, repository, actor, request)
        answer = _backend(world, repository, actor, request, rules)
        git.forget_refs()
        after_moves(world, repository, moves(before, git.refs()), actor)
    return answer


def moves(before: Mapping[str, str], after: Mapping[str, str]) -> list[RefMove]:
    """How the refs changed, in the order of their names."""
    names = sorted(before.keys() | after.keys())
    found = (RefMove(name, before.get(name), after.get(name)) for name in names)
    return [move for move in found if move.before != move.after]


def _write_hook(git_dir: Path) -> None:
    hook = git_dir / "hooks" / "update"
    if not hook.exists():
        hook.parent.mkdir(exist_ok=True)
        hook.write_text(_HOOK)
        hook.chmod(0o755)


def _rules(
    world: World, repository: Repository, actor: Actor, request: GitRequest
) -> dict[str, str]:
    """What the hook must refuse; it alone can see the history of objects that are not kept yet."""
    refused, asked = [], commands(_plain(request))
    for move in asked:
        why = push_refusal(world, repository, move, actor)
        if move.after is None and move.ref == HEADS + repository.default_branch:
            why = "refusing to delete the current branch"
        if why:
            refused.append(f"{move.ref} {why}")
    names = [move.ref.removeprefix(HEADS) for move in asked if move.ref.startswith(HEADS)]
    fixed = [HEADS + name for name in names if force_refused(repository, name, actor)]
    return {"STAND_IN_REFUSED": "\n".join(refused), "STAND_IN_NO_FORCE": "\n".join(fixed)}


def commands(body: bytes) -> list[RefMove]:
    """The ref updates a push asks for: pkt-lines `old new ref` up to the first flush.

    https://git-scm.com/docs/pack-protocol#_reference_update_request_and_packfile_transfer
    """
    found: list[RefMove] = []
    at = 0
    while at + 4 <= len(body):
        try:
            size = int(body[at : at + 4], 16)
        except ValueError:
            break
        if size < 4:
            break
        line = body[at + 4 : at + size].split(b"\0")[0].decode("utf-8", "replace").strip()
        parts = line.split(" ", 2)
        if len(parts) == 3 and len(parts[0]) == len(parts[1]) == len(ZERO):
            found.append(RefMove(parts[2], _known(parts[0]), _known(parts[1])))
        at += size
    return found


def _known(sha: str) -> str | None:
    return None if sha == ZERO else sha


def _plain(request: GitRequest) -> bytes:
    return gzip.decompress(request.body) if request.encoding == "gzip" else request.body


def _backend(
    world: World,
    repository: Repository,
    actor: Actor,
    request: GitRequest,
    rules: Mapping[str, str],
) -> GitAnswer:
    path = world.git(repository).path
    body = _plain(request)
    environment = {
        **git_environment(),
        **rules,
        "GIT_PROJECT_ROOT": str(path),
        "GIT_HTTP_EXPORT_ALL": "1",
        "GIT_PROTOCOL": request.protocol,
        "REQUEST_METHOD": request.method,
        "PATH_INFO": f"/{request.path}",
        "QUERY_STRING": request.query,
        "CONTENT_TYPE": request.content_type,
        "CONTENT_LENGTH": str(len(body)),
        "REMOTE_USER": actor.login,
        "REMOTE_ADDR": "127.0.0.1",
    }
    done = subprocess.run(
        ["git", "http-backend"], input=body, capture_output=True, env=environment, check=False
    )
    if done.returncode:
        raise RuntimeError(done.stderr.decode("utf-8", "replace"))
    return _cgi_answer(done.stdout)


def _cgi_answer(output: bytes) -> GitAnswer:
    head, _, body = output.partition(b"\r\n\r\n")
    pairs = [line.split(": ", 1) for line in head.decode().split("\r\n") if ": " in line]
    status = next((value for name, value in pairs if name == "Status"), "200 OK")
    kept = tuple((name, value) for name, value in pairs if name != "Status")
    return GitAnswer(int(status.split(" ")[0]), kept, body)
