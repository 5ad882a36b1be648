"""What a person does over GitHub's REST API with a token of their own."""

from __future__ import annotations

import base64
from dataclasses import dataclass
from typing import Any

import requests


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody with a token for one repository; a refusal of GitHub's fails the test."""

    url: str
    token: str
    repository: str

    def ask(self, verb: str, path: str, **body: object) -> Any:
        """What GitHub answers to a call below the repository."""
        answer = requests.request(
            verb,
            f"{self.url}/api/v3/repos/{self.repository}{path}",
            json=body or None,
            headers={"Authorization": f"Bearer {self.token}"},
            timeout=20,
        )
        assert answer.ok, f"{verb} {path}: {answer.status_code} {answer.text}"
        return answer.json() if answer.content else None

    def open_pull(self, head: str, base: str = "main", title: str = "Mine") -> int:
        """The number of a new pull request."""
        return int(self.ask("POST", "/pulls", title=title, head=head, base=base)["number"])

    def edit(self, number: int, **fields: str) -> None:
        """Change a pull request's title, body or base."""
        self.ask("PATCH", f"/pulls/{number}", **fields)

    def status(self, sha: str, context: str, state: str) -> None:
        """Say that a commit is good or not."""
        self.ask("POST", f"/statuses/{sha}", context=context, state=state)

    def force(self, branch: str, sha: str) -> None:
        """Move a branch wherever the person wants it, or bring it back."""
        known = {one["name"] for one in self.ask("GET", "/branches?per_page=100")}
        if branch in known:
            self.ask("PATCH", f"/git/refs/heads/{branch}", sha=sha, force=True)
        else:
            self.ask("POST", "/git/refs", ref=f"refs/heads/{branch}", sha=sha)

    def merge_base_into(self, head: str, added: dict[str, str], base: str = "main") -> str:
        """What *Update branch* does where the base only `added` files since the head left it."""
        tip = self.ask("GET", f"/git/ref/heads/{head}")["object"]["sha"]
        other = self.ask("GET", f"/git/ref/heads/{base}")["object"]["sha"]
        entries = [
            {"path": path, "mode": "100644", "type": "blob", "content": text}
            for path, text in added.items()
        ]
        tree = self.ask("GET", f"/git/commits/{tip}")["tree"]["sha"]
        merged = self.ask("POST", "/git/trees", base_tree=tree, tree=entries)["sha"]
        commit = self.ask(
            "POST", "/git/commits", message="Merge main", tree=merged, parents=[tip, other]
        )
        self.force(head, commit["sha"])
        return str(commit["sha"])

    def put(self, path: str, content: bytes, mode: str = "100644", branch: str = "main") -> None:
        """Commit a file of any bytes: a link (120000) holds where it leads."""
        tip = self.ask("GET", f"/git/ref/heads/{branch}")["object"]["sha"]
        encoded = base64.b64encode(content).decode()
        blob = self.ask("POST", "/git/blobs", content=encoded, encoding="base64")["sha"]
        entry = {"path": path, "mode": mode, "type": "blob", "sha": blob}
        tree = self.ask("GET", f"/git/commits/{tip}")["tree"]["sha"]
        made = self.ask("POST", "/git/trees", base_tree=tree, tree=[entry])["sha"]
        commit = self.ask("POST", "/git/commits", message="Put", tree=made, parents=[tip])
        self.force(branch, commit["sha"])
