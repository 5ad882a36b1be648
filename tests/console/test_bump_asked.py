"""How `towline bump` understands what it is asked for, and what it says when it does not."""

from __future__ import annotations

import argparse

import pytest

from github_app.cli import main
from github_app.console.asked import Asked, add_arguments, asked_of
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
    Tagged,
    Untied,
    Wanted,
)
from plugin.disks.policy import Consent
from plugin.errors import Refusal

DIGEST = "sha256:" + "ab" * 32
OLD, NEW = "https://acme.io/disk-1.0.qcow2", "https://acme.io/disk-1.1.qcow2"


def asked(*arguments: str) -> Asked:
    parser = argparse.ArgumentParser()
    add_arguments(parser)
    return asked_of(parser.parse_args(arguments))


@pytest.mark.parametrize(
    ("option", "text", "expected"),
    [
        ("--set", "nginx=1.2", Tagged(Repository.parse("nginx"), "1.2")),
        ("--set", "reg:5000/a=1", Tagged(Repository.parse("reg:5000/a"), "1")),
        ("--set", "nginx=1.2@", Untied(Repository.parse("nginx"), "1.2")),
        ("--set", f"nginx=1@{DIGEST}", Image(Repository.parse("nginx"), "1", DIGEST)),
        ("--set-chart", "web=1.2.3+b1", Chart(ChartName("", "web"), "1.2.3+b1")),
        (
            "--set-chart",
            "oci://ghcr.io/acme/web=1.2.3",
            Chart(ChartName("oci://ghcr.io/acme", "web"), "1.2.3"),
        ),
        (
            "--set-revision",
            "https://github.com/acme/x.git=v1",
            Revision(GitRepository("github.com", "acme/x"), "v1"),
        ),
        ("--set-version", "talos=v1.13.0", MachineVersion(Machine("talos"), "v1.13.0")),
        (
            "--set-disk",
            f"{OLD}={NEW}@{DIGEST}",
            DiskImage(DiskFamily.parse(OLD), "disk-1.1.qcow2", NEW, DIGEST),
        ),
    ],
)
def test_what_is_wanted(option: str, text: str, expected: Wanted) -> None:
    assert asked(option, text).wanted == (expected,)


def test_terms_for_disks() -> None:
    said = ("--allow-replace", f"db:root@{DIGEST}", "--allow-replace", f"shop/web:boot@{DIGEST}")
    terms = asked("--set", "a=1", *said, "--keep", "2").terms
    assert terms.keep == 2
    assert terms.consents == {
        Consent("db", "root", DIGEST),
        Consent("web", "boot", DIGEST, "shop"),
    }


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ([], "nothing is asked for; say --set REPOSITORY=TAG"),
        (["--set", "web"], "write REPOSITORY=TAG"),
        (["--set", "web="], "write REPOSITORY=TAG"),
        (["--set", "=1"], "write REPOSITORY=TAG"),
        (["--set", f"web=@{DIGEST}"], "write REPOSITORY=TAG"),
        (["--set", "web=1@sha256:12"], "'sha256:12' is not a digest"),
        (["--set", "Web=1"], "'library/Web' is not an image repository"),
        (["--set", "web=a b"], "'a b' is not a tag"),
        (["--set", "web=1", "--set", "library/web=2"], "docker.io/library/web is asked for twice"),
        (["--set", "web=1", "--set-chart", "web=1.0.0"], "asked for as something else, too"),
        (["--set-chart", "web=^1.0"], "'^1.0' is not a version of chart web"),
        (["--set-revision", "acme/x=a..b"], "'a..b' is not a revision"),
        (["--set-version", "talos=latest"], "'latest' is not a version of talos"),
        (
            ["--set-version", "linux=v6.1.0"],
            "'linux' is no system that Towline knows: talos, k3s, rke2, kubernetes",
        ),
        (["--set-disk", f"{OLD}={NEW}"], "write OLD-ADDRESS=NEW-ADDRESS@CHECKSUM"),
        (["--set-disk", f"{OLD}={NEW}@md5:1"], "'md5:1' is not a checksum"),
        (["--set", "a=1", "--allow-replace", "root"], "write VM:DISK@DIGEST"),
        (["--set", "a=1", "--keep", "0"], "keep at least one previous disk"),
    ],
)
def test_what_is_not_understood_is_refused_with_what_to_write(
    arguments: list[str], said: str
) -> None:
    with pytest.raises(Refusal) as refused:
        asked(*arguments)
    assert said in str(refused.value)


def test_the_same_twice_is_one() -> None:
    assert len(asked("--set", "web=1", "--set", "docker.io/library/web=1").wanted) == 1


def test_the_command_says_it_on_stderr(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["bump", "--set", "web", "."]) == 1
    assert capsys.readouterr().err.startswith("--set 'web': write REPOSITORY=TAG[@DIGEST]")
