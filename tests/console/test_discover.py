"""What `towline discover` says of the warehouses of a checkout."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from github_app.cli import main
from github_app.sandbox.images import Pusher, image
from github_app.sandbox.registry import registry
from plugin.artifact import Image, Repository
from plugin.freight import Freight
from tests.console.conftest import Checkout
from tests.warehouse.git_world import world as git_world

STAGES = "stages: {dev: {warehouses: [web], path: dev}}\n"
LONG_AGO = datetime(2026, 2, 1, 12, tzinfo=UTC)


@dataclass
class There:
    """A registry with images, and the checkout that watches them."""

    pusher: Pusher
    host: str

    def push(self, name: str, *tags: str, created: datetime = LONG_AGO) -> list[str]:
        built = {tag: image({"tag": tag.encode()}, created=created) for tag in tags}
        return [self.pusher.push_image(f"acme/{name}", tag, one) for tag, one in built.items()]

    def pipeline(self, *subscriptions: str, more: str = "") -> dict[str, str]:
        """A checkout's files: a warehouse of these subscriptions, `HOST` being the registry."""
        listed = "".join(f"      - {one}\n" for one in subscriptions)
        text = f"project: shop\nwarehouses:\n  web:\n{more}    subscriptions:\n{listed}{STAGES}"
        return {"towline.yaml": text.replace("HOST", self.host)}


@pytest.fixture
def there(registry_binary: Path, tmp_path: Path) -> Iterator[There]:
    with registry(registry_binary, tmp_path / "registry") as running:
        yield There(Pusher(running.url), running.host)


def said(capsys: pytest.CaptureFixture[str], *arguments: str, status: int = 0) -> str:
    """What the command prints."""
    assert main(["discover", *arguments]) == status
    return capsys.readouterr().out


def told(capsys: pytest.CaptureFixture[str], root: Path) -> dict[str, Any]:
    """What it says of the one warehouse as JSON."""
    (one,) = json.loads(said(capsys, "--json", str(root)))
    assert isinstance(one, dict)
    return one


def test_candidates_come_best_first_with_the_chosen_marked_and_rules_against_others(
    there: There, checkout: Checkout, capsys: pytest.CaptureFixture[str]
) -> None:
    digests = there.push("web", "2.0.0", "2.1.0", "2.2.0-rc.1", "1.9.0", "latest")
    root = checkout(there.pipeline("{image: HOST/acme/web, constraint: ^2.0, ignore: [late]}"))
    repository = Repository.parse(f"{there.host}/acme/web")
    freight = Freight("web", (Image(repository, "2.1.0", digests[1]),))
    assert said(capsys, str(root)).splitlines() == [
        f"warehouse web of shop: {freight.alias} {freight.short}, 2.1.0",
        f"  web: image semver ^2.0 {there.host}/acme/web",
        f"    >  2.1.0  {digests[1][:19]}…  2026-02-01T12:00:00Z",
        f"       2.0.0  {digests[0][:19]}…  2026-02-01T12:00:00Z",
        "    not taken:",
        "       1.9.0       outside ^2.0",
        "       2.2.0-rc.1  a pre-release, and ^2.0 names none",
        "       latest      ignore 'late'",
    ]


def test_json_has_everything(
    there: There, checkout: Checkout, capsys: pytest.CaptureFixture[str]
) -> None:
    digests = there.push("web", *(f"1.{number}.0" for number in range(7)), "x")
    found = told(capsys, checkout(there.pipeline("{image: HOST/acme/web}")))
    (web,) = found["subscriptions"]
    assert [one["version"] for one in web["candidates"]] == [f"1.{6 - n}.0" for n in range(7)]
    assert [one["chosen"] for one in web["candidates"]] == [True] + [False] * 6
    assert web["candidates"][0]["content"] == digests[6]
    assert web["filtered"] == [{"version": "x", "rule": "not a strict version (major.minor.patch)"}]
    assert found["reason"] is None
    assert found["freight"]["artifacts"] == [
        {"image": f"{there.host}/acme/web", "tag": "1.6.0", "digest": digests[6]}
    ]


def test_only_some_rows_are_shown_unless_all_are_wanted(
    there: There, checkout: Checkout, capsys: pytest.CaptureFixture[str]
) -> None:
    there.push("web", *(f"1.{number}.0" for number in range(9)), *(f"x{n}" for n in range(8)))
    root = checkout(there.pipeline("{image: HOST/acme/web, limit: 6}"))
    few, every = said(capsys, str(root)), said(capsys, "--all", str(root))
    assert "1.4.0" in few
    assert "1.3.0" not in few
    assert "... and more: --all shows them" in few
    assert "... and 6 more: --all shows them" in few
    assert "1.3.0" in every
    assert "1.0.0  beyond the limit of 6" in every
    assert "more" not in every


def test_why_there_is_no_freight_is_said_and_other_subscriptions_are_shown(
    there: There, checkout: Checkout, capsys: pytest.CaptureFixture[str]
) -> None:
    there.push("web", "1.0.0")
    there.push("api", "0.9.0")
    root = checkout(
        there.pipeline(
            "{image: HOST/acme/web}",
            "{image: 127.0.0.1:1/acme/db}",
            "{image: HOST/acme/api, constraint: ^1}",
        )
    )
    text = said(capsys, str(root))
    assert text.splitlines()[0] == "warehouse web of shop: no freight, because of db"
    assert text.count("127.0.0.1:1 does not answer") == 1
    assert "    nothing to take\n    not taken:\n       0.9.0  outside ^1" in text
    assert "    ! 127.0.0.1:1 does not answer" in text


def test_criteria_and_what_they_passed_over(
    there: There, checkout: Checkout, capsys: pytest.CaptureFixture[str]
) -> None:
    there.push("web", "1.4.0", "1.3.9")
    there.push("api", "1.3.9")
    root = checkout(
        there.pipeline("{image: HOST/acme/web}", "{image: HOST/acme/api}", more="    match: tag\n")
    )
    assert ", 1.3.9\n" in (text := said(capsys, str(root)))
    assert text.count("    >  1.3.9") == 2
    assert told(capsys, root)["passedOver"] in text


def test_what_a_directory_holds_is_told_with_its_names(
    there: There, checkout: Checkout, capsys: pytest.CaptureFixture[str]
) -> None:
    there.push("web", "1.4.0")
    there.push("api", "2.0.0")
    pins = f"images:\n- {{name: {there.host}/acme/web, newTag: 1.4.0}}\n"
    pins += f"- {{name: {there.host}/acme/api, newTag: 2.0.0}}\n"
    files = there.pipeline("{path: held}", "{path: nowhere}") | {"held/kustomization.yaml": pins}
    lines = said(capsys, str(checkout(files))).splitlines()
    assert lines[0] == "warehouse web of shop: no freight, because of nowhere"
    assert lines[1] == "  held: path held"
    assert [one.split()[:2] for one in lines[2:4]] == [
        [f"{there.host}/acme/api", "2.0.0"],
        [f"{there.host}/acme/web", "1.4.0"],
    ]
    assert lines[-1] == "    ! 'nowhere' is not there; create it, or mend 'path'"


def test_what_only_the_app_hears_of_is_said_to_be_as_old_as_the_last_fetch(
    there: There, checkout: Checkout, capsys: pytest.CaptureFixture[str]
) -> None:
    root = checkout(there.pipeline("{custom: model, name: llm}"))
    assert main(["discover", str(root)]) == 0
    said = capsys.readouterr()
    assert "nobody has posted a version of 'llm' yet" in said.out
    assert "read as last fetched from origin; 'git fetch' brings the rest" in said.err


def test_a_commit_is_told_once_behind_the_address_of_the_file(
    there: There, checkout: Checkout, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with git_world(tmp_path / "git") as served:
        oid = served.write().commit({"a": "1"})
        address = served.server.address("acme/config").removesuffix(".git")
        root = checkout(
            there.pipeline(
                f"{{git: '{address}', name: main}}", f"{{git: '{address}', branch: x, name: other}}"
            )
        )
        text = said(capsys, str(root))
    assert f"git newest-commit {address}\n" in text
    assert [line.count(oid[:7]) for line in text.splitlines() if oid[:7] in line] == [1]
    assert f"! {address} has no branch 'x'; mend 'branch'\n" in text


def test_freight_that_people_assemble_is_not_shown_as_if_it_were_there(
    there: There, checkout: Checkout, capsys: pytest.CaptureFixture[str]
) -> None:
    there.push("web", "1.0.0")
    root = checkout(there.pipeline("{image: HOST/acme/web}", more="    freight: manual\n"))
    lines = said(capsys, str(root)).splitlines()
    assert lines[0].startswith("warehouse web of shop: could be assembled of 1.0.0, ")
    assert lines[1:3] == [
        "  its freight is assembled by people: see towline freight --help",
        "  nothing has been assembled yet",
    ]


def test_a_young_version_says_until_when_it_waits(
    there: There, checkout: Checkout, capsys: pytest.CaptureFixture[str]
) -> None:
    now = datetime.now(UTC)
    there.push("web", "1.0.0")
    there.push("web", "1.1.0", created=now - timedelta(days=2))
    root = checkout(there.pipeline("{image: HOST/acme/web, minAge: 3d}"))
    until = f"{now + timedelta(days=1):%Y-%m-%dT%H:%M:%SZ}"
    text = said(capsys, str(root))
    assert ", 1.0.0\n" in text
    assert f"too young until {until}\n" in text
    (web,) = told(capsys, root)["subscriptions"]
    assert [one["readyAt"] for one in web["candidates"]] == [until, None]
    assert [one["chosen"] for one in web["candidates"]] == [False, True]


def test_what_is_not_committed_counts(
    there: There, checkout: Checkout, capsys: pytest.CaptureFixture[str]
) -> None:
    there.push("web", "1.0.0", "2.0.0")
    root = checkout(there.pipeline("{image: HOST/acme/web}"))
    text = (root / "towline.yaml").read_text()
    (root / "towline.yaml").write_text(text.replace("acme/web}", "acme/web, constraint: ^1}"))
    assert ", 1.0.0\n" in said(capsys, str(root))


def test_a_warehouse_that_is_not_there_is_refused_with_those_that_are(
    there: There, checkout: Checkout, capsys: pytest.CaptureFixture[str]
) -> None:
    root = checkout(there.pipeline("{image: HOST/acme/web}"))
    assert main(["discover", "--warehouse", "wbe", str(root)]) == 1
    assert capsys.readouterr().err == "there is no warehouse 'wbe' here; there are: shop/web\n"


def test_a_place_that_is_no_git_checkout_will_do(
    there: There, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    there.push("web", "1.0.0")
    folder = tmp_path / "plain"
    folder.mkdir()
    (folder / "towline.yaml").write_text(there.pipeline("{image: HOST/acme/web}")["towline.yaml"])
    assert ", 1.0.0\n" in said(capsys, str(folder))


def test_help_has_examples(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["discover", "--help"])
    assert "towline discover --warehouse web --all" in capsys.readouterr().out
