"""Lines as the repository has them: places that are missing, what they hold, how long it stayed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

from github_app.github.facts import BranchFacts, RepositoryFacts
from github_app.lines import LineReader, Lines
from github_app.picture import Base, LinePicture, MissingPlace
from github_app.ports import RecordChange
from plugin.artifact import Image, Repository
from plugin.freight import Freight
from plugin.holding import Adopted, Empty, Managed, Unmanaged, Unreadable
from plugin.pipeline import Direct, InBranch, InDirectory, Line, Place, Project, Stage, Warehouse
from plugin.record import Record, write_record
from plugin.subscriptions import ImageSubscription
from tests.github_app.commits import Commits

WEB = Repository("ghcr.io", "acme/web")
KUSTOMIZATION = "kind: Kustomization\nimages:\n- {name: ghcr.io/acme/web, newTag: %s}\n"
START = datetime(2026, 1, 1, tzinfo=UTC)


@dataclass(slots=True)
class Told(Commits):
    """Commits with a history of records, which notes what is asked of it."""

    history: dict[str, Sequence[RecordChange]] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)

    def records(self, tip: str) -> Sequence[RecordChange]:
        self.asked.append(f"records {tip}")
        return self.history.get(tip, ())

    def author(self, tip: str, path: str) -> str:
        return f"author of {path} on {tip}"


def project(**places: Place | None) -> Project:
    warehouse = Warehouse("web", (ImageSubscription("web", WEB),))
    lines = (Line("web", Direct()),)
    stages = tuple(Stage(name, place, lines) for name, place in places.items())
    return Project("shop", "towline.yaml", (warehouse,), stages)


def facts(**branches: str) -> RepositoryFacts:
    return RepositoryFacts(
        node="R",
        name="acme/shop",
        url="https://github.com/acme/shop",
        default_branch="main",
        default_oid=branches["main"],
        default_check=None,
        ledger=(),
        heads={},
        branches={name: BranchFacts(oid, (), ()) for name, oid in branches.items()},
        open=(),
        last={},
        merge_method="MERGE",
        labels={},
    )


def record(tag: str) -> str:
    freight = Freight("web", (Image(WEB, tag, "sha256:" + "1" * 64),))
    return write_record(Record(freight, "acme/shop", "towline/shop/dev/web"))


def only(lines: Lines) -> LinePicture:
    (line,) = lines.values()
    return line


def test_a_stage_without_its_branch_or_directory_says_what_to_do() -> None:
    objects = Told()
    objects.add("c", [], **{"dev/a.yaml": "x", "file": "y"})
    places: dict[str, Place | None] = {
        "gone": InBranch("env/gone"),
        "none": InDirectory("none"),
        "file": InDirectory("file"),
        "joined": None,
    }
    lines = LineReader().lines(project(**places), objects, facts(main="c"))
    said = {stage: one.base for (stage, _), one in lines.items()}
    assert said == {
        "gone": MissingPlace(
            "towline.yaml: branch 'env/gone' of stage gone does not exist; "
            "create it, or mend 'branch'"
        ),
        **{
            name: MissingPlace(
                f"towline.yaml: '{name}' of stage {name} is not on main; create it, or mend 'path'"
            )
            for name in ("none", "file")
        },
    }


def test_a_branch_that_is_made_from_sources_may_be_begun() -> None:
    objects = Told()
    objects.add("c", [], **{"stages/prod/kustomization.yaml": KUSTOMIZATION % "1.0.0"})
    objects.add("d", [], **{"README.md": "# env/prod"})
    where = project(prod=InBranch("env/prod", "stages/prod"))
    missing = only(LineReader().lines(where, objects, facts(main="c")))
    reason = "towline.yaml: branch 'env/prod' of stage prod does not exist yet"
    assert missing.base == MissingPlace(reason, "env/prod")
    begun = only(LineReader().lines(where, objects, facts(main="c", **{"env/prod": "d"})))
    assert (begun.base, begun.directory) == (Base("env/prod", "d"), "stages/prod")
    assert begun.holding == Empty()
    assert begun.blobs == {"README.md": "# env/prod"}


def test_of_rendered_manifests_the_record_says_what_the_stage_holds() -> None:
    objects = Told()
    files = {"prod/.freight/web.yaml": record("1.0.0"), "prod/deployment.apps_web.yaml": "x: y\n"}
    objects.add("c", [])
    objects.add("d", [], **files)
    where = project(prod=InBranch("env/prod", "prod"))
    where = replace(where, stages=tuple(replace(one, render=True) for one in where.stages))
    branches = {"main": "c", "env/prod": "d"}
    line = only(LineReader().lines(where, objects, facts(**branches)))
    assert isinstance(line.holding, Managed)
    objects.add("e", [], **{"prod/.freight/web.yaml": "format: 99\n"})
    broken = only(LineReader().lines(where, objects, facts(**branches | {"env/prod": "e"})))
    assert isinstance(broken.holding, Unreadable)


def test_a_stage_may_be_a_directory_or_a_whole_branch() -> None:
    objects = Told()
    objects.add("c", [], **{"dev/kustomization.yaml": KUSTOMIZATION % "1.0.0"})
    objects.add("d", [], **{"kustomization.yaml": KUSTOMIZATION % "2.0.0"})
    where = project(dev=InDirectory("dev"), prod=InBranch("env/prod"))
    branches = {"main": "c", "env/prod": "d", "unrelated": "nowhere"}
    lines = LineReader().lines(where, objects, facts(**branches))
    dev, prod = lines["dev", "web"], lines["prod", "web"]
    assert (dev.base, prod.base) == (Base("main", "c"), Base("env/prod", "d"))
    assert list(dev.files) == ["dev/kustomization.yaml"]
    assert list(prod.files) == ["kustomization.yaml"]
    for line, tag in ((dev, "1.0.0"), (prod, "2.0.0")):
        assert isinstance(line.holding, Adopted)
        assert line.holding.held[0].tag == tag
    assert objects.asked == ["records c", "records d"]


def test_the_history_of_a_commit_is_read_once() -> None:
    objects, reader = Told(), LineReader()
    one, other = record("1.0.0"), record("2.0.0")
    files = {"dev/.freight/web.yaml": other, "dev/kustomization.yaml": KUSTOMIZATION % "2.0.0"}
    objects.add("c", [], **files)
    path, later = "dev/.freight/web.yaml", START + timedelta(hours=1)
    objects.history["c"] = [
        RecordChange("a", START, path, one),
        RecordChange("b", later, path, other),
        RecordChange("b", later, "qa/.freight/web.yaml", None),
    ]
    where = project(dev=InDirectory("dev"))
    first = only(reader.lines(where, objects, facts(main="c")))
    assert isinstance(first.holding, Managed)
    assert [(stay.commit, stay.until) for stay in first.stays] == [("a", later), ("b", None)]
    assert only(reader.lines(where, objects, facts(main="c"))) == first
    assert objects.asked == ["records c"]


def test_who_changed_pins_by_hand_is_told() -> None:
    objects = Told()
    files = {
        "dev/.freight/web.yaml": record("1.0.0"),
        "dev/kustomization.yaml": KUSTOMIZATION % "1.0.1",
    }
    objects.add("c", [], **files)
    line = only(LineReader().lines(project(dev=InDirectory("dev")), objects, facts(main="c")))
    assert isinstance(line.holding, Unmanaged)
    assert line.changed_by == "author of dev on c"
