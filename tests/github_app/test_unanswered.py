"""Servers that are not there, silent or rude, and what a person reads of them."""

from __future__ import annotations

import socket

import pytest
import requests
from urllib3 import HTTPConnectionPool
from urllib3.connection import HTTPConnection
from urllib3.exceptions import MaxRetryError, NameResolutionError

from github_app.unanswered import why


def asked(url: str, seconds: float = 5) -> str:
    with requests.Session() as session:
        session.trust_env = False
        with pytest.raises(requests.RequestException) as failed:
            session.get(url, timeout=seconds)
    return why(failed.value, 3, seconds)


def test_a_port_where_nobody_listens_refuses() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        assert asked(f"http://127.0.0.1:{taken.getsockname()[1]}") == "the connection was refused"


def test_a_name_nobody_has_is_not_found() -> None:
    unknown = NameResolutionError("registry.lan", HTTPConnection("registry.lan"), socket.gaierror())
    error = requests.ConnectionError(MaxRetryError(HTTPConnectionPool("x"), "/", unknown))
    assert why(error, 3, 20) == "its name was not found"


def test_a_server_that_is_silent_is_told_with_its_seconds() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"http://127.0.0.1:{silent.getsockname()[1]}"
        assert asked(url, 0.1) == "nothing came in 0.1 s"


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (requests.ConnectTimeout("x"), "no connection came about in 3 s"),
        (requests.ConnectionError("x"), "the connection broke"),
        (requests.exceptions.ChunkedEncodingError("x"), "the connection broke"),
        (requests.exceptions.ProxyError("x"), "the proxy did not let us through"),
        (requests.exceptions.SSLError("self-signed"), "its certificate is not trusted: self-sig"),
        (requests.TooManyRedirects("x"), "it sends us from one address to the next"),
        (requests.exceptions.ContentDecodingError("gzip"), "it was not understood: gzip"),
    ],
)
def test_everything_else_has_words_too(error: requests.RequestException, words: str) -> None:
    assert why(error, 3, 20).startswith(words)
