"""`towline disk`: container disks of virtual machines, made from disk images and published."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import requests

from github_app.console.disk_asked import add_arguments, asked_of
from github_app.publishing.engine import ThroughEngine, engine
from github_app.publishing.progress import Bar, Lines, Progress, Silent, size
from github_app.publishing.publish import Outcome, Publication, Way, publish
from github_app.publishing.uploads import Uploads
from github_app.publishing.writes import Place, Writes
from github_app.surroundings import Surroundings
from github_app.warehouse.docker_config import DockerLogins
from github_app.warehouse.ports import Logins
from github_app.warehouse.registry_http import RegistryHttp
from github_app.warehouse.registry_session import registry_session
from plugin.artifact import Repository
from plugin.errors import Refusal

_EPILOG = """\
examples:
  towline disk publish debian-12-amd64.qcow2 ghcr.io/acme/vm/debian:12-20250210 \\
      --checksum sha512:9fd9f2a7... --source https://cloud.debian.org/images/cloud/bookworm/
  towline disk publish --arch amd64=a.qcow2 --arch arm64=b.qcow2 ghcr.io/acme/vm/debian:12-20250210

The image is what KubeVirt boots as a containerDisk and what CDI imports from docker://. The printed
line is its reference; --json has more. Logins are those of 'docker login'. Nothing is pushed before
every file is known to be a disk with its checksum, and the tag is written last.

Exit status: 0 pushed, or there already; 1 refused.
"""


def add_parser(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command to the parser."""
    parser = commands.add_parser("disk", help="publish a VM's disk image as a container disk")
    verbs = parser.add_subparsers(required=True, metavar="VERB")
    publishing = verbs.add_parser(
        "publish",
        help="make a container disk of a qcow2 or raw image, and push it",
        usage="%(prog)s [OPTIONS] IMAGE REPOSITORY:TAG\n"
        "       %(prog)s [OPTIONS] --arch ARCH=IMAGE [--arch ARCH=IMAGE ...] REPOSITORY:TAG",
        description="Make a KubeVirt container disk of a disk image, and push it to a registry.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add_arguments(publishing)
    publishing.add_argument(
        "--through",
        choices=("engine", "registry"),
        help="who pushes: a container engine (DOCKER_HOST or the usual socket), or we ourselves, "
        "straight to the registry. By default an engine that answers, unless there are several "
        "architectures",
    )
    publishing.add_argument("--quiet", action="store_true", help="say nothing on stderr")
    publishing.add_argument("--json", action="store_true", help="print one object")
    # Wrong words are answered with this help, not with that of `towline disk`.
    publishing.set_defaults(run=run, called=publishing.prog)


def run(options: argparse.Namespace, around: Surroundings) -> int:
    """Publish and print the reference; raises Refusal and Temporary."""
    asked = asked_of(options)
    progress = _progress(around, quiet=options.quiet)
    with _way(asked, options.through, around, progress) as way:
        outcome = publish(asked, way, progress)
    for line in _advice(outcome):
        progress.say(line)
    print(json.dumps(_as_json(outcome), indent=2) if options.json else outcome.image)
    return 0


def _progress(around: Surroundings, *, quiet: bool) -> Progress:
    if quiet:
        return Silent()
    return Bar(sys.stderr, around.clock) if sys.stderr.isatty() else Lines(sys.stderr)


@contextmanager
def _way(
    asked: Publication, through: str | None, around: Surroundings, progress: Progress
) -> Iterator[Way]:
    """Through an engine or straight to the registry, whichever was asked for or is there."""
    several = len(asked.disks) > 1
    if several and through == "engine":
        raise Refusal(
            "an engine's API cannot push an index over several architectures: leave out "
            "'--through engine'"
        )
    given = around.environ.get("TOWLINE_REGISTRY_CREDENTIALS", "").split(",")
    logins = DockerLogins(around.docker_config(), [Path(one) for one in given if one])
    authorities = around.environ.get("TOWLINE_REGISTRY_CA")
    with registry_session(Path(authorities) if authorities else None) as session:
        writes = Writes(session, _place(session, asked.repository, logins, around))
        straight = Uploads(writes, progress, around.sleep)
        if several or through == "registry":
            yield straight
            return
        with engine(around.environ) as client:
            if client is None and through == "engine":
                raise Refusal(
                    "no container engine answers: start one, say in DOCKER_HOST where it listens, "
                    "or leave out '--through engine'"
                )
            if client is None:
                yield straight
                return
            progress.say(
                "note: a container engine answers and pushes; its version decides the digest. "
                "'--through registry' pushes without it"
            )
            repository = asked.repository
            yield ThroughEngine(
                client, repository, logins(repository), straight, progress, asked.move_tag
            )


def _place(
    session: requests.Session, repository: Repository, logins: Logins, around: Surroundings
) -> Place:
    """The repository, and how we get in there to push."""
    insecure = frozenset(around.environ.get("TOWLINE_INSECURE_REGISTRIES", "").split(",")) - {""}
    http = RegistryHttp(session, logins, insecure)

    def denied() -> str:
        login = logins(repository)
        who = f"the login '{login.user}'" if login else "anybody without a login"
        return (
            f"{repository.host} does not let {who} push to {repository.path}: log in as somebody "
            f"who may, with 'docker login {repository.host}'"
        )

    return Place(
        repository,
        http.base(repository.host),
        lambda challenge: http.login.way_in(repository, challenge, "pull,push"),
        denied,
    )


def _advice(outcome: Outcome) -> Iterator[str]:
    """What to know and to do next."""
    image = outcome.image
    if outcome.pushed is None:
        yield f"{image.repository}:{image.tag} holds this very image already: nothing was pushed"
    for architecture, disk in sorted(outcome.disks.items()):
        yield f"{architecture}: {disk.format.value}, {size(disk.virtual_size)} for the machine"
    yield f"pin it: towline bump --set {_setting(outcome)} PATH..."


def _setting(outcome: Outcome) -> str:
    image = outcome.image
    return f"{image.repository}={image.tag}@{image.digest}"


def _as_json(outcome: Outcome) -> dict[str, Any]:
    image, pushed = outcome.image, outcome.pushed
    return {
        "repository": str(image.repository),
        "tag": image.tag,
        "digest": image.digest,
        "reference": str(image),
        "set": _setting(outcome),
        "already": pushed is None,
        "pushed": pushed.sent if pushed else 0,
        "skipped": pushed.skipped if pushed else 0,
        "disks": {
            architecture: {
                "digest": digest,
                "file": str(outcome.disks[architecture].path),
                "format": outcome.disks[architecture].format.value,
                "size": outcome.disks[architecture].size,
                "virtualSize": outcome.disks[architecture].virtual_size,
                "checksum": str(outcome.checksums[architecture]),
            }
            for architecture, digest in sorted(outcome.manifests.items())
        },
    }
