"""The `stages` section: each stage as it is declared, before its sources are resolved."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from plugin.pipeline import Mode, PullRequestForm, Stage, Supersede
from plugin.pipeline_file.ahead import notify
from plugin.pipeline_file.branch_stages import refuse_unseen
from plugin.pipeline_file.feeds import Feed, Follows, Takes, read_feed, taken
from plugin.pipeline_file.fields import Fields, mapping
from plugin.pipeline_file.matrix import Expansion
from plugin.pipeline_file.mistakes import Mistakes, Position
from plugin.pipeline_file.nodes import Entry, Node
from plugin.pipeline_file.places import Placed
from plugin.pipeline_file.pull_request_form import links, pull_request_form
from plugin.pipeline_file.scalars import boolean, choice, name
from plugin.pipeline_file.stage_disks import Disks, stage_disks
from plugin.pipeline_file.stage_gates import with_gates
from plugin.pipeline_file.stage_pins import stage_pins
from plugin.pipeline_file.stage_places import stage_place
from plugin.pipeline_file.vocabulary import opened
from plugin.stage_policy import Write

_EXAMPLE = "dev: {warehouses: [web], path: stages/dev}"
# What only means something where something is promoted.
_OF_PROMOTIONS = (
    *("select", "repo", "render", "at", "copy", "merge", "promote", "protection", "verify"),
    *("rollback", "supersede", "windows", "reviews", "may", "pullRequest", "group", "links"),
    *("notify", "pins", "disks", "write", "overrides", "rollout"),
)


@dataclass(frozen=True, slots=True)
class Declared:
    """A stage without its lines, and what is needed to find them."""

    at: Position
    stage: Stage
    feed: Feed
    takes: tuple[Takes, ...] | None
    positions: dict[str, Position]
    sound: bool

    @property
    def name(self) -> str:
        """The stage's name."""
        return self.stage.name

    @property
    def follows(self) -> tuple[Follows, ...]:
        """Every entry of an `after`, the stage's and its lines'."""
        lines = (one for line in self.takes or () for one in line.feed.after or ())
        return (*(self.feed.after or ()), *lines)

    @property
    def says_verify(self) -> bool:
        """Whether `verify` is written, be it `none`."""
        return "verify" in self.positions

    @property
    def placed(self) -> Placed | None:
        """The stage's place with its position, if it has one."""
        at = self.positions.get("path") or self.positions.get("branch")
        if self.stage.place is None or at is None:
            return None
        return Placed(self.name, self.stage.place, at, self.stage.repo)


@dataclass(frozen=True, slots=True)
class Setting:
    """What the rest of the file means for every stage."""

    directory: str
    mode: Mode
    warehouses: tuple[str, ...]
    may: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    links: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Section:
    """Every stage under its name, in the order of the file.

    `complete` says that no name is missing, so that an unknown one is a mistake.
    """

    stages: dict[str, Declared]
    complete: bool


NONE = Section({}, complete=False)


def read_stages(setting: Setting, node: Node, mistakes: Mistakes) -> Section | None:
    """Every stage of the section."""
    whole = mapping(node, mistakes, "a map of stages", _EXAMPLE)
    if whole is None:
        return None
    declared: dict[str, Declared] = {}

    def read(entry: Entry, apart: Mistakes) -> bool:
        stage = _declared(entry, setting, apart)
        _keep(stage, declared, apart)
        return stage is not None

    complete = Expansion("stage", mistakes).read(whole, read)
    return Section(declared, complete)


def _keep(stage: Declared | None, declared: dict[str, Declared], mistakes: Mistakes) -> None:
    if stage is None:
        return
    first = declared.setdefault(stage.name, stage)
    if first is not stage:
        mistakes.add(
            stage.at,
            f"the stage '{stage.name}' stands twice, first in line {first.at.line}",
            "keep one of them",
        )


def _declared(entry: Entry, setting: Setting, mistakes: Mistakes) -> Declared | None:
    called = name("a stage")(entry.key, mistakes)
    whole = mapping(entry.value, mistakes, "what a stage is", _EXAMPLE.partition(": ")[2])
    if whole is None:
        return None
    fields = opened("stage", whole, mistakes)
    stage = _stage(called or "?", entry.family, fields, setting)
    before = len(mistakes)
    feed = read_feed(fields)
    takes = fields.read("warehouses", taken)
    _refuse_unfed(called, fields, setting)
    positions = {one.key.text: one.key.at for one in whole.entries}
    sound = len(mistakes) == before
    return Declared(entry.key.at, stage, feed, takes, positions, sound) if called else None


def _stage(called: str, family: str, fields: Fields, setting: Setting) -> Stage:
    made = stage_place(fields, setting.directory)
    if fields.lacks("path", "branch"):
        _refuse_on_control_flow(fields)
    fields.read("notify", notify)
    disks = fields.read_or("disks", stage_disks, Disks())
    overrides = fields.read_or("overrides", boolean, default=False)
    refuse_unseen(fields, made, overrides=overrides, allows=bool(disks.allow))
    stage = Stage(
        name=called,
        place=made.place,
        lines=(),
        supersede=fields.read_or("supersede", choice(Supersede), Supersede.LATEST),
        mode=fields.read_or("mode", choice(Mode), setting.mode),
        pull_request=fields.read_or("pullRequest", pull_request_form, PullRequestForm()),
        pins=fields.read_or("pins", stage_pins, ()),
        disks_kept=disks.kept,
        write=fields.read_or("write", choice(Write), Write.PINS),
        overrides=overrides,
        disks_allow=disks.allow,
        group=fields.read_or("group", boolean, default=False),
        links=tuple((dict(setting.links) | dict(fields.read("links", links) or ())).items()),
        family=family,
        render=made.render,
        at=made.at,
        copies=made.copies,
        repo=made.repo,
    )
    return with_gates(stage, fields, setting.may)


def _refuse_on_control_flow(fields: Fields) -> None:
    for key in _OF_PROMOTIONS:
        if fields.has(key):
            fields.mistakes.add(
                fields.at(key),
                f"'{key}' would never be carried out: "
                "a stage without 'path' and 'branch' promotes nothing",
                f"add a path, or remove '{key}'",
            )


def _refuse_unfed(called: str | None, fields: Fields, setting: Setting) -> None:
    """Every source is written out, even in a project with one warehouse.

    Otherwise forgetting `after` would make a stage take freight straight from the warehouse.
    """
    if not fields.lacks("after", "warehouses"):
        return
    example = setting.warehouses[0] if setting.warehouses else "web"
    fields.mistakes.add(
        fields.node.at,
        f"nobody feeds the stage '{called}'" if called else "nobody feeds this stage",
        f"write after: [another stage], or warehouses: [{example}]",
    )
