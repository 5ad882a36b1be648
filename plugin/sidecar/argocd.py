"""What an Application asks the sidecar for: environment -> Request; all of it is untrusted."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeAlias

from plugin.errors import Refusal
from plugin.sidecar.sent import PARAMETERS, STAGE, says_parameters

Value: TypeAlias = str | dict[str, str]

# Each parameter, and how Argo CD may spell its value.
_KNOWN = {"stage": ("string",), "freight": ("map", "string"), "artifacts": ("map",)}
_KINDS = ("string", "map", "array")
_LONGEST = 80


@dataclass(frozen=True, slots=True)
class Request:
    """What an Application asks for; `blank` if its environment names a stage without a name.

    `freight` says which freight it expects, by line or for any line (None). `artifacts` are
    versions by repository, as `TAG@DIGEST` or `TAG`. `option` is the option of a command that asks
    for them instead of an Application, for messages.
    """

    stage: str | None = None
    blank: bool = False
    freight: tuple[tuple[str | None, str], ...] = ()
    artifacts: tuple[tuple[str, str], ...] = ()
    option: str = ""

    @property
    def asks_for_artifacts(self) -> str:
        """What asks for artifacts, for the beginning of a sentence."""
        return self.option or "the Application's parameter 'artifacts'"


def requested(environ: Mapping[str, str]) -> Request:
    """The request of the Application; raises Refusal for what it cannot mean.

    The parameters are read from their JSON, because the variables made of them may collide:
    https://argo-cd.readthedocs.io/en/stable/operator-manual/config-management-plugins/
    A parameter or entry with an empty value says nothing; Argo CD's screen saves such.
    """
    said = _parameters(environ[PARAMETERS]) if says_parameters(environ) else {}
    named = environ.get(STAGE)
    stage = _stage(said.get("stage", ""), named or "")
    return Request(
        stage or None,
        not stage and named == "",
        _freight(said.get("freight", "")),
        _entries(said.get("artifacts", {})),
    )


def _stage(parameter: Value, named: str) -> str:
    if isinstance(parameter, str) and parameter and named and parameter != named:
        raise Refusal(
            f"the Application asks for stage {quoted(parameter)} by its parameter and for "
            f"{quoted(named)} by TOWLINE_STAGE; keep one of them"
        )
    return named or (parameter if isinstance(parameter, str) else "")


def _freight(value: Value) -> tuple[tuple[str | None, str], ...]:
    if isinstance(value, str):
        return ((None, value),) if value else ()
    return _entries(value)


def _entries(value: Value) -> tuple[tuple[str, str], ...]:
    return tuple(sorted(value.items())) if isinstance(value, dict) else ()


def _parameters(text: str) -> dict[str, Value]:
    import json  # most Applications give no parameters

    try:
        entries = json.loads(text)
    except (ValueError, RecursionError):
        entries = None
    if not isinstance(entries, list):
        raise Refusal(f"{PARAMETERS} is not the list in JSON that Argo CD writes")
    found: dict[str, Value] = {}
    for entry in entries:
        name = _name(entry)
        if name in found:
            raise Refusal(f"the Application gives the parameter '{name}' twice; keep one")
        found[name] = _value(name, entry)
    return found


def _name(entry: object) -> str:
    name = entry.get("name") if isinstance(entry, dict) else None
    if not isinstance(name, str):
        raise Refusal(f"{PARAMETERS} holds a parameter without a name")
    if name not in _KNOWN:
        raise Refusal(
            f"the Application gives the parameter {quoted(name)}, which is not known; "
            f"write {_alternatives(tuple(_KNOWN))}"
        )
    return name


def _value(name: str, entry: dict[str, object]) -> Value:
    """The parameter's value; an empty one of another kind beside it is Argo CD's own spelling."""
    given = [kind for kind in _KINDS if entry.get(kind)] or [
        kind for kind in _KINDS if kind in entry
    ]
    if len(given) == 1 and given[0] in _KNOWN[name]:
        value = entry[given[0]]
        if isinstance(value, str):
            return value
        if isinstance(value, dict) and all(isinstance(one, str) for one in value.values()):
            return value
    found = " and ".join(given) or "nothing"
    wanted = _alternatives(_KNOWN[name])
    raise Refusal(f"the Application's parameter '{name}' has {found} for a value; write {wanted}")


def _alternatives(words: tuple[str, ...]) -> str:
    return " or ".join(filter(None, (", ".join(words[:-1]), words[-1])))


def quoted(text: str) -> str:
    """`text` in quotes, printable and short enough for a line; an Application may say anything."""
    shown = text if len(text) <= _LONGEST else f"{text[:_LONGEST]}..."
    return f"'{''.join(char if char.isprintable() else '?' for char in shown)}'"
