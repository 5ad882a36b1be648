"""Addresses of files: branch names hold slashes, so the branch is found, not cut off."""

from __future__ import annotations

import pytest

from github_app.sandbox.pages.tree import Place, listing, place
from github_app.sandbox.refused import Refused

BRANCHES = {"main": "a" * 40, "towline/shop/dev/web": "b" * 40}


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("main", Place("main", "")),
        ("main/stages/dev", Place("main", "stages/dev")),
        ("towline/shop/dev/web", Place("towline/shop/dev/web", "")),
        ("towline/shop/dev/web/stages/dev", Place("towline/shop/dev/web", "stages/dev")),
        ("c" * 40 + "/README.md", Place("c" * 40, "README.md")),
    ],
)
def test_an_address_is_a_ref_and_a_path(address: str, expected: Place) -> None:
    assert place(address, BRANCHES) == expected


@pytest.mark.parametrize("address", ["gone", "towline/shop", "", "abc/README.md"])
def test_an_unknown_ref_is_not_found(address: str) -> None:
    with pytest.raises(Refused) as refused:
        place(address, BRANCHES)
    assert refused.value.status == 404


def test_a_directory_lists_what_is_directly_in_it() -> None:
    paths = ["README.md", "stages/dev/a.yaml", "stages/dev/b/c.yaml", "stages/x.yaml", "stagesx/y"]
    assert listing(paths, "") == (["stages", "stagesx"], ["README.md"])
    assert listing(paths, "stages") == (["dev"], ["x.yaml"])
    assert listing(paths, "stages/dev") == (["b"], ["a.yaml"])


def test_crumbs_lead_to_every_directory_above() -> None:
    assert Place("main", "a/b").crumbs == [("a", "a"), ("b", "a/b")]
