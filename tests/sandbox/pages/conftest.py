"""A stand-in with its pages and one promotion pull request, seen by a person."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

import pytest
from werkzeug.test import Client, TestResponse

from tests.contracts.caller import BODY, NAME, REPO, Setting, new_setting

HEAD = "towline/shop/dev/web"


@dataclass(frozen=True, slots=True)
class Person:
    """Someone with a browser that runs no scripts: opens pages and presses buttons."""

    github: Setting
    number: int
    client: Client

    @property
    def address(self) -> str:
        """The pull request's page."""
        return f"/{NAME}/pull/{self.number}"

    def reads(self, path: str = "", expected: int = 200) -> str:
        """A page's HTML; by default the pull request's."""
        answer = self.client.get(path or self.address)
        assert answer.status_code == expected, answer.get_data(as_text=True)[:2000]
        return answer.get_data(as_text=True)

    def fields(self, path: str = "") -> dict[str, str]:
        """The hidden fields of a page's forms."""
        pairs = re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', self.reads(path))
        return dict(pairs)

    def presses(self, button: str, **more: str) -> TestResponse:
        """The answer to a button of the pull request's page: merge, close, reopen, comment."""
        form = self.fields() | more
        return self.client.post(f"{self.address}/{button}", data=form)


@pytest.fixture
def github(tmp_path: Path) -> Setting:
    return new_setting(tmp_path)


@pytest.fixture
def person(github: Setting) -> Person:
    files = {"stages/dev/kustomization.yaml": "images:\n  - name: web\n    newTag: 1.1.0\n"}
    github.commit(HEAD, files)
    wish = {"title": "Promote shop/web 1.1.0 to dev", "head": HEAD, "base": "main", "body": BODY}
    number = github.bot("POST", f"{REPO}/pulls", 201, wish)["number"]
    return Person(github, number, Client(github.stand_in.wsgi))
