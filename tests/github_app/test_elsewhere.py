"""What stages take in from outside of their directories, found anew only where it changed."""

from __future__ import annotations

from dataclasses import replace

import pytest

from github_app.lines import LineReader
from github_app.stage_texts import Directory, StageTexts, TextReader
from plugin import bases
from plugin.holding import Unreadable
from plugin.pipeline import InDirectory
from plugin.stage_policy import Write
from tests.github_app.test_lines import facts
from tests.github_app.test_lines import project as staged
from tests.github_app.test_stage_texts import Watched, project

BASE = "kind: Kustomization\nresources: [vm.yaml, ../shared]\n"
FILES = {
    "prod/kustomization.yaml": "resources: [inner]\n",
    "prod/inner/kustomization.yaml": "resources: [../../base]\n",
    "base/kustomization.yaml": BASE,
    "base/vm.yaml": "apiVersion: kubevirt.io/v1\n",
    "base/unused.yaml": "never: read\n",
    "shared/kustomization.yml": "resources: [gone.yaml]\n",
    "other/kustomization.yaml": "other: 1\n",
}
BUILT = ["base/kustomization.yaml", "base/vm.yaml", "shared/kustomization.yml"]
INNER = "prod/inner/kustomization.yaml"


def commit(**changed: str | None) -> Watched:
    files = FILES | {path.replace("__", "/"): text for path, text in changed.items()}
    objects = Watched()
    objects.add("c", [], **{path: text for path, text in files.items() if text is not None})
    return objects


def look(objects: Watched, reader: TextReader, write: Write = Write.RECORD) -> StageTexts:
    trees = objects.directories("c", ["", "prod"])
    place = Directory("prod", trees["prod"], ("web",), write=write)
    return reader.read(project("web"), objects, [place], trees[""])[place]


def test_a_record_is_read_with_all_that_the_stage_is_built_with() -> None:
    said = look(commit(), TextReader())
    assert sorted(said.texts) == sorted([*BUILT, INNER, "prod/kustomization.yaml"])


def test_pins_outside_of_the_directory_are_nobodys() -> None:
    objects = commit()
    said = look(objects, TextReader(), Write.PINS)
    assert list(said.texts) == ["prod/kustomization.yaml"]
    assert FILES["base/vm.yaml"] not in objects.read


def test_a_commit_elsewhere_reads_nothing_again() -> None:
    reader = TextReader()
    first = look(commit(), reader)
    later = commit(**{"other/kustomization.yaml": "other: 2\n"})
    assert look(later, reader) == first
    assert later.read == []


@pytest.mark.parametrize(
    ("path", "text", "then"),
    [
        ("base/vm.yaml", "kind: VirtualMachine # kubevirt.io\n", BUILT),
        ("base/vm.yaml", None, [BUILT[0], BUILT[2]]),
        ("shared/gone.yaml", "back: again\n", [*BUILT, "shared/gone.yaml"]),
        ("base/kustomization.yaml", "resources: [vm.yaml]\n", BUILT[:2]),
        # Another name of a kustomization is asked for before it.
        ("shared/kustomization.yaml", "a: 1\n", [*BUILT[:2], "shared/kustomization.yaml"]),
    ],
)
def test_whatever_decides_is_seen_when_it_changes(
    path: str, text: str | None, then: list[str]
) -> None:
    reader = TextReader()
    look(commit(), reader)
    later = commit(**{path: text})
    said = look(later, reader)
    assert sorted(set(said.texts) - {INNER, "prod/kustomization.yaml"}) == sorted(then)
    assert said == look(later, TextReader())
    assert all(said.texts[one] == (FILES | {path: text})[one] for one in said.texts)


def test_what_is_no_text_is_passed_over() -> None:
    assert (
        "base/vm.yaml" not in look(commit(**{"base/vm.yaml": "caf\xe9: web\n"}), TextReader()).texts
    )
    objects = commit()
    objects.too_large = {FILES["base/vm.yaml"]}
    assert "base/vm.yaml" not in look(objects, TextReader()).texts


def test_a_stage_of_too_many_files_stops_its_lines(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bases, "_MAX_FILES", 2)
    reason = "prod: is built of more than 2 files elsewhere"
    assert look(commit(), TextReader()).holdings == {"web": Unreadable((reason,))}


def test_the_reader_of_lines_gives_them_the_files_elsewhere() -> None:
    told = staged(prod=InDirectory("prod"))
    told = replace(told, stages=tuple(replace(one, write=Write.RECORD) for one in told.stages))
    line = LineReader().lines(told, commit(), facts(main="c"))["prod", "web"]
    assert "base/vm.yaml" in line.files
