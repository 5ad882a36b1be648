"""What warehouses may say, and what it means, value by value."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import get_args

import pytest

from plugin.artifact import ChartName, DiskFamily, GitRepository, Repository
from plugin.artifact.disk import Publisher
from plugin.artifact.platform import Platform
from plugin.pipeline import Creation, Project
from plugin.pipeline_file import read_project, read_project_bytes
from plugin.subscriptions import (
    ChartSubscription,
    CustomSubscription,
    DiskSubscription,
    GitSelection,
    GitSubscription,
    ImageSubscription,
    PathSubscription,
    Selection,
    StageSubscription,
    Subscription,
    TakenWhole,
    criteria_name,
)
from tests.plugin.pipeline_file.samples import HERE

WEB = Repository("ghcr.io", "acme/web")
DEBIAN = "https://cloud.debian.org/images/cloud/bookworm/*/debian-12-generic-amd64-*.qcow2"
FEDORA = (
    "https://download.fedoraproject.org/pub/fedora/linux/releases/*/Cloud/x86_64/images/"
    "Fedora-Cloud-Base-Generic-*.x86_64.qcow2"
)


def git(path: str) -> GitRepository:
    return GitRepository("github.com", path)


def project(sample: str, file: str = "towline.yaml") -> Project:
    return read_project_bytes(file, (HERE / "good" / f"{sample}.yaml").read_bytes())


def test_every_kind_of_subscription() -> None:
    read = project("kinds", "apps/towline.yaml")
    assert {one.name: one.subscriptions for one in read.warehouses} == {
        "images": (
            ImageSubscription(
                "web", WEB, platform=Platform("linux", "arm64"), min_age=timedelta(days=3)
            ),
            ImageSubscription(
                "root",
                Repository("quay.io", "containerdisks/fedora"),
                Selection.DIGEST,
                "latest",
                platform=Platform("linux", "amd64"),
            ),
            ImageSubscription("web-api", Repository("ghcr.io", "acme/web_api")),
        ),
        "disks": (
            DiskSubscription("debian-12-generic-amd64", DiskFamily(DEBIAN), Publisher.DEBIAN),
            DiskSubscription(
                "arm",
                DiskFamily("https://mirror.lan/debian/debian-12-genericcloud-arm64-*.qcow2"),
                Publisher.DEBIAN,
                index="https://mirror.lan/debian/",
                constraint=">=20250101",
                allow=("^2025",),
                ignore=("-1$",),
                limit=3,
                min_age=timedelta(weeks=1),
            ),
            DiskSubscription(
                "fedora-cloud-base-generic-x86-64", DiskFamily(FEDORA), Publisher.FEDORA
            ),
        ),
        "charts": (
            ChartSubscription("web", ChartName("oci://ghcr.io/acme/charts", "web")),
            ChartSubscription(
                "cache",
                ChartName("https://charts.acme.io/stable", "redis"),
                constraint="^19",
                limit=5,
                min_age=timedelta(days=1),
            ),
        ),
        "sources": (
            GitSubscription("config", git("acme/config"), "https://github.com/acme/config"),
            GitSubscription(
                "base",
                GitRepository("git.acme.lan:8443", "Team/Base"),
                "https://git.acme.lan:8443/Team/Base.git",
                branch="release/2",
                include=("apps/web", "glob:charts/**", r"regex:\.ya?ml$"),
                exclude=("docs", "1.10"),
                ignore_authors=(r"bot\]",),
                ignore_subjects=(r"\[skip promotion\]",),
                limit=50,
                min_age=timedelta(minutes=30),
            ),
            GitSubscription(
                "library",
                git("acme/library"),
                "https://github.com/acme/library",
                GitSelection.SEMVER,
                constraint="^1",
                strict=False,
                allow=("^v",),
                ignore=("rc",),
                include=("src",),
            ),
            GitSubscription(
                "tools",
                git("acme/tools"),
                "https://github.com/acme/tools",
                GitSelection.NEWEST_TAG,
                allow=("^release-",),
            ),
            GitSubscription(
                "notes", git("acme/notes"), "https://github.com/acme/notes", GitSelection.LEXICAL
            ),
        ),
        "held": (
            PathSubscription("dev", "apps/stages/dev"),
            PathSubscription("apps", "apps/other/apps"),
        ),
        "chained": (
            StageSubscription("billing-prod", "billing", "prod"),
            StageSubscription("rates", "billing", "dev", "rates"),
        ),
        "models": (
            CustomSubscription(
                "llm",
                "model",
                ("acme/model-training", "gitlab.com/acme/llm"),
                min_age=timedelta(hours=1),
            ),
            CustomSubscription("vision", "model"),
        ),
    }


def test_how_warehouses_pack_what_they_find() -> None:
    shop, by_hand, *_ = project("assembly").warehouses
    assert (shop.creation, shop.match_tags, shop.settle) == (
        Creation.AUTO,
        True,
        timedelta(hours=1),
    )
    assert shop.criteria is not None
    assert shop.criteria.splitlines()[1].startswith("web.tag == shop_api.tag && chart.tag")
    assert (by_hand.creation, by_hand.match_tags, by_hand.criteria) == (
        Creation.MANUAL,
        False,
        None,
    )


def test_an_age_is_the_warehouses_unless_a_subscription_has_its_own() -> None:
    shop, by_hand, *_ = project("assembly").warehouses
    ages = {
        one.name: one.min_age
        for one in (*shop.subscriptions, *by_hand.subscriptions)
        if not isinstance(one, TakenWhole)
    }
    assert ages == {
        "web": timedelta(days=3),
        "shop-api": timedelta(0),
        "chart": timedelta(hours=1),
        "7zip": timedelta(days=3),
        "tools": timedelta(days=1),
    }


def test_two_subscriptions_to_one_repository_have_subjects_of_their_own() -> None:
    channels = project("assembly").warehouse("channels")
    assert channels.carries == (
        Repository("docker.io", "library/nginx", "stable"),
        Repository("docker.io", "library/nginx", "mainline"),
        WEB,
    )


@pytest.mark.parametrize(
    "subscription",
    [
        "disk: https://mirror.lan/debian-12-generic-amd64-20250210-2019.qcow2, publisher: debian",
        "chart: oci://ghcr.io/acme/charts/web",
        "chart: web, repository: https://charts.acme.io",
        "git: acme/config",
    ],
)
def test_whatever_is_subscribed_to_twice_has_subjects_of_its_own(subscription: str) -> None:
    twice = ", ".join(f"{{{subscription}, name: {name}}}" for name in ("one", "two"))
    text = (HERE / "good" / "twelve-lines.yaml").read_text()
    read = read_project("towline.yaml", text.replace("  web:\n", f"  web:\n    [{twice}]\n  x:\n"))
    first, second = read.warehouse("web").carries
    assert (first.subscription, second.subscription) == ("one", "two")
    assert first.plain == second.plain


def test_a_matrix_on_a_warehouse_fills_all_that_it_says() -> None:
    read = project("assembly")
    assert [
        (one.name, one.criteria, one.subscriptions)
        for one in (read.warehouse("line-1"), read.warehouse("line-2"))
    ] == [
        (
            f"line-{major}",
            f"web.tag.startsWith('{major}.')",
            (ImageSubscription("web", WEB, constraint=f"^{major}", min_age=timedelta(days=major)),),
        )
        for major in (1, 2)
    ]


@pytest.mark.parametrize(
    ("name", "identifier"),
    [("web", "web"), ("web-api", "web_api"), ("7zip", "_7zip"), ("a--b", "a__b")],
)
def test_what_a_subscription_is_called_in_criteria(name: str, identifier: str) -> None:
    assert criteria_name(name) == identifier


def test_the_example_for_readers_shows_every_kind() -> None:
    text = (HERE.parents[2] / "README.md").read_text(encoding="utf-8")
    example = text.partition("### Warehouses")[2].partition("```yaml\n")[2].partition("```")[0]
    taken = "web, shop, machines, models, updated, billed"
    stages = f"stages: {{dev: {{warehouses: [{taken}], path: dev}}}}\n"
    read = read_project("towline.yaml", f"project: shop\n{example}{stages}")
    kinds = {type(one) for warehouse in read.warehouses for one in warehouse.subscriptions}
    assert kinds == set(get_args(Subscription))


def test_the_disks_of_the_readme_are_read() -> None:
    text = (HERE.parents[2] / "README.md").read_text(encoding="utf-8")
    (block,) = (
        one
        for one in re.findall(r"```yaml\n(.*?)```", text, re.DOTALL)
        if "machines:\n  -" in one and "publisher" in one
    )
    warehouses = "".join(f"  {line}\n" for line in block.splitlines())
    stages = "stages:\n  dev: {warehouses: [machines], path: stages/dev}\n"
    project = read_project("towline.yaml", f"project: shop\nwarehouses:\n{warehouses}{stages}")
    kinds = [
        one.publisher
        for one in project.warehouse("machines").subscriptions
        if isinstance(one, DiskSubscription)
    ]
    assert set(kinds) == set(Publisher)
