"""How sources of freight are reached: which hosts are trusted how, and as whom."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from github_app.variables import Variable, hosts, refuse
from plugin.errors import Refusal


@dataclass(frozen=True, slots=True)
class SourceSettings:
    """Hosts that may be spoken to without encryption, and files with logins and authorities.

    `credentials` are files or directories with registries' logins, `authorities` a PEM file of
    certificates, `git_credentials` a file as `git credential-store` keeps it.
    """

    insecure: frozenset[str] = frozenset()
    credentials: tuple[Path, ...] = ()
    authorities: Path | None = None
    git_credentials: Path | None = None

    @classmethod
    def from_env(cls, environ: Mapping[str, str]) -> SourceSettings:
        """The settings in `environ`; raises one Refusal that lists every mistake."""
        variables = SourceVariables(environ)
        refuse(list(variables.mistakes))
        return variables.value()


class SourceVariables:
    """The variables that speak of sources, read: what they say, or what is wrong with them."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        self._insecure = Variable(environ, "INSECURE_REGISTRIES", _hosts, "")
        self._credentials = Variable(environ, "REGISTRY_CREDENTIALS", _paths, "")
        self._authorities = Variable(environ, "REGISTRY_CA", _file, "")
        self._git = Variable(environ, "GIT_CREDENTIALS", _file, "")

    @property
    def mistakes(self) -> tuple[str, ...]:
        """What is wrong with each, '' where nothing is."""
        files = (self._authorities.mistake, self._git.mistake)
        return (self._insecure.mistake, self._credentials.mistake, *files)

    def value(self) -> SourceSettings:
        """What they say; raises Refusal with a mistake."""
        return SourceSettings(
            self._insecure.value(),
            self._credentials.value(),
            self._authorities.value(),
            self._git.value(),
        )


def _hosts(text: str) -> frozenset[str]:
    return hosts(text, "a registry's host, such as registry.lan:5000")


def _paths(text: str) -> tuple[Path, ...]:
    paths = tuple(Path(one.strip()) for one in text.split(",") if one.strip())
    for path in paths:
        if not path.exists():
            raise Refusal(f"there is no file or directory {path}")
    return paths


def _file(text: str) -> Path | None:
    if not text:
        return None
    path = Path(text)
    if not path.is_file():
        raise Refusal(f"there is no file {path}")
    return path
