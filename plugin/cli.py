"""The sidecar's command line: answers on stdout, errors as few lines and an exit status.

What Argo CD calls is run without a parser of arguments, which would cost more than a known answer.
"""

from __future__ import annotations

import os
import sys
import time

from plugin.settings import seconds
from plugin.sidecar import calls
from plugin.sidecar.alarm import Alarm

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from typing import NoReturn

DONE = 0
INTERRUPTED = 130
_STDOUT = 1


def main(arguments: Sequence[str] | None = None) -> int:
    """The exit status: 0 done, 1 refused with the reason on stderr, 3 a bug, 130 interrupted.

    Nothing is printed on stdout unless all of it is known.
    """
    try:
        _write(_answer(list(sys.argv[1:] if arguments is None else arguments)))
    except KeyboardInterrupt:
        return INTERRUPTED
    except Exception as error:
        return _failed(error)
    return DONE


def leave() -> NoReturn:
    """Run `main` and end the process at once: to take an interpreter down costs milliseconds."""
    status = main()
    sys.stderr.flush()
    os._exit(status)


def _answer(arguments: list[str]) -> bytes:
    asked = _ANSWERS.get(arguments[0]) if len(arguments) == 1 else None
    if asked is not None:
        with Alarm(seconds(os.environ)):
            return asked(os.environ, os.getcwd())  # noqa: PTH109  (pathlib is slow to import)
    from plugin.sidecar.commands import run

    return run(arguments, os.environ)


def _generate(environ: Mapping[str, str], cwd: str) -> bytes:
    return calls.generate(environ, cwd, time.monotonic)


_ANSWERS: dict[str, Callable[[Mapping[str, str], str], bytes]] = {
    "discover": calls.discover,
    "parameters": calls.parameters,
    "generate": _generate,
}


def _write(answer: bytes) -> None:
    """All of it, without a buffer that could be left half full."""
    rest = memoryview(answer)
    while rest:
        rest = rest[os.write(_STDOUT, rest) :]


def _failed(error: Exception) -> int:
    from plugin.sidecar.failures import told

    status, text = told(error, _root())
    print(text, file=sys.stderr)
    return status


def _root() -> str:
    try:
        return calls.tree_root(os.environ, os.getcwd())  # noqa: PTH109
    except OSError:
        return ""
