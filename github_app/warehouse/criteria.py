"""What a set of versions must satisfy to become freight: one expression of CEL; pure.

The language is Google's Common Expression Language, evaluated by the package
common-expression-language, which takes a quarter of a second to load: so it is imported where a
warehouse has criteria, and nowhere else.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Protocol

from semver import Version

from github_app.warehouse.candidate import Candidate
from github_app.warehouse.versions import version_of
from plugin.artifact import Image, Repository
from plugin.errors import Refusal
from plugin.subscriptions import criteria_name

# Without loops but over what the expression itself writes down, its length bounds its time.
_LONGEST = 2000
_DEEPEST = 20
_STRING = re.compile(r"'(?:\\.|[^'\\])*'|\"(?:\\.|[^\"\\])*\"")
_LOOP = re.compile(r"\b(?:all|exists|exists_one|existsOne|map|filter)\b")
_EXAMPLE = "write for example web.tag == api.tag"


class _Program(Protocol):
    """A compiled expression."""

    def execute(self, context: dict[str, Any]) -> object:
        """What the expression is worth."""

    def references(self) -> dict[str, list[str]]:
        """The variables and functions that it names."""


@dataclass(frozen=True, slots=True)
class Criteria:
    """A compiled expression over the subscriptions of a warehouse.

    A subscription is a variable, `web-api` as `web_api`, with the fields `tag`, `digest`, `major`,
    `minor`, `patch` and `prerelease` (null where the tag is no version), `created` (a timestamp, or
    null where nobody says) and `metadata` (what labels, annotations or the sender of a custom
    artifact say). `names` are the subscriptions that the expression names, `fields` the fields.
    """

    text: str
    names: tuple[str, ...]
    fields: tuple[str, ...]
    program: _Program

    @classmethod
    def parse(cls, text: str, names: Iterable[str]) -> Criteria:
        """The criteria over subscriptions of these names; raises Refusal."""
        _bound(text)
        program = _compiled(text)
        referenced = program.references()
        if "matches" in referenced["functions"]:
            raise Refusal(
                f"the criteria '{text}' ask for 'matches', which may take too long: let 'allow' "
                "and 'ignore' filter, or use startsWith, endsWith and contains"
            )
        variables = {criteria_name(name): name for name in names}
        used = tuple(variables[one] for one in referenced["variables"] if one in variables)
        if not used:
            known = ", ".join(variables)
            raise Refusal(f"the criteria '{text}' name none of the subscriptions: {known}")
        _fields_known(text, used)
        # Every value is handed over anew for each set, which costs more than judging it.
        fields = tuple(one for one in _FIELDS if re.search(rf"\b{one}\b", text))
        return cls(text, used, fields, program)

    def objection(self, chosen: Mapping[str, Candidate]) -> str | None:
        """Why these versions, by subscription, do not satisfy the criteria; None if they do.

        What cannot be told of a version, such as the major number of `latest`, is an objection,
        too. Raises Refusal if the expression has another value than true or false.
        """
        variables = {criteria_name(name): self._fields(chosen[name]) for name in self.names}
        try:
            value = self.program.execute(variables)
        except (ValueError, TypeError, LookupError, ArithmeticError, RuntimeError) as error:
            return f"{self.text} cannot be told for {self._shown(chosen)}: {_first_line(error)}"
        if not isinstance(value, bool):
            raise Refusal(
                f"the criteria '{self.text}' give {value!r:.60}, neither true nor false; {_EXAMPLE}"
            )
        return None if value else f"{self.text} is false for {self._shown(chosen)}"

    def _fields(self, candidate: Candidate) -> dict[str, object]:
        return {name: _FIELDS[name](candidate) for name in self.fields}

    def _shown(self, chosen: Mapping[str, Candidate]) -> str:
        return shown({name: one for name, one in chosen.items() if name in self.names})


_ANY_VERSION = Candidate(
    Image(Repository.parse("example.com/any"), "1.0.0", f"sha256:{'0' * 64}"),
    datetime(2000, 1, 1, tzinfo=UTC),
)


def problem(text: str, names: Iterable[str]) -> str | None:
    """What is wrong with criteria over subscriptions of these names, None if nothing is.

    They are tried on a version of each, for what comes of it must be true or false.
    """
    names = tuple(names)
    try:
        Criteria.parse(text, names).objection(dict.fromkeys(names, _ANY_VERSION))
    except Refusal as refusal:
        return str(refusal)
    return None


def shown(chosen: Mapping[str, Candidate]) -> str:
    """Versions for a sentence: `web 1.4.0, api 1.3.9`."""
    return ", ".join(f"{name} {one.artifact.version}" for name, one in chosen.items())


def _bound(text: str) -> None:
    """Raises Refusal for what might take long to read or to evaluate."""
    if len(text) > _LONGEST:
        raise Refusal(f"criteria may have {_LONGEST} characters, not more")
    depth = deepest = 0
    for letter in _STRING.sub("''", text):
        depth += (letter in "([{") - (letter in ")]}")
        deepest = max(deepest, depth)
    if deepest > _DEEPEST:
        raise Refusal(f"criteria may have {_DEEPEST} brackets within each other, not more")
    if len(_LOOP.findall(text)) > 1:
        raise Refusal(f"the criteria '{text}' may go through one list only")


def _compiled(text: str) -> _Program:
    import cel

    try:
        program: _Program = cel.compile(text)
    except ValueError as error:
        raise Refusal(f"the criteria '{text}' are no CEL: {_first_line(error)}") from None
    return program


def _first_line(error: Exception) -> str:
    """What CEL says, without the picture it draws below and the expression it repeats."""
    said = str(error.args[0]) if error.args else ""
    if isinstance(error, KeyError):
        return f"there is no '{said}'"
    return said.partition("ERROR: <input>:")[2].partition("\n")[0] or said.partition(". ")[0]


def _fields_known(text: str, names: Iterable[str]) -> None:
    """Raises Refusal for a field that no version has, though it may stand where nobody gets to."""
    plain = _STRING.sub("''", text)
    for name in map(criteria_name, names):
        for field in re.findall(rf"(?<![\w.]){name}\s*\.\s*(\w+)", plain):
            if field not in _FIELDS:
                raise Refusal(
                    f"the criteria '{text}' ask for '{name}.{field}': "
                    f"a version has {', '.join(_FIELDS)}"
                )


def _version(candidate: Candidate) -> Version | None:
    # A tag has `_` where a version has `+` (https://helm.sh/docs/topics/registries/).
    return version_of(candidate.artifact.tag.replace("_", "+", 1), strict=False)


def _part(name: str) -> Callable[[Candidate], object]:
    def part(candidate: Candidate) -> object:
        version = _version(candidate)
        return None if version is None else getattr(version, name) or _EMPTY[name]

    return part


_EMPTY: Mapping[str, object] = {"major": 0, "minor": 0, "patch": 0, "prerelease": ""}
_FIELDS: Mapping[str, Callable[[Candidate], object]] = {
    "tag": lambda one: one.artifact.tag,
    "digest": lambda one: one.artifact.digest or one.artifact.content or "",
    **{name: _part(name) for name in _EMPTY},
    "created": lambda one: one.created,
    "metadata": lambda one: dict(one.facts),
}
