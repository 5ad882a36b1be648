"""What was said on a repository's promotions and may be a command, and who said it.

The latest comments come with every look, so a webhook that was lost is made good by the next one.
A delivery names what the look did not show: a comment on an older pull request, a pressed button.
Whoever commands is asked about at that moment, and only then.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from github_app.commands.parser import read_commands
from github_app.commands.verbs import WORD
from github_app.events import ButtonPressed, CommentMade, Told
from github_app.may import ROLES
from github_app.picture import LinePicture, Person, ProjectPicture, Spoken
from github_app.ports import GitHub, Objects
from github_app.pulls import PullRequest, PullState, Said
from plugin.errors import Refusal
from plugin.freight import FreightId
from plugin.head import head_in
from plugin.pipeline import Stage
from plugin.record import read_record, record_path

OLDEST = timedelta(days=1)
"""What is found that is older was never meant for us, or does not matter any more."""
PRESSED = "button:"

_Line = tuple[ProjectPicture, Stage, LinePicture]
_Lines = Sequence[_Line]


@dataclass(frozen=True, slots=True)
class Heard:
    """The commands that nobody may have answered, and by login in lower case who gave them."""

    spoken: tuple[Spoken, ...] = ()
    people: Mapping[str, Person] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Listener:
    """Listens in one repository; `told` are the deliveries that came for it."""

    github: GitHub
    objects: Objects
    told: Sequence[Told]
    now: datetime

    def heard(self, repository: str, projects: Sequence[ProjectPicture]) -> Heard:
        """Every command on the promotions of `projects`, and who gave it."""
        spoken = self.spoken(repository, projects)
        return Heard(spoken, self.people(repository, spoken, projects))

    def spoken(self, repository: str, projects: Sequence[ProjectPicture]) -> tuple[Spoken, ...]:
        """Every command on the promotions of `projects` that is new, or whose answer is missing."""
        lines: dict[str, list[_Line]] = {}
        for project, stage, one in _lines(projects):
            head = head_in(project.project.name, stage, one.warehouse)
            lines.setdefault(head, []).append((project, stage, one))
        found = {one.said.node: one for one in self._shown(lines)}
        found |= {one.said.node: one for one in self._named(repository, lines)}
        return tuple(
            self._whole(one, lines[one.pull.head])
            for one in found.values()
            if one.pull.head in lines and _counts(one.said)
        )

    def _shown(self, lines: Mapping[str, _Lines]) -> Iterator[Spoken]:
        """The comments that came with the look."""
        for mine in lines.values():
            for pull in _pulls(mine):
                fresh = (one for one in pull.comments if self.now - one.at <= OLDEST)
                yield from (Spoken(pull, one) for one in fresh)

    def _named(self, repository: str, lines: Mapping[str, _Lines]) -> Iterator[Spoken]:
        """What deliveries name and the look did not show."""
        pulls = {pull.node: pull for mine in lines.values() for pull in _pulls(mine)}
        shown = {one.node for pull in pulls.values() for one in pull.comments}
        hinted = {one.comment for one in self.told if isinstance(one, CommentMade)}
        if hinted - shown:
            yield from self.github.comments(repository, sorted(hinted - shown))
        pressed = (one for one in self.told if isinstance(one, ButtonPressed))
        for press in pressed:
            for pull in pulls.values():
                # A check of an older head is not what anybody looks at.
                if pull.state is PullState.OPEN and pull.head_oid == press.oid:
                    yield Spoken(pull, self._said(press), pressed=True)

    def _said(self, press: ButtonPressed) -> Said:
        node, words = f"{PRESSED}{press.delivery}", f"{WORD} {press.button}"
        return Said(node, press.who, bot=False, text=words, at=self.now)

    def _whole(self, spoken: Spoken, lines: _Lines) -> Spoken:
        """With the freight that its pull request carries, for each of its lines."""
        found = (self._carried(spoken.pull, stage, one) for _, stage, one in lines)
        return replace(spoken, carried=tuple(one for one in found if one is not None))

    def _carried(self, pull: PullRequest, stage: Stage, line: LinePicture) -> FreightId | None:
        if pull.state is PullState.OPEN:
            head = line.head
            ours = head is not None and head.ours and head.oid == pull.head_oid
            return head.freight.aim if head and ours and head.freight else None
        if not self.objects.has(pull.head_oid):
            with contextlib.suppress(Refusal):
                self.objects.fetch_pull(pull.number)
        if not self.objects.has(pull.head_oid):
            return None
        path = record_path(line.directory, line.warehouse)
        return self._recorded(self.objects.tree(pull.head_oid), path)

    def _recorded(self, tree: str, path: str) -> FreightId | None:
        """The freight that a record names or leads to; one that cannot be read is none."""
        found = [one for part in self.objects.find({tree: [path]}) for one in part[tree]]
        for content in self.objects.blobs(one.oid for one in found if one.plain).values():
            with contextlib.suppress(Refusal, UnicodeDecodeError):
                return read_record(path, content.decode()).freight.aim
        return None

    def people(
        self, repository: str, spoken: Iterable[Spoken], projects: Sequence[ProjectPicture]
    ) -> Mapping[str, Person]:
        """What those may do in `repository` who wait for an answer, by login in lower case."""
        logins = sorted({one.said.author for one in spoken if not _answered(one, projects)})
        if not logins:
            return {}
        return self.github.people(repository, logins, teams=_names_teams(projects))


def _lines(projects: Sequence[ProjectPicture]) -> Iterator[_Line]:
    for project in projects:
        for stage in project.project.stages:
            for line in stage.lines:
                picture = project.lines.get((stage.name, line.warehouse))
                if picture is not None:
                    yield project, stage, picture


def _pulls(lines: _Lines) -> list[PullRequest]:
    """The open and the last closed pull request of lines that share a head branch."""
    both = [pull for _, _, line in lines for pull in (line.open, line.last) if pull is not None]
    return list({one.node: one for one in both if one.ours}.values())


def _counts(said: Said) -> bool:
    """Whether it may be a command that is not answered; what was edited is none."""
    return not (said.bot or said.edited or said.reacted) and bool(read_commands(said.text))


def _answered(spoken: Spoken, projects: Sequence[ProjectPicture]) -> bool:
    return any(
        note.comment == spoken.said.node
        for project in projects
        for notes in project.ledger.stages.values()
        for note in notes.answered
    )


def _names_teams(projects: Sequence[ProjectPicture]) -> bool:
    """Whether any `may` may mean a team: its members are asked for only then."""
    return any(
        entry.lower() not in ROLES
        for project in projects
        for stage in project.project.stages
        for entries in stage.may.values()
        for entry in entries
    )
