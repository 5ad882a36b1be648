"""What `towline plan` says of a checkout."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from github_app.cli import main
from github_app.sandbox.images import Pusher, image
from github_app.sandbox.registry import registry
from plugin.artifact import Image, Repository
from plugin.freight import Freight
from plugin.record import Record, write_record
from plugin.stage_policy import Write
from tests.console.conftest import SHOP, Checkout, git
from tests.story.disks import FEDORA, STATEFUL
from tests.story.registries import key_pair
from tests.story.world import FILES, REPOSITORY, told


def test_what_would_be_promoted_and_what_waits(
    checkout: Checkout,
    registry_binary: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    with registry(registry_binary, tmp_path / "registry") as running:
        digest = Pusher(running.url).push_image("acme/web", "1.0.0", image({"a": b"1"}))
        root = checkout(SHOP, f"{running.host}/acme/web")
        assert main(["plan", str(root)]) == 0
        text = capsys.readouterr().out
        assert main(["plan", "--json", str(root)]) == 0
        tree = json.loads(capsys.readouterr().out)
    assert "warehouse web: newest 1.0.0" in text
    assert "dev/web: would promote 1.0.0" in text
    assert f"0.9.0 -> 1.0.0@{digest}" in text
    assert "staging/web: waits:" in text
    assert "has not reached dev" in text
    assert [one["decision"] for one in tree["lines"]] == ["Promote", "Waiting", "Waiting"]
    assert tree["lines"][1]["waitsFor"]["until"] is None
    assert tree["warehouses"] == [
        {
            "project": "shop",
            "warehouse": "web",
            "freight": tree["lines"][0]["freight"],
            "version": "1.0.0",
            "problem": None,
            "waits": {},
        }
    ]


def test_gates_that_are_shut_are_told(
    checkout: Checkout,
    registry_binary: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    window = "windows: [{deny: FREQ=DAILY, for: 1d, zone: UTC}], reviews: 2"
    pipeline = SHOP["towline.yaml"].replace("merge: auto, verify: none", window)
    with registry(registry_binary, tmp_path / "registry") as running:
        Pusher(running.url).push_image("acme/web", "1.0.0", image({"a": b"1"}))
        root = checkout(SHOP | {"towline.yaml": pipeline}, f"{running.host}/acme/web")
        assert main(["plan", str(root)]) == 0
        text = capsys.readouterr().out
        assert main(["plan", "--json", str(root)]) == 0
        tree = json.loads(capsys.readouterr().out)
    assert "dev/web: would promote 1.0.0" in text
    assert "gate window: closed by deny FREQ=DAILY; it opens no more" in text
    assert "gate reviews: 0 of 2 approvals" in text
    assert list(tree["lines"][0]["gates"]) == ["window", "reviews"]


def test_a_registry_that_is_away_is_said_and_is_no_failure(
    checkout: Checkout, capsys: pytest.CaptureFixture[str]
) -> None:
    root = checkout(SHOP, "127.0.0.1:1/acme/web")
    assert main(["plan", str(root)]) == 0
    assert "127.0.0.1:1 does not answer" in capsys.readouterr().out
    assert main(["plan", "--json", str(root)]) == 0
    (offered,) = json.loads(capsys.readouterr().out)["warehouses"]
    assert offered["freight"] is None
    assert "127.0.0.1:1 does not answer" in offered["problem"]


def test_a_broken_pipeline_file_is_told_and_fails(
    checkout: Checkout, capsys: pytest.CaptureFixture[str]
) -> None:
    root = checkout(SHOP | {"towline.yaml": "project: [\n"})
    assert main(["plan", str(root)]) == 1
    assert "towline.yaml:" in capsys.readouterr().out


def test_a_folder_that_is_no_checkout_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["plan", str(tmp_path)]) == 1
    assert "is not a Git checkout" in capsys.readouterr().err


def test_a_detached_head_is_refused(checkout: Checkout, capsys: pytest.CaptureFixture[str]) -> None:
    root = checkout()
    git(root, "checkout", "--quiet", "--detach")
    assert main(["plan", str(root)]) == 1
    assert "is on no branch" in capsys.readouterr().err


def test_a_repository_on_github_is_seen_with_the_apps_eyes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    files = {name: text.replace("ghcr.io/", "127.0.0.1:1/") for name, text in FILES.items()}
    with told(tmp_path, files) as story:
        story.clock.now = datetime.now(UTC)  # the command reads the real clock
        monkeypatch.setenv("TOWLINE_APP_ID", str(story.stand_in.apps()[0].id))
        monkeypatch.setenv("TOWLINE_PRIVATE_KEY", key_pair()[0])
        monkeypatch.setenv("TOWLINE_WEBHOOK_SECRET", "the secret of the hook")
        monkeypatch.setenv("TOWLINE_GITHUB_URL", story.stand_in.url)
        branches = story.stand_in.branches(REPOSITORY)
        assert main(["plan", "--repository", REPOSITORY]) == 0
        assert main(["plan", "--repository", "acme/elsewhere"]) == 1
        assert story.stand_in.branches(REPOSITORY) == branches
    said = capsys.readouterr()
    assert "acme/shop at " in said.out
    assert "127.0.0.1:1 does not answer" in said.out
    assert "the App is not installed there" in said.err


def test_what_is_not_committed_is_said(
    checkout: Checkout, capsys: pytest.CaptureFixture[str]
) -> None:
    root = checkout(SHOP, "127.0.0.1:1/acme/web")
    (root / "towline.yaml").write_text("")
    assert main(["plan", str(root)]) == 0
    assert "not committed are not looked at: towline.yaml" in capsys.readouterr().err


def test_branches_that_only_the_origin_has_count(
    checkout: Checkout, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    pipeline = SHOP["towline.yaml"].replace("path: stages/dev", "branch: dev")
    root = checkout(SHOP | {"towline.yaml": pipeline}, "127.0.0.1:1/acme/web")
    git(root, "branch", "dev")
    git(tmp_path, "clone", "--quiet", str(root), "clone")
    assert main(["plan", str(tmp_path / "clone")]) == 0
    assert "does not exist" not in capsys.readouterr().out


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ("", "dev/web: would promote 1.0.0"),
        (", render: true", "dev/web: waits for its manifests to be rendered"),
    ],
)
def test_a_branch_made_from_sources_is_planned_with_them(
    checkout: Checkout,
    registry_binary: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    more: str,
    said: str,
) -> None:
    place = "path: stages/dev"
    pipeline = SHOP["towline.yaml"].replace(place, f"{place}, branch: env/dev{more}")
    with registry(registry_binary, tmp_path / "registry") as running:
        Pusher(running.url).push_image("acme/web", "1.0.0", image({"a": b"1"}))
        root = checkout(SHOP | {"towline.yaml": pipeline}, f"{running.host}/acme/web")
        git(root, "branch", "env/dev")
        assert main(["plan", str(root)]) == 0
    assert said in capsys.readouterr().out


def test_a_place_that_is_not_there_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["plan", "/nowhere"]) == 1
    assert capsys.readouterr().err == "/nowhere: there is no such file or directory\n"


def test_a_record_goes_from_a_version_to_another_and_its_disks_wait_for_consent(
    checkout: Checkout,
    registry_binary: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    with registry(registry_binary, tmp_path / "registry") as running:
        pusher, image_name = Pusher(running.url), f"{running.host}/vm/fedora"
        old, new = (
            pusher.push_image("vm/fedora", tag, image({"a": tag.encode()}))
            for tag in ("1.0.0", "1.1.0")
        )
        held = Image(Repository.parse(image_name), "1.0.0", old)
        record = Record(
            Freight("vm", (held,)), "acme/shop", "towline/shop/prod/vm", write=Write.RECORD
        )
        files = {
            f"vmbase/{name}": text.replace(FEDORA, image_name) for name, text in STATEFUL.items()
        }
        root = checkout(
            files
            | {
                "towline.yaml": (
                    f"project: shop\nwarehouses: {{vm: [{{image: '{image_name}'}}]}}\n"
                    "stages: {prod: {warehouses: [vm], path: stages/prod, write: record}}\n"
                ),
                "stages/prod/kustomization.yaml": "resources: [../../vmbase]\n",
                "stages/prod/.freight/vm.yaml": write_record(record),
            }
        )
        assert main(["plan", str(root)]) == 0
        text = capsys.readouterr().out
        assert main(["plan", "--json", str(root)]) == 0
        (line,) = json.loads(capsys.readouterr().out)["lines"]
    path = "stages/prod/.freight/vm.yaml"
    assert f"      {path}: {image_name} 1.0.0@{old} -> 1.1.0@{new}\n" in text
    assert f"disk root goes from web-root-{old[7:19]} to web-root-{new[7:19]} (imported; " in text
    assert "      waits for consent: vm web would start with a fresh disk of " in text
    assert ["vm web would start" in one for one in line["consents"]] == [True]
