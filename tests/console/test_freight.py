"""What `towline freight` shows, assembles, and asks the App to take."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest
from flask import Flask

from github_app.app import create_app
from github_app.cli import main
from github_app.console.posting import post
from github_app.events import FreightAsked
from github_app.inbox.sqlite import SqliteInbox
from github_app.sandbox.images import Pusher, image
from github_app.sandbox.registry import registry
from github_app.wsgi_server import Server
from plugin.artifact import Image, Repository
from plugin.errors import Refusal
from plugin.freight import Freight
from tests.console.conftest import Checkout
from tests.github_app.apps import World
from tests.webhooks.samples import SECRET

PIPELINE = """\
project: shop
warehouses:
  web: [{image: HOST/acme/web}]
  pair:
    freight: manual
    subscriptions: [{image: HOST/acme/web, constraint: ^1}, {image: HOST/acme/api}]
  later: [{image: HOST/acme/web, constraint: ^2}]
stages: {dev: {warehouses: [web, pair, later], path: dev}}
"""


@dataclass
class There:
    """A registry with web 1.4.2 and 1.4.1 and api 1.3.9, and a checkout that watches it."""

    root: Path
    host: str
    digests: dict[str, str]

    def freight(self, warehouse: str, **versions: str) -> Freight:
        return Freight(
            warehouse,
            tuple(
                Image(
                    Repository.parse(f"{self.host}/acme/{name}"), tag, self.digests[f"{name}:{tag}"]
                )
                for name, tag in versions.items()
            ),
        )


@pytest.fixture
def there(registry_binary: Path, tmp_path: Path, checkout: Checkout) -> Iterator[There]:
    with registry(registry_binary, tmp_path / "registry") as running:
        pusher = Pusher(running.url)
        digests = {
            f"{name}:{tag}": pusher.push_image(f"acme/{name}", tag, image({"a": tag.encode()}))
            for name, tag in (
                ("web", "0.9.0"),
                ("web", "1.4.1"),
                ("web", "1.4.2"),
                ("api", "1.3.9"),
            )
        }
        root = checkout({"towline.yaml": PIPELINE.replace("HOST", running.host)})
        yield There(root, running.host, digests)


def refused(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    """Why the command refuses."""
    assert main(["freight", *arguments]) == 1
    return capsys.readouterr().err


def test_the_newest_freight_of_a_warehouse(
    there: There, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["freight", "--warehouse", "web", str(there.root)]) == 0
    freight = there.freight("web", web="1.4.2")
    assert capsys.readouterr().out == (
        f"web: {freight.alias} {freight.id}\n"
        f"  {there.host}/acme/web:1.4.2@{there.digests['web:1.4.2']}\n"
    )


def test_a_warehouse_without_freight_says_why_and_fails(
    there: There, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["freight", str(there.root)]) == 1
    said = capsys.readouterr().out
    assert "web: " in said
    assert "pair: could be assembled: " in said
    assert "  nothing has been assembled yet\n" in said
    assert "later: no freight\n  warehouse 'later': no version of" in said


def test_freight_is_assembled_of_what_is_not_the_newest(
    there: There, capsys: pytest.CaptureFixture[str]
) -> None:
    asked = ["--warehouse", "pair", "--assemble", "api=1.3.9", "web=1.4.1"]
    assert main(["freight", str(there.root), *asked, "--json"]) == 0
    (found,) = json.loads(capsys.readouterr().out)
    freight = there.freight("pair", web="1.4.1", api="1.3.9")
    assert (found["project"], found["warehouse"]) == ("shop", "pair")
    assert (found["freight"]["id"], found["freight"]["alias"]) == (freight.id, freight.alias)
    assert [one["tag"] for one in found["freight"]["artifacts"]] == ["1.3.9", "1.4.1"]


def test_of_freight_that_is_made_by_itself_it_is_said_that_the_app_takes_none(
    there: There, capsys: pytest.CaptureFixture[str]
) -> None:
    asked = [str(there.root), "--assemble", "web=1.4.1", "--warehouse"]
    assert main(["freight", *asked, "web"]) == 0
    said = capsys.readouterr()
    assert said.out.startswith(f"web: {there.freight('web', web='1.4.1').alias} ")
    assert said.err == (
        "warehouse 'web' makes its freight by itself, so the App takes none; write 'freight: "
        "manual' there first\n"
    )
    assert main(["freight", str(there.root), *PAIR]) == 0
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize(
    ("assembled", "said"),
    [
        (["web=1.4.2"], "say a version of 'api', too"),
        (["web=1.4.2", "api=1.3.9", "db=1"], "no subscription called 'db'"),
        (["web=1.4.2", "web=1.4.1", "api=1.3.9"], "'web' is there twice"),
        (["web=9.9.9", "api=1.3.9"], "has no version '9.9.9'"),
        (["web=0.9.0", "api=1.3.9"], "'web' may not take 0.9.0 of"),
        (["web"], "write SUBSCRIPTION=VERSION, such as web=1.4.2"),
        (["web="], "write SUBSCRIPTION=VERSION"),
    ],
)
def test_f_6_exactly_one_known_version_of_each_subscription(
    there: There, capsys: pytest.CaptureFixture[str], assembled: list[str], said: str
) -> None:
    asked = [str(there.root), "--warehouse", "pair", "--assemble", *assembled]
    assert said in refused(capsys, *asked)


def test_of_several_warehouses_one_must_be_named(
    there: There, capsys: pytest.CaptureFixture[str]
) -> None:
    text = refused(capsys, str(there.root), "--assemble", "web=1.4.2")
    assert "say --warehouse, and --project if need be: shop/web, shop/pair" in text


@pytest.fixture
def app(tmp_path: Path) -> Iterator[tuple[World, str]]:
    inbox = SqliteInbox.open(tmp_path / "inbox.sqlite")
    world = World(inbox, now=datetime.now(UTC))
    with Server(create_app(world.parts()), "127.0.0.1", 0) as server:
        yield world, server.url
    inbox.close()


PAIR = ["--warehouse", "pair", "--assemble", "web=1.4.2", "api=1.3.9"]


def test_the_app_takes_what_is_posted(
    there: There,
    app: tuple[World, str],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    world, url = app
    monkeypatch.setenv("TOWLINE_POST_SECRET", SECRET.reveal())
    posting = ["--post", url, "--repository", "acme/gitops"]
    assert main(["freight", str(there.root), *PAIR, *posting]) == 0
    assert capsys.readouterr().err == f"{url}/webhooks/post: accepted\n"
    claim = world.inbox.claim(datetime.now(UTC))
    assert claim is not None
    versions = (("api", "1.3.9"), ("web", "1.4.2"))
    asked = FreightAsked("acme/gitops", "shop", "pair", versions, "the secret")
    assert claim.events == (asked,)


def test_another_secret_is_refused_with_the_apps_words(
    there: There,
    app: tuple[World, str],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("TOWLINE_POST_SECRET", "twenty other characters")
    posting = ["--post", f"{app[1]}/webhooks/post", "--repository", "acme/gitops"]
    text = refused(capsys, str(there.root), *PAIR, *posting)
    assert "/webhooks/post answers 401: nothing proves who sent this: it takes" in text
    assert "{" not in text


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ('{"error": "an unexpected error", "id": "7f"}', "an unexpected error: 7f"),
        ("<h1>Bad\n gateway</h1>", "<h1>Bad gateway</h1>"),
        ('{"message": "no"}', '{"message": "no"}'),
        ('{"error": ["no"]}', '{"error": ["no"]}'),
        ("", "nothing more"),
    ],
)
def test_what_answers_in_the_apps_place_is_shown_as_far_as_it_speaks(body: str, said: str) -> None:
    answering = Flask("answering")
    answering.add_url_rule("/", view_func=lambda: (body, 500), methods=["POST"])
    with Server(answering, "127.0.0.1", 0) as server, pytest.raises(Refusal) as refused:
        post(f"{server.url}/", SECRET, {}, datetime.now(UTC))
    assert str(refused.value) == f"{server.url}/ answers 500: {said}"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ([*PAIR, "--post", "https://x.io"], "--post and --repository go together"),
        ([*PAIR, "--repository", "acme/gitops"], "--post and --repository go together"),
        ([*PAIR, "--post", "https://x.io", "--repository", "acme"], "write OWNER/NAME"),
        ([*PAIR, "--post", "http://x.io", "--repository", "a/b"], "such as https://"),
        ([*PAIR, "--post", "x.io", "--repository", "a/b"], "such as https://"),
        (
            ["--warehouse", "pair", "--post", "https://x.io", "--repository", "a/b"],
            "say --assemble, too",
        ),
        (
            "--warehouse web --assemble web=1.4.2 --post https://x.io --repository a/b".split(),
            "write 'freight: manual' there first",
        ),
        (
            [*PAIR, "--post", "http://127.0.0.1:1", "--repository", "a/b"],
            "the connection was refused",
        ),
    ],
)
def test_what_cannot_be_posted_says_what_to_do(
    there: There,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    arguments: list[str],
    said: str,
) -> None:
    monkeypatch.setenv("TOWLINE_POST_SECRET", SECRET.reveal())
    assert said in refused(capsys, str(there.root), *arguments)


def test_without_a_secret_nothing_is_posted(
    there: There, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("TOWLINE_POST_SECRET", raising=False)
    posting = ["--post", "https://x.io", "--repository", "a/b"]
    assert "TOWLINE_POST_SECRET: is missing" in refused(capsys, str(there.root), *PAIR, *posting)


def test_help_has_examples(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["freight", "--help"])
    assert "--assemble web=1.4.2 api=1.3.9" in capsys.readouterr().out
