"""The line a person copies to post to the demo's App."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from github_app.events import ImagePushed
from github_app.inbox.sqlite import SqliteInbox
from github_app.sandbox.demo.posting import post_line
from github_app.wsgi_server import Server
from plugin.artifact import Repository
from tests.github_app.apps import NOW, World
from tests.webhooks.samples import SECRET

WEB = Repository("127.0.0.1:5000", "acme/web")


@pytest.mark.skipif(
    not all(map(shutil.which, ("curl", "openssl"))), reason="needs curl and openssl"
)
@pytest.mark.parametrize(
    ("secret", "answer"), [(SECRET.reveal(), '"accepted"'), ("it's another", "nothing proves who")]
)
def test_the_line_is_pasted_and_works(tmp_path: Path, secret: str, answer: str) -> None:
    inbox = SqliteInbox.open(tmp_path / "inbox.sqlite")
    with Server(World(inbox).app(), "127.0.0.1", 0) as server:
        done = subprocess.run(
            ["sh", "-c", post_line(server.url, secret, WEB, "1.2.0")],
            env={"PATH": "/usr/local/bin:/usr/bin:/bin", "http_proxy": "http://127.0.0.1:9"},
            capture_output=True,
            text=True,
            check=True,
        )
    claim = inbox.claim(NOW)
    inbox.close()
    assert answer in done.stdout
    assert done.stderr == ""
    assert (claim is not None and claim.events == (ImagePushed(WEB, "1.2.0"),)) is (
        answer == '"accepted"'
    )
