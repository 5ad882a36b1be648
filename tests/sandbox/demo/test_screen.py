"""A terminal gets colours and a line that waits; a file gets plain lines."""

from __future__ import annotations

import io

from github_app.sandbox.demo.screen import Screen


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def written(screen: Screen) -> str:
    screen.heading("The story")
    screen.waiting("dev merges")
    screen.done(1.234, "#1 is opened", "http://127.0.0.1/pull/1")
    screen.warn("too many requests")
    screen.pairs({"App": "a", "registry": "b"})
    assert isinstance(screen.stream, io.StringIO)
    return screen.stream.getvalue()


PLAIN = """
The story
    1.23 s  #1 is opened
            http://127.0.0.1/pull/1
            too many requests
  App       a
  registry  b
"""


def test_a_file_gets_plain_lines() -> None:
    assert written(Screen.on(io.StringIO(), {})) == PLAIN


def test_a_terminal_gets_colours_and_the_waiting_line_goes() -> None:
    text = written(Screen.on(Terminal(), {}))
    assert "\x1b[1mThe story\x1b[0m\n" in text
    assert "\x1b[2m            dev merges ...\x1b[0m\r\x1b[2K  \x1b[32m  1.23 s\x1b[0m" in text


def test_colours_can_be_refused() -> None:
    assert written(Screen.on(Terminal(), {"NO_COLOR": "1"})) == PLAIN
    assert written(Screen.on(Terminal(), {"TERM": "dumb"})) == PLAIN


def test_a_line_that_waits_can_be_taken_away() -> None:
    stream = Terminal()
    screen = Screen.on(stream, {})
    screen.waiting("dev merges")
    screen.clear()
    screen.clear()
    assert stream.getvalue().endswith(" ...\x1b[0m\r\x1b[2K")
