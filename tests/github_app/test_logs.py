"""Lines that say what they are about, on one line each, without secrets."""

from __future__ import annotations

import base64
import io
import json
import logging
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from github_app import logs
from github_app.signatures import Secret

SECRET = Secret("s3cret-of-the-hook")
JWT = "eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOjQyNDI0Mn0.c2lnbmF0dXJlLXNpZ25hdHVyZQ"
PEM = "-----BEGIN RSA PRIVATE KEY-----\nMIIEpAIBAAKCAQEA7\n-----END RSA PRIVATE KEY-----"
LOG = logging.getLogger("towline.test")


class Lines:
    """What was logged, read."""

    def __init__(self) -> None:
        self.stream = io.StringIO()

    def __call__(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.stream.getvalue().splitlines()]

    def last(self) -> dict[str, Any]:
        return self()[-1]


@pytest.fixture
def lines() -> Iterator[Lines]:
    root = logging.getLogger()
    before = (root.handlers[:], root.level)
    found = Lines()
    logs.configure("info", found.stream, logs.Redaction([SECRET]))
    yield found
    root.handlers[:] = before[0]
    root.setLevel(before[1])


def test_a_line_says_what_when_and_who(lines: Lines) -> None:
    LOG.warning("freight %s moved", "brave-otter")
    line = lines.last()
    assert line.pop("time").endswith("+00:00")
    assert line == {
        "level": "warning",
        "logger": "towline.test",
        "message": "freight brave-otter moved",
    }


def test_lines_below_the_level_are_left_out(lines: Lines) -> None:
    LOG.debug("too much")
    assert lines() == []


def test_lines_say_what_they_are_about(lines: Lines) -> None:
    with logs.about(delivery="guid", repository="acme/gitops"):
        with logs.about(project="shop", stage="dev", freight="f1"):
            LOG.info("inner")
        with logs.about(delivery=None):
            LOG.info("without")
        LOG.info("outer")
    LOG.info("outside")
    inner, without, outer, outside = lines()
    assert [inner[name] for name in ("delivery", "repository", "project", "stage", "freight")] == [
        *("guid", "acme/gitops", "shop", "dev", "f1")
    ]
    assert "delivery" not in without
    assert without["repository"] == outer["repository"]
    assert "project" not in outer
    assert "delivery" not in outside


def test_lines_are_about_nothing_else() -> None:
    with pytest.raises(TypeError, match="colour"), logs.about(colour="blue"):
        pass


@pytest.mark.parametrize(
    "secret",
    [
        SECRET.reveal(),
        base64.b64encode(SECRET.reveal().encode()).decode(),
        "ghs_16C7e42F292c6912E7710c838347Ae178B4a",
        f"ghs_424242_{JWT}",
        "github_pat_11ABCDEFG0aaaaaaaaaaaa_bbbbbbbbbbbbbbb",
        JWT,
        PEM,
        PEM[:60],
    ],
)
def test_secrets_are_hidden_wherever_they_turn_up(lines: Lines, secret: str) -> None:
    LOG.info("sent %s to GitHub", secret)
    LOG.info(f"sent {secret!s}")
    with logs.about(repository=f"https://x:{secret}@github.com/a/b"):
        LOG.error("failed: %s", [secret.replace("\n", " ")], exc_info=RuntimeError(secret))
    text = lines.stream.getvalue()
    assert "[secret]" in text
    for part in (secret[5:35], "MIIEpAIBAAKCAQEA7", "eyJpc3Mi"):
        assert part not in text or part not in secret


@pytest.mark.parametrize(
    "line",
    [
        "Authorization: Bearer abcdefghijklmnop1234",
        "authorization: basic eC1hY2Nlc3MtdG9rZW46Z2hzX2Fi",
        "Authorization: token abcdefghijklmnop1234",
        "https://x-access-token:abcdefghijklmnop1234@github.com/a/b.git",
    ],
)
def test_credentials_are_known_by_their_place(lines: Lines, line: str) -> None:
    LOG.info(line)
    assert "[secret]" in lines.last()["message"]
    assert "abcdefghijklmnop1234" not in lines.stream.getvalue()
    assert "eC1hY2Nlc3Mt" not in lines.stream.getvalue()


def test_a_secret_that_came_later_is_hidden_as_well(lines: Lines) -> None:
    redaction = logs.Redaction()
    logs.configure("info", lines.stream, redaction)
    redaction.remember(Secret("minted-a-moment-ago"))
    LOG.info("token minted-a-moment-ago")
    assert "minted" not in lines.stream.getvalue()


def test_ordinary_words_are_not_hidden() -> None:
    text = "3f0c0a1b2c3d4e5f60718293a4b5c6d7e8f90a1b ghcr.io/acme/web@sha256:" + "7a" * 32
    assert logs.Redaction([SECRET]).applied(text) == text


@given(st.text())
def test_any_text_is_one_line_of_ascii(text: str) -> None:
    record = logging.LogRecord("x", logging.INFO, "f", 1, text, (), None)
    line = logs.JsonLines(logs.Redaction()).format(record)
    assert line.isascii()
    assert line.isprintable()
    json.loads(line)


def test_a_line_with_the_wrong_arguments_is_still_a_line() -> None:
    record = logging.LogRecord("x", logging.INFO, "f", 1, "%s and %s", ("one",), None)
    line = json.loads(logs.JsonLines(logs.Redaction()).format(record))
    assert line["message"] == "%s and %s ('one',)"
