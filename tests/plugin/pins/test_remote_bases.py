"""Revisions in the addresses a kustomization fetches."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plugin.pins.edit import bump
from plugin.pins.find import pins_in
from plugin.pins.git_addresses import revision_in
from plugin.pins.pin import Bumped
from tests.plugin.pins.bumps import blocked, found, new_lines, reasons, revision

FILE = "kustomization.yaml"
COMMIT = "0123456789abcdef0123456789abcdef01234567"
RAW = "https://raw.githubusercontent.com"


def resource(address: str) -> str:
    return f"resources:\n- ../base\n- {address}\n"


@pytest.mark.parametrize(
    ("address", "repository", "after"),
    [
        ("https://github.com/Acme/Web//deploy?ref=v1.2.3", "acme/web", "?ref="),
        ("https://github.com/acme/web/deploy/base?ref=v1.2.3&timeout=90s", "acme/web", "?ref="),
        ("https://github.com/acme/web?timeout=90s&version=v1.2.3", "acme/web", "&version="),
        ("github.com/acme/web/deploy?ref=v1.2.3", "acme/web", "?ref="),
        ("git::https://github.com/acme/web//deploy?ref=v1.2.3", "acme/web", "?ref="),
        ("git@github.com:acme/web//deploy?ref=v1.2.3", "acme/web", "?ref="),
        ("git@github.com:acme/web.git/deploy?ref=v1.2.3", "acme/web", "?ref="),
        ("ssh://git@git.acme.io:2222/a/b/web.git//x?ref=v1.2.3", "git.acme.io/a/b/web", "?ref="),
        ("https://git.acme.io/a/b/web//x?ref=v1.2.3", "git.acme.io/a/b/web", "?ref="),
        ("https://dev.azure.com/o/p/_git/web/x?ref=v1.2.3", "dev.azure.com/o/p/_git/web", "?ref="),
        (f"{RAW}/acme/web/v1.2.3/deploy.yaml", "acme/web", "/web/"),
        (f"{RAW}/acme/web/refs/tags/v1.2.3/deploy.yaml", "acme/web", "/tags/"),
        ("https://github.com/acme/web/raw/v1.2.3/deploy.yaml", "acme/web", "/raw/"),
        ("https://github.com/acme/web/releases/download/v1.2.3/a.yaml", "acme/web", "/download/"),
        ("https://gitlab.com/a/b/web/-/raw/v1.2.3/x.yaml", "gitlab.com/a/b/web", "/raw/"),
    ],
)
def test_the_revision_alone_moves(address: str, repository: str, after: str) -> None:
    text = resource(address)
    wanted = revision(f"{repository} v1.3.0-rc.1")
    assert found(FILE, text) == [f"remote-base {wanted.subject} v1.2.3"]
    expected = address.replace(f"{after}v1.2.3", f"{after}v1.3.0-rc.1")
    assert expected != address
    assert new_lines(FILE, text, wanted) == [f"- {expected}"]
    assert new_lines(FILE, resource(f'"{address}" # x'), wanted) == [f'- "{expected}" # x']


@pytest.mark.parametrize(
    ("address", "why"),
    [
        ("https://github.com/acme/web//deploy", "follows the default branch; add '?ref='"),
        ("git@github.com:acme/web", "follows the default branch; add '?ref='"),
        ("https://git.acme.io/a/web.git", "follows the default branch; add '?ref='"),
        ("https://github.com/acme/web?ref=main", "follows the branch 'main'"),
        ("https://github.com/acme/web?ref=", "follows the default branch"),
        ("https://github.com/acme/web?ref=${REF}", "is filled in by a template"),
        (f"{RAW}/acme/web/main/deploy.yaml", "follows the branch 'main'"),
        (f"{RAW}/acme/web/refs/heads/v1.2.3/a.yaml", "follows the branch 'refs/heads/v1.2.3'"),
        ("https://github.com/acme/web/releases/latest/download/a.yaml", "the branch 'latest'"),
        (
            "https://github.com/acme/web/releases/download/v1.2.3/web-1.2.3.yaml",
            "names '1.2.3' in another place of the address too; change both by hand",
        ),
        ("https://github.com/acme/web//v1.2.3?ref=v1.2.3", "in another place of the address"),
    ],
)
def test_what_moves_or_stands_twice_is_refused(address: str, why: str) -> None:
    repository = "git.acme.io/a/web" if "git.acme.io" in address else "acme/web"
    assert why in blocked(FILE, resource(address), revision(f"{repository} v1.3.0"))


@pytest.mark.parametrize(
    "address",
    [
        "../base?x",
        "deploy.yaml",
        "https://acme.io/deploy.yaml",
        "https://acme.io/v1.2.3/deploy.yaml?token=1",
        "https://example.com",
        "oci://ghcr.io/acme/web",
        "a" * 3000,
        "|\n  apiVersion: v1",
    ],
)
def test_what_is_not_git_is_passed_over(address: str) -> None:
    assert not found(FILE, resource(address))
    assert not reasons(FILE, resource(address))


def test_every_place_of_an_address() -> None:
    address = "https://github.com/acme/web/x?ref=v1.2.3"
    text = (
        f"bases: [{address}]\ncomponents: ['{address}']\nconfigurations: [{address}]\n"
        f"patches:\n- path: {RAW}/acme/web/v1.2.3/p.yaml\n- patch: '{address}'\n"
        f"openapi: {{path: {RAW}/acme/web/v1.2.3/s.json}}\n"
    )
    assert len(new_lines(FILE, text, revision("acme/web v1.3.0"))) == 5
    assert not found("values.yaml", text)


def test_a_revision_is_escaped_and_read_as_kustomize_does() -> None:
    text = resource("https://github.com/k3s-io/k3s//x?ref=v1.30.1%2Bk3s1")
    assert found(FILE, text) == ["remote-base https://github.com/k3s-io/k3s v1.30.1+k3s1"]
    wanted = revision("k3s-io/k3s v1.31.0+k3s1")
    assert new_lines(FILE, text, wanted) == [
        "- https://github.com/k3s-io/k3s//x?ref=v1.31.0%2Bk3s1"
    ]


def test_a_release_has_no_commit_id() -> None:
    text = resource("https://github.com/acme/web/releases/download/v1.2.3/a.yaml")
    assert "give a tag" in blocked(FILE, text, revision(f"acme/web {COMMIT}"))
    text = resource(f"{RAW}/acme/web/v1.2.3/a.yaml")
    assert new_lines(FILE, text, revision(f"acme/web {COMMIT}"))


def test_a_tag_with_a_slash_is_for_queries_only() -> None:
    wanted = revision("acme/web charts/web/1.3.0")
    assert "two directories" in blocked(FILE, resource(f"{RAW}/acme/web/v1.2.3/a.yaml"), wanted)
    text = resource("https://github.com/acme/web?ref=charts/web/1.2.3")
    assert new_lines(FILE, text, wanted) == ["- https://github.com/acme/web?ref=charts/web/1.3.0"]


def test_an_anchor_that_serves_two_places_is_refused() -> None:
    text = "resources:\n- &a https://github.com/acme/web?ref=v1.2.3\n- *a\n"
    assert "'*a'" in blocked(FILE, text, revision("acme/web v1.3.0"))


@given(st.text(st.sampled_from("agithub.com/:@?&=%+-v123_#~"), max_size=40))
def test_whatever_an_address_holds_its_slice_is_the_revision(tail: str) -> None:
    for address in (f"https://github.com/a/b{tail}", f"git@github.com:a/b{tail}", tail):
        one = revision_in(address)
        if one is not None and one.revision:
            assert 0 < one.start < one.end <= len(address)
        text = f"resources: ['{address}']\n"
        for pin in pins_in(FILE, text).pins:
            answer = bump(FILE, text, [revision(f"{pin.subject} v9.8.7")])
            assert isinstance(answer, Bumped)
            (again,) = pins_in(FILE, answer.text).pins
            assert (again.subject, again.tag) == (pin.subject, "v9.8.7")
