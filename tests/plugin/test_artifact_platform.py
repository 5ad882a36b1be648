"""Platforms are one value each, however they are written."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plugin.artifact.platform import Platform
from plugin.errors import Refusal


@pytest.mark.parametrize(
    ("text", "normal"),
    [
        ("linux/amd64", "linux/amd64"),
        ("linux/amd64/v1", "linux/amd64"),
        ("linux/amd64/v3", "linux/amd64/v3"),
        ("linux/x86_64", "linux/amd64"),
        ("Linux/X86-64", "linux/amd64"),
        ("linux/i386/x", "linux/386"),
        ("linux/arm64/v8", "linux/arm64"),
        ("linux/arm64/8", "linux/arm64"),
        ("linux/aarch64/v8", "linux/arm64"),
        ("linux/arm64/v9", "linux/arm64/v9"),
        ("linux/arm", "linux/arm/v7"),
        ("linux/arm/7", "linux/arm/v7"),
        ("linux/arm/6", "linux/arm/v6"),
        ("linux/armhf", "linux/arm/v7"),
        ("linux/armel", "linux/arm/v6"),
        ("macos/arm64", "darwin/arm64"),
        ("windows/amd64", "windows/amd64"),
        ("linux/riscv64", "linux/riscv64"),
    ],
)
def test_a_platform_has_one_name(text: str, normal: str) -> None:
    assert str(Platform.parse(text)) == normal
    assert Platform.parse(text) == Platform.parse(normal)


@pytest.mark.parametrize(
    "text",
    [
        *("", "linux", "linux/", "/amd64", "linux/arm64/", "linux/arm/v7/x"),
        *("li nux/amd64", "linux/a\n", "linux/" + "x" * 40),
    ],
)
def test_what_is_no_platform_is_refused(text: str) -> None:
    with pytest.raises(Refusal, match="not a platform"):
        Platform.parse(text)


def test_a_variant_must_be_the_one_asked_for() -> None:
    wanted = Platform.parse("linux/arm64/v8")
    assert wanted.matches(Platform("linux", "aarch64"))
    assert not wanted.matches(Platform("linux", "arm64", "v9"))
    assert not wanted.matches(Platform("windows", "arm64"))
    assert not Platform.parse("linux/amd64").matches(Platform("linux", "amd64", "v2"))


words = st.sampled_from(["linux", "Windows", "macos", "arm", "ARM64", "amd64", "v1", "8", "v7", ""])


@given(words, words, words)
def test_the_normal_name_is_the_name_of_the_same_platform(
    system: str, architecture: str, variant: str
) -> None:
    try:
        platform = Platform(system, architecture, variant)
    except Refusal:
        return
    assert Platform.parse(str(platform)) == platform
