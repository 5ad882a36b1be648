"""Random histories of the model world: drawn from a seed, played, and made short when they fail."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from random import Random

from github_app.actions import (
    Action,
    DescribePromotion,
    OpenPromotion,
    PostCheck,
    Say,
    SetDeployment,
    WriteLedger,
)
from github_app.plan import Plan, plan
from github_app.pulls import PullRequest, PullState
from plugin.pipeline import (
    After,
    Availability,
    Creation,
    Direct,
    InDirectory,
    Line,
    Merge,
    Mode,
    Project,
    Source,
    Stage,
    Supersede,
    Upstream,
    Warehouse,
)
from plugin.stage_policy import Opening, Reviews, Rollout, Window, WindowKind, Write
from plugin.subscriptions import CustomSubscription, ImageSubscription
from plugin.verification import CheckSucceeds
from tests.github_app.plan.looking import picture_of
from tests.github_app.plan.oracle import Oracle, Violation, demand
from tests.github_app.plan.people import EVENTS, Event
from tests.github_app.plan.speaking import SPEECH
from tests.github_app.plan.world import Rejected, World
from tests.github_app.shop import API, WEB, image, kustomization, repositories_of, unpinned

STEPS = 60
# What soaks wakes the App, too; a set that settles does so ten times at most.
_MOST_WAKES = 30
NAMES = ("dev", "test", "staging", "canary", "prod")
_BAG: tuple[Event, ...] = tuple(event for event, weight in EVENTS for _ in range(weight))
_SPEECH: tuple[Event, ...] = tuple(event for event, weight in SPEECH for _ in range(weight))
_SPEAKING = 0.45
"""The share of histories in which people command and review, and stages ask for more."""

_WORDS = (DescribePromotion, PostCheck, Say, SetDeployment, WriteLedger)


@dataclass(frozen=True, slots=True)
class Step:
    """Something happens, then the App makes a round, whole or in part."""

    event: Event
    pick: int
    fault: int


@dataclass(frozen=True, slots=True)
class History:
    """A pipeline and what happens to it."""

    seed: int
    project: Project
    required: bool
    squash: bool
    adopted: bool
    steps: tuple[Step, ...]


@dataclass(slots=True)
class Played:
    """What came of a history."""

    world: World
    oracle: Oracle
    trace: list[str] = field(default_factory=list)

    def landed(self) -> int:
        """In how many stages a promotion was merged."""
        merged = [one.head for one in self.world.pulls if one.state is PullState.MERGED]
        return len({head.split("/")[2] for head in merged})


def history(seed: int, *, governed: bool | None = None) -> History:
    """The history that a seed stands for; `governed` says whether people command and review there.

    Otherwise the seed decides that, too.
    """
    random = Random(seed)
    steps = tuple(
        Step(random.choice(_BAG), random.randrange(10_000), random.randrange(100))
        for _ in range(STEPS)
    )
    # Of their own, so that the rest of a seed's story stays what it was.
    project = _unusual(Random(f"unusual {seed}"), _project(random))
    speaking = Random(f"speaking {seed}")
    chance = speaking.random() < _SPEAKING
    if chance if governed is None else governed:
        project, steps = _governed(speaking, project), _spoken(speaking, steps)
    return History(
        seed,
        project,
        required=random.random() < 0.5,
        squash=random.random() < 0.5,
        adopted=random.random() < 0.2,
        steps=steps,
    )


def _project(random: Random) -> Project:
    warehouses = [Warehouse("web", (ImageSubscription("web", WEB),))]
    kind = random.random()
    if kind < 0.2:
        warehouses.append(Warehouse("api", (ImageSubscription("api", API),)))
    elif kind < 0.35:
        both = (ImageSubscription("web", WEB), ImageSubscription("api", API))
        warehouses = [Warehouse("web", both)]
    count = random.choice((1, 3, 3, 4, 4, 4, 5, 5, 5, 5))
    stages: list[Stage] = []
    for name in NAMES[-count:] if random.random() < 0.5 else NAMES[:count]:
        stages.append(_stage(random, name, stages, [one.name for one in warehouses]))
    if random.random() < 0.03:
        stages = [replace(one, mode=Mode.SHADOW) for one in stages]
    return Project("shop", "towline.yaml", tuple(warehouses), tuple(stages))


def _unusual(random: Random, project: Project) -> Project:
    """Sometimes sets that settle, freight people assemble, what CI posts, or stages in turn."""
    kind = random.random()
    if any(one.mode is Mode.SHADOW for one in project.stages):
        # What settles is remembered in the ledger, which no shadow writes.
        return project
    first, *others = project.warehouses
    if kind < 0.15:
        settle = timedelta(minutes=random.choice((2, 30)))
        return replace(project, warehouses=(replace(first, settle=settle), *others))
    if kind < 0.22:
        return replace(project, warehouses=(replace(first, creation=Creation.MANUAL), *others))
    if kind < 0.3:
        llm = Warehouse("llm", (CustomSubscription("llm", "model"),))
        stages = (
            replace(one, lines=(*one.lines, replace(one.lines[0], warehouse="llm")))
            for one in project.stages
        )
        return replace(project, warehouses=(first, *others, llm), stages=tuple(stages))
    if kind < 0.42:
        return replace(project, stages=_taking_turns(random, project.stages))
    return project


def _spoken(random: Random, steps: Sequence[Step]) -> tuple[Step, ...]:
    """Between the steps people say something, or review."""
    found: list[Step] = []
    for step in steps:
        found.append(step)
        if random.random() < 0.4:
            event = random.choice(_SPEECH)
            found.append(Step(event, random.randrange(10**6), random.randrange(100)))
    return tuple(found)


def _governed(random: Random, project: Project) -> Project:
    """Some stages ask for more: windows, reviews, that somebody asks; or go back by themselves."""
    stages = tuple(
        one if one.place is None or random.random() < 0.5 else _strict(random, one)
        for one in project.stages
    )
    return replace(project, stages=stages)


def _strict(random: Random, stage: Stage) -> Stage:
    kind = random.randrange(6)
    if kind == 0:
        return replace(stage, opening=Opening.MANUAL)
    if kind == 1:
        return replace(stage, reviews=Reviews(random.choice((1, 1, 2))))
    if kind == 2:
        return replace(stage, unprotected=True, merge=Merge.AUTO)
    if kind == 3:
        return replace(stage, merge=Merge.AUTO, verify=(CheckSucceeds("smoke"),), rollback=True)
    allowed = random.random() < 0.7
    hours, length = random.randrange(24), random.choice((20, 12) if allowed else (1, 4))
    of = WindowKind.ALLOW if allowed else WindowKind.DENY
    rule = f"FREQ=DAILY;BYHOUR={hours}"
    return replace(stage, windows=(Window(of, rule, timedelta(hours=length), "UTC"),))


def _taking_turns(random: Random, stages: Sequence[Stage]) -> tuple[Stage, ...]:
    """The last stages as those of one matrix, of which so many may go at a time."""
    count = random.choice((2, 2, 3))
    before, members = stages[:-count], stages[-count:]
    if len(members) < count or any(one.place is None for one in members):
        return tuple(stages)
    rollout = Rollout(parallel=random.choice((1, 1, 2)))
    lines, verify = members[0].lines, members[0].verify
    return (
        *before,
        *(
            replace(one, lines=lines, verify=verify, family="last-${n}", rollout=rollout)
            for one in members
        ),
    )


def _stage(random: Random, name: str, before: Sequence[Stage], warehouses: list[str]) -> Stage:
    lines = tuple(Line(one, _source(random, before)) for one in warehouses)
    control = bool(before) and len(before) < 4 and random.random() < 0.08
    return Stage(
        name,
        None if control else InDirectory(f"stages/{name}"),
        lines,
        merge=random.choice((Merge.AUTO, Merge.MANUAL)),
        verify=(CheckSucceeds("smoke"),) if random.random() < 0.3 else (),
        supersede=random.choice((Supersede.LATEST, Supersede.LATEST, Supersede.AFTER_SOAK)),
        mode=Mode.SHADOW if random.random() < 0.02 else Mode.LIVE,
        write=random.choice((Write.PINS, Write.PINS, Write.RECORD)),
    )


def _source(random: Random, before: Sequence[Stage]) -> Source:
    if not before or random.random() < 0.1:
        return Direct()
    near = [before[-1].name]
    if len(before) > 1 and random.random() < 0.35:
        near = random.sample([one.name for one in before], 2)
    soaks = [timedelta(minutes=random.choice((0, 0, 0, 0, 30, 60))) for _ in near]
    upstreams = tuple(Upstream(one, soak) for one, soak in zip(near, soaks, strict=True))
    return After(upstreams, random.choice((Availability.ONE, Availability.ALL)))


def begun(made: History) -> World:
    """The world before anything happens: stages with files, some with pins nobody recorded."""
    world = World(made.project, made.required, squash=made.squash)
    files = {"README.md": "shop\n"}
    names = [repository for one in made.project.warehouses for repository in repositories_of(one)]
    for number, stage in enumerate(made.project.stages):
        old = [image(("1.0.0", "1.1.0")[number % 2], one) for one in names]
        text = kustomization(*old) if made.adopted else unpinned(*names)
        files[f"stages/{stage.name}/kustomization.yaml"] = text
        if stage.line("llm"):
            version = " 1.0.0" if made.adopted else ""
            files[f"stages/{stage.name}/llm.yaml"] = f"version:{version} # towline: llm:version\n"
    world.push(files, "zoe")
    return world


def play(made: History) -> Played:
    """Play a history to its end, judging every step; raises Violation."""
    world = begun(made)
    played = Played(world, Oracle())
    try:
        for step in made.steps:
            _step(played, step)
        _rest(played)
    except Violation as violation:
        told = "\n".join(played.trace)
        raise Violation(f"seed {made.seed}: {violation}\n{told}") from violation
    return played


def _step(played: Played, step: Step) -> None:
    said = step.event(played.world, step.pick)
    if said is None:
        return
    played.trace.append(said)
    played.oracle.watch(played.world, said)
    played.world.now += timedelta(seconds=7)
    if step.fault < 12:
        played.trace.append("  (the round is lost)")
        return
    for _ in range(3):
        done = _round(played, step.fault if step.fault < 25 else None)
        if done or step.fault < 25:
            return


def _round(played: Played, fault: int | None) -> bool:
    """One round, crashing after some of its mutations; whether there was nothing left to do."""
    world, oracle = played.world, played.oracle
    known = oracle.remembered()
    planned = plan(picture_of(world), world.now)
    oracle.see(world, planned)
    oracle.judge(world, planned)
    actions = planned.actions()
    lost = fault is not None and bool(fault % 2) and planned.ledger is not None
    limit = fault - 12 if fault is not None and not fault % 2 else None
    tip = world.tip.oid
    refused = _carry_out(played, actions, limit, lost)
    oracle.judge_world(world)
    if lost or limit == 0:
        oracle.forget(known)
    if fault is None:
        world.taken()
    world.settle()
    calm = fault is None and world.tip.oid == tip
    if calm:
        demand(not refused, f"refused without a fault: {refused}")
    if calm and actions:
        _judge_idle(played)
    return not actions


def _carry_out(
    played: Played, actions: Sequence[Action], limit: int | None, lost: bool
) -> list[str]:
    """Mutations in order, up to a crash; without the ledger only those of the first document."""
    refused = []
    played.trace += [f"  {type(one).__name__} {_what(one)}" for one in actions]
    first, second = played.world.effects(actions)
    if lost:
        # Another round was first to write the ledger: this one's compare-and-swap fails.
        played.trace.append("  (the ledger's commit is lost)")
        first, second = first[1:], []
    for effects in first + second:
        try:
            for effect in effects:
                if limit == 0:
                    played.trace.append("  (crash)")
                    played.world.crashes += 1
                    return []
                limit = None if limit is None else limit - 1
                effect()
        except Rejected as why:
            refused.append(str(why))
    return refused


def _what(action: Action) -> str:
    proposal = getattr(action, "proposal", None)
    pull = getattr(action, "pull", None)
    if proposal is not None:
        return f"{proposal.stage}/{proposal.warehouse} {proposal.freight[:6]}"
    return f"#{pull.number}" if isinstance(pull, PullRequest) else ""


def _judge_idle(played: Played) -> None:
    """A plan made right after its actions were carried out has nothing left to do.

    But for stages that take turns: what this round took out of one makes room in another. There,
    and where people command, words about other lines that have just moved may follow a round later.
    """
    again = plan(picture_of(played.world), played.world.now)
    turns = {one.name for one in played.world.project.stages if one.rollout is not None}
    left = [
        type(one).__name__
        for one in again.actions()
        if not (isinstance(one, OpenPromotion) and one.proposal.stage in turns)
        and not ((played.world.comments or turns) and isinstance(one, _WORDS))
    ]
    demand(not left, f"I7: not idempotent: {left}")


def _rest(played: Played) -> None:
    """Faults stop and nothing happens any more: the App comes to rest, and is right."""
    played.trace.append("rest")
    final = _rested(played)
    for _ in range(_MOST_WAKES):
        if not played.oracle.is_settling(played.world):
            break
        demand(final.wake_at is not None, "what settles is never looked at again")
        played.trace.append("time passes until the App wakes")
        played.world.now = final.wake_at or played.world.now
        final = _rested(played)
    demand(not played.oracle.is_settling(played.world), "what settles never becomes freight")
    played.oracle.judge_end(played.world, final)
    demand(_wakes(final, played), "a wait that time ends has no wake-up time")


def _rested(played: Played) -> Plan:
    """The last plan of so many rounds that nothing is left to do."""
    for _ in range(2 + 3 * len(played.world.project.stages) * len(NAMES)):
        if _round(played, None):
            break
    final = plan(picture_of(played.world), played.world.now)
    demand(not final.actions(), "I7: the App never rests")
    return final


def _wakes(final: Plan, played: Played) -> bool:
    return final.wake_at is None or final.wake_at > played.world.now


def shortest(made: History) -> History:
    """The history with every step left out that its violation does not need."""
    size = len(made.steps) // 2
    while size:
        start = 0
        while start < len(made.steps):
            shorter = replace(made, steps=made.steps[:start] + made.steps[start + size :])
            if fails(shorter):
                made = shorter
            else:
                start += size
        size //= 2
    return made


def fails(made: History) -> bool:
    """Whether a history breaks an invariant."""
    try:
        play(made)
    except Violation:
        return True
    return False
