"""Turns are taken, and leave nothing behind."""

from __future__ import annotations

import threading

from github_app.warehouse.disk_index.turns import Turns


def test_one_at_a_time_for_each_key() -> None:
    turns, taken = Turns(), []

    def take(key: str) -> None:
        with turns.of(key):
            taken.append(key)

    with turns.of("a"):
        others = [threading.Thread(target=take, args=(key,)) for key in ("a", "b")]
        for one in others:
            one.start()
        others[1].join()
        assert taken == ["b"]
    others[0].join()
    assert taken == ["b", "a"]
    assert not turns._turns, "whoever invents keys fills no memory"
