"""JSON bodies read strictly: what is missing or of the wrong type is refused by its place."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any, NoReturn, TypeAlias

from plugin.errors import Refusal

Object: TypeAlias = Mapping[str, Any]
_MAX_INTEGER = 2**63 - 1
_FULL_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]*/(?!\.{1,2}$)[A-Za-z0-9._-]+")


def parsed(body: bytes) -> Object:
    """The JSON object in `body`; raises Refusal.

    Stricter than `json.loads`: UTF-8 only, no key twice, no NaN or Infinity, bounded depth.
    """
    value = _json(body)
    if not isinstance(value, dict):
        raise Refusal("the body is not a JSON object")
    return value


def parsed_list(body: bytes) -> list[Object]:
    """The JSON objects in the list that `body` is, read as strictly; raises Refusal."""
    return _objects(_json(body), "the body")


def _json(body: bytes) -> Any:
    try:
        return json.loads(
            body.decode("utf-8"), object_pairs_hook=_without_twins, parse_constant=_refuse_constant
        )
    except UnicodeDecodeError:
        raise Refusal("the body is not UTF-8") from None
    except ValueError:
        raise Refusal("the body is not JSON") from None
    except RecursionError:
        raise Refusal("the body is nested too deeply") from None


def _without_twins(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise Refusal("the body holds an object with a key given twice")
    return found


def _refuse_constant(name: str) -> NoReturn:
    raise Refusal(f"the body holds {name}, which is not JSON")


def maybe(payload: Object, *path: str) -> Any:
    """What stands at `path`, or None if any step of it is missing or null; raises Refusal."""
    value: Any = payload
    for depth, name in enumerate(path):
        if value is None:
            return None
        if not isinstance(value, dict):
            raise Refusal(f"{'.'.join(path[:depth])} is not an object")
        value = value.get(name)
    return value


def maybe_text(payload: Object, *path: str) -> str | None:
    """The text at `path` or None; raises Refusal if it is no text that UTF-8 can carry."""
    value = maybe(payload, *path)
    if value is None:
        return None
    if not isinstance(value, str):
        raise Refusal(f"{'.'.join(path)} is not a text")
    # JSON can spell half a surrogate pair and NUL; both would fail later, in a database or a log.
    if not _storable(value):
        raise Refusal(f"{'.'.join(path)} is not a text that can be stored")
    return value


def objects(payload: Object, *path: str) -> list[Object]:
    """The objects in the list at `path`; raises Refusal if it is missing or holds anything else."""
    value = maybe(payload, *path)
    if value is None:
        raise Refusal(f"{'.'.join(path)} is missing")
    return _objects(value, ".".join(path))


def _objects(value: Any, place: str) -> list[Object]:
    if not isinstance(value, list):
        raise Refusal(f"{place} is not a list")
    if not all(isinstance(one, dict) for one in value):
        raise Refusal(f"{place} holds something else than objects")
    return value


def _storable(value: str) -> bool:
    try:
        return b"\0" not in value.encode("utf-8")
    except UnicodeEncodeError:
        return False


def text(payload: Object, *path: str) -> str:
    """The text at `path`; raises Refusal if it is missing or empty."""
    value = maybe_text(payload, *path)
    if not value:
        raise Refusal(f"{'.'.join(path)} is missing")
    return value


def full_name(payload: Object, *path: str) -> str:
    """The GitHub repository at `path`, `owner/name`; raises Refusal."""
    found = text(payload, *path)
    if not is_full_name(found):
        raise Refusal(f"{'.'.join(path)} is not 'owner/name'")
    return found


def is_full_name(text: str) -> bool:
    """Whether a GitHub repository may be called that, `owner/name`."""
    return _FULL_NAME.fullmatch(text) is not None and len(text) <= 200


def maybe_scalar(payload: Object, *path: str) -> str | int | float | None:
    """The text or number at `path` or None; raises Refusal."""
    value = maybe(payload, *path)
    if isinstance(value, int | float) and not isinstance(value, bool):
        return value
    return maybe_text(payload, *path)


def maybe_number(payload: Object, *path: str) -> int | None:
    """The positive integer at `path` or None; raises Refusal."""
    value = maybe(payload, *path)
    if value is None:
        return None
    if not isinstance(value, int) or isinstance(value, bool) or not 0 < value <= _MAX_INTEGER:
        raise Refusal(f"{'.'.join(path)} is not an id")
    return value


def number(payload: Object, *path: str) -> int:
    """The positive integer at `path`; raises Refusal if it is missing."""
    value = maybe_number(payload, *path)
    if value is None:
        raise Refusal(f"{'.'.join(path)} is missing")
    return value
