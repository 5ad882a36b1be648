"""Artifacts of every kind, and what is said of them, as hypothesis draws them."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from hypothesis import strategies as st

from github_app.arrivals import Arrivals, Facts, FirstSeen, Posted, Settling
from plugin.artifact import (
    Artifact,
    Chart,
    ChartName,
    Custom,
    CustomName,
    DiskFamily,
    DiskImage,
    GitRepository,
    Image,
    Repository,
    Revision,
)
from plugin.freight import Freight
from tests.github_app.shop import START

MOMENTS = st.integers(0, 10**9).map(lambda seconds: START + timedelta(seconds=seconds))
NAMES = st.from_regex(r"[a-z0-9]([a-z0-9-]{0,10}[a-z0-9])?", fullmatch=True)
WORDS = st.text(st.characters(codec="utf-8"), max_size=30)
FACTS: st.SearchStrategy[Facts] = st.dictionaries(
    WORDS.filter(bool), WORDS, min_size=1, max_size=3
).map(lambda said: tuple(said.items()))
_DIGESTS = st.from_regex(r"sha256:[0-9a-f]{64}", fullmatch=True)
_COMMITS = st.from_regex(r"[0-9a-f]{40}", fullmatch=True)
# Words that YAML takes for something else than text are among them.
_TAGS = st.one_of(
    st.sampled_from(("1.10", "1e3", "no", "0x1F", "null", "4027e12", "1_000", "2025-01-01")),
    st.from_regex(r"[A-Za-z0-9_][A-Za-z0-9._-]{0,20}", fullmatch=True),
)
_VERSIONS = st.builds("{}.{}.{}".format, *[st.integers(0, 99)] * 3)
_WEB = Repository.parse("ghcr.io/acme/web")
_CHARTS = (
    ChartName("https://charts.acme.io:8443/Stable", "web"),
    ChartName.parse("oci://a.io/b/c"),
)
_GIT = (GitRepository.parse("acme/config"), GitRepository.parse("https://git.lan:8443/a/b"))
_DISK = "https://cloud.debian.org/images/cloud/bookworm/{0}/debian-12-generic-amd64-{0}.qcow2"
_FAMILY = DiskFamily.parse(_DISK.format("20250210-2019"))
_BUILDS = st.builds("20250210-{}".format, st.integers(1000, 9999))
_CALLED = st.one_of(st.just(""), NAMES)


def _image(called: str, tag: str, digest: str) -> Image:
    return Image(replace(_WEB, subscription=called), tag, digest)


def _chart(name: ChartName, called: str, version: str, digest: str | None) -> Chart:
    content = digest if name.in_registry else None
    return Chart(replace(name, subscription=called), version, content)


def _revision(git: GitRepository, called: str, tag: str | None, commit: str) -> Revision:
    return Revision(replace(git, subscription=called), tag or commit, commit)


def _disk(called: str, version: str, digest: str) -> DiskImage:
    address = _DISK.format(version)
    return DiskImage(replace(_FAMILY, subscription=called), version, address, digest)


def _custom(name: str, version: str) -> Custom:
    return Custom(CustomName(name), version)


ARTIFACTS: st.SearchStrategy[Artifact] = st.one_of(
    st.builds(_image, _CALLED, _TAGS, _DIGESTS),
    st.builds(_chart, st.sampled_from(_CHARTS), _CALLED, _VERSIONS, st.none() | _DIGESTS),
    st.builds(_revision, st.sampled_from(_GIT), _CALLED, st.none() | _VERSIONS, _COMMITS),
    st.builds(_disk, _CALLED, _BUILDS, _DIGESTS),
    st.builds(_custom, NAMES, _TAGS.map(lambda tag: tag.lstrip("_.-") or "0")),
)
_SETS = st.lists(ARTIFACTS, min_size=1, max_size=4, unique_by=lambda one: (type(one), one.subject))


def freight_of(warehouse: str) -> st.SearchStrategy[Freight]:
    """Freight of artifacts of any kinds."""
    return _SETS.map(lambda artifacts: Freight(warehouse, tuple(artifacts)))


def arrivals_of(warehouse: str) -> st.SearchStrategy[Arrivals]:
    """Whatever may come to a warehouse."""
    return st.builds(
        Arrivals,
        st.dictionaries(NAMES, MOMENTS, max_size=2),
        st.lists(st.builds(FirstSeen, ARTIFACTS, MOMENTS), max_size=3).map(tuple),
        st.lists(
            st.builds(Posted, NAMES, _TAGS, st.just(()) | FACTS, MOMENTS, WORDS), max_size=3
        ).map(tuple),
        st.none() | st.builds(Settling, freight_of(warehouse), MOMENTS, MOMENTS),
    )
