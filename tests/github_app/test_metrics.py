"""What Prometheus is shown."""

from __future__ import annotations

from github_app.github.calls import Calls
from github_app.inbox.ports import State
from github_app.metrics import Metrics


def test_everything_measured_is_shown() -> None:
    metrics = Metrics()
    metrics.delivery("github", "accepted")
    metrics.round("done")
    metrics.action("open", "applied")
    metrics.watch_calls(lambda: Calls(rest=1, graphql=2))
    metrics.took("observe", 0.2)
    metrics.watch_inbox(lambda: {State.PENDING: 3, State.DEAD: 1})
    body, content_type = metrics.exposition()
    assert content_type.startswith("text/plain")
    for line in (
        'towline_deliveries_total{answer="accepted",dialect="github"} 1.0',
        'towline_rounds_total{outcome="done"} 1.0',
        'towline_actions_total{action="open",outcome="applied"} 1.0',
        'towline_github_calls_total{kind="graphql"} 2.0',
        'towline_step_seconds_bucket{le="0.1",step="observe"} 0.0',
        'towline_step_seconds_bucket{le="0.25",step="observe"} 1.0',
        'towline_inbox_rows{state="pending"} 3.0',
        'towline_inbox_rows{state="dead"} 1.0',
    ):
        assert line in body.decode().splitlines()
    assert b"process_resident_memory_bytes" in body


def test_two_apps_in_one_process_do_not_mix() -> None:
    one, other = Metrics(), Metrics()
    one.round("done")
    assert b'outcome="done"' not in other.exposition()[0]
