"""Every bad file has a sibling `.txt` with the exact message, read by people as a diff."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from plugin.errors import Refusal
from plugin.pipeline_file import (
    InvalidProject,
    Mistake,
    composer,
    not_yet,
    read_project,
    read_project_bytes,
)
from tests.plugin.pipeline_file.samples import BAD, GOOD, HERE, called

# What `test_not_yet` is about comes and goes; here are the mistakes that stay.
WITHHELD = tuple({*not_yet.KEYS.values(), *not_yet.MEANINGS.values()})


def refusal(path: Path) -> InvalidProject:
    with pytest.raises(InvalidProject) as caught:
        read_project_bytes("towline.yaml", path.read_bytes())
    return caught.value


@pytest.mark.parametrize("path", BAD, ids=called)
def test_a_bad_file_is_refused_in_these_words(path: Path) -> None:
    told = [one for one in str(refusal(path)).splitlines() if not one.endswith(WITHHELD)]
    assert "\n".join(told) + "\n" == path.with_suffix(".txt").read_text(encoding="utf-8")


def test_there_are_more_than_a_hundred() -> None:
    assert len(BAD) > 100


def test_a_mistake_says_where_what_and_what_instead() -> None:
    error = refusal(HERE / "bad" / "structure" / "after-is-text.yaml")
    what = "expected a list of stage names, found text 'dev'"
    assert error.mistakes == (Mistake("towline.yaml", 8, 17, what, "write [dev]"),)
    assert isinstance(error, Refusal)


@pytest.mark.parametrize("path", [*GOOD, *BAD], ids=called)
def test_without_libyaml_a_file_means_the_same(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    expected = outcome(path)
    monkeypatch.setattr(composer, "_LOADER", yaml.SafeLoader)
    if path.parent.name == "yaml":  # where YAML is broken, the two see it at different columns
        assert isinstance(outcome(path), tuple)
    else:
        assert outcome(path) == expected


def outcome(path: Path) -> object:
    try:
        return read_project_bytes("towline.yaml", path.read_bytes())
    except InvalidProject as error:
        return error.mistakes


def test_bytes_that_are_not_utf8_are_refused_with_their_place() -> None:
    with pytest.raises(InvalidProject) as caught:
        read_project_bytes("towline.yaml", "project: shop\n# größe\n".encode("latin-1"))
    assert str(caught.value) == (
        "towline.yaml:2:5: the byte 0xf6 here is not UTF-8; save the file as UTF-8"
    )


def test_the_file_is_named_as_it_was_given() -> None:
    with pytest.raises(InvalidProject, match=r"^apps/shop/towline\.yaml:1:1: the file is empty"):
        read_project("apps/shop/towline.yaml", "")
