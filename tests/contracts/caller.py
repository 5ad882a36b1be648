"""Calls to a stand-in without a network: REST by path, GraphQL by document, as one caller."""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import jwt
from werkzeug.test import Client

from github_app.sandbox.stand_in import StandIn
from tests.contracts.forge import OWNER, REPOSITORY, SECRET, SLUG, Key, app_key
from tests.contracts.stand_in import new_stand_in

REPO = f"/repos/{OWNER}/{REPOSITORY}"
NAME = f"{OWNER}/{REPOSITORY}"
BODY = "| artifact | to |\n|---|---|\n| `web` | `1.1.0` |\n"


@dataclass(frozen=True, slots=True)
class Caller:
    """A client with one token."""

    client: Client
    token: str

    def __call__(self, method: str, path: str, expected: int, body: object = None) -> Any:
        """The JSON of an answer (None without body); AssertionError for another status."""
        answer = self.client.open(
            f"/api/v3{path}",
            method=method,
            data=None if body is None else json.dumps(body),
            headers=self._headers(),
        )
        said = f"{method} {path} -> {answer.status_code}: {answer.get_data(as_text=True)[:2000]}"
        assert answer.status_code == expected, said
        return json.loads(answer.data) if answer.data else None

    def document(self, text: str, **variables: object) -> Any:
        """`data` of a GraphQL answer; AssertionError if it has errors."""
        answer = self.raw_document(text, **variables)
        assert not answer.get("errors"), answer["errors"]
        return answer["data"]

    def raw_document(self, text: str, **variables: object) -> Any:
        """A whole GraphQL answer."""
        body = json.dumps({"query": text, "variables": variables})
        return self.client.post("/api/graphql", data=body, headers=self._headers()).get_json()

    def _headers(self) -> dict[str, str]:
        return {
            "Authorization": f"Bearer {self.token}",
            "Accept": "application/vnd.github+json",
            "User-Agent": "towline-tests",
            "Content-Type": "application/json",
        }


@dataclass(frozen=True, slots=True)
class Setting:
    """A stand-in with one repository and one installed App, and its three kinds of callers."""

    stand_in: StandIn
    app: Caller
    bot: Caller
    alice: Caller
    installation: int

    def tip(self, branch: str = "main") -> str:
        """The newest commit of a branch."""
        return self.stand_in.branches(NAME)[branch]

    def commit(self, branch: str, files: dict[str, str]) -> str:
        """A commit on main with some files, and a new branch that points to it."""
        made = [
            {"path": path, "mode": "100644", "type": "blob", "content": text}
            for path, text in files.items()
        ]
        parent = self.tip()
        base = self.bot("GET", f"{REPO}/git/commits/{parent}", 200)["tree"]["sha"]
        tree = self.bot("POST", f"{REPO}/git/trees", 201, {"base_tree": base, "tree": made})["sha"]
        fields = {"message": f"Change {', '.join(files)}", "tree": tree, "parents": [parent]}
        commit: str = self.bot("POST", f"{REPO}/git/commits", 201, fields)["sha"]
        if branch:
            ref = {"ref": f"refs/heads/{branch}", "sha": commit}
            self.bot("POST", f"{REPO}/git/refs", 201, ref)
        return commit

    def pull(self, branch: str, **more: object) -> int:
        """The number of a new pull request from a new branch into main."""
        self.commit(branch, {f"files/{branch}": "1\n"})
        fields = {"title": f"Promote {branch}", "head": branch, "base": "main", "body": BODY}
        return int(self.bot("POST", f"{REPO}/pulls", 201, fields | more)["number"])


def new_setting(place: Any) -> Setting:
    """A fresh stand-in with organization, repository, person and App."""
    stand_in, key = new_stand_in(place), app_key()
    person = stand_in.create_user("alice", name="Alice", email="alice@example.com")
    stand_in.create_organization(OWNER)
    files = {"README.md": "# deploy\n", "stages/dev/kustomization.yaml": "images: []\n"}
    stand_in.create_repository(OWNER, REPOSITORY, files)
    stand_in.add_collaborator(NAME, "alice", "admin")
    app = stand_in.register_app(
        SLUG,
        public_key=key.public,
        webhook_url="http://127.0.0.1:1/webhooks/github",
        webhook_secret=SECRET,
    )
    installed = stand_in.install(SLUG, OWNER)
    client = Client(stand_in.wsgi)
    itself = Caller(client, _app_token(key, app.id))
    path = f"/app/installations/{installed.id}/access_tokens"
    token = itself("POST", path, 201, {"repositories": [REPOSITORY]})["token"]
    bot = replace(itself, token=token)
    return Setting(stand_in, itself, bot, Caller(client, person), installed.id)


def _app_token(key: Key, app: int) -> str:
    now = datetime.now(UTC)
    claims = {"iat": now - timedelta(minutes=1), "exp": now + timedelta(minutes=5), "iss": str(app)}
    return jwt.encode(claims, key.private, "RS256")


def encoded(text: str) -> str:
    """Base64, as contents are sent."""
    return base64.b64encode(text.encode()).decode()
