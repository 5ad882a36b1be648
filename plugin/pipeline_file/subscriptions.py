"""The subscriptions of a warehouse: one of each kind is read by its module, no two are alike."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from plugin.pipeline_file.fields import Fields, found, mapping, names
from plugin.pipeline_file.kinds import chart, custom, disk, git, image, path, stage
from plugin.pipeline_file.kinds.shared import Setting
from plugin.pipeline_file.mistakes import Mistakes, Position, shown
from plugin.pipeline_file.nodes import Node, Text
from plugin.pipeline_file.nodes import Sequence as List
from plugin.pipeline_file.vocabulary import KINDS, of_kind, opened
from plugin.subscriptions import (
    PathSubscription,
    StageSubscription,
    Subscription,
    TakenWhole,
    apart,
    watched_by,
)

EXAMPLE = "- image: ghcr.io/acme/web"
_READERS: dict[str, Callable[[Fields, Setting], Subscription | None]] = {
    "image": image.read,
    "disk": disk.read,
    "chart": chart.read,
    "git": git.read,
    "path": path.read,
    "stage": stage.read,
    "custom": custom.read,
}


@dataclass(frozen=True, slots=True)
class Declared:
    """A subscription, where it stands, and whether its name is written there."""

    at: Position
    subscription: Subscription
    is_named: bool


def read_subscriptions(
    setting: Setting, node: Node, mistakes: Mistakes
) -> tuple[Declared, ...] | None:
    """The subscriptions of a list, those of one subject told apart by their names."""
    if not isinstance(node, List) or not node.items:
        what = "an empty list" if isinstance(node, List) else found(node)
        mistakes.add(node.at, f"expected a list of subscriptions, found {what}", f"write {EXAMPLE}")
        return None
    read = [_declared(setting, item, mistakes) for item in node.items]
    sound = [one for one in read if one is not None]
    before = len(mistakes)
    told_apart = _told_apart(sound, mistakes)
    _refuse_same_names(sound, mistakes)
    return told_apart if len(sound) == len(read) and len(mistakes) == before else None


def _declared(setting: Setting, node: Node, mistakes: Mistakes) -> Declared | None:
    is_text = isinstance(node, Text) and not node.is_nothing
    written = node.text if is_text and isinstance(node, Text) else "ghcr.io/acme/web"
    whole = mapping(node, mistakes, "a subscription", f"image: {shown(written)[1:-1]}")
    if whole is None:
        return None
    kinds = [one for one in KINDS if whole.get(one)]
    if len(kinds) != 1:
        every = ", ".join(KINDS)
        if kinds:
            what = f"{names(kinds)} stand in one subscription"
            mistakes.add(node.at, what, "write a list item for each")
        else:
            what = "this subscription names nothing to watch"
            mistakes.add(node.at, what, f"write one of {every}")
        return None
    before = len(mistakes)
    fields = opened(of_kind(kinds[0]), whole, mistakes)
    one = _READERS[kinds[0]](fields, setting)
    if one is None or len(mistakes) > before:
        return None
    return Declared(node.at, one, fields.has("name"))


def _subject(one: Subscription) -> object:
    match one:
        case PathSubscription(path=path):
            return path
        case StageSubscription(project=project, stage=stage_, warehouse=warehouse):
            return project, stage_, warehouse
        case _:
            return watched_by(one)[0]


def _told_apart(declared: Sequence[Declared], mistakes: Mistakes) -> tuple[Declared, ...]:
    """Those with a subject of their own as they are, the others with their names in it."""
    of: dict[object, list[Declared]] = {}
    for one in declared:
        of.setdefault(_subject(one.subscription), []).append(one)
    for group in of.values():
        if len(group) > 1:
            _refuse_mixed(group, mistakes)
    return tuple(
        one
        if len(of[_subject(one.subscription)]) == 1
        else replace(one, subscription=apart(one.subscription))
        for one in declared
    )


def _refuse_mixed(group: Sequence[Declared], mistakes: Mistakes) -> None:
    """Adds a mistake for each of the subscriptions to one subject that nothing tells apart."""
    for number, one in enumerate(group, start=1):
        name = one.subscription.name
        subject = shown(str(_subject(one.subscription)))
        if isinstance(one.subscription, TakenWhole):
            what = f"the {_called(one.subscription)} is subscribed to more than once"
            mistakes.add(one.at, what, "keep one of them")
        elif not one.is_named:
            mistakes.add(
                one.at,
                f"{subject} is subscribed to more than once, so each needs a name of its own",
                f"write name: {name}-{number}, and name it in its pins; or keep one",
            )


def _called(one: TakenWhole) -> str:
    if isinstance(one, StageSubscription):
        return f"stage '{one}'"
    return f"directory {shown(one.path)}"


def _refuse_same_names(declared: Sequence[Declared], mistakes: Mistakes) -> None:
    seen: dict[str, Declared] = {}
    for one in declared:
        name = one.subscription.name
        first = seen.setdefault(name, one)
        # Of one subject, those without a name have their mistake already.
        named = first.is_named and one.is_named
        if first is one or not (
            named or _subject(first.subscription) != _subject(one.subscription)
        ):
            continue
        mistakes.add(
            one.at,
            f"two subscriptions are called '{name}', the first in line {first.at.line}",
            "give this one a name of its own: name: other",
        )
