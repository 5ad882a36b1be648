"""What a promotion does to the manifests, with real Git and real kustomize."""

from __future__ import annotations

import hashlib
import itertools
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

from github_app.cli import main
from github_app.difference.values import (
    Counts,
    Rendered,
    Rendering,
    ToRender,
    Unrendered,
    Why,
)
from github_app.github.calls import CallCounter
from github_app.github.mirror import Mirrors
from github_app.rendered.renders import Renders
from github_app.rendered.work_trees import WorkTrees
from github_app.rounds import Place
from plugin.artifact import Image, Repository
from plugin.errors import Refusal, Temporary
from plugin.freight import Freight
from plugin.record import Record, write_record
from plugin.sidecar.calls import generate
from plugin.stage_policy import Write
from tests.github.git_server import git
from tests.story.registries import digest

PLACE = Place(1, "acme/shop", 7, "main")
IMAGE = Repository.parse("ghcr.io/acme/web")
DEPLOYMENT = """\
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
spec:
  template:
    spec:
      containers:
      - image: ghcr.io/acme/web
        name: web
"""
KUSTOMIZATION = """\
resources: [../../base]
images:
- name: ghcr.io/acme/web
  newTag: 1.0.0
"""
PIPELINE = """\
project: shop
warehouses:
  web:
    - image: ghcr.io/acme/web
stages:
  dev:  {warehouses: [web], path: stages/dev}
  prod: {after: [dev], path: stages/prod}
"""
FILES = {
    "towline.yaml": PIPELINE,
    "base/kustomization.yaml": "resources: [deployment.yaml]\n",
    "base/deployment.yaml": DEPLOYMENT,
    "stages/dev/kustomization.yaml": KUSTOMIZATION,
    "stages/prod/kustomization.yaml": KUSTOMIZATION,
}
DEV = "stages/dev/kustomization.yaml"


@dataclass
class Bench:
    """A mirror that is written into directly, and renders on it with a clock by hand."""

    bare: Path
    renders: Renders
    environ: dict[str, str]
    now: list[float]

    def commit(self, files: Mapping[str, str]) -> str:
        index = {"GIT_INDEX_FILE": str(self.bare / "test-index")}
        Path(index["GIT_INDEX_FILE"]).unlink(missing_ok=True)
        blobs = {
            path: git(self.bare, "hash-object", "-w", "--stdin", data=text.encode())
            for path, text in files.items()
        }
        lines = "".join(f"100644 {oid}\t{path}\0" for path, oid in blobs.items())
        git(self.bare, "update-index", "-z", "--index-info", data=lines.encode(), more=index)
        tree = git(self.bare, "write-tree", more=index)
        return git(self.bare, "commit-tree", tree, "-m", "Say something", at=1_700_000_000)

    def one(
        self, base: str, files: Mapping[str, str | None], directory: str = "stages/dev"
    ) -> Rendering:
        wanted = ToRender("dev", base, directory, files)
        return self.renders.rendered(PLACE, [wanted])[wanted.key]

    def remembers(self, base: str, files: Mapping[str, str | None]) -> bool:
        """Whether the answer costs no render."""
        patience, self.renders.patience = self.renders.patience, 0
        try:
            return self.one(base, files) != Unrendered(Why.LATER)
        finally:
            self.renders.patience = patience


@pytest.fixture
def bench(tmp_path: Path, kustomize: Path) -> Iterator[Bench]:
    bare = tmp_path / "mirrors" / "7.git"
    bare.mkdir(parents=True)
    git(bare, "init", "--quiet", "--bare")
    environ = {"PATH": os.environ["PATH"], "TOWLINE_KUSTOMIZE": str(kustomize)}
    mirrors = Mirrors(tmp_path / "mirrors", CallCounter(), environ)
    now = [0.0]
    trees = WorkTrees(tmp_path / "trees", mirrors.of)
    yield Bench(bare, Renders(mirrors.of, trees, environ, lambda: now[0]), environ, now)
    mirrors.close()


def bumped(tag: str) -> dict[str, str | None]:
    """A promotion of the image in dev."""
    return {DEV: KUSTOMIZATION.replace("1.0.0", tag)}


def on_disk(files: Mapping[str, str | None], place: Path) -> Path:
    """A checkout of these files."""
    for path, text in files.items():
        file = place / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text or "", encoding="utf-8")
    (place / ".git").mkdir()
    return place


def test_an_image_restarts_its_pods(bench: Bench) -> None:
    found = bench.one(bench.commit(FILES), bumped("1.0.1"))
    assert isinstance(found, Rendered)
    assert found.counts == Counts(changed=1, restarts=1)
    assert "+      - image: ghcr.io/acme/web:1.0.1" in found.resources[0].text


@pytest.mark.parametrize("write", Write)
def test_the_sums_are_what_towline_render_and_the_sidecar_give(
    bench: Bench,
    tmp_path: Path,
    write: Write,
    monkeypatch: pytest.MonkeyPatch,
    capfdbinary: pytest.CaptureFixture[bytes],
) -> None:
    monkeypatch.setenv("TOWLINE_KUSTOMIZE", bench.environ["TOWLINE_KUSTOMIZE"])
    freight = Freight("web", (Image(IMAGE, "1.0.1", digest(1)),))
    record = write_record(Record(freight, "acme/shop", "towline/shop/dev/web", None, write))
    files = {**bumped("1.0.1"), "stages/dev/.freight/web.yaml": record}
    found = bench.one(bench.commit(FILES), files)
    assert isinstance(found, Rendered)
    for at, sha256 in ((FILES, found.base_sha256), ({**FILES, **files}, found.sha256)):
        checkout = on_disk(at, tmp_path / sha256)
        assert main(["render", "dev", "--path", str(checkout)]) == 0
        assert hashlib.sha256(capfdbinary.readouterr().out).hexdigest() == sha256
        environ = {**bench.environ, "ARGOCD_APP_SOURCE_PATH": "stages/dev"}
        generated = generate(environ, str(checkout / "stages/dev"), lambda: 0.0)
        assert hashlib.sha256(generated).hexdigest() == sha256


def test_what_fails_with_the_promotion_alone_is_told_in_kustomizes_words(bench: Bench) -> None:
    broken = {DEV: KUSTOMIZATION.replace("../../base", "../../none")}
    found = bench.one(bench.commit(FILES), broken)
    assert isinstance(found, Unrendered)
    assert found.why is Why.FAILED
    assert "none" in found.words
    assert str(bench.bare.parent.parent) not in found.words


def test_what_fails_before_too_is_not_the_promotions_fault(bench: Bench) -> None:
    broken = {**FILES, "base/deployment.yaml": "kind: [\n"}
    found = bench.one(bench.commit(broken), bumped("1.0.1"))
    assert isinstance(found, Unrendered)
    assert found.why is Why.BOTH


def test_a_promotion_that_mends_the_stage_adds_everything(bench: Bench) -> None:
    broken = {**FILES, DEV: KUSTOMIZATION.replace("../../base", "../../none")}
    found = bench.one(bench.commit(broken), bumped("1.0.1"))
    assert isinstance(found, Rendered)
    assert found.counts == Counts(added=1)
    assert "none" in found.base_fails


def test_without_kustomize_it_says_so(bench: Bench) -> None:
    bench.environ["TOWLINE_KUSTOMIZE"] = "/nonexistent/kustomize"
    found = bench.one(bench.commit(FILES), bumped("1.0.1"))
    assert isinstance(found, Unrendered)
    assert found.why is Why.UNABLE
    assert "TOWLINE_KUSTOMIZE" in found.words


def test_a_directory_of_plain_manifests(bench: Bench) -> None:
    base = bench.commit({"live/web.yaml": DEPLOYMENT})
    files = {
        "live/web.yaml": DEPLOYMENT.replace("web\n", "web:2\n", 1),
        "live/more.yaml": DEPLOYMENT,
    }
    found = bench.one(base, files, "live")
    assert isinstance(found, Rendered)
    assert found.unchanged + found.counts.changed + found.counts.added == 2


def test_a_stage_that_is_not_there_yet_is_all_new(bench: Bench) -> None:
    base = bench.commit({"README.md": "x"})
    found = bench.one(base, dict(FILES))
    assert isinstance(found, Rendered)
    assert found.counts == Counts(added=1)
    assert found.base_fails == ""
    assert bench.remembers(bench.commit({"README.md": "y"}), dict(FILES))
    assert not bench.remembers(bench.commit({"stages/dev/x": "y"}), dict(FILES))


def test_the_same_promotion_is_rendered_once(bench: Bench) -> None:
    base = bench.commit(FILES)
    assert not bench.remembers(base, bumped("1.0.1"))
    first = bench.one(base, bumped("1.0.1"))
    assert bench.remembers(base, bumped("1.0.1"))
    assert bench.one(base, bumped("1.0.1")) is first
    assert not bench.remembers(base, bumped("1.0.2"))


def test_a_commit_elsewhere_costs_no_render(bench: Bench) -> None:
    bench.one(bench.commit(FILES), bumped("1.0.1"))
    elsewhere = bench.commit({**FILES, "stages/prod/kustomization.yaml": "x", "new": "file"})
    assert bench.remembers(elsewhere, bumped("1.0.1"))


@pytest.mark.parametrize(
    "change",
    [
        {"base/deployment.yaml": DEPLOYMENT.replace("name: web", "name: shop")},
        {"base/kustomization.yaml": "namePrefix: x-\nresources: [deployment.yaml]\n"},
        {"stages/dev/.freight/web.yaml": "x"},
        {".gitattributes": "* text eol=crlf\n"},
        {"base/kustomization.yml": "resources: []\n"},
    ],
    ids=lambda change: next(iter(change)),
)
def test_a_commit_to_what_the_render_reads_is_rendered_anew(
    bench: Bench, change: dict[str, str]
) -> None:
    bench.one(bench.commit(FILES), bumped("1.0.1"))
    assert not bench.remembers(bench.commit({**FILES, **change}), bumped("1.0.1"))


def test_what_failed_is_tried_again_after_a_while(bench: Bench) -> None:
    base = bench.commit(FILES)
    broken: dict[str, str | None] = {DEV: "resources: [none]\n"}
    bench.one(base, broken)
    assert bench.remembers(base, broken)
    bench.now[0] += 601
    assert not bench.remembers(base, broken)


def test_a_round_begins_no_render_after_its_time(bench: Bench) -> None:
    ticks = itertools.count(step=11.0)
    bench.renders.clock = lambda: next(ticks)
    base = bench.commit(FILES)
    wanted = [ToRender("dev", base, "stages/dev", bumped(f"1.0.{n}")) for n in range(5)]
    found = bench.renders.rendered(PLACE, wanted)
    states = [isinstance(found[one.key], Rendered) for one in wanted]
    assert set(found) == {one.key for one in wanted}
    assert True in states
    assert found[wanted[-1].key] == Unrendered(Why.LATER)
    bench.renders.clock = lambda: 0.0
    again = bench.renders.rendered(PLACE, wanted)
    assert all(isinstance(one, Rendered) for one in again.values())


def test_a_commit_that_was_not_fetched_is_for_later(bench: Bench) -> None:
    with pytest.raises(Temporary):
        bench.one("1" * 40, bumped("1.0.1"))


def test_files_that_are_no_text_are_laid_over_to_the_byte(bench: Bench) -> None:
    generated = KUSTOMIZATION + "configMapGenerator:\n- name: logo\n  files: [logo.png]\n"
    logo = b"\xff\x00\xfe".decode("utf-8", "surrogateescape")
    found = bench.one(bench.commit(FILES), {DEV: generated, "stages/dev/logo.png": logo})
    assert isinstance(found, Rendered)
    assert "+  logo.png: /wD+" in "".join(one.text for one in found.resources)


def test_a_link_out_of_the_repository_is_never_read(bench: Bench, tmp_path: Path) -> None:
    (tmp_path / "secret.yaml").write_text("kind: Stolen\n", encoding="utf-8")
    files: dict[str, str | None] = {DEV: "resources: [../../../../secret.yaml]\n"}
    found = bench.one(bench.commit(FILES), files)
    assert isinstance(found, Unrendered)
    assert "Stolen" not in found.words


def test_manifests_alone(bench: Bench) -> None:
    bench.commit({"stages/dev/other.yaml": "x"})
    made = bench.renders.manifests(PLACE, "stages/dev", FILES)
    assert b"ghcr.io/acme/web:1.0.0" in made
    with pytest.raises(Refusal, match="none"):
        bench.renders.manifests(PLACE, "stages/none", FILES)


def test_one_repository_after_another_and_the_oldest_goes(bench: Bench, tmp_path: Path) -> None:
    trees = WorkTrees(tmp_path / "others", bench.renders.mirror)
    for number in range(1, 20):
        trees.of(number).files.mkdir(parents=True)
    assert len(list((tmp_path / "others").iterdir())) == 16
    WorkTrees(tmp_path / "others", bench.renders.mirror)
    assert not (tmp_path / "others").exists()
