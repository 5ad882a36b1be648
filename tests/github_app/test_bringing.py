"""What plans ask for is read from commits or rendered, once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import pytest

from github_app.bringing import NeedReader, nobody_builds
from github_app.brought import Files, Found, Lacking, Need, Origin, ToBuild, ToRead
from github_app.ports import TreeEntry
from plugin.artifact import GitRepository
from plugin.errors import Refusal, Temporary
from tests.github_app.commits import Commits

SOURCES = ToRead("c", "prod", sources=True)
COPY = ToRead("c", "base", sources=False)
BUILD = ToBuild("prod", (("prod/a.yaml", "kind: A\n"),))


@dataclass(slots=True)
class Kinds(Commits):
    """Commits in which some files are links or may be executed; counts its listings."""

    links: set[str] = field(default_factory=set)
    programs: set[str] = field(default_factory=set)
    listed: int = 0

    def files(self, commit: str, under: str) -> list[TreeEntry]:
        self.listed += 1
        return [
            TreeEntry(one.path, one.oid, one.path not in self.links, one.path in self.programs)
            for one in Commits.files(self, commit, under)
        ]


@pytest.fixture
def objects() -> Kinds:
    """A commit with a stage on a base."""
    made = Kinds()
    files = {
        "prod/kustomization.yaml": "resources: [../base]\n",
        "base/kustomization.yaml": "resources: [a.yaml]\n",
        "base/a.yaml": "kind: A\n",
        "base/b.yaml": "kind: B\n",
    }
    made.add("c", [], **files)
    return made


def answer(objects: Commits, need: Need) -> Found:
    """The answer to one need, of a reader that knows nothing."""
    return NeedReader().found("acme/shop", objects, nobody_builds, [need])[need]


def reasons(found: Found) -> str:
    """Why there is nothing."""
    assert isinstance(found, Lacking)
    return "; ".join(found.reasons)


def test_sources_are_the_closure_and_a_copy_the_directory(objects: Kinds) -> None:
    sources, copy = answer(objects, SOURCES), answer(objects, COPY)
    assert isinstance(sources, Files)
    assert isinstance(copy, Files)
    assert set(sources.files) == {
        "base/a.yaml",
        "base/kustomization.yaml",
        "prod/kustomization.yaml",
    }
    assert set(copy.files) == {"base/a.yaml", "base/b.yaml", "base/kustomization.yaml"}


def test_links_programs_and_large_files_are_named_together(objects: Kinds) -> None:
    objects.links, objects.programs = {"base/a.yaml"}, {"base/b.yaml"}
    objects.too_large = {"resources: [a.yaml]\n"}
    said = reasons(answer(objects, COPY))
    assert "base/a.yaml: is a link or a submodule" in said
    assert "base/b.yaml: is executable" in said
    assert "base/kustomization.yaml: it is too large" in said


def test_what_is_not_there_is_said(objects: Kinds) -> None:
    assert "'gone' is not in commit c" in reasons(answer(objects, ToRead("c", "gone", False)))
    assert "not in the repository any more" in reasons(answer(objects, ToRead("d", "a", True)))


def test_a_commit_is_read_once_for_each_repository(objects: Kinds) -> None:
    reader = NeedReader()
    first = reader.found("acme/shop", objects, nobody_builds, [SOURCES])
    assert reader.found("acme/shop", objects, nobody_builds, [SOURCES]) == first
    assert objects.listed == 1
    other = Kinds()
    assert reasons(reader.found("evil/shop", other, nobody_builds, [SOURCES])[SOURCES])


def test_manifests_are_rendered_once_and_what_failed_is_tried_again(objects: Kinds) -> None:
    reader, built = NeedReader(), list[str]()

    def build(directory: str, files: Mapping[str, str]) -> bytes:
        built.append(directory)
        if len(built) == 1:
            raise Refusal(f"no memory for {sorted(files)}")
        return b"kind: A\nmetadata:\n  name: a\n"

    assert "no memory" in reasons(reader.found("a/b", objects, build, [BUILD])[BUILD])
    for _ in range(2):
        found = reader.found("a/b", objects, build, [BUILD])[BUILD]
        assert found == Files({"a_a.yaml": "kind: A\nmetadata:\n  name: a\n"})
    assert built == ["prod", "prod"]


def test_who_is_busy_is_asked_again_by_the_next_round(objects: Kinds) -> None:
    def busy(directory: str, files: Mapping[str, str]) -> bytes:
        raise Temporary(f"{directory} waits with {len(files)}")

    with pytest.raises(Temporary):
        NeedReader().found("a/b", objects, busy, [BUILD])


def test_where_nothing_renders_that_is_the_reason(objects: Kinds) -> None:
    assert "nothing renders here" in reasons(answer(objects, BUILD))


@pytest.mark.parametrize(
    ("url", "same"),
    [
        ("https://github.com/acme/shop", True),
        ("git@github.com:ACME/Shop.git", True),
        ("https://github.com/acme/other", False),
        ("https://ghe.example.com/acme/shop", False),
    ],
)
def test_the_repository_itself_is_known_by_any_address(url: str, same: bool) -> None:
    origin = Origin.of("https://github.com/acme/shop", "c")
    assert origin.is_same(GitRepository.parse(url)) is same


def test_a_checkout_is_nobodys_repository() -> None:
    origin = Origin.of("", "c")
    assert origin == Origin(None, "c")
    assert not origin.is_same(GitRepository.parse("acme/shop"))
