"""`towline freight`: the newest freight of warehouses, or freight that a person assembles."""

from __future__ import annotations

import argparse
import json
import re
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import assert_never

from github_app.console.checkout import listed
from github_app.console.freight_words import found_json, last_assembled
from github_app.console.posting import entrance, post
from github_app.console.sources import local_discovery
from github_app.console.warehouses import (
    AskedWarehouse,
    add_arguments,
    asked_of,
)
from github_app.discovery import Discovered, Discovery, Undiscovered
from github_app.ledger_times import time_text
from github_app.signatures import Secret
from github_app.surroundings import Surroundings
from github_app.terminal import escaped
from github_app.variables import Variable
from plugin.errors import Refusal
from plugin.pipeline import Creation, Warehouse

_EPILOG = """\
examples:
  towline freight                                         the newest freight of every warehouse
  towline freight --warehouse shop --assemble web=1.4.2 api=1.3.9
  TOWLINE_POST_SECRET=... towline freight --warehouse shop --assemble web=1.4.2 api=1.3.9 \\
      --post https://towline.acme.io --repository acme/gitops

Freight that is assembled has one version of each subscription, any that its rules let pass and that
is old enough (see towline discover). What stands behind it is asked of its registry, repository or
publisher. With --post the App makes it the newest freight of the warehouse, which must say
'freight: manual'.

Exit status: 0 there is freight, 1 there is none, or it was refused.
"""


def add_parser(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command to the parser."""
    parser = commands.add_parser(
        "freight",
        help="show the newest freight, or assemble some by hand",
        description="Show the newest freight of warehouses, or what a set of versions would be.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add_arguments(parser)
    parser.add_argument(
        "--assemble",
        nargs="+",
        action="extend",
        default=[],
        metavar="SUBSCRIPTION=VERSION",
        help="one version of each subscription of the warehouse",
    )
    parser.add_argument("--post", metavar="URL", help="have the App at this address take it")
    parser.add_argument("--repository", metavar="OWNER/NAME", help="with --post: of the pipeline")
    parser.add_argument("--json", action="store_true", help="print a list of warehouses")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace, around: Surroundings) -> int:
    """Print freight, and post it where that is asked; 1 if a warehouse has none."""
    versions = versions_of(options.assemble)
    poster = _poster(options, around)
    asked = asked_of(options, around)
    if versions or poster:
        _check(asked, versions, posting=poster is not None)
    found = _found(asked, versions, around)
    if options.json:
        print(json.dumps([found_json(one.asked, one.found) for one in found], indent=2))
    else:
        texts = (_as_text(one, by_hand=bool(versions)) for one in found)
        print("\n\n".join("\n".join(map(escaped, one)) for one in texts))
    if versions and (problem := _not_taken(asked[0].warehouse)):
        print(escaped(problem), file=sys.stderr)
    if not all(isinstance(one.found, Discovered) for one in found):
        return 1
    if poster is not None:
        print(escaped(poster.ask(asked[0], versions, around.clock())), file=sys.stderr)
    return 0


def versions_of(said: Sequence[str]) -> Mapping[str, str]:
    """The versions by subscription; raises Refusal for one that is named twice."""
    versions: dict[str, str] = {}
    for text in said:
        name, equals, version = text.partition("=")
        if not name or not equals or not version:
            raise Refusal(f"--assemble '{text}': write SUBSCRIPTION=VERSION, such as web=1.4.2")
        if name in versions:
            raise Refusal(f"--assemble '{text}': '{name}' is there twice; give one version")
        versions[name] = version
    return versions


@dataclass(frozen=True, slots=True)
class _Found:
    """A warehouse and its freight, or why there is none."""

    asked: AskedWarehouse
    found: Discovery


def _found(
    asked: Sequence[AskedWarehouse], versions: Mapping[str, str], around: Surroundings
) -> list[_Found]:
    with local_discovery(around) as discovery:
        now = around.clock()
        if versions:
            (one,) = asked
            return [_Found(one, discovery.assemble(one.warehouse, versions, one.known, now))]
        return [_Found(one, discovery.discover(one.warehouse, one.known, now)) for one in asked]


def _check(asked: Sequence[AskedWarehouse], versions: Mapping[str, str], *, posting: bool) -> None:
    """Raises Refusal where it is unclear what is assembled, or the App would not take it."""
    if len(asked) > 1:
        names = listed([f"{one.project.name}/{one.warehouse.name}" for one in asked])
        raise Refusal(f"of which warehouse? say --warehouse, and --project if need be: {names}")
    if not versions:
        raise Refusal("--post is for freight that is assembled; say --assemble, too")
    if posting and (problem := _not_taken(asked[0].warehouse)):
        raise Refusal(problem)


def _not_taken(warehouse: Warehouse) -> str | None:
    """Why the App would not take freight that is assembled."""
    if warehouse.creation is Creation.MANUAL:
        return None
    return (
        f"warehouse '{warehouse.name}' makes its freight by itself, so the App takes none; "
        "write 'freight: manual' there first"
    )


@dataclass(frozen=True, slots=True)
class _Poster:
    """The App's entrance, the secret for it, and the repository that has the pipeline."""

    url: str
    secret: Secret
    repository: str

    def ask(self, asked: AskedWarehouse, versions: Mapping[str, str], now: datetime) -> str:
        """What came of it; raises Refusal."""
        assembling = {
            "assemble": dict(versions),
            "repository": self.repository,
            "project": asked.project.name,
            "warehouse": asked.warehouse.name,
        }
        return f"{self.url}: {post(self.url, self.secret, assembling, now)}"


def _poster(options: argparse.Namespace, around: Surroundings) -> _Poster | None:
    if not options.post and not options.repository:
        return None
    if not options.post or not options.repository:
        raise Refusal("--post and --repository go together: which App, and for which repository")
    if not re.fullmatch(r"[\w.-]+/[\w.-]+", options.repository):
        raise Refusal(f"--repository '{options.repository}': write OWNER/NAME")
    secret = Variable(around.environ, "POST_SECRET", _first_secret, secret=True)
    return _Poster(entrance(options.post), secret.value(), options.repository)


def _first_secret(text: str) -> Secret:
    """Of several, which the App takes while one replaces the other, the first."""
    return Secret(re.split(r"[,\n]", text)[0].strip())


def _as_text(one: _Found, *, by_hand: bool) -> Iterator[str]:
    warehouse = one.asked.warehouse.name
    offers = one.asked.warehouse.creation is Creation.MANUAL and not by_hand
    match one.found:
        case Undiscovered(reason):
            yield f"{warehouse}: no freight"
            yield f"  {reason}"
        case Discovered(freight, young=young):
            could = "could be assembled: " if offers else ""
            yield f"{warehouse}: {could}{freight.alias} {freight.id}"
            yield from (f"  {artifact}" for artifact in freight.artifacts)
            for late in young:
                until = time_text(late.ready_at)
                version = late.artifact.version
                yield f"  {late.subscription} waits: {version} is too young until {until}"
        case _:
            assert_never(one.found)
    if offers:
        yield f"  {last_assembled(one.asked.known)}"
