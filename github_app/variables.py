"""One variable of the environment: what it says, or what is wrong with it."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Generic, TypeVar

from plugin.errors import Refusal

PREFIX = "TOWLINE_"
"""What the names of all variables begin with."""
_T = TypeVar("_T")


class Variable(Generic[_T]):
    """One variable read: its value, or what is wrong with it.

    `default` is what an empty or missing one says; without it there must be one. A `secret` may
    stand in the file that the variable's name with `_FILE` names.
    """

    def __init__(
        self,
        environ: Mapping[str, str],
        name: str,
        parse: Callable[[str], _T],
        default: str | None = None,
        *,
        secret: bool = False,
    ) -> None:
        self._found: tuple[_T, ...] = ()
        self.mistake = ""
        variable = PREFIX + name
        try:
            text = environ.get(variable) or (_from_file(environ, variable) if secret else "")
            self._found = (parse(_given(text, default, variable if secret else "")),)
        except Refusal as refusal:
            self.mistake = f"{variable}: {refusal}"

    def value(self) -> _T:
        """What was read; raises Refusal with the mistake."""
        if not self._found:
            raise Refusal(self.mistake)
        return self._found[0]


def hosts(text: str, what: str) -> frozenset[str]:
    """Hosts between commas or spaces, in small letters; raises Refusal for what is not `what`."""
    found = frozenset(host for host in re.split(r"[,\s]+", text.lower()) if host)
    for host in sorted(found):
        if "/" in host or "@" in host:
            raise Refusal(f"'{host}' is not {what}")
    return found


def refuse(mistakes: list[str]) -> None:
    """Say every mistake at once, if there are any: raises one Refusal."""
    if found := [mistake for mistake in mistakes if mistake]:
        raise Refusal("\n".join(("the environment is not right:", *found)))


def _given(text: str, default: str | None, secret: str) -> str:
    """The text or the default; `secret` is the variable's name where a file may hold it."""
    if text.strip():
        return text.strip()
    if default is None:
        elsewhere = f", or set {secret}_FILE to a file that holds it" if secret else ""
        raise Refusal(f"is missing: set it{elsewhere}")
    return default


def _from_file(environ: Mapping[str, str], variable: str) -> str:
    path = environ.get(f"{variable}_FILE", "")
    if not path:
        return ""
    try:
        return Path(path).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise Refusal(f"the file {path} cannot be read: {error}") from None
