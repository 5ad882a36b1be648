"""The slowness for benches: per call, and between writes."""

from __future__ import annotations

from github_app.sandbox.latency import Latency


def test_writes_are_spaced_and_every_call_costs() -> None:
    slept: list[float] = []
    now = [100.0]

    def sleep(seconds: float) -> None:
        slept.append(seconds)
        now[0] += seconds

    latency = Latency(0.2, 1.0, sleep=sleep, monotonic=lambda: now[0])
    latency.wait(writes=False)
    latency.wait(writes=True)
    latency.wait(writes=True)
    assert [round(pause, 3) for pause in slept] == [0.2, 0.2, 1.0]


def test_none_by_default() -> None:
    slept: list[float] = []
    Latency(sleep=slept.append).wait(writes=True)
    assert slept == []
