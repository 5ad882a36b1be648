"""Only what bears on a stage's lines is read, once, and remembered by its tree."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from github_app.stage_texts import Directory, StageTexts, TextReader
from plugin.artifact import Repository
from plugin.holding import Adopted, Empty, Holding, Unreadable
from plugin.pipeline import ExplicitPin, Project, Warehouse
from plugin.stage_policy import Write
from plugin.subscriptions import ImageSubscription
from tests.github_app.commits import Commits

KUSTOMIZATION = "kind: Kustomization\nimages:\n- {name: ghcr.io/acme/web, newTag: 1.0.0}\n"


@dataclass(slots=True)
class Watched(Commits):
    """Commits that note what is read of them; a text with `caf` in it is Latin-1."""

    read: list[str] = field(default_factory=list)

    def blobs(self, oids: Iterable[str]) -> Mapping[str, bytes]:
        wanted = list(oids)
        self.read += wanted
        found = {one: one.encode("latin-1" if "caf" in one else "utf-8") for one in wanted}
        return {one: raw for one, raw in found.items() if one not in self.too_large}


def project(*names: str) -> Project:
    warehouses = tuple(
        Warehouse(name, (ImageSubscription(name, Repository("ghcr.io", f"acme/{name}")),))
        for name in names
    )
    return Project("shop", "towline.yaml", warehouses, ())


def look(
    objects: Watched,
    reader: TextReader | None = None,
    paths: Sequence[str] = ("dev",),
    names: Sequence[str] = ("web",),
) -> list[StageTexts]:
    trees = objects.directories("c", paths)
    directories = [Directory(path, trees[path], tuple(names)) for path in paths]
    found = (reader or TextReader()).read(project(*names), objects, directories)
    return [found[one] for one in directories]


def held(objects: Watched, *names: str) -> Sequence[Holding]:
    (said,) = look(objects, names=names)
    return [said.holdings[name] for name in names]


def test_only_files_that_mention_something_are_read() -> None:
    objects = Watched()
    objects.add(
        "c",
        [],
        **{
            "dev/kustomization.yaml": "kind: Kustomization\n",
            "dev/web.yaml": "image: ghcr.io/acme/web:1.0.0\n",
            "dev/vm.yaml": "dataVolume: {name: web-root}\n",
            "dev/other.yaml": "image: ghcr.io/acme/api:1.0.0\n",
            "dev/web.txt": "ghcr.io/acme/web",
            "dev/.freight/web.yaml": "broken",
            "dev/.freight/api.yaml": "another's",
            "dev/deep/kustomization.yaml": "kind: Kustomization # deep\n",
            "prod/web.yaml": "image: ghcr.io/acme/web:2.0.0\n",
        },
    )
    (said,) = look(objects)
    assert sorted(said.texts) == [
        "dev/.freight/web.yaml",
        "dev/kustomization.yaml",
        "dev/vm.yaml",
        "dev/web.yaml",
    ]
    assert sorted(objects.read) == sorted(said.texts.values())


def test_with_a_machine_every_kustomization_that_leads_to_it_is_read() -> None:
    objects = Watched()
    objects.add(
        "c",
        [],
        **{
            "dev/kustomization.yaml": "resources: [base]\ncommonAnnotations: {a: b}\n",
            "dev/base/kustomization.yaml": "resources: [vm.yaml]\n",
            "dev/base/vm.yaml": "apiVersion: kubevirt.io/v1\n",
            "dev/notes.yaml": "nothing of it\n",
        },
    )
    (said,) = look(objects)
    assert sorted(said.texts) == [
        "dev/base/kustomization.yaml",
        "dev/base/vm.yaml",
        "dev/kustomization.yaml",
    ]


def test_a_tree_is_read_once_for_all_looks_and_stages() -> None:
    objects, reader = Watched(), TextReader()
    objects.add(
        "c", [], **{f"{stage}/kustomization.yaml": KUSTOMIZATION for stage in ("dev", "qa")}
    )
    dev, qa = look(objects, reader, ("dev", "qa"))
    assert objects.read == [KUSTOMIZATION]
    assert list(dev.texts) == ["dev/kustomization.yaml"]
    assert list(qa.texts) == ["qa/kustomization.yaml"]
    objects.add("c", [], **{"dev/kustomization.yaml": KUSTOMIZATION, "prod/a.yaml": "web"})
    assert look(objects, reader)[0] is dev
    assert objects.read == [KUSTOMIZATION]


def test_other_files_or_other_warehouses_are_another_look() -> None:
    objects, reader = Watched(), TextReader()
    objects.add("c", [], **{"dev/kustomization.yaml": KUSTOMIZATION})
    look(objects, reader)
    (said,) = look(objects, reader, names=("web", "api"))
    assert isinstance(said.holdings["web"], Adopted)
    assert said.holdings["api"] == Empty()
    objects.add("c", [], **{"dev/kustomization.yaml": KUSTOMIZATION.replace("1.0.0", "2.0.0")})
    (said,) = look(objects, reader)
    match said.holdings["web"]:
        case Adopted((one,)):
            assert one.tag == "2.0.0"
        case other:
            raise AssertionError(other)


def test_more_stages_than_are_remembered_are_all_told() -> None:
    objects, reader = Watched(), TextReader(most=6000)
    paths = [f"s{number}" for number in range(20)]
    objects.add(
        "c", [], **{f"{one}/kustomization.yaml": f"{KUSTOMIZATION}# {one}\n" for one in paths}
    )
    for _ in range(2):
        found = look(objects, reader, paths)
        assert all(isinstance(one.holdings["web"], Adopted) for one in found)
    assert len(objects.read) > 30
    one = look(objects, reader, paths[:1])
    reads = len(objects.read)
    assert look(objects, reader, paths[:1]) == one
    assert len(objects.read) == reads


def test_what_cannot_be_read_stops_the_lines_it_may_concern() -> None:
    objects = Watched()
    files = {"dev/kustomization.yaml": KUSTOMIZATION, "dev/a.yaml": "caf\xe9: web\n"}
    objects.add("c", [], **files)
    web, api = held(objects, "web", "api")
    assert web == Unreadable(("dev/a.yaml: it is not UTF-8; write it as UTF-8",))
    assert api == Empty()


def test_a_large_file_stops_the_lines_only_if_it_mentions_something() -> None:
    objects = Watched()
    large, harmless = "# web and much more", "# much more"
    objects.too_large = {large, harmless}
    objects.add("c", [], **{"dev/a.yaml": harmless, "dev/kustomization.yaml": KUSTOMIZATION})
    assert isinstance(held(objects, "web")[0], Adopted)
    objects.add("c", [], **{"dev/a.yaml": large, "dev/kustomization.yaml": KUSTOMIZATION})
    assert (
        held(objects, "web", "api")
        == [Unreadable(("dev/a.yaml: it is too large to be read; make it smaller",))] * 2
    )


def test_a_broken_kustomization_is_seen_though_it_mentions_nothing() -> None:
    objects = Watched()
    objects.add(
        "c", [], **{"dev/kustomization.yaml": "a: [", "dev/a.yaml": "image: ghcr.io/acme/web:1\n"}
    )
    (web,) = held(objects, "web")
    assert isinstance(web, Unreadable)
    objects.add("c", [], **{"dev/kustomization.yaml": "caf\xe9: 1\n"})
    assert isinstance(held(objects, "web")[0], Unreadable)


def test_files_that_the_stage_declares_pins_in_are_read_whatever_they_mention() -> None:
    objects, reader = Watched(), TextReader()
    objects.add("c", [], **{"dev/values.yaml": "version: 1.0.0\n", "dev/other.yaml": "a: 1\n"})
    tree = objects.directories("c", ["dev"])["dev"]
    pin = ExplicitPin("values.yaml", "version", "web/web", "tag", "towline.yaml", 9, 9)
    declaring = Directory("dev", tree, ("web",), (pin,))
    silent = Directory("dev", tree, ("web",))
    said = reader.read(project("web"), objects, [declaring, silent])
    assert list(said[declaring].texts) == ["dev/values.yaml"]
    assert said[silent].holdings["web"] == Empty()
    match said[declaring].holdings["web"]:
        case Adopted((one,)):
            assert one.tag == "1.0.0"
        case other:
            raise AssertionError(other)


def test_what_is_in_nobodys_way_depends_on_what_promotions_write() -> None:
    objects, reader = Watched(), TextReader()
    quarrel = f"{KUSTOMIZATION}- {{name: ghcr.io/acme/web, newTag: 2.0.0}}\n"
    files = {"dev/kustomization.yaml": quarrel, "dev/a.yaml": "caf\xe9: web\n"}
    objects.add("c", [], **files)
    tree = objects.directories("c", ["dev"])["dev"]
    pinned = Directory("dev", tree, ("web",))
    applied = Directory("dev", tree, ("web",), write=Write.RECORD)
    said = reader.read(project("web"), objects, [pinned, applied])
    assert isinstance(said[pinned].holdings["web"], Unreadable)
    match said[applied].holdings["web"]:
        case Adopted(found, None):
            assert [one.tag for one in found] == ["1.0.0", "2.0.0"]
        case other:
            raise AssertionError(other)
    objects.add("c", [], **files, **{"dev/.freight/web.yaml": "caf\xe9\n"})
    tree = objects.directories("c", ["dev"])["dev"]
    broken = Directory("dev", tree, ("web",), write=Write.RECORD)
    held = reader.read(project("web"), objects, [broken])[broken].holdings["web"]
    assert held == Unreadable(("dev/.freight/web.yaml: it is not UTF-8; write it as UTF-8",))
