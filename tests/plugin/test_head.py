"""Head branches say which line they are of, and nothing else is one."""

from __future__ import annotations

import pytest

from plugin.head import head_of, line_of


def test_a_head_says_the_line_that_it_is_of() -> None:
    assert head_of("shop", "prod", "web") == "towline/shop/prod/web"
    assert line_of(head_of("shop", "prod", "web")) == ("shop", "prod", "web")


@pytest.mark.parametrize(
    "branch", ["", "main", "towline-ledger", "towline/a/b", "towline/a/b/c/d", "x/a/b/c", "a/b/c"]
)
def test_other_branches_are_of_no_line(branch: str) -> None:
    assert line_of(branch) is None
