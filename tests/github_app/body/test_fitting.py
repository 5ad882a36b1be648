"""Long texts: what is welcome goes first, essentials are shortened, and neither in silence."""

from __future__ import annotations

from collections.abc import Sequence

from github_app.body.fitting import Limits, Part, fitted


def parts(limits: Limits) -> Sequence[Part]:
    return (
        Part("head"),
        Part("r" * limits.rows * 10),
        Part(""),
        Part("c" * 200, "the commits"),
        Part("p" * 200, "the pins"),
    )


def test_everything_stays_where_it_fits() -> None:
    text = fitted(parts, 1000)
    assert text == f"head\n\n{'r' * 300}\n\n{'c' * 200}\n\n{'p' * 200}\n"


def test_the_last_goes_first_and_is_named() -> None:
    text = fitted(parts, 700)
    assert "c" * 200 in text
    assert "p" * 200 not in text
    assert text.endswith("Left out because of its length: the pins.\n")


def test_essentials_are_shortened_once_nothing_else_helps() -> None:
    text = fitted(parts, 270)
    assert text.startswith("head\n\nrrr")
    assert text.count("r") < 300
    assert len(text) <= 270
    assert "the commits, the pins" in text
