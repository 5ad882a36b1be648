"""Many histories, from a seed on: `python -m tests.github_app.plan.soak 50000 [FIRST_SEED]`.

Prints the shortest form of the first history that breaks an invariant; exit status 1.
"""

from __future__ import annotations

import sys

from tests.github_app.plan.histories import History, history, play, shortest
from tests.github_app.plan.oracle import Violation
from tests.github_app.plan.remembered import remembered

_TOLD_EVERY = 1_000


def main(count: int, first: int) -> int:
    """Play `count` histories; 0 if every invariant held in all of them."""
    landed = 0
    with remembered():
        for number in range(count):
            made = history(first + number)
            try:
                landed += play(made).landed() >= 3
            except Violation:
                print(_told(made))
                return 1
            if (number + 1) % _TOLD_EVERY == 0:
                print(f"{number + 1} histories, {landed} landed in three stages", flush=True)
    print(f"{count} histories, {landed} landed in three stages, no violation")
    return 0


def _told(made: History) -> str:
    short = shortest(made)
    try:
        play(short)
    except Violation as violation:
        return f"{short.project}\n{violation}"
    return f"seed {made.seed} fails only at full length"


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 0))
