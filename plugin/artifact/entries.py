"""Artifacts as the few lines that records and the ledger say of each, and back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import assert_never

from plugin.artifact.chart import Chart, ChartName
from plugin.artifact.custom import Custom, CustomName
from plugin.artifact.disk import DiskFamily, DiskImage
from plugin.artifact.git import GitRepository, Revision
from plugin.artifact.image import Image, Repository
from plugin.artifact.kinds import Artifact
from plugin.errors import Refusal

# The first key of an entry says its kind; then come the keys that must and that may be there.
_KEYS = {
    "image": (("tag", "digest"), ("subscription",)),
    "chart": (("version",), ("digest", "subscription")),
    "git": (("revision",), ("commit", "subscription")),
    "disk": (("version", "checksum"), ("subscription",)),
    "custom": (("version",), ()),
}


def entry_of(artifact: Artifact) -> dict[str, str]:
    """What is said of an artifact, key by key in the order of writing."""
    match artifact:
        case Image(repository, tag, digest):
            entry = {"image": str(repository), "tag": tag, "digest": digest}
        case Chart(subject, tag, digest):
            entry = {"chart": str(subject), "version": tag} | ({"digest": digest} if digest else {})
        case Revision(subject, tag, commit):
            entry = {"git": str(subject), "revision": tag} | ({"commit": commit} if commit else {})
        case DiskImage(_, tag, address, digest):
            entry = {"disk": address, "version": tag, "checksum": digest}
        case Custom(subject, tag):
            entry = {"custom": str(subject), "version": tag}
        case _:
            assert_never(artifact)
    called = artifact.subject.subscription
    return entry | ({"subscription": called} if called else {})


def artifact_of(entry: Mapping[str, str]) -> Artifact:
    """The artifact of an entry; raises Refusal for what no entry of ours says."""
    kind = next((one for one in _KEYS if one in entry), None)
    if kind is None:
        raise Refusal(f"an artifact is one of {', '.join(_KEYS)}")
    needed, optional = _KEYS[kind]
    for key in needed:
        if key not in entry:
            raise Refusal(f"key '{key}' is missing")
    for key in entry:
        if key not in {kind, *needed, *optional}:
            raise Refusal(f"key '{key[:80]}' does not belong here")
    artifact = _made(kind, entry, entry.get("subscription", ""))
    # One spelling for each, so that equal artifacts are equal texts.
    normal = entry_of(artifact)[kind]
    if normal != entry[kind]:
        raise Refusal(f"'{entry[kind][:200]}' is not the normal name '{normal}'")
    return artifact


def _made(kind: str, entry: Mapping[str, str], called: str) -> Artifact:
    match kind:
        case "image":
            repository = replace(Repository.parse(entry["image"]), subscription=called)
            return Image(repository, entry["tag"], entry["digest"])
        case "chart":
            chart = replace(ChartName.parse(entry["chart"]), subscription=called)
            return Chart(chart, entry["version"], entry.get("digest"))
        case "git":
            git = replace(GitRepository.parse(entry["git"]), subscription=called)
            return Revision(git, entry["revision"], entry.get("commit"))
        case "disk":
            family = replace(DiskFamily.parse(entry["disk"]), subscription=called)
            return DiskImage(family, entry["version"], entry["disk"], entry["checksum"])
        case _:
            return Custom(CustomName(entry["custom"]), entry["version"])


def id_line(artifact: Artifact) -> str:
    """What freight's id says of an artifact: kind, subject and version, with what proves it."""
    called = artifact.subject.subscription
    name = f"{called}=" if called else ""
    match artifact:
        case Image():
            return f"image {name}{artifact}"
        case Chart(subject, tag, digest):
            return f"chart {name}{subject}:{tag}" + (f"@{digest}" if digest else "")
        case Revision(subject, tag, commit):
            version = f"@{tag}" if commit in {None, tag} else f":{tag}@{commit}"
            return f"git {name}{subject}{version}"
        case DiskImage(address=address, digest=digest):
            return f"disk {name}{address}@{digest}"
        case Custom(subject, tag):
            return f"custom {subject}:{tag}"
        case _:
            assert_never(artifact)
