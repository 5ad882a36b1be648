"""Whose image is read next."""

from __future__ import annotations

from datetime import timedelta

from github_app.warehouse.disk_index.asked_images import AskedImages, Asker, SoFar
from tests.clocks import START

AGO = START - timedelta(minutes=20)


def image(host: str, number: int) -> str:
    return f"https://{host}/{number}.raw"


def asker(tenant: str, number: int) -> Asker:
    return Asker(tenant, number)


def order(asked: AskedImages) -> list[str]:
    found = []
    while (one := asked.next(AGO)) is not None:
        found.append(one.address)
    return found


def test_hosts_take_turns_however_much_each_wants() -> None:
    asked = AskedImages()
    for number in range(3):
        asked.add(image("greedy.io", number), asker("", number), START)
    for host in ("a.io", "b.io"):
        asked.add(image(host, 9), asker("", 9), START)
    first, *others = order(asked)
    assert first == image("greedy.io", 0)
    assert others[:2] == [image("a.io", 9), image("b.io", 9)]
    assert others[2:] == [image("greedy.io", 1), image("greedy.io", 2)]


def test_who_has_just_had_a_turn_waits_for_the_others() -> None:
    asked = AskedImages()
    asked.add(image("greedy.io", 0), asker("", 0), START)
    asked.next(AGO)
    asked.add(image("greedy.io", 1), asker("", 0), START)
    asked.add(image("a.io", 0), asker("", 1), START)
    assert order(asked) == [image("a.io", 0), image("greedy.io", 1)]


def test_tenants_of_one_host_take_turns() -> None:
    asked = AskedImages()
    for number in range(3):
        asked.add(image("factory.io", number), asker("greedy", number), START)
    asked.add(image("factory.io", 7), asker("modest", 7), START)
    assert order(asked)[:2] == [image("factory.io", 0), image("factory.io", 7)]


def test_what_two_tenants_want_is_read_at_the_first_turn_of_either() -> None:
    asked = AskedImages()
    asked.add(image("a.io", 0), asker("greedy", 0), START)
    asked.add(image("a.io", 1), asker("greedy", 1), START)
    asked.next(AGO)
    asked.add(image("b.io", 0), asker("other", 0), START)
    assert asked.ask(image("a.io", 1), asker("modest", 0), START) is not None
    assert order(asked) == [image("a.io", 1), image("b.io", 0)]


def test_a_newer_wish_takes_the_place_of_the_older() -> None:
    asked = AskedImages()
    for number in range(3):
        assert asked.ask(image("a.io", number), asker("", 0), START) is None
        asked.add(image("a.io", number), asker("", 0), START)
    assert order(asked) == [image("a.io", 2)]


def test_a_tenant_without_measure_leaves_room_for_others() -> None:
    asked = AskedImages()
    taken = [
        asked.add(image("a.io", number), asker("greedy", number), START) for number in range(150)
    ]
    assert taken.count(None) == 50
    assert asked.add(image("a.io", 999), asker("modest", 0), START) is not None
    for tenant in range(20):
        for number in range(100):
            asked.add(image(f"{tenant}.io", number), asker(f"{tenant}", number), START)
    assert len(order(asked)) == 1000


def test_how_far_it_is_where_nobody_says_the_length() -> None:
    assert str(SoFar(3 << 29, None)) == "1.5 GiB"
    assert str(SoFar(3 << 29, 3 << 30)) == "1.5 GiB of 3.0 GiB"
