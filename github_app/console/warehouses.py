"""The warehouses of a checkout: its working tree, and what the ledger remembers of them."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from github_app.console.checkout import Checkout, listed
from github_app.console.sources import LocalObjects
from github_app.github.calls import CallCounter
from github_app.github.mirror.git import Git
from github_app.github.mirror.mirrors import LARGEST_FILE
from github_app.github.mirror.repository import Mirror
from github_app.github.pull_facts import Made
from github_app.ledger import BRANCH, EMPTY, Ledger
from github_app.ledger_branch import trusted_ledger
from github_app.ledger_files import read_ledger
from github_app.ports import Known
from github_app.surroundings import Surroundings
from plugin.errors import Refusal
from plugin.pipeline import Creation, Project, Warehouse
from plugin.subscriptions import CustomSubscription


@dataclass(frozen=True, slots=True)
class AskedWarehouse:
    """A warehouse that is asked about, and what was freight of it before."""

    project: Project
    warehouse: Warehouse
    known: Known


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add what says which warehouses are meant."""
    parser.add_argument("path", nargs="?", default=".", type=Path, help="a checkout (default: .)")
    parser.add_argument("--warehouse", metavar="NAME", help="this one alone (default: all)")
    parser.add_argument("--project", metavar="NAME", help="where several have such a warehouse")


def asked_of(options: argparse.Namespace, around: Surroundings) -> tuple[AskedWarehouse, ...]:
    """The warehouses that are meant, as the working tree has them; raises Refusal if none is."""
    checkout = Checkout.around(options.path)
    projects = [one for one in checkout.projects if options.project in {None, one.name}]
    found = [
        (project, warehouse)
        for project in projects
        for warehouse in project.warehouses
        if options.warehouse in {None, warehouse.name}
    ]
    if not found:
        raise _nothing(checkout, options)
    ledgers = _ledgers(checkout, around)
    return tuple(
        AskedWarehouse(project, warehouse, _known(ledgers, project, warehouse))
        for project, warehouse in found
    )


def note_fetched(warehouses: Iterable[Warehouse]) -> None:
    """Say of what only the App knows that it is as old as the checkout's last fetch."""
    if any(_hears(one) for one in warehouses):
        note = (
            "note: what was posted or assembled is read as last fetched from origin; "
            "'git fetch' brings the rest"
        )
        print(note, file=sys.stderr)


def _hears(warehouse: Warehouse) -> bool:
    """Whether people or CI tell the App what to take."""
    posted = any(isinstance(one, CustomSubscription) for one in warehouse.subscriptions)
    return posted or warehouse.creation is Creation.MANUAL


def _nothing(checkout: Checkout, options: argparse.Namespace) -> Refusal:
    names = [
        f"{project.name}/{one.name}" for project in checkout.projects for one in project.warehouses
    ]
    wanted = "/".join(one for one in (options.project, options.warehouse) if one)
    return Refusal(f"there is no warehouse '{wanted}' here; there are: {listed(names)}")


def _known(ledgers: Mapping[str, Ledger], project: Project, warehouse: Warehouse) -> Known:
    ledger = ledgers.get(project.name, EMPTY)
    return Known(ledger.seen(warehouse.name), ledger.arrived(warehouse.name))


def _ledgers(checkout: Checkout, around: Surroundings) -> Mapping[str, Ledger]:
    """What the checkout's origin remembers, by project; nothing outside a Git checkout."""
    asked = ("-C", str(checkout.root), "--git-dir=.git", "rev-parse", "--absolute-git-dir")
    directory = Git(checkout.root, around.environ).run(*asked)
    if directory.status != 0:
        return {}
    place = Path(directory.out.decode().strip())
    mirror = Mirror(Git(place, around.environ), CallCounter(), LARGEST_FILE)
    objects = LocalObjects(mirror, BRANCH)
    try:
        objects.fetch()
        tip = objects.branch(BRANCH)
        files = trusted_ledger((Made(tip, True, ""),), objects).files if tip else {}
    finally:
        mirror.rest()
    return {one.name: read_ledger(one.name, files) for one in checkout.projects}
