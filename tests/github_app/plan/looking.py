"""The picture that the App would draw of the model world."""

from __future__ import annotations

from collections.abc import Sequence

from github_app.arrivals import Posted
from github_app.discovery import Discovered, Discovery
from github_app.picture import Base, Head, LinePicture, ProjectPicture, RepositoryPicture, Stay
from github_app.pulls import Closer, PullRequest, PullState
from github_app.results import Deployed, Result, ResultKind
from github_app.rules.stays import current, stays_of
from plugin import holding as holdings
from plugin.freight import FreightId
from plugin.pipeline import Line, Stage
from tests.github_app.plan.speaking import PEOPLE, spoken_in
from tests.github_app.plan.world import Key, World
from tests.github_app.shop import REPOSITORY, repositories_of


def picture_of(world: World) -> RepositoryPicture:
    """What observe would see of the world now."""
    lines = {
        (stage.name, line.warehouse): _line(world, stage, line) for stage, line in world.lines()
    }
    posted = {
        name: tuple(
            Posted(name, version, (), world.now.replace(microsecond=0), "the secret")
            for version in versions
        )
        for name, versions in world.waiting_posts.items()
    }
    asked: dict[str, Discovery] = {
        name: Discovered(freight) for name, freight in world.assembled.items()
    }
    project = ProjectPicture(world.project, lines, dict(world.offers), world.book(), posted, asked)
    known = {world.name(key) for key in lines}
    strays = [one for one in world.pulls if one.state is PullState.OPEN and one.head not in known]
    return RepositoryPicture(
        name=REPOSITORY,
        node="R_1",
        url=f"https://github.com/{REPOSITORY}",
        default_branch="main",
        default_oid=world.tip.oid,
        projects=(project,),
        strays=tuple(strays),
        ledger_oid="l" * 40 if world.begun else None,
        auto_merge_allowed=True,
        people=PEOPLE,
        spoken=spoken_in(world),
    )


def _line(world: World, stage: Stage, line: Line) -> LinePicture:
    key = (stage.name, line.warehouse)
    directory = f"stages/{stage.name}"
    record = world.record(key)
    warehouse = world.project.warehouse(line.warehouse)
    names = [one.path.rpartition("/")[2] for one in repositories_of(warehouse)] or ["towline:"]
    files = {
        path: text
        for path, text in world.tip.tree.items()
        if path.startswith(f"{directory}/")
        and (path == record or any(name in text for name in names))
    }
    pull = world.open(key)
    last = _last(world, key)
    stays = stays_of(world.history.get(record, ()))
    brought = _brought(world, key, stays)
    return LinePicture(
        stage=stage.name,
        warehouse=line.warehouse,
        base=Base("main", world.tip.oid, world.required, protected=world.protected),
        directory=directory,
        holding=holdings.holding(directory, warehouse, files, (), stage.write),
        files=files,
        stays=stays,
        results=_results(world, brought),
        head=_head(world, key),
        open=_shown(world, pull) if pull else None,
        last=last,
        last_freight=_last_freight(world, key, last),
        brought=brought,
        deployments=_deployments(world, key),
    )


def _last(world: World, key: Key) -> PullRequest | None:
    name = world.name(key)
    done = [one for one in world.pulls if one.head == name and one.state is not PullState.OPEN]
    return done[-1] if done else None


def _brought(world: World, key: Key, stays: Sequence[Stay]) -> PullRequest | None:
    now = current(stays)
    mine = [one for one in world.pulls if one.head == world.name(key)]
    return next((one for one in mine if now and one.merge_commit == now.commit), None)


def _deployments(world: World, key: Key) -> tuple[Deployed, ...]:
    name = world.name(key)
    merged = {one.merge_commit for one in world.pulls if one.head == name}
    return tuple(
        Deployed(f"{environment}/{oid}", environment, oid, state)
        for (environment, oid), state in world.deployments.items()
        if environment == key[0] and oid in merged
    )


def _last_freight(world: World, key: Key, last: PullRequest | None) -> FreightId | None:
    if last is None or last.closed_by is not Closer.PERSON:
        return None
    freight = world.freight_of(last.head_oid, key)
    return freight.id if freight else None


def _shown(world: World, pull: PullRequest) -> PullRequest:
    posted = world.checks.get(pull.head_oid)
    return world.change(
        pull, conflicting=world.conflicts(pull), check=posted[0] if posted else None
    )


def _results(world: World, brought: PullRequest | None) -> tuple[Result, ...]:
    """What was said of the tip, and of the merge that brought the freight."""
    commits = [world.tip.oid]
    if brought is not None and brought.merge_commit is not None:
        commits.append(brought.merge_commit)
    return tuple(
        Result(ResultKind.CHECK, name, state, at=world.result_at[oid])
        for oid in dict.fromkeys(commits)
        for name, state in world.results.get(oid, {}).items()
    )


def _head(world: World, key: Key) -> Head | None:
    oid = world.heads.get(world.name(key))
    if oid is None:
        return None
    on = world.on(oid)
    if on == oid:
        return Head(oid, on, None, {}, True)
    step, strangers = oid, []
    while step != on:
        commit = world.commits[step]
        strangers += [] if commit.ours else [commit.who]
        assert commit.parent is not None
        step = commit.parent
    freight = world.freight_of(oid, key)
    who = strangers[0] if strangers else ""
    return Head(oid, on, freight, world.changed(oid), not strangers, who)
