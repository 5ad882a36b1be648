"""What a promotion writes and takes away where a stage's files come from elsewhere."""

from __future__ import annotations

import hashlib
import subprocess
from collections.abc import Mapping
from pathlib import Path

import pytest

from plugin.artifact import Image, Repository
from plugin.bringing import Standing, blob_of, brought, readable, with_records
from plugin.brought_list import list_path, write_list
from plugin.freight import Freight
from plugin.pins.pin import UpToDate
from plugin.pipeline import Warehouse
from plugin.promotion import Changes, Refused
from plugin.record import Record
from plugin.stage_policy import Write
from plugin.subscriptions import ImageSubscription

STAGE = "stages/prod"
LIST = list_path(STAGE)
RECORD = f"{STAGE}/.freight/web.yaml"
WEB, API = Repository("ghcr.io", "acme/web"), Repository("ghcr.io", "acme/api")
NOTHING_MORE = Changes({}, ())


def standing(files: Mapping[str, str], listed: tuple[str, ...] | None = None) -> Standing:
    """A branch of these files, of which the `listed` were brought."""
    text = write_list(listed) if listed is not None else None
    if text is not None:
        files = {**files, LIST: text}
    empty = Standing(STAGE, {})
    return Standing(STAGE, {path: blob_of(one, empty) for path, one in files.items()}, text)


def done(standing: Standing, files: Mapping[str, str], made: Changes | UpToDate) -> Changes:
    """What changes, which something does."""
    found = brought(standing, files, made)
    assert isinstance(found, Changes)
    return found


@pytest.mark.parametrize("form", ["sha1", "sha256"])
def test_ids_of_blobs_are_those_of_git(tmp_path: Path, form: str) -> None:
    def git(*arguments: str) -> str:
        ran = subprocess.run(
            ["git", "-C", tmp_path, *arguments], check=True, capture_output=True, text=True
        )
        return ran.stdout.strip()

    git("init", "--quiet", f"--object-format={form}")
    (tmp_path / "file").write_bytes(b"\xff caf\xc3\xa9\n")
    there = Standing(STAGE, {"file": git("hash-object", "file")})
    assert blob_of("\udcff café\n", there) == there.blobs["file"]


def test_only_what_differs_is_written_and_only_what_was_brought_goes() -> None:
    there = standing({"same": "1", "old": "1", "gone": "1", "theirs": "1"}, ("same", "old", "gone"))
    found = done(there, {"same": "1", "old": "2", "new": "3"}, UpToDate())
    assert found.all_files == {
        "old": "2",
        "new": "3",
        "gone": None,
        LIST: write_list(["same", "old", "new"]),
    }


def test_where_all_is_as_it_should_be_nothing_is_done() -> None:
    assert brought(standing({"a": "1", "b": "1"}, ("a",)), {"a": "1"}, UpToDate()) == UpToDate()


def test_a_record_comes_along_and_never_goes() -> None:
    there = standing({"a": "1", RECORD: "old"}, ("a", RECORD))
    found = done(there, {"a": "1"}, Changes({RECORD: "new"}, ()))
    assert found.all_files == {RECORD: "new", LIST: write_list(["a"])}
    assert done(there, {"a": "1"}, UpToDate()).removed == ()


def test_a_file_in_the_list_that_is_not_there_cannot_go() -> None:
    assert done(standing({}, ("never",)), {"a": "1"}, NOTHING_MORE).removed == ()


def test_a_broken_list_keeps_everything() -> None:
    there = Standing(STAGE, {}, "nonsense")
    found = brought(there, {"a": "1"}, UpToDate())
    assert isinstance(found, Refused)
    assert "restore it from Git" in found.reasons[0]


def test_more_than_github_takes_at_once_is_refused() -> None:
    found = brought(standing({}), {"a": "x" * 25_000_001}, UpToDate())
    assert isinstance(found, Refused)
    assert "make its files smaller" in found.reasons[0]


def freight(repository: Repository, name: str, tag: str) -> Freight:
    """Freight of one image."""
    digest = f"sha256:{hashlib.sha256(tag.encode()).hexdigest()}"
    return Freight(name, (Image(repository, tag, digest),))


def test_new_files_get_the_versions_of_all_records() -> None:
    text = "images:\n" + "".join(
        f"- {{name: {one}, newName: ghcr.io/acme/{one}, newTag: '0.1'}}\n" for one in ("web", "api")
    )
    files = {f"{STAGE}/kustomization.yaml": text, f"{STAGE}/logo.yaml": "\udcff"}
    held = [
        (
            Record(freight(repository, name, tag), "acme/shop", "h"),
            Warehouse(name, (ImageSubscription(name, repository),)),
        )
        for name, repository, tag in (("web", WEB, "1.0.0"), ("api", API, "2.0.0"))
    ]
    found = with_records(STAGE, files, held)
    said = found[f"{STAGE}/kustomization.yaml"]
    assert said.count("newTag: '1.0.0'") == said.count("newTag: '2.0.0'") == 1
    assert found[f"{STAGE}/logo.yaml"] == "\udcff"


def test_a_record_that_is_applied_leaves_files_alone() -> None:
    files = {f"{STAGE}/kustomization.yaml": "images: [{name: ghcr.io/acme/web, newTag: '0'}]\n"}
    record = Record(freight(WEB, "web", "1.0.0"), "acme/shop", "h", write=Write.RECORD)
    warehouse = Warehouse("web", (ImageSubscription("web", WEB),))
    assert with_records(STAGE, files, [(record, warehouse)]) == files


def test_text_is_told_from_bytes() -> None:
    assert readable({"a": "é", "b": "\udcff"}) == {"a": "é"}
