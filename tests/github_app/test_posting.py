"""What the README tells people to paste into their CI, run as it stands there."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
import yaml

from github_app.events import ImagePushed
from github_app.inbox.sqlite import SqliteInbox
from github_app.oidc.tokens import OidcTokens
from github_app.oidc.trust import Trusted, trusted_in
from github_app.wsgi_server import Server
from plugin.artifact import Repository
from tests.clocks import Clock
from tests.github_app.apps import World
from tests.github_app.oidc.issuers import PINNED, issuer
from tests.webhooks.samples import SECRET

README = (Path(__file__).parents[2] / "README.md").read_text("utf-8")
PUSHED = (ImagePushed(Repository("ghcr.io", "acme/web"), "1.4.2"),)
TOOLS = ("bash", "curl", "openssl", "jq")

pytestmark = pytest.mark.skipif(
    not all(map(shutil.which, TOOLS)), reason=f"needs {', '.join(TOOLS)}"
)


def block(kind: str, holds: str) -> str:
    """The README's one block of that kind that holds a text."""
    blocks = re.findall(rf"^```{kind}\n(.*?)^```$", README, re.DOTALL | re.MULTILINE)
    (found,) = [text for text in blocks if holds in text]
    return str(found)


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    inbox = SqliteInbox.open(tmp_path / "inbox.sqlite")
    yield World(inbox, now=datetime.now(UTC))
    inbox.close()


def ran(script: str, **environ: str) -> subprocess.CompletedProcess[str]:
    """A step as GitHub runs it, `bash -e`, without a second try."""
    command = ["bash", "-eo", "pipefail", "-c", script.replace("--retry 5", "")]
    # No proxy stands between this machine and itself.
    around = {"PATH": "/usr/bin:/bin:/usr/local/bin", "NO_PROXY": "*", **environ}
    return subprocess.run(command, env=around, capture_output=True, text=True, check=False)


def test_a_signed_post_is_pasted_and_works(world: World) -> None:
    script = block("sh", "openssl dgst")
    with Server(world.app(), "127.0.0.1", 0, threads=2) as server:
        done = ran(script, TOWLINE=server.url, TOWLINE_POST_SECRET=SECRET.reveal())
        assert (done.returncode, done.stderr) == (0, ""), done.stdout
        assert '"accepted"' in done.stdout
        forged = ran(script, TOWLINE=server.url, TOWLINE_POST_SECRET="another secret")
        assert forged.returncode != 0
        assert "nothing proves who sent this" in forged.stdout
    claim = world.inbox.claim(world.now)
    assert claim is not None
    assert claim.events == PUSHED


def test_a_job_on_github_posts_with_its_token(world: World) -> None:
    (step,) = yaml.safe_load(block("yaml", "ACTIONS_ID_TOKEN_REQUEST_URL"))
    assert set(step["env"]) == {"TOWLINE", "TAG"}
    with issuer() as ours, Server(world.app(), "127.0.0.1", 0, threads=2) as server:
        audience = f"{server.url}/webhooks/post"
        keys = ours.tokens(Clock())._keys
        trusted = (Trusted(ours.url, audience, PINNED),)
        world.tokens["post"] = OidcTokens(trusted, keys, Clock())
        environ = {
            "TOWLINE": server.url,
            "TAG": "1.4.2",
            "ACTIONS_ID_TOKEN_REQUEST_URL": f"{ours.url}/token?api-version=2.0",
            "ACTIONS_ID_TOKEN_REQUEST_TOKEN": "the runner's",
        }
        done = ran(step["run"], **environ)
        assert (done.returncode, done.stderr) == (0, ""), done.stdout
    claim = world.inbox.claim(world.now)
    assert claim is not None
    assert claim.events == PUSHED


def test_the_lines_of_trust_are_read() -> None:
    lines = trusted_in(block("text", "token.actions.githubusercontent.com https"))
    assert [one.dialect for one in lines] == ["post", "post", "gar"]
