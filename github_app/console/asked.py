"""What `towline bump` is asked for: its words to wanted versions and terms for disks."""

from __future__ import annotations

import argparse
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from plugin.artifact import (
    Chart,
    ChartName,
    DiskFamily,
    DiskImage,
    GitRepository,
    Image,
    Machine,
    MachineVersion,
    Repository,
    Revision,
    Subject,
    Tagged,
    Untied,
    Wanted,
    is_checksum,
    is_digest,
)
from plugin.disks.policy import Consent, Terms
from plugin.errors import Refusal
from plugin.pins.machine_places import K3S, KUBERNETES, RKE2, TALOS

_DISK = re.compile(r"(?P<old>https?://.+?)=(?P<new>https?://.+)@(?P<checksum>[^@]+)")
_CONSENT = re.compile(
    r"(?:(?P<namespace>[^\s:@/]+)/)?(?P<vm>[^\s:@/]+):(?P<disk>[^\s:@/]+)@(?P<version>\S+)"
)


@dataclass(frozen=True, slots=True)
class Asked:
    """The versions wanted, the words they were asked for in, and the terms for disks.

    `names` are the words before each `=`, which marker comments may name.
    """

    wanted: tuple[Wanted, ...]
    names: dict[str, Subject]
    terms: Terms


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options that ask for versions."""
    for option, (metavar, what, _) in _OPTIONS.items():
        parser.add_argument(f"--{option}", action="append", default=[], metavar=metavar, help=what)
    parser.add_argument(
        "--allow-replace",
        action="append",
        default=[],
        metavar="[NAMESPACE/]VM:DISK@DIGEST",
        help="consent to lose what is written to this disk of this machine, for this version; "
        "with its namespace where two machines have the name",
    )
    parser.add_argument(
        "--keep",
        type=int,
        default=1,
        metavar="N",
        help="how many previous disks stay in the files (default: 1)",
    )


def asked_of(options: argparse.Namespace) -> Asked:
    """Everything asked for; raises Refusal with what to write instead."""
    wanted: dict[Subject, Wanted] = {}
    names: dict[str, Subject] = {}
    for option, text in _said(options):
        name, one = _read(option, text)
        if wanted.setdefault(one.subject, one) != one:
            raise Refusal(
                f"--{option} '{text}': {one.subject} is asked for twice; give one version"
            )
        if names.setdefault(name, one.subject) != one.subject:
            raise Refusal(
                f"--{option} '{text}': '{name}' is asked for as something else, too, so a marker "
                "comment that names it would be unclear; write one of the two in full"
            )
    if not wanted:
        raise Refusal("nothing is asked for; say --set REPOSITORY=TAG, or see --help")
    consents = frozenset(_consent(one) for one in options.allow_replace)
    return Asked(tuple(wanted.values()), names, Terms(options.keep, consents))


def _said(options: argparse.Namespace) -> Iterator[tuple[str, str]]:
    for option in _OPTIONS:
        for text in getattr(options, option.replace("-", "_")):
            yield option, text


def _read(option: str, text: str) -> tuple[str, Wanted]:
    """The word before the `=` and the version asked for."""
    metavar, _, reader = _OPTIONS[option]
    try:
        return reader(text)
    except _Malformed:
        example = _EXAMPLES[option]
        raise Refusal(f"--{option} '{text}': write {metavar}, for example {example}") from None
    except Refusal as refusal:
        raise Refusal(f"--{option} '{text}': {refusal}") from None


class _Malformed(Refusal):
    """What was said has another form."""


def _parts(name: str, equals: str, value: str) -> tuple[str, str]:
    if not equals or not name or not value:
        raise _Malformed("has another form")
    return name, value


def _image(text: str) -> tuple[str, Wanted]:
    name, value = _parts(*text.partition("="))
    repository = Repository.parse(name)
    tag, at, digest = value.partition("@")
    if not at:
        return name, Tagged(repository, tag)
    if not digest:
        return name, Untied(repository, tag)
    if not tag:
        raise _Malformed("has no tag")
    if not is_digest(digest):
        raise Refusal(f"'{digest[:120]}' is not a digest: sha256: and 64 hexadecimal digits")
    return name, Image(repository, tag, digest)


def _chart(text: str) -> tuple[str, Wanted]:
    name, value = _parts(*text.rpartition("="))
    return name, Chart(ChartName.parse(name), value)


def _revision(text: str) -> tuple[str, Wanted]:
    name, value = _parts(*text.partition("="))
    return name, Revision(GitRepository.parse(name), value)


def _version(text: str) -> tuple[str, Wanted]:
    name, value = _parts(*text.partition("="))
    if name not in _SYSTEMS:
        known = ", ".join(_SYSTEMS)
        raise Refusal(f"'{name[:120]}' is no system that Towline knows: {known}")
    return name, MachineVersion(Machine(name), value)


def _disk(text: str) -> tuple[str, Wanted]:
    found = _DISK.fullmatch(text)
    if found is None:
        raise _Malformed("has another form")
    old, new = found["old"], found["new"]
    return old, DiskImage(DiskFamily.parse(old), new.rpartition("/")[2], new, found["checksum"])


def _consent(text: str) -> Consent:
    found = _CONSENT.fullmatch(text)
    if found is None or not (is_digest(found["version"]) or is_checksum(found["version"])):
        raise Refusal(
            f"--allow-replace '{text}': write VM:DISK@DIGEST, for example db:root@sha256:... with "
            "the digest or checksum of the version you consent to, or NAMESPACE/VM:DISK@DIGEST"
        )
    return Consent(found["vm"], found["disk"], found["version"], found["namespace"] or "")


_SYSTEMS = tuple(one.name for one in (TALOS, K3S, RKE2, KUBERNETES))
_Reader = Callable[[str], tuple[str, Wanted]]
_OPTIONS: dict[str, tuple[str, str, _Reader]] = {
    "set": (
        "REPOSITORY=TAG[@DIGEST]",
        "an image at this version; TAG@ with nothing behind it drops a digest",
        _image,
    ),
    "set-chart": (
        "NAME=VERSION",
        "a Helm chart; NAME may have its repository before it, as in https://charts.acme.io/web",
        _chart,
    ),
    "set-revision": ("REPO=REV", "a Git repository at this tag or commit", _revision),
    "set-disk": (
        "OLD-ADDRESS=NEW-ADDRESS@CHECKSUM",
        "a disk image behind an address; the old address may be of any version of it",
        _disk,
    ),
    "set-version": ("SYSTEM=VERSION", f"what machines run: {', '.join(_SYSTEMS)}", _version),
}
_EXAMPLES = {
    "set": "--set ghcr.io/acme/web=1.2.3, =1.2.3@sha256:... or =1.2.3@",
    "set-chart": "--set-chart web=1.2.3",
    "set-revision": "--set-revision github.com/acme/deploy=v1.2.3",
    "set-disk": "--set-disk https://acme.io/disk-1.0.qcow2=https://acme.io/disk-2.0.qcow2@sha256:...",
    "set-version": "--set-version talos=v1.13.0",
}
