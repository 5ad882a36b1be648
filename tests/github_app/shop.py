"""Small pictures of one repository, built the way the repository would show them."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from github_app.discovery import Discovered, Discovery
from github_app.ledger import EMPTY, Ledger
from github_app.notes import StageNotes
from github_app.picture import (
    Base,
    Head,
    LinePicture,
    MissingPlace,
    ProjectPicture,
    RepositoryPicture,
    Stay,
)
from github_app.plan import LinePlan, Plan, plan
from github_app.pulls import PullRequest, PullState
from github_app.rules.decision import Decision
from plugin import holding as holdings
from plugin import promotion
from plugin.artifact import Image, Repository, Watched
from plugin.freight import Freight, FreightId
from plugin.head import head_of
from plugin.pipeline import (
    After,
    Availability,
    Direct,
    InDirectory,
    Line,
    Project,
    Source,
    Stage,
    Upstream,
    Warehouse,
)
from plugin.record import Record, record_path, write_record
from plugin.stage_policy import Write
from plugin.subscriptions import ImageSubscription

REPOSITORY = "acme/shop"
WEB = Repository.parse("ghcr.io/acme/web")
API = Repository.parse("ghcr.io/acme/api")
START = datetime(2026, 1, 1, tzinfo=UTC)
TIP = "b" * 40


def at(minutes: float) -> datetime:
    """A moment of the tests' day."""
    return START + timedelta(minutes=minutes)


def soak(minutes: float) -> timedelta:
    """A soak time."""
    return timedelta(minutes=minutes)


def image(tag: str, repository: Repository = WEB, content: str = "") -> Image:
    """An image; other `content` under the same tag is a moved tag."""
    text = f"{repository}:{tag}{content}"
    return Image(repository, tag, "sha256:" + hashlib.sha256(text.encode()).hexdigest())


def freight(tag: str, content: str = "", warehouse: str = "web") -> Freight:
    """Freight of one image."""
    return Freight(warehouse, (image(tag, WEB if warehouse == "web" else API, content),))


A, B, C = freight("1.0.0"), freight("1.1.0"), freight("1.2.0")


def warehouse(name: str = "web", *repositories: Repository) -> Warehouse:
    """A warehouse of these image repositories."""
    watched = repositories or (WEB if name == "web" else API,)
    return Warehouse(name, tuple(ImageSubscription(one.path, one) for one in watched))


def after(
    *stages: str, soak: timedelta = timedelta(0), availability: Availability = Availability.ONE
) -> After:
    """Freight that comes from these stages."""
    return After(tuple(Upstream(one, soak) for one in stages), availability)


def stage(
    name: str, source: Source | None = None, *, warehouses: Sequence[str] = ("web",)
) -> Stage:
    """A stage in its own directory, straight from its warehouses unless said otherwise."""
    lines = tuple(Line(one, source or Direct()) for one in warehouses)
    return Stage(name, InDirectory(f"stages/{name}"), lines)


def gate(name: str, source: Source) -> Stage:
    """A control-flow stage."""
    return replace(stage(name, source), place=None)


def project(*stages: Stage, warehouses: Sequence[Warehouse] = (warehouse(),)) -> Project:
    """A project; stages upstream first."""
    return Project("shop", "towline.yaml", tuple(warehouses), stages)


PIPELINE = (stage("dev"), stage("staging", after("dev")), stage("prod", after("staging")))


def kustomization(*images: Image) -> str:
    """The pins of a stage."""
    entries = "".join(
        f"  - name: {one.repository}\n    newTag: {one.tag}\n    digest: {one.digest}\n"
        for one in images
    )
    return f"kind: Kustomization\nimages:\n{entries}"


def unpinned(*repositories: Watched) -> str:
    """A stage's file before its first promotion."""
    return "kind: Kustomization\nimages:\n" + "".join(f"  - name: {one}\n" for one in repositories)


def images_of(held: Freight) -> tuple[Image, ...]:
    """The images of freight."""
    return tuple(one for one in held.artifacts if isinstance(one, Image))


def repositories_of(of: Warehouse) -> tuple[Repository, ...]:
    """The image repositories that a warehouse watches."""
    return tuple(one for one in of.carries if isinstance(one, Repository))


def record(held: Freight, stage_name: str, previous: Freight | None = None) -> Record:
    """The record that a promotion of ours leaves."""
    head = head_of("shop", stage_name, held.warehouse)
    return Record(held, REPOSITORY, head, previous.id if previous else None)


def files_of(
    name: str, of: Warehouse, held: Freight | None, previous: Freight | None = None
) -> dict[str, str]:
    """The files of a stage that holds this freight by its record, or nothing yet."""
    directory = f"stages/{name}"
    if held is None:
        return {f"{directory}/kustomization.yaml": unpinned(*of.carries)}
    return {
        f"{directory}/kustomization.yaml": kustomization(*images_of(held)),
        record_path(directory, of.name): write_record(record(held, name, previous)),
    }


def with_files(
    shown: LinePicture, files: Mapping[str, str], of: Warehouse, write: Write = Write.PINS
) -> LinePicture:
    """The line with other files, and what they hold."""
    held = holdings.holding(shown.directory, of, files, write=write)
    return replace(shown, files=files, holding=held)


def line(
    name: str,
    held: Freight | None = None,
    *,
    since: datetime = START,
    of: Warehouse | None = None,
    previous: Freight | None = None,
) -> LinePicture:
    """A line that holds freight since some time, by a promotion; or nothing yet."""
    of = of or warehouse()
    base = Base("main", TIP, protected=True)
    empty = LinePicture(name, of.name, base, f"stages/{name}", holdings.Empty())
    stays = (Stay(held.id, since, f"merge-{name}"),) if held else ()
    return replace(with_files(empty, files_of(name, of, held, previous), of), stays=stays)


def adopted(name: str, *pins: Image) -> LinePicture:
    """A line with pins and without a record."""
    files = {f"stages/{name}/kustomization.yaml": kustomization(*pins)}
    return with_files(replace(line(name), files=files), files, warehouse())


def went(name: str, *steps: tuple[Freight, float], previous: Freight | None = None) -> LinePicture:
    """A line that held one freight after the other, each since some minute."""
    held = line(name, steps[-1][0], previous=previous)
    stays = []
    for number, (one, minute) in enumerate(steps):
        until = at(steps[number + 1][1]) if number + 1 < len(steps) else None
        stays.append(Stay(one.id, at(minute), f"commit-{number}", until))
    return replace(held, stays=tuple(stays))


def missing(name: str, reason: str) -> LinePicture:
    """A line whose stage has no place."""
    return replace(line(name), base=MissingPlace(reason), files={})


def ledger(*seen: Freight, **stages: StageNotes) -> Ledger:
    """A ledger in which freight became newest a minute apart, in this order."""
    book = EMPTY
    for minute, one in enumerate(seen):
        book = book.with_newest(one, at(minute))
    return replace(book, stages=stages)


def shown(
    of: Project, lines: Iterable[LinePicture], book: Ledger, *newest: Freight
) -> ProjectPicture:
    """A project's picture; `newest` is what the registries offer."""
    discoveries: dict[str, Discovery] = {one.warehouse: Discovered(one) for one in newest}
    return ProjectPicture(of, {(one.stage, one.warehouse): one for one in lines}, discoveries, book)


def repository(*projects: ProjectPicture) -> RepositoryPicture:
    """A repository's picture."""
    url = f"https://github.com/{REPOSITORY}"
    return RepositoryPicture(
        REPOSITORY,
        "R_1",
        url,
        "main",
        TIP,
        projects,
        ledger_oid="l" * 40,
        auto_merge_allowed=True,
    )


def planned(of: ProjectPicture, now: datetime) -> Plan:
    """The plan of a repository with this one project."""
    return plan(repository(of), now)


def line_plan(made: Plan, stage_name: str, warehouse_name: str = "web") -> LinePlan:
    """One line's part of a plan."""
    return next(
        one for one in made.lines if (one.stage, one.warehouse) == (stage_name, warehouse_name)
    )


def decision(of: ProjectPicture, stage_name: str, now: datetime) -> Decision:
    """What a line should do now."""
    return line_plan(planned(of, now), stage_name).decision


def pull(
    name: str, head_oid: str = "h" * 40, *, number: int = 1, warehouse_name: str = "web"
) -> PullRequest:
    """An open promotion of ours."""
    return PullRequest(
        node=f"PR_{number}",
        number=number,
        url=f"https://github.com/{REPOSITORY}/pull/{number}",
        state=PullState.OPEN,
        title="",
        body="",
        draft=False,
        head=head_of("shop", name, warehouse_name),
        head_oid=head_oid,
        base="main",
        created_at=START,
        ours=True,
    )


def proposed(
    at_line: LinePicture, carried: Freight, *, of: Warehouse | None = None, number: int = 1
) -> LinePicture:
    """The line with an open pull request that carries this freight, as Towline makes it."""
    held: FreightId | None = None
    match at_line.holding:
        case holdings.Managed(mine):
            held = mine.freight.id
        case _:
            pass
    name = head_of("shop", at_line.stage, at_line.warehouse)
    made = promotion.promote(
        at_line.directory,
        of or warehouse(at_line.warehouse),
        at_line.files,
        carried,
        Record(carried, REPOSITORY, name, held),
    )
    assert isinstance(made, promotion.Changes), made
    open_pull = pull(at_line.stage, number=number, warehouse_name=at_line.warehouse)
    head = Head(open_pull.head_oid, TIP, carried, made.files, True)
    return replace(at_line, head=head, open=open_pull)
