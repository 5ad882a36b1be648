"""The demo's data go with it, unless they are wanted or tell why it failed."""

from __future__ import annotations

from pathlib import Path

import pytest

from github_app.sandbox.demo.place import LOG, directory
from plugin.errors import Refusal, Temporary


def test_a_temporary_directory_goes_with_the_block() -> None:
    with directory(None) as place:
        (place / LOG).write_text("")
    assert not place.exists()


def failing(error: BaseException, *, begun: bool, seen: list[Path]) -> None:
    with directory(None) as place:
        seen.append(place)
        if begun:
            (place / LOG).write_text("")
        raise error


@pytest.mark.parametrize("error", [Refusal("no"), Temporary("no")])
def test_it_stays_when_the_log_may_tell_why(error: Exception) -> None:
    seen: list[Path] = []
    with pytest.raises(Refusal) as refused:
        failing(error, begun=True, seen=seen)
    (place,) = seen
    assert str(refused.value) == f"no\nEverything was kept in {place}"
    (place / LOG).unlink()
    place.rmdir()


def test_it_goes_when_nothing_had_begun() -> None:
    seen: list[Path] = []
    with pytest.raises(Refusal, match=r"^no$"):
        failing(Refusal("no"), begun=False, seen=seen)
    assert not seen[0].exists()


def test_it_goes_when_a_person_had_enough() -> None:
    seen: list[Path] = []
    with pytest.raises(KeyboardInterrupt):
        failing(KeyboardInterrupt(), begun=True, seen=seen)
    assert not seen[0].exists()


def test_a_chosen_one_is_made_and_stays(tmp_path: Path) -> None:
    with directory(tmp_path / "new" / "demo") as place:
        pass
    assert place.is_dir()


def test_a_chosen_one_must_be_empty_and_a_directory(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(Refusal, match="is not empty"), directory(tmp_path):
        pass
    with pytest.raises(Refusal, match="cannot be used"), directory(tmp_path / "file"):
        pass
