"""Image references: what is one place, and what no registry can hold."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plugin.artifact import Image, Reference, Repository, is_digest, is_tag
from plugin.errors import Refusal

DIGEST = "sha256:" + "0123456789abcdef" * 4


@pytest.mark.parametrize(
    "text",
    [
        "nginx",
        "library/nginx",
        "docker.io/nginx",
        "docker.io/library/nginx",
        "index.docker.io/library/nginx",
        "registry-1.docker.io/library/nginx",
        "DOCKER.IO/library/nginx",
    ],
)
def test_docker_hubs_spellings_are_one_place(text: str) -> None:
    assert str(Repository.parse(text)) == "docker.io/library/nginx"


@pytest.mark.parametrize(
    ("text", "host", "path"),
    [
        ("ghcr.io/acme/web", "ghcr.io", "acme/web"),
        ("GHCR.io/acme/web", "ghcr.io", "acme/web"),
        ("acme/web", "docker.io", "acme/web"),
        ("localhost/web", "localhost", "web"),
        ("localhost:5000/web", "localhost:5000", "web"),
        ("registry:5000/a/b/c", "registry:5000", "a/b/c"),
        ("10.0.0.1:443/a__b/c--d.e", "10.0.0.1:443", "a__b/c--d.e"),
        ("[::1]:5000/web", "[::1]:5000", "web"),
    ],
)
def test_the_host_is_told_from_the_path(text: str, host: str, path: str) -> None:
    assert Repository.parse(text) == Repository(host, path)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "/",
        "Web",
        "ghcr.io/",
        "ghcr.io/Acme/web",
        "ghcr.io//web",
        "ghcr.io/../web",
        "ghcr.io/acme/web ",
        "ghcr.io/acme/web\n",
        "ghcr.io/acme/$(id)",
        "ghcr.io/acme/{{ image }}",
        "ghcr.io/acme/wéb",
        "https://ghcr.io/acme/web",
    ],
)
def test_what_no_registry_can_hold_is_refused(text: str) -> None:
    with pytest.raises(Refusal):
        Repository.parse(text)


@pytest.mark.parametrize(
    ("text", "tag", "digest"),
    [
        ("reg:5000/a/b", None, None),
        ("reg:5000/a/b:1.0", "1.0", None),
        (f"reg:5000/a/b@{DIGEST}", None, DIGEST),
        (f"reg:5000/a/b:1.0@{DIGEST}", "1.0", DIGEST),
    ],
)
def test_the_port_is_not_a_tag(text: str, tag: str | None, digest: str | None) -> None:
    reference = Reference.parse(text)
    assert reference == Reference(Repository("reg:5000", "a/b"), tag, digest)


@pytest.mark.parametrize(
    "text", ["a:", "a:b:c", "a@", "a@sha256:12", "a:x y", "a:-1", f"a:1@{DIGEST}@{DIGEST}", "*:*"]
)
def test_broken_references_are_refused(text: str) -> None:
    with pytest.raises(Refusal):
        Reference.parse(text)


@pytest.mark.parametrize("tag", ["latest", "1.10", "1e3", "0123", "_", "a..b", "x.lock", "a" * 128])
def test_everything_people_can_push_is_a_tag(tag: str) -> None:
    assert is_tag(tag)


@pytest.mark.parametrize("tag", ["", "-->", ".a", "a/b", "a:b", "a\n", "é", "a" * 129, "$(x)"])
def test_everything_else_is_not(tag: str) -> None:
    assert not is_tag(tag)


@pytest.mark.parametrize("text", ["sha256:" + "A" * 64, "sha256:" + "a" * 63, "md5:" + "a" * 32])
def test_digests_are_exact(text: str) -> None:
    assert is_digest(DIGEST)
    assert not is_digest(text)


def test_an_image_needs_tag_and_digest() -> None:
    web = Repository.parse("ghcr.io/acme/web")
    assert str(Image(web, "1.0", DIGEST)) == f"ghcr.io/acme/web:1.0@{DIGEST}"
    with pytest.raises(Refusal, match=r"not a tag of ghcr\.io/acme/web"):
        Image(web, "", DIGEST)
    with pytest.raises(Refusal, match=r"not a digest of ghcr\.io/acme/web:1\.0"):
        Image(web, "1.0", "latest")


@given(st.text(max_size=40))
def test_parsing_refuses_or_finds_a_normal_form(text: str) -> None:
    try:
        repository = Repository.parse(text)
    except Refusal:
        return
    assert Repository.parse(str(repository)) == repository
