"""What must always be true of the App, written down a second time and in other words.

The oracle watches the model world from outside: it keeps its own order of freight, its own list of
verifications, rejections and reverts, and judges every plan before it is carried out.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from github_app.actions import (
    ClosePromotion,
    MergePromotion,
    OpenPromotion,
    PostCheck,
    Proposal,
    UpdatePromotion,
    WriteLedger,
)
from github_app.discovery import Discovered
from github_app.gates import Conclusion
from github_app.ledger import EMPTY, Ledger
from github_app.ledger_files import read_ledger
from github_app.notes import Asked, Way
from github_app.plan import LinePlan, Plan
from github_app.pulls import Closer, PullRequest, PullState
from github_app.results import ResultState
from github_app.rules.decision import Blocked, Held, Promote, UpToDate, Waiting
from github_app.warehouse.versions import version_of
from plugin.artifact import Artifact, Custom
from plugin.freight import Freight, FreightId
from plugin.pipeline import (
    After,
    Availability,
    Creation,
    Line,
    Mode,
    Stage,
    Supersede,
    Upstream,
    Warehouse,
)
from plugin.stage_policy import Opening, Write
from tests.github_app.plan.commanded import (
    Commanded,
    Violation,
    asked_for,
    demand,
    is_on_hold,
    is_past,
    judge_green,
)
from tests.github_app.plan.world import Commit, Key, World

__all__ = ["Oracle", "Violation", "demand"]


@dataclass(frozen=True, slots=True)
class Interval:
    """Freight in a stage."""

    freight: FreightId
    since: datetime
    until: datetime | None


@dataclass(frozen=True, slots=True)
class Settling:
    """A set that is offered, since when, and since when the newest freight is not."""

    freight: FreightId
    since: datetime
    began: datetime

    def is_over(self, settle: timedelta, now: datetime) -> bool:
        """Whether it may be freight: it stayed long enough, or others came all the time."""
        return now - self.since >= settle or now - self.began >= 10 * settle


@dataclass(frozen=True, slots=True)
class Before:
    """What the oracle knew before a round."""

    lengths: Mapping[str, int]
    settling: Mapping[str, Settling]
    newest: Mapping[str, Freight]


@dataclass(slots=True)
class Oracle:
    """The memory of one history."""

    becoming: dict[str, list[FreightId]] = field(default_factory=dict)
    verified: set[tuple[str, FreightId]] = field(default_factory=set)
    adopted: dict[Key, tuple[FreightId, datetime]] = field(default_factory=dict)
    rejected: dict[int, tuple[Key, FreightId, int]] = field(default_factory=dict)
    reverted: dict[Key, FreightId] = field(default_factory=dict)
    opened: Counter[tuple[Key, FreightId, int]] = field(default_factory=Counter)
    times: Counter[FreightId] = field(default_factory=Counter)
    asked: Counter[Key] = field(default_factory=Counter)
    settling: dict[str, Settling] = field(default_factory=dict)
    newest: dict[str, Freight] = field(default_factory=dict)
    waiting: set[str] = field(default_factory=set)
    rightful: set[tuple[str, FreightId]] = field(default_factory=set)
    counted: int = 0
    book: Ledger = EMPTY
    closing: set[int] = field(default_factory=set)
    reverted_at: dict[Key, datetime] = field(default_factory=dict)
    commanded: Commanded = field(default_factory=Commanded)

    # Watching

    def watch(self, world: World, said: str) -> None:
        """After people did something."""
        for stage, line in world.lines():
            key = (stage.name, line.warehouse)
            name = world.name(key)
            again = ("is closed by a person", "is opened again", "reverts")
            if f"({name})" in said and any(word in said for word in again):
                self.asked[key] += 1
            # Other pins without a record are other freight, or none that is known.
            edited = "carol" in said and world.record(key) not in world.tip.tree
            # So is what stands in the files where a stage has just asked for the other of the two.
            edited = edited or "hugo" in said or ("carol" in said and stage.write is Write.RECORD)
            if edited or ("resumes every line" in said and key in self.reverted):
                self.asked[key] += 1
            if "reverts" in said and f"({name})" in said:
                self._reverted(world, key)
            if "resumes every line" in said:
                self.reverted.pop(key, None)
        for pull in world.pulls:
            self._rejection(world, pull)

    def _reverted(self, world: World, key: Key) -> None:
        """A person took freight back, unless the revert brought newer freight."""
        gone = [one for one in _intervals(world, key) if one.until is not None]
        self.reverted.pop(key, None)
        took = bool(gone) and gone[-1].until == world.now
        if took and not self._is_newer_now(world, key, gone[-1].freight):
            self.reverted[key] = gone[-1].freight
            self.reverted_at[key] = world.now

    def _is_newer_now(self, world: World, key: Key, left: FreightId) -> bool:
        """Whether what a line holds, by record or by pins, is newer than what left it."""
        held = held_by(world, key) or self._pinned(world, key)
        now = self.order(key[1], held.id) if held else -1
        return now > self.order(key[1], left)

    def _rejection(self, world: World, pull: PullRequest) -> None:
        key = _key(pull)
        rejected = pull.state is PullState.CLOSED and pull.closed_by is Closer.PERSON
        freight = world.freight_of(pull.head_oid, key)
        if not rejected:
            self.rejected.pop(pull.number, None)
        elif pull.number not in self.rejected and freight is not None:
            known = len(self.becoming.get(key[1], ()))
            self.rejected[pull.number] = (key, freight.id, known)

    def remembered(self) -> Before:
        """What is to be remembered if a round's ledger is lost."""
        lengths = {warehouse: len(order) for warehouse, order in self.becoming.items()}
        return Before(lengths, dict(self.settling), dict(self.newest))

    def forget(self, before: Before) -> None:
        """A round whose ledger was lost: that known freight became newest anew is lost with it."""
        self.settling, self.newest = dict(before.settling), dict(before.newest)
        for warehouse, order in self.becoming.items():
            known = before.lengths.get(warehouse, 0)
            fresh = order[known:]
            if warehouse in self.waiting:
                self.rightful |= {(warehouse, one) for one in fresh}
                # Pull requests may carry it already; it counts as older than what is known.
                order[:] = [*order[: known - 1], *fresh, order[known - 1]] if known else []
                continue
            if fresh and fresh[0] in order[: -len(fresh)]:
                del order[-len(fresh) :]

    def see(self, world: World, planned: Plan) -> None:
        """What a round sees, whatever comes of it."""
        waiting = [one for one in world.project.warehouses if not _is_plain(one)]
        after = _book_after(world, planned) if waiting else EMPTY
        for warehouse in waiting:
            seen = after.seen(warehouse.name)
            self._see_waiting(world, warehouse, seen[-1].freight if seen else None)
        for name, offer in world.offers.items():
            if not _is_plain(world.project.warehouse(name)):
                continue
            order = self.becoming.setdefault(name, [])
            match offer:
                case Discovered(freight) if not order or order[-1] != freight.id:
                    order.append(freight.id)
                    self.times[freight.id] += 1
                case _:
                    pass
        for stage, line in world.lines():
            self._see_line(world, stage, line)

    def _see_waiting(self, world: World, warehouse: Warehouse, newest: Freight | None) -> None:
        """A warehouse whose offers are not freight at once: when they are, it must be right."""
        name = warehouse.name
        self.waiting.add(name)
        order = self.becoming.setdefault(name, [])
        held = order[-1] if order else None
        self._see_settling(world, warehouse, held)
        if newest is None or newest.id == held:
            return
        # What was freight rightly once is known again by pull requests if the ledger is lost.
        if (name, newest.id) not in self.rightful:
            self._judge_newest(world, warehouse, newest.id)
        self.newest[name] = newest
        if name in self.settling and self.settling[name].freight == newest.id:
            del self.settling[name]
        order.append(newest.id)
        self.times[newest.id] += 1

    def _judge_newest(self, world: World, warehouse: Warehouse, newest: FreightId) -> None:
        """What is freight for the first time was asked for, or has settled."""
        name = warehouse.name
        if warehouse.creation is Creation.MANUAL:
            asked = world.assembled.get(name)
            mine = asked is not None and asked.id == newest
            demand(mine, f"I10 {name}: freight that nobody asked for")
        else:
            known = self.settling.get(name)
            mine = known is not None and known.freight == newest
            over = known is not None and known.is_over(warehouse.settle, world.now)
            demand(mine and over, f"I10 {name}: freight before it settled")

    def _see_settling(self, world: World, warehouse: Warehouse, held: FreightId | None) -> None:
        known, offer = self.settling.get(warehouse.name), world.offers.get(warehouse.name)
        if warehouse.creation is Creation.MANUAL or not isinstance(offer, Discovered):
            return
        offered = offer.freight.id
        if offered == held:
            self.settling.pop(warehouse.name, None)
        elif known is None or known.freight != offered:
            began = known.began if known else world.now
            self.settling[warehouse.name] = Settling(offered, world.now, began)

    def is_settling(self, world: World) -> bool:
        """Whether time alone will make something freight that is offered now."""
        return any(isinstance(world.offers.get(name), Discovered) for name in self.settling)

    def _see_line(self, world: World, stage: Stage, line: Line) -> None:
        key = (stage.name, line.warehouse)
        held = held_by(world, key)
        if key in self.reverted and self._is_newer_now(world, key, self.reverted[key]):
            del self.reverted[key]
        if held is None:
            self._see_pins(world, key)
            return
        commits = {world.tip.oid} | {one.merge_commit for one in world.pulls if one.merge_commit}
        history = world.history.get(world.record(key), [])
        since = next((oid for oid, _, freight in reversed(history) if freight != held.id), "")
        after = world.main[world.main.index(since) + 1 :] if since else world.main
        said = [world.results.get(oid, {}).get("smoke") for oid in commits & set(after)]
        if ResultState.SUCCESS in said:
            self.verified.add((stage.name, held.id))

    def _see_pins(self, world: World, key: Key) -> None:
        """Pins of known freight without a record count from when they were first seen."""
        freight = self._pinned(world, key)
        if freight is not None and self.adopted.get(key, ("", None))[0] != freight.id:
            self.adopted[key] = (freight.id, world.now)

    def _pinned(self, world: World, key: Key) -> Freight | None:
        if world.record(key) in world.tip.tree:
            return None
        known = self._known(world, key[1])
        return next((one for one in known if pins_say(world, key, one)), None)

    def _known(self, world: World, warehouse: str) -> Iterable[Freight]:
        match world.offers.get(warehouse):
            case Discovered(freight) if _is_plain(world.project.warehouse(warehouse)):
                yield freight
            case _:
                pass
        if warehouse in self.newest:
            yield self.newest[warehouse]
        book = world.book()
        yield from (one.freight for one in reversed(book.seen(warehouse)))

    # Answers

    def order(self, warehouse: str, freight: FreightId | None) -> int:
        """When a set last became the newest; -1 if it never was."""
        order = self.becoming.get(warehouse, [])
        places = [place for place, one in enumerate(order) if one == freight]
        return places[-1] if places else -1

    def _available(self, world: World, stage: Stage, line: Line, freight: FreightId) -> bool:
        if any(note.freight == freight for note in self.book.notes(stage.name).approved):
            return True
        if is_past(self.book, stage.name, "upstream", freight):
            return True
        match line.source:
            case After(upstreams, availability):
                passed = [
                    self._passed(world, one, timedelta(0), (line.warehouse, freight))
                    for one in upstreams
                ]
                return any(passed) if availability is Availability.ONE else all(passed)
            case _:
                return True

    def _passed(
        self, world: World, upstream: Upstream, soak: timedelta, what: tuple[str, FreightId]
    ) -> bool:
        warehouse, freight = what
        stage = world.project.stage(upstream.stage)
        longest = max(soak, upstream.soak)
        if stage.place is None:
            line = stage.line(warehouse)
            assert line is not None
            match line.source:
                case After(upstreams, availability):
                    passed = [self._passed(world, one, longest, what) for one in upstreams]
                    return any(passed) if availability is Availability.ONE else all(passed)
                case _:
                    return True
        mine = [
            one for one in self._stays(world, (stage.name, warehouse)) if one.freight == freight
        ]
        known = (stage.name, freight) in self.verified if stage.verify else bool(mine)
        return known and any((one.until or world.now) - one.since >= longest for one in mine)

    def _stays(self, world: World, key: Key) -> list[Interval]:
        stays = _intervals(world, key)
        if key in self.adopted:
            freight, since = self.adopted[key]
            later = [one.since for one in stays if one.since > since]
            stays.append(Interval(freight, since, min(later, default=None)))
        return stays

    # Judging a plan

    def judge(self, world: World, plan: Plan) -> None:
        """Every plan, before it is carried out."""
        lines = {(line.stage, line.warehouse): line for line in plan.lines}
        self.book = _book_after(world, plan)
        self._see_adopted()
        self._judge_turns(world, plan)
        for stage, line in world.lines():
            key = (stage.name, line.warehouse)
            self._judge_line(world, stage, line, lines[key])
        self._judge_shadow(world, plan)

    def _see_adopted(self) -> None:
        """What somebody made by hand and adopted is older than the newest."""
        for notes in self.book.stages.values():
            for one in notes.asked:
                order = self.becoming.setdefault(one.warehouse, [])
                if one.freight not in order:
                    order.insert(max(0, len(order) - 1), one.freight)

    def _judge_turns(self, world: World, plan: Plan) -> None:
        """Of the stages of a matrix so many carry freight that is not verified there yet."""
        begun: Counter[tuple[str, FreightId]] = Counter()
        self.closing = {
            one.pull.number
            for made in plan.lines
            for one in made.actions
            if isinstance(one, ClosePromotion)
        }
        for made in plan.lines:
            for action in made.actions:
                match action:
                    case OpenPromotion(proposal):
                        self._judge_turn(world, made, proposal.freight, begun)
                    case MergePromotion(pull):
                        found = world.freight_of(pull.head_oid, (made.stage, made.warehouse))
                        if found is not None:
                            self._judge_turn(world, made, found.id, None)
                    case _:
                        pass

    def _judge_turn(
        self,
        world: World,
        made: LinePlan,
        freight: FreightId,
        begun: Counter[tuple[str, FreightId]] | None,
    ) -> None:
        """Whether it is a stage's turn; `begun` counts what this round opens, None: it merges."""
        stage, key = world.project.stage(made.stage), (made.stage, made.warehouse)
        if stage.rollout is None or stage.rollout.parallel is None or made.shadow:
            return
        held = held_by(world, key)
        if (held is not None and held.id == freight) or self._let(world, made, freight):
            return  # What is there already is only written anew.
        own = Counter[tuple[str, FreightId]]() if begun is None else begun
        what = made.warehouse, freight
        busy = self._busy(world, stage, what, opens=begun is not None) + own[what]
        demand(busy < stage.rollout.parallel, f"I11 {made.stage}: not its turn")
        own[what] += 1

    def _let(self, world: World, made: LinePlan, freight: FreightId) -> bool:
        """Whether somebody lets it go out of its turn."""
        asked = asked_for(world, self.book, (made.stage, made.warehouse))
        if asked is not None and asked.freight == freight:
            return True
        return is_past(self.book, made.stage, "rollout", freight)

    def _busy(self, world: World, stage: Stage, what: tuple[str, FreightId], *, opens: bool) -> int:
        """How many others of the matrix hold it unverified, or, where one `opens`, are open."""
        warehouse, freight = what
        count = 0
        for one in world.project.stages:
            if one.family != stage.family or one.name == stage.name:
                continue
            key = (one.name, warehouse)
            held, pull = held_by(world, key), world.open(key)
            if pull is not None and pull.number in self.closing:
                pull = None
            carried = world.freight_of(pull.head_oid, key) if pull and opens else None
            unverified = bool(one.verify) and (one.name, freight) not in self.verified
            if held is not None and held.id == freight:
                count += unverified  # What is open there only writes anew what it holds.
            else:
                count += carried is not None and carried.id == freight
        return count

    def _judge_line(self, world: World, stage: Stage, line: Line, planned: LinePlan) -> None:
        demand(_has_reason(planned), f"no reason: {planned.decision}")
        if planned.shadow:
            return
        key = (stage.name, line.warehouse)
        for action in planned.actions:
            match action:
                case OpenPromotion(proposal):
                    self._judge_proposal(world, stage, line, proposal)
                    self._judge_opening(world, key, proposal)
                case UpdatePromotion(_, proposal):
                    self._judge_proposal(world, stage, line, proposal)
                case MergePromotion(pull):
                    self._judge_merge(world, stage, line, pull)
                case PostCheck(oid, check, _):
                    demand(oid == world.heads.get(world.name(key)), "a check on no head")
                    if check.conclusion is Conclusion.SUCCESS:
                        self._judge_merge(world, stage, line, _pull(world, key))
                case _:
                    pass

    def _judge_proposal(self, world: World, stage: Stage, line: Line, proposal: Proposal) -> None:
        key, freight = (stage.name, line.warehouse), proposal.freight
        where = f"{key[0]}/{key[1]}"
        self._judge_entry(world, stage, line, freight)
        demand(proposal.base_oid == world.tip.oid, f"{where}: not on the base's tip")
        demand(world.record(key) in proposal.files, f"{where}: no record in the commit")
        self._judge_head(world, key, proposal)
        if proposal.check.conclusion is Conclusion.SUCCESS:
            pull = world.open(key)
            same = pull is not None and _same_files(world, pull, proposal)
            judge_green(world, self.book, stage, pull if same else None, (key[1], freight))

    def _judge_entry(self, world: World, stage: Stage, line: Line, freight: FreightId) -> None:
        key = (stage.name, line.warehouse)
        where = f"{key[0]}/{key[1]} {freight[:6]}"
        held = held_by(world, key)
        anew = held is not None and held.id == freight
        asked = asked_for(world, self.book, key)
        mine = asked if asked is not None and asked.freight == freight else None
        if anew:
            demand(not _is_written(world, stage, key), f"I9 {where}: proposed in vain")
        elif mine is None:
            order = self.order(line.warehouse, held.id) if held else -1
            newer = held is None or self.order(line.warehouse, freight) > order
            demand(newer, f"I4 {where}: a stage goes back")
        past = anew or (mine is not None and mine.way is not Way.PROMOTE)
        adopts = mine is not None and pins_say(world, key, self._freight(world, key[1], freight))
        let = past or adopts or self._available(world, stage, line, freight)
        demand(let, f"I6 {where}: not available")
        pinned = stage.write is world.write(key) is Write.PINS
        edited = pinned and held is not None and not pins_say(world, key, held)
        demand(not edited or adopts, f"I8 {where}: edited pins overwritten")
        demand(
            not self._is_reverted(key, mine, held.id if held else None),
            f"I8 {where}: promoted after a revert",
        )
        demand(not is_on_hold(self.book, key, asked), f"I8 {where}: promoted on hold")
        if mine is None:
            demand(asked is None, f"I13 {where}: not what was asked for")
            self._judge_by_itself(world, stage, line, freight)

    def _judge_by_itself(self, world: World, stage: Stage, line: Line, freight: FreightId) -> None:
        """What nobody chose comes only where the stage takes freight by itself, in its time."""
        key = (stage.name, line.warehouse)
        where = f"{key[0]}/{key[1]} {freight[:6]}"
        held = held_by(world, key)
        if held is None:
            demand(not _is_lower(world, key, self._known(world, key[1]), freight), f"I4 {where}")
        elif held.id == freight:
            return
        if stage.opening is Opening.MANUAL:
            carried = world.open(key)
            found = world.freight_of(carried.head_oid, key) if carried else None
            demand(found is not None and found.id == freight, f"I13 {where}: nobody asked")
        if stage.supersede is Supersede.AFTER_SOAK and held is not None:
            demand(self._has_soaked(world, stage, line, held), f"{where}: displaced while soaking")

    def _freight(self, world: World, warehouse: str, freight: FreightId) -> Freight:
        seen = self.book.find(warehouse, freight)
        demand(seen is not None, f"{freight[:6]} is not known")
        assert seen is not None
        return seen.freight

    def _is_reverted(self, key: Key, asked: Asked | None, held: FreightId | None) -> bool:
        """Whether a revert stands, and nobody chose otherwise since."""
        if key not in self.reverted:
            return False
        at = self.reverted_at[key]
        notes = self.book.notes(key[0])
        resumed = any(one.warehouse == key[1] and one.at >= at for one in notes.resumed)
        wishes = (one for one in notes.asked if one.warehouse == key[1] and one.at >= at)
        came = any(one.freight == held for one in wishes)
        return not (resumed or came or (asked is not None and asked.at >= at))

    def _has_soaked(self, world: World, stage: Stage, line: Line, held: Freight) -> bool:
        wanted = _wanted(world, stage.name, line.warehouse)
        stays = self._stays(world, (stage.name, line.warehouse))
        mine = [one for one in stays if one.freight == held.id]
        longest = max(((one.until or world.now) - one.since for one in mine), default=timedelta(0))
        said = [found.get("smoke") for found in world.results.values()]
        return longest >= wanted or (bool(stage.verify) and ResultState.FAILURE in said)

    def _judge_head(self, world: World, key: Key, proposal: Proposal) -> None:
        name = world.name(key)
        oid = world.heads.get(name)
        demand(proposal.expected_head == oid, f"{name}: not a compare-and-swap")
        if oid is None or world.on(oid) == oid:
            return
        leftover = any(one.head_oid == oid and one.state is PullState.MERGED for one in world.pulls)
        ours = all(one.ours for one in _chain(world, oid))
        demand(ours or leftover, f"I8 {name}: somebody's commit is overwritten")

    def _judge_opening(self, world: World, key: Key, proposal: Proposal) -> None:
        freight, name = proposal.freight, world.name(key)
        held = held_by(world, key)
        demand(world.open(key) is None, f"I2 {name}: a second open pull request")
        asked = asked_for(world, self.book, key)
        for number, (line, unwanted, known) in self.rejected.items():
            if asked is not None and asked.freight == freight:
                continue
            if is_past(self.book, key[0], "rejection", unwanted):
                continue
            place = self.order(key[1], unwanted)
            if line == key and place < known:
                # What is there already may be written anew, unless just that was not wanted.
                anew = held is not None and held.id == freight != unwanted
                newer = anew or self.order(key[1], freight) > place
                demand(newer, f"I8 {name}: #{number} was rejected by a person")

    def _judge_merge(self, world: World, stage: Stage, line: Line, pull: PullRequest) -> None:
        key = (stage.name, line.warehouse)
        freight = world.freight_of(pull.head_oid, key)
        demand(freight is not None, "merging what has no record")
        if freight is not None:
            self._judge_entry(world, stage, line, freight.id)
            judge_green(world, self.book, stage, pull, (line.warehouse, freight.id))
        ours = all(one.ours for one in _chain(world, pull.head_oid))
        demand(ours, "I8 somebody's commit is merged")

    def _judge_shadow(self, world: World, plan: Plan) -> None:
        shadows = {one.name for one in world.project.stages if one.mode is Mode.SHADOW}
        for action in plan.actions():
            match action:
                case OpenPromotion(proposal) | UpdatePromotion(proposal=proposal):
                    demand(proposal.stage not in shadows, "a shadow opens a pull request")
                case WriteLedger(files):
                    written = {one.rpartition("/")[2].removesuffix(".yaml") for one in files}
                    demand(not written & shadows, "a shadow writes the ledger")
                case _:
                    pass
        placed = {stage.name for stage, _ in world.lines()}
        demand(not plan.actions() or bool(placed - shadows), "a project of shadows writes")

    # Judging the state

    def judge_world(self, world: World) -> None:
        """After every step."""
        for pull in world.pulls[self.counted :]:
            key = _key(pull)
            freight = world.freight_of(pull.head_oid, key)
            if freight is not None:
                self.opened[key, freight.id, self.times[freight.id]] += 1
        self.counted = len(world.pulls)
        names = [one.head for one in world.pulls if one.state is PullState.OPEN]
        demand(len(names) == len(set(names)), "I2: two open pull requests on one line")
        self.commanded.judge(world)

    def judge_end(self, world: World, plan: Plan) -> None:
        """When nothing happens any more."""
        for stage, line in world.lines():
            if stage.mode is not Mode.SHADOW:
                self._judge_rest(world, stage, line, plan)
        self.commanded.judge_end(world)
        for name, versions in world.posts.items():
            said = [one.version for one in world.book().arrived(name).posted]
            demand(said == versions, f"I10 {name}: {versions} were posted, {said} are known")
        for (key, freight, _), count in self.opened.items():
            allowed = 1 + self.asked[key] + 2 * len(world.comments)
            allowed += sum(one.who == "towline" for one in world.book().notes(key[0]).asked)
            demand(count <= allowed, f"I2 {key} {freight[:6]}: {count} pull requests")

    def _judge_rest(self, world: World, stage: Stage, line: Line, plan: Plan) -> None:
        key = (stage.name, line.warehouse)
        planned = next(one for one in plan.lines if (one.stage, one.warehouse) == key)
        pull = world.open(key)
        match planned.decision:
            case Promote(freight) if pull is not None and _is_ours(world, pull):
                carried = world.freight_of(pull.head_oid, key)
                demand(carried == freight, f"{key}: the pull request carries something else")
                demand(not world.conflicts(pull), f"{key}: the pull request conflicts")
                demand(pull.head_oid in world.checks, f"{key}: no check on the head")
            case Promote():
                foreign = world.heads.get(world.name(key))
                demand(foreign is not None, f"{key}: nothing was opened")
            case UpToDate(freight, later):
                offered = world.offers.get(key[1])
                newest = offered.freight.id if isinstance(offered, Discovered) else freight
                if not _is_plain(world.project.warehouse(key[1])):
                    newest = self.becoming.get(key[1], [freight or newest])[-1]
                fine = isinstance(line.source, After) or later is not None or newest == freight
                demand(fine, f"I3 {key}: the newest freight is lost")
                unwanted = any(one[:2] == (key, freight) for one in self.rejected.values())
                rest = unwanted or _is_written(world, stage, key)
                demand(rest, f"I9 {key}: not written as the stage asks")
            case _:
                pass


def _is_plain(warehouse: Warehouse) -> bool:
    """Whether whatever is offered is freight at once."""
    return warehouse.creation is Creation.AUTO and not warehouse.settle


def _book_after(world: World, planned: Plan) -> Ledger:
    """The ledger as a plan would leave it."""
    files = dict(world.ledger)
    for path, text in planned.ledger.files.items() if planned.ledger else ():
        files.pop(path, None)
        if text is not None:
            files[path] = text
    return world.book() if files == world.ledger else read_ledger(world.project.name, files)


def held_by(world: World, key: Key) -> Freight | None:
    """What the record of a line names."""
    return world.freight_of(world.tip.oid, key)


def pins_say(world: World, key: Key, freight: Freight) -> bool:
    """Whether the files of a stage pin exactly this freight."""
    text = "".join(
        one
        for path, one in world.tip.tree.items()
        if path.startswith(f"stages/{key[0]}/")
        and path.endswith(("kustomization.yaml", "llm.yaml"))
    )
    return all(_said(one) in text for one in freight.artifacts)


def _said(artifact: Artifact) -> str:
    """What a stage's files say that is at this version."""
    if isinstance(artifact, Custom):
        return f"version: {artifact.tag} # towline: llm:version\n"
    return f"newTag: {artifact.tag}\n    digest: {artifact.digest}"


def _is_written(world: World, stage: Stage, key: Key) -> bool:
    """Whether what a line holds stands where its stage asks for it."""
    held = held_by(world, key)
    if held is None or world.write(key) is stage.write:
        return True
    return stage.write is Write.RECORD and pins_say(world, key, held)


def _key(pull: PullRequest) -> Key:
    _, _, stage, warehouse = pull.head.split("/")
    return stage, warehouse


def _intervals(world: World, key: Key) -> list[Interval]:
    found: list[Interval] = []
    for _, at, freight in world.history.get(world.record(key), ()):
        if found and found[-1].until is None:
            if found[-1].freight == freight:
                continue
            found[-1] = Interval(found[-1].freight, found[-1].since, at)
        if freight is not None:
            found.append(Interval(freight, at, None))
    return found


def _chain(world: World, oid: str) -> Iterator[Commit]:
    on = world.on(oid)
    while oid != on:
        commit = world.commits[oid]
        yield commit
        assert commit.parent is not None
        oid = commit.parent


def _is_ours(world: World, pull: PullRequest) -> bool:
    return all(one.ours for one in _chain(world, pull.head_oid))


def _pull(world: World, key: Key) -> PullRequest:
    pull = world.open(key)
    demand(pull is not None, f"{key}: a check on no promotion")
    assert pull is not None
    return pull


def _same_files(world: World, pull: PullRequest, proposal: Proposal) -> bool:
    """Whether what is proposed comes to what the pull request carries."""
    return world.changed(pull.head_oid) == dict(proposal.files)


def _is_lower(world: World, key: Key, known: Iterable[Freight], freight: FreightId) -> bool:
    """Whether semantic versions go down from the pins of a stage that has no record."""
    wanted = next((one for one in known if one.id == freight), None)
    text = "".join(t for p, t in world.tip.tree.items() if p.startswith(f"stages/{key[0]}/"))
    for artifact in wanted.artifacts if wanted else ():
        _, found, rest = text.partition(f"name: {artifact.subject}\n    newTag: ")
        before = version_of(rest.partition("\n")[0], strict=True) if found else None
        after = version_of(artifact.tag, strict=True)
        if before is not None and after is not None and after < before:
            return True
    return False


def _wanted(world: World, stage: str, warehouse: str) -> timedelta:
    wanted = [timedelta(0)]
    for other in world.project.stages:
        line = other.line(warehouse)
        for one in line.source.upstreams if line and isinstance(line.source, After) else ():
            if one.stage == stage:
                through = other.place is None
                later = _wanted(world, other.name, warehouse) if through else timedelta(0)
                wanted.append(max(one.soak, later))
    return max(wanted)


def _has_reason(line: LinePlan) -> bool:
    match line.decision:
        case Waiting(pending):
            return bool(pending.reason)
        case Held(reason):
            return bool(reason)
        case Blocked(reasons):
            return bool(reasons) and all(reasons)
        case _:
            return all(gate.text for gate in line.gates)
