"""What people, registries and time do to the model world, one step at a time.

Each event takes a number that picks among its possibilities, and says what it did; None where
there was nothing to do it to.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import TypeVar

from github_app.discovery import Discovered, Undiscovered
from github_app.ledger_files import ledger_files
from github_app.notes import LineNote, Note
from github_app.pulls import Closer, PullRequest, PullState
from github_app.results import ResultState
from plugin.artifact import Custom, CustomName
from plugin.freight import Freight
from plugin.pipeline import Creation
from plugin.stage_policy import Write
from tests.github_app.plan.world import Key, World
from tests.github_app.shop import image, repositories_of

Thing = TypeVar("Thing")
Event = Callable[[World, int], str | None]
TAGS = ("1.0.0", "1.1.0", "1.10.0", "1.2.0", "1.9.0", "2.0.0", "2.0.0-rc.1", "main-4f2c")


def picked(things: Sequence[Thing], pick: int) -> Thing | None:
    """One of them."""
    return things[pick % len(things)] if things else None


def push_tag(world: World, pick: int) -> str | None:
    """A tag that is newest now, whatever its name; sometimes moved, sometimes an older one."""
    warehouses = [one for one in world.project.warehouses if repositories_of(one)]
    warehouse = warehouses[pick % len(warehouses)]
    pick //= 4
    content = "moved" if pick % 5 == 0 else ""
    tag = TAGS[pick // 5 % len(TAGS)]
    images = tuple(image(tag, one, content) for one in repositories_of(warehouse))
    freight = Freight(warehouse.name, images)
    world.offers[warehouse.name] = Discovered(freight)
    return f"{warehouse.name}: {freight.tags()}{content} {freight.alias} is newest"


def post_one(world: World, pick: int) -> str | None:
    """CI posts a version of the model; sometimes one that it posted before."""
    warehouse = next((one for one in world.project.warehouses if not repositories_of(one)), None)
    if warehouse is None:
        return None
    tag, known = TAGS[pick % len(TAGS)], world.posts.setdefault(warehouse.name, [])
    world.waiting_posts.setdefault(warehouse.name, []).append(tag)
    if tag not in known:
        known.append(tag)
    world.offers[warehouse.name] = Discovered(model_freight(known[-1]))
    return f"CI posts {warehouse.name} {tag}"


def model_freight(version: str) -> Freight:
    """Freight of the model."""
    return Freight("llm", (Custom(CustomName("llm"), version),))


def assemble_one(world: World, pick: int) -> str | None:
    """Somebody asks for freight of a warehouse that makes none by itself."""
    manual = [one for one in world.project.warehouses if one.creation is Creation.MANUAL]
    warehouse = picked(manual, pick)
    if warehouse is None:
        return None
    images = tuple(image(TAGS[pick // 3 % len(TAGS)], one) for one in repositories_of(warehouse))
    world.assembled[warehouse.name] = Freight(warehouse.name, images)
    return f"ann asks for {warehouse.name} {world.assembled[warehouse.name].tags()}"


def break_registry(world: World, pick: int) -> str | None:
    """A registry that cannot be read; the next tag mends it."""
    warehouses = [one for one in world.project.warehouses if repositories_of(one)]
    warehouse = warehouses[pick % len(warehouses)].name
    world.offers[warehouse] = Undiscovered(f"the registry of {warehouse} answers 500")
    return f"{warehouse}: the registry is down"


def pass_time(world: World, pick: int) -> str | None:
    """A little time, or a lot."""
    minutes = (1, 5, 10, 29, 30, 31, 60, 600)[pick % 8]
    world.now += timedelta(minutes=minutes)
    return f"{minutes} minutes pass"


def _open(world: World) -> list[PullRequest]:
    return [one for one in world.pulls if one.state is PullState.OPEN]


def merge_one(world: World, pick: int) -> str | None:
    """A person merges what is green."""
    mergeable = [
        one
        for one in _open(world)
        if world.green(one) and not world.conflicts(one) and not one.draft
    ]
    pull = picked(mergeable, pick)
    if pull is None:
        return None
    world.merge(pull.number, pull.head_oid)
    return f"#{pull.number} ({pull.head}) is merged by a person"


def close_one(world: World, pick: int) -> str | None:
    """A person rejects a promotion; half of them delete the branch, which closes it as well."""
    pull = picked(_open(world), pick)
    if pull is None:
        return None
    world.change(
        pull,
        state=PullState.CLOSED,
        closed_by=Closer.PERSON,
        closed_at=world.now,
        closer="ann",
        auto_merge=False,
    )
    if pick % 2:
        world.move_head(pull.head, None)
    return f"#{pull.number} ({pull.head}) is closed by a person"


def reopen_one(world: World, pick: int) -> str | None:
    """A person thinks again; GitHub allows it while the branch stands where it stood."""
    closed = [
        one
        for one in world.pulls
        if one.state is PullState.CLOSED
        and world.heads.get(one.head) == one.head_oid
        and not any(other.head == one.head for other in _open(world))
        and world.changed(one.head_oid)
    ]
    pull = picked(closed, pick)
    if pull is None:
        return None
    world.change(pull, state=PullState.OPEN, closed_by=None, closed_at=None, closer="")
    return f"#{pull.number} ({pull.head}) is opened again"


def commit_on_head(world: World, pick: int) -> str | None:
    """A person commits on a promotion's branch: a new file, or other pins."""
    pull = picked(_open(world), pick)
    if pull is None:
        return None
    change = {"notes.md": f"note {pick}\n"}
    oid = world.commit(pull.head_oid, change, ours=False, who="bob")
    world.move_head(pull.head, oid)
    return f"bob commits on {pull.head}"


def _lines(world: World) -> list[Key]:
    return [(stage.name, line.warehouse) for stage, line in world.lines()]


def _of_images(world: World) -> list[Key]:
    return [key for key in _lines(world) if repositories_of(world.project.warehouse(key[1]))]


def _pins(world: World, key: Key) -> list[str]:
    names = [str(one) for one in world.project.warehouse(key[1]).carries]
    return [
        path
        for path, text in world.tip.tree.items()
        if path.startswith(f"stages/{key[0]}/")
        and path.endswith("kustomization.yaml")
        and any(name in text for name in names)
    ]


def edit_pins(world: World, pick: int) -> str | None:
    """A person writes another version into a stage that a record speaks for."""
    keys = [key for key in _of_images(world) if world.record(key) in world.tip.tree]
    key = picked(keys, pick)
    if key is None:
        return None
    path = _pins(world, key)[0]
    text = world.tip.tree[path]
    other = text.replace("newTag: ", "newTag: 0")
    if other == text:
        return None
    world.push({path: other}, "carol")
    return f"carol edits the pins of {key[0]}/{key[1]}"


def restore_pins(world: World, pick: int) -> str | None:
    """A person takes such an edit back."""
    changes = {
        path: text.replace("newTag: 0", "newTag: ")
        for path, text in world.tip.tree.items()
        if "newTag: 0" in text
    }
    if not changes:
        return None
    world.push(changes, "carol")
    return "carol takes her edits back"


def edit_elsewhere(world: World, pick: int) -> str | None:
    """An ordinary commit: to a file of no stage, or to the very file that has the pins."""
    key = picked(_of_images(world), pick)
    if key is None or pick % 3:
        world.push({"README.md": f"{pick} {len(world.main)}\n"}, "dave")
        return "dave edits the readme"
    path = _pins(world, key)[0]
    world.push({path: f"{world.tip.tree[path]}# {len(world.main)}\n"}, "dave")
    return f"dave edits {path} beside the pins"


def revert_one(world: World, pick: int) -> str | None:
    """GitHub's *Revert*: the files of a merge as they were, where nobody changed them since."""
    merged = [one for one in world.pulls if one.state is PullState.MERGED and one.merge_commit]
    pull = picked(merged[-4:], pick)
    if pull is None or pull.merge_commit is None:
        return None
    commit = world.commits[pull.merge_commit]
    assert commit.parent is not None
    before = world.commits[commit.parent].tree
    changed = [path for path, text in commit.tree.items() if before.get(path) != text]
    if not changed or any(world.tip.tree.get(path) != commit.tree[path] for path in changed):
        return None
    world.push({path: before.get(path) for path in changed}, "erin")
    return f"erin reverts #{pull.number} ({pull.head})"


def verify_one(world: World, pick: int) -> str | None:
    """A check reports on the last commit, or on a merge."""
    merged = [one.merge_commit for one in world.pulls if one.merge_commit]
    oid = [*merged[-3:], world.tip.oid][pick % min(4, len(merged) + 1)]
    state = (ResultState.SUCCESS,) * 5 + (ResultState.FAILURE, ResultState.PENDING)
    said = state[pick // 4 % 7]
    world.results.setdefault(oid, {})["smoke"] = said
    world.result_at[oid] = world.now
    return f"smoke on {oid[-4:]}: {said.value}"


def verify_all(world: World, pick: int) -> str | None:
    """Checks run on every push, and mostly succeed."""
    world.results.setdefault(world.tip.oid, {})["smoke"] = ResultState.SUCCESS
    world.result_at[world.tip.oid] = world.now
    return "smoke succeeds on the last commit"


def edit_body(world: World, pick: int) -> str | None:
    """A person writes into the pull request's text."""
    pull = picked(_open(world), pick)
    if pull is None:
        return None
    world.change(pull, body="LGTM", title="a better title")
    return f"somebody edits the text of #{pull.number}"


def _noted(world: World, stage: str, change: Mapping[str, tuple[Note | LineNote, ...]]) -> None:
    book = world.book()
    notes = replace(book.notes(stage), **change)  # type: ignore[arg-type]  # fields by name
    world.ledger = ledger_files(world.project.name, book.with_notes(stage, notes))


def approve_one(world: World, pick: int) -> str | None:
    """A person lets freight into a stage past its upstreams."""
    key = picked(_lines(world), pick)
    seen = world.book().seen(key[1]) if key else ()
    chosen = picked(seen, pick // 8)
    if key is None or chosen is None:
        return None
    note = Note(chosen.freight.id, world.now, "frank", "urgent")
    approved = world.book().notes(key[0]).approved
    _noted(world, key[0], {"approved": (*approved, note)})
    return f"frank approves {chosen.freight.alias} for {key[0]}"


def hold_one(world: World, pick: int) -> str | None:
    """A person holds a line."""
    key = picked(_lines(world), pick)
    if key is None:
        return None
    note = LineNote(key[1], world.now, "gina", "release freeze")
    _noted(world, key[0], {"held": (*world.book().notes(key[0]).held, note)})
    return f"gina holds {key[0]}/{key[1]}"


def resume_all(world: World, pick: int) -> str | None:
    """A person lets every line go on."""
    reverted = any(commit.who == "erin" for commit in world.commits.values())
    if not reverted and not any(notes.held for notes in world.book().stages.values()):
        return None
    for key in _lines(world):
        note = LineNote(key[1], world.now, "gina", "go on")
        _noted(world, key[0], {"resumed": (*world.book().notes(key[0]).resumed, note)})
    return "gina resumes every line"


def remove_stage(world: World, pick: int) -> str | None:
    """The last stage leaves the pipeline file."""
    if len(world.project.stages) < 3 or pick % 4:
        return None
    gone = world.project.stages[-1]
    world.project = replace(world.project, stages=world.project.stages[:-1])
    return f"stage {gone.name} is taken out of the pipeline"


def switch_write(world: World, pick: int) -> str | None:
    """A stage asks for the other of pins and record."""
    stage = picked([one for one in world.project.stages if one.place is not None], pick)
    if stage is None:
        return None
    write = Write.PINS if stage.write is Write.RECORD else Write.RECORD
    changed = replace(stage, write=write)
    stages = tuple(changed if one.name == stage.name else one for one in world.project.stages)
    world.project = replace(world.project, stages=stages)
    return f"hugo lets promotions to {stage.name} write {write.value}"


# How often each thing happens.
EVENTS: tuple[tuple[Event, int], ...] = (
    (push_tag, 11),
    (merge_one, 36),
    (pass_time, 12),
    (verify_all, 14),
    (verify_one, 6),
    (close_one, 3),
    (reopen_one, 2),
    (commit_on_head, 1),
    (edit_pins, 1),
    (restore_pins, 6),
    (edit_elsewhere, 4),
    (revert_one, 2),
    (edit_body, 2),
    (approve_one, 2),
    (hold_one, 1),
    (resume_all, 5),
    (break_registry, 1),
    (remove_stage, 1),
    (switch_write, 2),
    (post_one, 3),
    (assemble_one, 3),
)
