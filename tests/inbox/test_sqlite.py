"""Deliveries once each: accepted, worked off together, tried again, given up, replayed."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from github_app.events import ImagePushed, InstallationChanged
from github_app.inbox.limits import Limits
from github_app.inbox.ports import Accepted, Delivery, Duplicate, State
from github_app.inbox.sqlite import SqliteInbox
from plugin.artifact import Repository
from plugin.errors import Refusal, Temporary
from tests.inbox.inboxes import MINUTE, NOW, change, claimed, delivery

WEB = Repository("ghcr.io", "acme/web")


def states(inbox: SqliteInbox) -> Mapping[str, str]:
    return {row.guid: row.state.value for row in inbox.listing(None, 1000)}


def test_a_delivery_is_accepted_worked_off_and_done(inbox: SqliteInbox) -> None:
    assert inbox.accept(delivery("a")) == Accepted()
    claim = claimed(inbox)
    assert (claim.key, claim.events, claim.delivery) == ("repo:9001:acme/shop", (change(),), "a")
    assert (claim.deliveries, claim.attempts, claim.since) == (1, 1, NOW)
    assert inbox.finish(claim)
    assert inbox.claim(NOW) is None
    assert states(inbox) == {"a": "done"}


def test_a_redelivery_changes_nothing_whatever_became_of_the_first(inbox: SqliteInbox) -> None:
    inbox.accept(delivery("a"))
    assert inbox.accept(delivery("a")) == Duplicate()
    claim = claimed(inbox)
    assert inbox.accept(delivery("a")) == Duplicate()
    inbox.finish(claim)
    assert inbox.accept(delivery("a", at=NOW + timedelta(days=3))) == Duplicate()
    assert inbox.claim(NOW) is None


def test_the_same_id_from_another_sender_is_another_delivery(inbox: SqliteInbox) -> None:
    assert inbox.accept(delivery("a")) == Accepted()
    assert inbox.accept(delivery("a", source="distribution")) == Accepted()


def test_many_deliveries_of_one_key_are_one_unit_of_work(inbox: SqliteInbox) -> None:
    for number in range(50):
        inbox.accept(delivery(f"{number}", change(why=f"push {number % 3}")))
    claim = claimed(inbox)
    assert claim.deliveries == 50
    assert claim.events == tuple(change(why=f"push {number}") for number in range(3))
    inbox.finish(claim)
    assert inbox.claim(NOW) is None
    assert inbox.counts()[State.DONE] == 1
    assert inbox.counts()[State.COALESCED] == 49


def test_what_arrives_during_the_work_is_the_next_unit(inbox: SqliteInbox) -> None:
    inbox.accept(delivery("a"))
    claim = claimed(inbox)
    inbox.accept(delivery("b"))
    assert inbox.claim(NOW) is None, "one key is never worked on twice at a time"
    inbox.finish(claim)
    assert claimed(inbox).delivery == "b"


def test_keys_are_independent_and_the_longest_waiting_comes_first(inbox: SqliteInbox) -> None:
    for guid, name in (("1", "acme/a"), ("2", "acme/b"), ("3", "ACME/A")):
        inbox.accept(delivery(guid, change(name)))
    first, second = claimed(inbox), claimed(inbox)
    assert (first.key, first.deliveries) == ("repo:9001:acme/a", 2)
    assert second.key == "repo:9001:acme/b"
    assert inbox.finish(second)
    assert inbox.finish(first)


def test_a_busy_key_queues_behind_the_others(inbox: SqliteInbox) -> None:
    inbox.accept(delivery("1", change("acme/busy")))
    busy = claimed(inbox)
    inbox.accept(delivery("2", change("acme/quiet")))
    inbox.accept(delivery("3", change("acme/busy")))
    inbox.finish(busy)
    assert claimed(inbox).key == "repo:9001:acme/quiet"


def test_a_flood_of_one_key_is_claimed_in_parts_and_the_others_come_between(
    tmp_path: Path,
) -> None:
    inbox = SqliteInbox.open(tmp_path / "inbox.sqlite", Limits(together=4))
    for number in range(10):
        inbox.accept(delivery(f"{number}", change("acme/busy", f"{number}")))
    inbox.accept(delivery("other", change("acme/quiet")))
    inbox.accept(delivery("another", change("acme/calm")))
    claims = []
    while claim := inbox.claim(NOW):
        claims.append((claim.key.rpartition("/")[2], claim.delivery, claim.deliveries))
        assert inbox.finish(claim)
    assert claims == [
        *(("busy", "0", 4), ("quiet", "other", 1), ("calm", "another", 1)),
        *(("busy", "4", 4), ("busy", "8", 2)),
    ]
    inbox.close()


def test_a_claim_reads_so_many_bytes_and_copies_are_none(tmp_path: Path) -> None:
    inbox = SqliteInbox.open(tmp_path / "inbox.sqlite", Limits(together_bytes=3000))
    for number in range(6):
        why = f"{number // 3} {'x' * (5000 if number < 3 else 1000)}"
        inbox.accept(delivery(f"{number}", change(why=why)))
    inbox.accept(delivery("6", change(why="small")))
    claims = []
    while claim := inbox.claim(NOW):
        claims.append((claim.deliveries, len(claim.events)))
        assert inbox.finish(claim)
    assert claims == [(3, 1), (4, 2)]
    inbox.close()


def test_only_what_was_claimed_is_tried_too_often(tmp_path: Path) -> None:
    inbox = SqliteInbox.open(tmp_path / "inbox.sqlite", Limits(together=2, attempts=2))
    for number in range(5):
        inbox.accept(delivery(f"{number}", change(why=f"{number}")))
    for _ in range(2):
        inbox.retry(claimed(inbox), NOW, "a bug")
    assert states(inbox) == {"0": "dead", "1": "dead", "2": "pending", "3": "pending"} | {
        "4": "pending"
    }
    claim = claimed(inbox)
    assert (claim.delivery, claim.deliveries, claim.attempts) == ("2", 2, 1)
    inbox.close()


def test_work_that_takes_the_process_down_buries_what_it_had_and_no_more(tmp_path: Path) -> None:
    limits = Limits(together=2, attempts=3)
    inbox = SqliteInbox.open(tmp_path / "inbox.sqlite", limits)
    for number in range(5):
        inbox.accept(delivery(f"{number}", change(why=f"{number}")))
    for _ in range(3):
        assert claimed(inbox).delivery == "0"
        inbox.close()
        inbox = SqliteInbox.open(tmp_path / "inbox.sqlite", limits)
    assert claimed(inbox).delivery == "2"
    assert {row.guid for row in inbox.dead_letters(10)} == {"0", "1"}
    inbox.close()


def test_a_delivery_for_several_places_waits_under_each(inbox: SqliteInbox) -> None:
    events = (change(), InstallationChanged(9001), ImagePushed(WEB, "1"), ImagePushed(WEB, "2"))
    inbox.accept(delivery("a", *events))
    claims = [claimed(inbox), claimed(inbox), claimed(inbox)]
    assert [claim.events for claim in claims] == [events[:1], events[1:2], events[2:]]
    assert inbox.accept(delivery("a", *events)) == Duplicate()


def test_a_failed_attempt_is_tried_again_when_its_time_comes(inbox: SqliteInbox) -> None:
    inbox.accept(delivery("a"))
    assert inbox.retry(claimed(inbox), NOW + MINUTE, "GitHub answered 502")
    assert inbox.claim(NOW) is None
    assert inbox.wake_at() == NOW + MINUTE
    assert inbox.found("a")[0].error == "GitHub answered 502"
    assert inbox.found("a")[0].not_before == NOW + MINUTE
    again = claimed(inbox, NOW + MINUTE)
    assert again.attempts == 2
    inbox.finish(again)
    assert inbox.found("a")[0].error == ""


def test_new_deliveries_do_not_shorten_a_rest_somebody_asked_for(inbox: SqliteInbox) -> None:
    inbox.accept(delivery("a"))
    inbox.retry(claimed(inbox), NOW + MINUTE, "Retry-After: 60")
    inbox.accept(delivery("b"))
    assert inbox.claim(NOW + MINUTE / 2) is None
    assert claimed(inbox, NOW + MINUTE).deliveries == 2


def test_a_row_tried_too_often_dies_alone(inbox: SqliteInbox) -> None:
    inbox.accept(delivery("poison"))
    for attempt in range(3):
        if attempt == 2:
            inbox.accept(delivery("late"))
        inbox.retry(claimed(inbox), NOW, "the reason")
    assert states(inbox) == {"poison": "dead", "late": "pending"}
    (dead,) = inbox.dead_letters(10)
    assert (dead.guid, dead.error, dead.attempts) == ("poison", "the reason", 3)


def killed(inbox: SqliteInbox, guid: str) -> None:
    inbox.accept(delivery(guid))
    for _ in range(3):
        inbox.retry(claimed(inbox), NOW, "the reason")


def test_a_redelivery_of_a_dead_row_is_work_again(inbox: SqliteInbox) -> None:
    killed(inbox, "a")
    assert inbox.claim(NOW) is None
    assert inbox.accept(delivery("a")) == Accepted()
    assert claimed(inbox).attempts == 1


def test_dead_and_finished_deliveries_are_replayed(inbox: SqliteInbox) -> None:
    killed(inbox, "dead")
    assert inbox.replay("dead") == 1
    claim = claimed(inbox)
    assert (claim.delivery, claim.attempts) == ("dead", 1)
    inbox.finish(claim)
    assert inbox.replay("dead") == 1
    assert claimed(inbox).delivery == "dead"


def test_a_replay_does_not_wait_for_a_rest_to_end(inbox: SqliteInbox) -> None:
    killed(inbox, "dead")
    inbox.accept(delivery("waiting"))
    inbox.retry(claimed(inbox), NOW + MINUTE, "busy")
    inbox.replay("dead")
    assert claimed(inbox).deliveries == 2


def test_only_what_is_kept_and_has_ended_is_replayed(inbox: SqliteInbox) -> None:
    with pytest.raises(Refusal, match="no delivery 'x' is kept"):
        inbox.replay("x")
    inbox.accept(delivery("a"))
    with pytest.raises(Refusal, match="waits already"):
        inbox.replay("a")


def test_a_lease_that_ran_out_is_given_to_another_and_cannot_be_finished(tmp_path: Path) -> None:
    inbox = SqliteInbox.open(tmp_path / "inbox.sqlite", Limits(lease=MINUTE))
    inbox.accept(delivery("a"))
    slow = claimed(inbox)
    assert inbox.wake_at() == NOW + MINUTE
    inbox.accept(delivery("b"))
    quick = claimed(inbox, NOW + MINUTE)
    assert quick.deliveries == 2
    assert quick.token > slow.token
    assert not inbox.finish(slow)
    assert not inbox.retry(slow, NOW, "late")
    assert inbox.finish(quick)
    assert not inbox.finish(quick)
    inbox.close()


def test_work_that_takes_the_process_down_every_time_dies(tmp_path: Path) -> None:
    for start in range(4):
        inbox = SqliteInbox.open(tmp_path / "inbox.sqlite", Limits(attempts=3))
        inbox.accept(delivery("poison"))
        claim = inbox.claim(NOW)
        assert (claim is None) == (start == 3)
        if start == 3:
            assert inbox.dead_letters(1)[0].error == "no attempt ever ended"
        inbox.close()


def test_a_last_attempt_that_outlives_its_lease_is_given_up(tmp_path: Path) -> None:
    inbox = SqliteInbox.open(tmp_path / "inbox.sqlite", Limits(lease=MINUTE, attempts=1))
    inbox.accept(delivery("slow"))
    slow = claimed(inbox)
    assert inbox.claim(NOW + MINUTE) is None
    assert inbox.dead_letters(1)[0].error == "no attempt ever ended"
    assert not inbox.finish(slow)
    inbox.close()


def test_a_restart_ends_every_lease(tmp_path: Path) -> None:
    first = SqliteInbox.open(tmp_path / "inbox.sqlite")
    first.accept(delivery("a"))
    held = claimed(first)
    first.close()
    second = SqliteInbox.open(tmp_path / "inbox.sqlite")
    assert not second.finish(held)
    assert claimed(second).attempts == 2
    second.close()


def test_two_processes_do_not_work_on_one_inbox(inbox: SqliteInbox, tmp_path: Path) -> None:
    with pytest.raises(Refusal, match="another Towline works on"):
        SqliteInbox.open(tmp_path / "inbox.sqlite")


def test_a_visitor_sees_and_replays_beside_the_owner(inbox: SqliteInbox, tmp_path: Path) -> None:
    killed(inbox, "a")
    visitor = SqliteInbox.visit(tmp_path / "inbox.sqlite")
    assert [row.guid for row in visitor.dead_letters(5)] == ["a"]
    visitor.replay("a")
    visitor.close()
    assert claimed(inbox).delivery == "a"


def test_old_rows_are_forgotten_once_they_ended(inbox: SqliteInbox) -> None:
    killed(inbox, "dead")
    inbox.accept(delivery("done", change("acme/done")))
    inbox.finish(claimed(inbox))
    inbox.accept(delivery("waiting", change("acme/other")))
    inbox.accept(delivery("young", change("acme/other"), at=NOW + MINUTE))
    assert inbox.purge(NOW) == 0
    assert inbox.purge(NOW + MINUTE) == 2
    assert states(inbox) == {"young": "pending", "waiting": "pending"}
    assert inbox.accept(delivery("done", change("acme/done"))) == Accepted()


def test_an_idle_worker_knows_when_to_look(inbox: SqliteInbox) -> None:
    assert inbox.wake_at() is None
    inbox.accept(delivery("a", change("acme/a")))
    assert (inbox.wake_at() or NOW) < NOW
    inbox.retry(claimed(inbox), NOW + 5 * MINUTE, "busy")
    inbox.accept(delivery("b", change("acme/b")))
    assert (inbox.wake_at() or NOW) < NOW
    inbox.retry(claimed(inbox), NOW + MINUTE, "busy")
    assert inbox.wake_at() == NOW + MINUTE


def test_a_clock_set_back_loses_nothing(inbox: SqliteInbox) -> None:
    inbox.accept(delivery("a"))
    earlier = NOW - timedelta(hours=1)
    assert (inbox.wake_at() or NOW) < earlier
    assert inbox.finish(claimed(inbox, earlier))


def test_listing_is_newest_first_and_limited(inbox: SqliteInbox) -> None:
    for guid in "abc":
        inbox.accept(delivery(guid, change(f"acme/{guid}")))
    inbox.finish(claimed(inbox))
    assert [row.guid for row in inbox.listing(None, 2)] == ["c", "b"]
    assert [row.guid for row in inbox.listing(State.DONE, 5)] == ["a"]
    assert inbox.counts()[State.PENDING] == 2


def test_a_reason_nobody_can_store_is_stored_anyway(inbox: SqliteInbox) -> None:
    inbox.accept(delivery("a"))
    inbox.retry(claimed(inbox), NOW, "half \ud800 and nul \0" + "x" * 5000)
    assert inbox.found("a")[0].error.startswith("half \\ud800 and nul x")


def test_a_burst_from_many_threads_is_one_unit_of_work(inbox: SqliteInbox) -> None:
    with ThreadPoolExecutor(32) as threads:
        answers = list(threads.map(lambda n: inbox.accept(delivery(f"{n}")), range(10_000)))
    assert answers == [Accepted()] * 10_000
    claim = claimed(inbox)
    assert (claim.deliveries, claim.events) == (10_000, (change(),))
    inbox.finish(claim)
    assert inbox.claim(NOW) is None


def test_workers_and_senders_together_lose_and_double_nothing(inbox: SqliteInbox) -> None:
    worked: list[tuple[str, int]] = []
    active: set[str] = set()
    guard = threading.Lock()
    sent = threading.Event()

    def work() -> None:
        while (claim := inbox.claim(NOW)) or not sent.is_set():
            if claim is None:
                continue
            with guard:
                assert claim.key not in active
                active.add(claim.key)
                worked.append((claim.key, claim.deliveries))
            inbox.counts()
            with guard:
                active.remove(claim.key)
            assert inbox.finish(claim)

    with ThreadPoolExecutor(10) as threads:
        workers = [threads.submit(work) for _ in range(3)]
        names = [(f"{n}", change(f"acme/{n % 7}")) for n in range(2000)]
        answers = list(threads.map(lambda one: inbox.accept(delivery(*one)), names))
        sent.set()
        for worker in workers:
            worker.result()
    assert answers == [Accepted()] * 2000
    assert sum(count for _, count in worked) == 2000
    assert inbox.counts()[State.PENDING] == inbox.counts()[State.LEASED] == 0


def test_a_closed_inbox_says_so(tmp_path: Path) -> None:
    inbox = SqliteInbox.open(tmp_path / "inbox.sqlite")
    inbox.close()
    inbox.close()
    with pytest.raises(Temporary, match="closed"):
        inbox.claim(NOW)


@pytest.mark.parametrize(
    ("source", "guid", "at"),
    [("", "a", NOW), ("github", "", NOW), ("github", "a", NOW.replace(tzinfo=None))],
)
def test_a_delivery_that_could_not_be_found_again_is_not_made(
    source: str, guid: str, at: datetime
) -> None:
    with pytest.raises(Refusal):
        Delivery(source, guid, "push", at, (change(),))
