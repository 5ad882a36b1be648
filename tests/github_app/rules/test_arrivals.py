"""What comes to a warehouse and when it becomes freight: posts, ages, sets that settle."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta

from github_app.arrivals import MOST_POSTED, Arrivals, Facts, FirstSeen, Posted
from github_app.discovery import Ages, Discovered, Discovery, Undiscovered, Young
from github_app.ledger import EMPTY, Ledger
from github_app.ledger_files import ledger_files, read_ledger
from github_app.picture import ProjectPicture
from github_app.rules.arrivals import Arrived, arrived, awaited, nothing_yet
from github_app.rules.news import brought_up_to_date
from plugin.artifact import Custom, CustomName, Watched
from plugin.freight import Freight
from plugin.pipeline import Creation, Warehouse
from plugin.subscriptions import CustomSubscription, ImageSubscription
from tests.github_app.shop import (
    API,
    WEB,
    A,
    B,
    C,
    at,
    decision,
    freight,
    image,
    ledger,
    line,
    planned,
    project,
    shown,
    stage,
    warehouse,
)

SETTLING = replace(warehouse(), settle=timedelta(minutes=2))
MANUAL = replace(warehouse(), creation=Creation.MANUAL)
AGED = Warehouse("web", (ImageSubscription("web", WEB, min_age=timedelta(days=3)),))
LLM = Warehouse("llm", (CustomSubscription("llm", "model", ("acme/training",)),))
DOWN = Undiscovered("warehouse web: the registry answers 500")


def picture(
    of: Warehouse,
    found: Discovery | None,
    book: Ledger = EMPTY,
    posted: Iterable[Posted] = (),
    assembled: Discovery | None = None,
) -> ProjectPicture:
    made = shown(project(stage("dev", warehouses=(of.name,)), warehouses=(of,)), (), book)
    return replace(
        made,
        discoveries={of.name: found} if found else {},
        posted={of.name: tuple(posted)},
        assembled={of.name: assembled} if assembled else {},
    )


def restarted(book: Ledger) -> Ledger:
    """The ledger as another process reads it."""
    return read_ledger("shop", ledger_files("shop", book))


def newest(book: Ledger, name: str = "web") -> Freight | None:
    seen = book.seen(name)
    return seen[-1].freight if seen else None


class Rounds:
    """Rounds over one warehouse; the ledger is all that stays between two of them."""

    def __init__(self, of: Warehouse, book: Ledger = EMPTY) -> None:
        self.of, self.book = of, book

    def look(self, found: Discovery | Freight | None, minute: float) -> Freight | None:
        """The newest freight after a round."""
        offered = Discovered(found) if isinstance(found, Freight) else found
        self.book = restarted(brought_up_to_date(picture(self.of, offered, self.book), at(minute)))
        return newest(self.book)

    def awaited(self, found: Discovery | Freight | None, minute: float) -> list[datetime]:
        offered = Discovered(found) if isinstance(found, Freight) else found
        return list(awaited(picture(self.of, offered, self.book), self.book, at(minute)))


def test_five_pushes_within_a_minute_are_one_piece_of_freight() -> None:
    pushes = [
        Freight("web", (image(f"1.{web}.0"), image(f"1.{api}.0", API)))
        for web, api in ((0, 0), (1, 0), (1, 1), (2, 1), (2, 2))
    ]
    rounds = Rounds(replace(warehouse("web", WEB, API), settle=timedelta(minutes=2)))
    for number, one in enumerate(pushes):
        assert rounds.look(one, number / 5) is None
    assert rounds.awaited(pushes[-1], 0.8) == [at(2.8)]
    assert rounds.look(pushes[-1], 2.7) is None
    assert rounds.look(pushes[-1], 2.8) == pushes[-1]
    assert [one.freight for one in rounds.book.seen("web")] == [pushes[-1]]
    assert rounds.book.seen("web")[0].newest_at == at(2.8)
    assert rounds.awaited(pushes[-1], 2.8) == []


def test_what_is_pushed_without_end_becomes_freight_at_last() -> None:
    rounds = Rounds(SETTLING)
    pushed = [freight(f"1.{number}.0") for number in range(30)]
    for minute, one in enumerate(pushed[:20]):
        assert rounds.look(one, minute) is None
    assert rounds.look(pushed[20], 20) == pushed[20]
    assert rounds.look(pushed[21], 21) == pushed[20]


def test_without_a_time_to_settle_each_push_is_freight_at_once() -> None:
    rounds = Rounds(warehouse())
    assert [rounds.look(one, 0) for one in (A, B, C)] == [A, B, C]
    assert restarted(rounds.book).arrivals == {}


def test_going_back_while_something_settles_forgets_it() -> None:
    rounds = Rounds(SETTLING, ledger(A))
    assert rounds.look(B, 10) == A
    assert rounds.look(A, 11) == A
    assert rounds.book.arrived("web").settling is None
    assert rounds.look(B, 12) == A
    assert rounds.look(B, 13.9) == A
    assert rounds.look(B, 14) == B


def test_a_registry_that_is_down_does_not_start_the_time_anew() -> None:
    rounds = Rounds(SETTLING)
    assert rounds.look(A, 0) is None
    assert rounds.look(DOWN, 1) is None
    assert rounds.awaited(DOWN, 1) == [at(2)]
    assert rounds.look(DOWN, 3) is None
    # Nothing is waited for then: a time in the past would make it look again and again.
    assert rounds.awaited(DOWN, 3) == []
    assert rounds.look(A, 4) == A


def test_a_set_that_settles_is_said_while_nothing_is_there() -> None:
    shop = project(stage("dev"), warehouses=(SETTLING,))
    first = shown(shop, [line("dev")], EMPTY, A)
    made = planned(first, at(0))
    assert made.wake_at == at(2)
    assert made.ledger is not None
    assert list(made.ledger.files) == ["shop/arrivals/web.yaml"]
    text = str(decision(first, "dev", at(0)))
    assert "1.0.0 settles until 2026-01-01T00:02:00Z" in text


def aged(*looked_at: FirstSeen, of: Watched = WEB) -> Ages:
    return Ages((of,), looked_at)


def test_a_young_version_is_passed_over_and_taken_when_it_is_old_enough() -> None:
    young = Young("web", image("1.1.0"), at(0), at(3 * 24 * 60))
    seen = (FirstSeen(image("1.1.0"), at(0)), FirstSeen(image("1.0.0"), at(-5000)))
    found = Discovered(A, young=(young,), ages=aged(*seen))
    rounds = Rounds(AGED)
    assert rounds.look(found, 5) == A
    arrivals = rounds.book.arrived("web")
    assert arrivals.seen_at(image("1.1.0")) == at(0)
    assert arrivals.since == {"ghcr.io/acme/web": at(5)}
    assert rounds.awaited(found, 5) == [at(3 * 24 * 60)]
    assert rounds.look(found, 100) == A
    assert rounds.book.arrived("web").since == {"ghcr.io/acme/web": at(5)}
    assert rounds.look(B, 3 * 24 * 60) == B
    rounds.look(B, 3 * 24 * 60 + 1)
    assert rounds.book.arrived("web").first_seen == (), "what is freight has no age to reach"


def test_what_was_seen_counts_from_then_until_it_is_freight() -> None:
    """Old enough is not taken yet: it may settle, or wait for what it goes together with."""
    first = FirstSeen(image("1.1.0"), at(0))
    rounds = Rounds(replace(AGED, settle=timedelta(minutes=2)), ledger(A))
    assert rounds.look(Discovered(A, ages=aged(first)), 5) == A
    again = FirstSeen(image("1.1.0"), at(500))
    assert rounds.look(Discovered(B, ages=aged(again)), 500) == A
    assert rounds.book.arrived("web").seen_at(image("1.1.0")) == at(0)
    assert rounds.look(Discovered(B, ages=aged(again)), 502) == B


def test_versions_are_seen_though_nothing_is_old_enough_to_be_taken() -> None:
    young = Young("web", image("1.1.0"), at(0), at(3 * 24 * 60))
    seen = aged(FirstSeen(image("1.1.0"), at(0)))
    nothing = Undiscovered("web: 1.1.0 is too young", (young,), ages=seen)
    rounds = Rounds(AGED)
    assert rounds.look(nothing, 5) is None
    assert rounds.book.arrived("web").seen_at(image("1.1.0")) == at(0)
    assert rounds.awaited(nothing, 5) == [young.ready_at]
    # Whoever cannot be asked tells nothing of ages, and nothing is forgotten.
    assert rounds.look(DOWN, 6) is None
    assert rounds.look(Undiscovered("api is down", ages=aged()), 7) is None
    assert rounds.book.arrived("web").seen_at(image("1.1.0")) == at(0)


def test_what_nothing_was_found_of_has_been_looked_at_all_the_same() -> None:
    rounds = Rounds(AGED)
    rounds.look(Undiscovered("no version fits", ages=aged()), 5)
    assert rounds.book.arrived("web").since == {"ghcr.io/acme/web": at(5)}


def test_each_subject_has_its_own_beginning_whatever_its_subscription_is_called() -> None:
    rounds = Rounds(AGED)
    rounds.look(Discovered(A, ages=aged()), 0)
    rounds.look(Discovered(A, ages=aged(of=replace(WEB, subscription="other"))), 30)
    rounds.look(Discovered(A, ages=aged(of=API)), 60)
    assert rounds.book.arrived("web").since == {
        "ghcr.io/acme/api": at(60),
        "ghcr.io/acme/web": at(0),
    }


def test_only_the_last_versions_are_remembered_until_they_are_freight() -> None:
    rounds = Rounds(AGED)
    seen = (FirstSeen(image(f"1.{number}.0"), at(number)) for number in range(300))
    rounds.look(Undiscovered("all too young", ages=aged(*seen)), 300)
    assert [one.at for one in rounds.book.arrived("web").first_seen] == [
        at(number) for number in range(100, 300)
    ]


def test_a_time_without_looks_does_not_count_as_settling() -> None:
    rounds = Rounds(SETTLING, ledger(A))
    assert rounds.look(B, 0) == A
    assert rounds.look(DOWN, 60) == A
    assert rounds.look(C, 61) == A, "C has just come"
    assert rounds.look(C, 63) == C


def test_a_post_of_what_was_freight_once_is_no_news() -> None:
    book = ledger(Freight("llm", (Custom(CustomName("llm"), "1"),)))
    again = Posted("llm", "1", (), at(9), "acme/training")
    come = arrived(book, LLM, picture(LLM, None, book, [again]), at(9))
    assert come.ledger.arrived("llm").posted == ()


def test_freight_of_a_manual_warehouse_is_what_people_assembled() -> None:
    assert arrived(EMPTY, MANUAL, picture(MANUAL, Discovered(B)), at(0)) == Arrived(EMPTY, None)
    asked = picture(MANUAL, Discovered(B), assembled=Discovered(A))
    assert newest(brought_up_to_date(asked, at(1))) == A
    later = picture(MANUAL, Discovered(C), ledger(A))
    assert brought_up_to_date(later, at(2)) == ledger(A)
    back = picture(MANUAL, Discovered(C), ledger(A, B), assembled=Discovered(A))
    assert newest(brought_up_to_date(back, at(3))) == A


def test_what_cannot_be_assembled_makes_nothing() -> None:
    asked = picture(MANUAL, Discovered(B), assembled=Undiscovered("there is no 9.9"))
    assert brought_up_to_date(asked, at(0)) == EMPTY


def test_a_manual_warehouse_waits_for_nothing_and_says_so() -> None:
    young = Young("web", image("1.1.0"), at(0), at(60))
    made = picture(MANUAL, Discovered(A, young=(young,)))
    assert list(awaited(made, EMPTY, at(0))) == []
    assert nothing_yet(MANUAL, made) == (
        "warehouse web has no freight yet: it is assembled by hand; see towline freight --help"
    )
    assert nothing_yet(warehouse(), picture(warehouse(), DOWN)).endswith(DOWN.reason)


def post(version: str, minute: float = 0, name: str = "llm") -> Posted:
    return Posted(name, version, (("commit", "1" * 40),), at(minute), "acme/training")


def test_posts_are_remembered_in_their_order_and_a_replay_keeps_its_place() -> None:
    posts = [post("1"), post("2", 1)]
    book = brought_up_to_date(picture(LLM, None, posted=posts), at(2))
    again = picture(LLM, None, restarted(book), posted=[post("1", 9), post("3", 10)])
    known = restarted(brought_up_to_date(again, at(10))).arrived("llm").posted
    assert known == (post("1"), post("2", 1), post("3", 10))


def test_of_each_artifact_so_many_versions_are_remembered() -> None:
    arrivals = Arrivals().with_posted(post("1", name="other"))
    for number in range(MOST_POSTED + 5):
        arrivals = arrivals.with_posted(post(str(number)))
    assert len(arrivals.posted) == MOST_POSTED + 1
    assert [one.version for one in arrivals.posted if one.name == "other"] == ["1"]
    assert [one.version for one in arrivals.posted][-1] == str(MOST_POSTED + 4)


def test_a_posted_version_is_freight_in_the_round_that_brings_it() -> None:
    made = Freight("llm", (Custom(CustomName("llm"), "7"),))
    facts: dict[Watched, Facts] = {CustomName("llm"): (("commit", "1" * 40),)}
    shown_ = picture(LLM, Discovered(made, facts), posted=[post("7")])
    book = restarted(brought_up_to_date(shown_, at(3)))
    assert newest(book, "llm") == made
    assert book.seen("llm")[0].facts == facts
    assert book.arrived("llm").posted == (post("7"),)
