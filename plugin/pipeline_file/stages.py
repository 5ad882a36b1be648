"""The `stages` section: each stage as it is declared, before its sources are resolved."""

from __future__ import annotations

from dataclasses import dataclass

from plugin.pipeline import (
    InBranch,
    InDirectory,
    Merge,
    Mode,
    Place,
    PullRequestForm,
    Stage,
    Supersede,
)
from plugin.pipeline_file import not_yet
from plugin.pipeline_file.branch_stages import refuse_in_branch
from plugin.pipeline_file.feeds import Feed, Follows, Takes, read_feed, taken
from plugin.pipeline_file.fields import Fields, Reader, distinct, listed, mapping
from plugin.pipeline_file.matrix import TEMPLATE_WORDS, Expansion
from plugin.pipeline_file.mistakes import Mistakes, Position, shown
from plugin.pipeline_file.nodes import Entry, Node, Text
from plugin.pipeline_file.places import Placed, branch_name, relative_path
from plugin.pipeline_file.scalars import boolean, choice, name, template, text, word
from plugin.pipeline_file.stage_disks import Disks, stage_disks
from plugin.pipeline_file.stage_pins import stage_pins
from plugin.pipeline_file.verification import verification
from plugin.pipeline_file.vocabulary import opened
from plugin.stage_policy import Draft, Write

_EXAMPLE = "dev: {warehouses: [web], path: stages/dev}"
_LONGEST_LABEL = 50
# What only means something where something is promoted.
_OF_PROMOTIONS = (
    *("merge", "promote", "verify", "supersede", "pullRequest", "pins", "disks"),
    *("write", "overrides"),
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
        return Placed(self.name, self.stage.place, at) if self.stage.place and at else None


@dataclass(frozen=True, slots=True)
class Setting:
    """What the rest of the file means for every stage."""

    directory: str
    mode: Mode
    warehouses: tuple[str, ...]


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
    stage = _stage(called or "?", fields, setting)
    before = len(mistakes)
    feed = read_feed(fields)
    takes = fields.read("warehouses", taken)
    _refuse_unfed(called, fields, setting)
    positions = {one.key.text: one.key.at for one in whole.entries}
    sound = len(mistakes) == before
    return Declared(entry.key.at, stage, feed, takes, positions, sound) if called else None


def _stage(called: str, fields: Fields, setting: Setting) -> Stage:
    place = _place(fields, setting.directory)
    if fields.lacks("path", "branch"):
        _refuse_on_control_flow(fields)
    fields.read("promote", _promote)
    disks = fields.read_or("disks", stage_disks, Disks())
    overrides = fields.read_or("overrides", boolean, default=False)
    if isinstance(place, InBranch):
        refuse_in_branch(fields, overrides=overrides, allows=bool(disks.allow))
    return Stage(
        name=called,
        place=place,
        lines=(),
        merge=fields.read_or("merge", choice(Merge), Merge.MANUAL),
        verify=fields.read_or("verify", verification, ()),
        supersede=fields.read_or("supersede", choice(Supersede), Supersede.LATEST),
        mode=fields.read_or("mode", choice(Mode), setting.mode),
        pull_request=fields.read_or("pullRequest", _pull_request, PullRequestForm()),
        pins=fields.read_or("pins", stage_pins, ()),
        disks_kept=disks.kept,
        write=fields.read_or("write", choice(Write), Write.PINS),
        overrides=overrides,
        disks_allow=disks.allow,
    )


def _place(fields: Fields, directory: str) -> Place | None:
    before = len(fields.mistakes)
    path = fields.read("path", relative_path)
    branch = fields.read("branch", branch_name)
    if len(fields.mistakes) > before:
        return None
    if path is not None and branch is not None:
        not_yet.refuse_meaning("branch together with path", fields.at("branch"), fields.mistakes)
    if branch is not None:
        return InBranch(branch)
    return InDirectory(f"{directory}/{path}" if directory else path) if path is not None else None


def _refuse_on_control_flow(fields: Fields) -> None:
    for key in _OF_PROMOTIONS:
        if fields.has(key):
            fields.mistakes.add(
                fields.at(key),
                f"'{key}' would never be carried out: "
                "a stage without 'path' and 'branch' promotes nothing",
                f"add a path, or remove '{key}'",
            )


def _promote(node: Node, mistakes: Mistakes) -> str | None:
    value = word("auto", "manual")(node, mistakes)
    if value == "manual":
        not_yet.refuse_meaning("promote: manual", node.at, mistakes)
    return value


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


def _label(node: Node, mistakes: Mistakes) -> str | None:
    value = text("a label", "promotion")(node, mistakes)
    if value is not None and (len(value) > _LONGEST_LABEL or "," in value):
        mistakes.add(
            node.at,
            f"{shown(value)} cannot be a label on GitHub",
            f"write at most {_LONGEST_LABEL} characters, without commas",
        )
        return None
    return value


_title = template("a title", "'Promote ${freight} to ${stage}'", TEMPLATE_WORDS)
_labels: Reader[tuple[str, ...]] = distinct(listed("labels", "[promotion]", _label))


def _draft(node: Node, mistakes: Mistakes) -> Draft | None:
    if isinstance(node, Text) and node.text == Draft.WAITING.value:
        not_yet.refuse_meaning("draft: waiting", node.at, mistakes)
        return Draft.WAITING
    value = boolean(node, mistakes)
    return None if value is None else Draft.YES if value else Draft.NO


def _pull_request(node: Node, mistakes: Mistakes) -> PullRequestForm | None:
    whole = mapping(node, mistakes, "how pull requests look", "{labels: [promotion]}")
    if whole is None:
        return None
    fields = opened("pullRequest", whole, mistakes)
    return PullRequestForm(
        fields.read("title", _title),
        fields.read_or("labels", _labels, ()),
        fields.read_or("draft", _draft, Draft.NO),
    )
