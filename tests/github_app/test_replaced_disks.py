"""What a reviewer reads of restarts: what to do, and that nobody else does it."""

from __future__ import annotations

import pytest

from github_app.replaced_disks import machines_to_restart, table_of_disks, table_of_restarts
from plugin.artifact import Image, Repository
from plugin.disks.move import Replaced
from plugin.disks.policy import Loss, Restart
from plugin.disks.restarts import Restarting

FEDORA = Image(Repository.parse("harbor.lan/vm/fedora"), "2", f"sha256:{'4' * 64}")
UNTIL = "A machine runs its old disk until it is restarted"


def taken(
    vm: str, namespace: str = "", how: Restart = Restart.MANUAL, pool: bool = False
) -> Replaced:
    return Replaced(
        vm, namespace, "root", "a-1", "a-2", FEDORA, how, Loss.ALLOWED, True, True, pool=pool
    )


def boots(
    vm: str, namespace: str = "", how: Restart = Restart.MANUAL, pool: bool = False
) -> Restarting:
    return Restarting(vm, namespace, how, FEDORA, pool)


@pytest.mark.parametrize(
    ("how", "said"),
    [
        (Restart.AUTO, "`virtctl restart a -n x` (`auto` is asked for, and nothing does it)"),
        (Restart.WINDOW, "`virtctl restart a -n x` (`window` is asked for, and nothing does it)"),
        (Restart.MANUAL, "by hand: `virtctl restart a -n x`"),
        (Restart.NEVER, "never: it keeps the old disk until it stops"),
    ],
)
def test_nothing_is_promised_that_nobody_does(how: Restart, said: str) -> None:
    for text in (table_of_disks([taken("a", "x", how)]), table_of_restarts([boots("a", "x", how)])):
        assert f"| {said} |" in text
        assert UNTIL in text


def test_a_namespace_that_nobody_says_has_to_be_filled_in() -> None:
    assert "`virtctl restart a -n NAMESPACE`" in table_of_disks([taken("a")])


def test_pools_are_restarted_by_themselves_and_data_sources_not_at_all() -> None:
    for text in (
        table_of_disks([taken("p", pool=True)]),
        table_of_restarts([boots("p", pool=True)]),
    ):
        assert "| by the pool, as its updateStrategy says |" in text
        assert "virtctl" not in text
    text = table_of_disks([taken("")])
    assert "| none |" in text
    assert UNTIL not in text


def test_what_is_known_of_restarts_is_counted_once_for_a_machine() -> None:
    disks = [taken("a", "x"), taken("a", "x"), taken("b", "x", Restart.NEVER), taken("")]
    machines = [boots("a", "x"), boots("a", "y", Restart.AUTO), boots("p", pool=True)]
    assert machines_to_restart(disks, machines) == 2
    assert machines_to_restart([], []) == 0


def test_long_tables_are_cut() -> None:
    assert table_of_restarts([boots(f"vm{number}") for number in range(32)]).count("virtctl") == 30
    assert "| and 2 more | | |" in table_of_restarts([boots(f"vm{number}") for number in range(32)])
    assert table_of_restarts([]) == ""
