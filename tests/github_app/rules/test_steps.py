"""Freight of a warehouse with an order goes into a stage step by step, whatever happens between."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from github_app.ledger import Ledger
from github_app.notes import Asked, LineNote, Note, StageNotes, Way
from github_app.picture import LinePicture, Stay
from github_app.plan import LinePlan, plan
from github_app.pulls import Closer, PullState
from github_app.rules.decision import Decision, Promote, UpToDate, Waiting
from github_app.rules.steps import at_once, course, held_in, start_of, steps
from plugin import holding as holdings
from plugin.artifact import Artifact, Image, Repository
from plugin.freight import Freight
from plugin.held import Held
from plugin.pipeline import Project
from plugin.verification import CheckSucceeds
from tests.github_app.shop import (
    after,
    at,
    image,
    kustomization,
    ledger,
    line,
    line_plan,
    planned,
    project,
    pull,
    repository,
    shown,
    stage,
    warehouse,
    with_files,
)

NAMES = ("stock", "pay", "web")
OF = {name: Repository.parse(f"ghcr.io/acme/{name}") for name in NAMES}
SHOP = replace(warehouse("shop", *OF.values()), order=("stock", "pay"))
SHOP = replace(
    SHOP,
    subscriptions=tuple(
        replace(one, name=name) for name, one in zip(NAMES, SHOP.subscriptions, strict=True)
    ),
)
SMOKE = (CheckSucceeds("smoke"),)


def of(*versions: int, towards: Freight | None = None) -> Freight:
    """Freight of these versions of stock, pay and web."""
    images = (
        image(f"{version}.0.0", OF[name]) for name, version in zip(NAMES, versions, strict=True)
    )
    return Freight("shop", tuple(images), towards.id if towards else None)


OLD, NEW = of(1, 1, 1), of(2, 2, 2)


def ordered(*, verify: bool = False) -> Project:
    """One stage that takes the shop, straight from its warehouse."""
    one = replace(stage("prod", warehouses=("shop",)), verify=SMOKE if verify else ())
    return project(one, warehouses=(SHOP,))


def went(*held: Freight, previous: Freight | None = None) -> LinePicture:
    """The stage after it held these, a minute each."""
    now = line("prod", held[-1], of=SHOP, previous=previous)
    stays = tuple(
        Stay(
            one.id,
            at(number),
            f"commit-{number}",
            at(number + 1) if number + 1 < len(held) else None,
            one.towards,
        )
        for number, one in enumerate(held)
    )
    return replace(now, stays=stays)


def decided(
    picture: LinePicture, book: Ledger, *, verify: bool = False, offered: Freight | None = None
) -> LinePlan:
    newest = offered or book.seen("shop")[-1].freight
    made = planned(shown(ordered(verify=verify), [picture], book, newest), at(60))
    return line_plan(made, "prod", "shop")


def next_of(decision: Decision) -> Freight:
    assert isinstance(decision, Promote), decision
    return decision.freight


def titles(made: LinePlan) -> list[str]:
    return [one.proposal.text.title for one in made.actions if hasattr(one, "proposal")]


def verified(*held: Freight) -> StageNotes:
    return StageNotes(tuple(Note(one.id, at(30), "smoke", "") for one in held))


def test_the_first_in_the_order_goes_first_and_the_last_step_is_the_freight() -> None:
    book = ledger(OLD, NEW)
    first = next_of(decided(went(OLD), book).decision)
    assert first == of(2, 1, 1, towards=NEW)
    # What no order names goes with the last.
    last = next_of(decided(went(OLD, first, previous=OLD), book).decision)
    assert last == NEW
    there = decided(went(OLD, first, NEW, previous=first), book)
    assert isinstance(there.decision, UpToDate)


def test_the_pull_request_says_which_step_it_is_and_what_follows() -> None:
    book = ledger(OLD, NEW)
    first = decided(went(OLD), book)
    (title,) = titles(first)
    assert title == "Promote shop/shop 2.0.0 to prod, step 1 of 2: stock"
    (opened,) = [one for one in first.actions if hasattr(one, "proposal")]
    body = opened.proposal.text.body
    assert f"**Step 1 of 2: stock** of `2.0.0` {NEW.alias}. Next: pay and web, each once" in body
    assert NEW.id in body
    last = decided(went(OLD, of(2, 1, 1, towards=NEW), previous=OLD), book)
    assert titles(last) == ["Promote shop/shop 2.0.0 to prod, step 2 of 2: pay, web"]


def test_what_differs_in_one_thing_alone_goes_at_once() -> None:
    for versions in ((2, 1, 1), (1, 2, 1), (1, 1, 2), (2, 1, 1)):
        whole = of(*versions)
        made = decided(went(OLD), ledger(OLD, whole))
        assert next_of(made.decision) == whole
        assert "step" not in titles(made)[0]


def test_the_next_step_waits_until_the_stage_has_verified_the_one_before() -> None:
    step = of(2, 1, 1, towards=NEW)
    held, book = went(OLD, step, previous=OLD), ledger(OLD, NEW)
    waits = decided(held, book, verify=True).decision
    assert isinstance(waits, Waiting)
    assert "step 2 of 2: pay, web waits for" in waits.pending.reason
    assert "smoke" in waits.pending.reason
    proved = ledger(OLD, NEW, prod=verified(step))
    assert next_of(decided(held, proved, verify=True).decision) == NEW


def test_a_step_is_freight_of_nobody_else() -> None:
    """No stage behind takes it, and the ledger does not list it."""
    step = of(2, 1, 1, towards=NEW)
    whole = ordered()
    behind = stage("later", after("prod"), warehouses=("shop",))
    both = replace(whole, stages=(*whole.stages, behind))
    held = went(OLD, step, previous=OLD)
    for twin in ((), (of(2, 1, 1),)):
        book = ledger(OLD, *twin, NEW)
        picture = shown(both, [held, line("later", OLD, of=SHOP)], book, NEW)
        made = plan(repository(picture), at(60))
        later = line_plan(made, "later", "shop")
        assert not isinstance(later.decision, Promote)
        text = "".join(text for text in (made.ledger.files if made.ledger else {}).values() if text)
        assert step.id not in text


def test_newer_freight_goes_on_from_what_the_stage_holds() -> None:
    step, newest = of(2, 1, 1, towards=NEW), of(3, 3, 3)
    held = went(OLD, step, previous=OLD)
    # Stock changes anew, so nobody waits for a proof of what goes.
    made = decided(held, ledger(OLD, NEW, newest), verify=True)
    assert next_of(made.decision) == of(3, 1, 1, towards=newest)
    # With the same stock pay would be next, and that builds on stock.
    same = of(2, 3, 3)
    waits = decided(held, ledger(OLD, NEW, same), verify=True).decision
    assert isinstance(waits, Waiting)
    proved = ledger(OLD, NEW, same, prod=verified(step))
    assert next_of(decided(held, proved, verify=True).decision) == same


def test_older_freight_never_comes_in_between() -> None:
    between = of(1, 2, 1)
    held = went(OLD, of(2, 1, 1, towards=NEW), previous=OLD)
    assert next_of(decided(held, ledger(OLD, between, NEW)).decision) == NEW
    closed = StageNotes(rejected=(Note(NEW.id, at(50), "alice", "broken"),))
    stays = decided(held, ledger(OLD, between, NEW, prod=closed)).decision
    assert not isinstance(stays, Promote)
    # Where the ledger forgot what the stage is on its way to, only the newest may come.
    assert not isinstance(decided(held, ledger(between, OLD)).decision, UpToDate)


def test_a_rollback_takes_the_last_in_the_order_back_first() -> None:
    asked = Asked("shop", OLD.id, at(40), "alice", "it burns", Way.ROLLBACK)
    hold = LineNote("shop", at(40), "alice", "rolled back")
    notes = StageNotes(asked=(asked,), held=(hold,))
    book = ledger(OLD, NEW, prod=notes)
    first = next_of(decided(went(OLD, NEW, previous=OLD), book).decision)
    assert first == of(2, 1, 2, towards=OLD)
    made = decided(went(OLD, NEW, first, previous=NEW), book)
    assert next_of(made.decision) == OLD
    assert titles(made) == ["Promote shop/shop 1.0.0 to prod, step 2 of 2: stock, web"]
    # From the middle of the way only what came so far goes back, proved or not.
    half = decided(went(OLD, of(2, 1, 1, towards=NEW), previous=OLD), book, verify=True)
    assert next_of(half.decision) == OLD


def test_what_a_step_changes_can_be_taken_back_by_a_revert() -> None:
    step = of(2, 1, 1, towards=NEW)
    reverted = decided(went(OLD, step, OLD), ledger(OLD, NEW))
    assert not isinstance(reverted.decision, Promote)
    assert "taken back" in str(reverted.decision)


def test_a_person_s_closing_of_a_step_rejects_the_freight() -> None:
    step = of(2, 1, 1, towards=NEW)
    closed = replace(
        pull("prod", warehouse_name="shop"),
        state=PullState.CLOSED,
        closed_by=Closer.PERSON,
        closed_at=at(50),
        closer="alice",
    )
    picture = replace(went(OLD), last=closed, last_freight=step.id, last_towards=NEW.id)
    made = planned(shown(ordered(), [picture], ledger(OLD, NEW), NEW), at(60))
    assert not isinstance(line_plan(made, "prod", "shop").decision, Promote)
    assert made.ledger is not None
    assert any(NEW.id in (text or "") for text in made.ledger.files.values())


def test_pins_without_a_record_are_the_start() -> None:
    book = ledger(OLD, NEW)
    pins = [one for one in OLD.artifacts if isinstance(one, Image)]
    files = {"stages/prod/kustomization.yaml": kustomization(*pins)}
    pinned = with_files(line("prod", of=SHOP), files, SHOP)
    assert isinstance(pinned.holding, holdings.Adopted)
    assert next_of(decided(pinned, book).decision) == of(2, 1, 1, towards=NEW)
    empty = line("prod", of=SHOP)
    assert next_of(decided(empty, book).decision) == NEW


def test_a_pin_that_says_half_a_version_is_left_alone_until_its_turn() -> None:
    tag = Held(OF["pay"], "1.0.0", None)
    whole = Held(OF["stock"], "1.0.0", image("1.0.0", OF["stock"]).digest)
    start = start_of(holdings.Adopted((tag, whole), None), NEW)
    first, last = steps(start, NEW, SHOP, back=False)
    assert first.freight.artifact(OF["pay"]) is None
    assert first.freight.artifact(OF["stock"]) == NEW.artifact(OF["stock"])
    # Web has no version yet, so it comes with the first.
    assert first.freight.artifact(OF["web"]) == NEW.artifact(OF["web"])
    assert last.freight == NEW


def test_without_an_order_everything_goes_at_once() -> None:
    assert at_once(NEW).words == ""
    assert steps(held_in(OLD, NEW), NEW, replace(SHOP, order=()))[0].freight == NEW


versions = st.integers(1, 4)
sets = st.builds(of, versions, versions, versions)
orders = st.permutations(NAMES).flatmap(
    lambda names: st.integers(0, len(names)).map(lambda count: tuple(names[:count]))
)


@given(sets, sets, orders, st.booleans())
def test_steps_lead_to_the_freight_one_subscription_at_a_time(
    old: Freight, new: Freight, order: tuple[str, ...], back: bool
) -> None:
    shop = replace(SHOP, order=order)
    way = steps(held_in(old, new), new, shop, back=back)
    assert way[-1].freight == new
    turns = order[::-1] if back else order
    before, done = old, -1
    for one in way:
        changed = [name for name in NAMES if _version(before, name) != _version(one.freight, name)]
        named = [name for name in changed if name in order]
        assert len(named) <= 1
        if named:
            assert turns.index(named[0]) > done
            done = turns.index(named[0])
        assert one is way[-1] or changed == named
        assert one is way[-1] or (one.freight.towards, one.freight.id != new.id) == (new.id, True)
        before = one.freight
    for number, one in enumerate(way[:-1], 1):
        held = held_in(one.freight, new)
        goes_on = course(held, new, shop, done=number, back=back)
        assert (goes_on.ahead, goes_on.number, goes_on.count) == (
            way[number:],
            number + 1,
            len(way),
        )


def _version(freight: Freight, name: str) -> Artifact | None:
    return freight.artifact(OF[name])


@dataclass
class Rollout:
    """A stage whose promotions are merged, with freight that comes in between."""

    seen: list[Freight] = field(default_factory=lambda: [OLD])
    held: list[Freight] = field(default_factory=lambda: [OLD])
    proved: list[Freight] = field(default_factory=lambda: [OLD])

    def round(self) -> Decision:
        previous = self.held[-2] if len(self.held) > 1 else None
        book = ledger(*self.seen, prod=verified(*self.proved))
        return decided(went(*self.held, previous=previous), book, verify=True).decision

    def come(self, whole: Freight) -> None:
        self.seen = [*(one for one in self.seen if one != whole), whole]

    def merge(self) -> None:
        match self.round():
            case Promote(freight=freight):
                self._judge(self.held[-1], freight)
                self.held.append(freight)
            case _:
                pass

    def _judge(self, before: Freight, after: Freight) -> None:
        """At most one of those in the order changes, and never before what it depends on."""
        changed = [name for name in SHOP.order if _version(before, name) != _version(after, name)]
        assert len(changed) <= 1
        aim = next(one for one in self.seen if one.id == after.aim)
        assert aim == self.seen[-1]
        if "pay" in changed:
            assert _version(after, "stock") == _version(aim, "stock")
            assert before.towards is None or before in self.proved or before.aim != aim.id


@given(st.lists(sets | st.sampled_from(["merge", "prove"]), max_size=14))
def test_whatever_comes_in_between_the_newest_arrives_in_order(
    events: Sequence[Freight | str],
) -> None:
    played = Rollout()
    for event in events:
        match event:
            case "merge":
                played.merge()
            case "prove":
                played.proved.append(played.held[-1])
            case Freight():
                played.come(event)
            case _:
                pytest.fail(f"{event} is no event")
    for _ in range(4):
        played.proved.append(played.held[-1])
        played.merge()
    assert played.held[-1] == played.seen[-1]
