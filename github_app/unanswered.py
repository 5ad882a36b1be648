"""Why a server gave no answer, in words: what `requests` raised, for a person to read."""

from __future__ import annotations

import socket
from collections.abc import Iterator

import requests
from urllib3.exceptions import NameResolutionError


def why(error: requests.RequestException, connect: float, read: float) -> str:
    """What happened, such as "the connection was refused"; the seconds are those that were set."""
    causes = tuple(_causes(error))
    if isinstance(error, requests.ConnectTimeout):
        return f"no connection came about in {connect:g} s"
    if isinstance(error, requests.Timeout) or any(isinstance(one, TimeoutError) for one in causes):
        return f"nothing came in {read:g} s"
    if any(isinstance(one, NameResolutionError | socket.gaierror) for one in causes):
        return "its name was not found"
    if any(isinstance(one, ConnectionRefusedError) for one in causes):
        return "the connection was refused"
    return _others(error)


def _others(error: requests.RequestException) -> str:
    match error:
        case requests.exceptions.SSLError():
            return f"its certificate is not trusted: {error}"
        case requests.exceptions.ProxyError():
            return "the proxy did not let us through"
        case requests.TooManyRedirects():
            return "it sends us from one address to the next without end"
        case requests.ConnectionError() | requests.exceptions.ChunkedEncodingError():
            return "the connection broke"
        case _:
            return f"it was not understood: {error}"


def _causes(error: BaseException) -> Iterator[BaseException]:
    """The error, what it wraps and what it came from; each once."""
    waiting, seen = [error], set[int]()
    while waiting:
        one = waiting.pop()
        if id(one) in seen:
            continue
        seen.add(id(one))
        yield one
        inner = (*one.args, getattr(one, "reason", None), one.__cause__, one.__context__)
        waiting += [each for each in inner if isinstance(each, BaseException)]
