"""What the good samples mean, value by value."""

from __future__ import annotations

from datetime import timedelta

import pytest

from plugin.artifact import Repository
from plugin.pipeline import (
    After,
    Availability,
    Direct,
    ExplicitPin,
    InBranch,
    InDirectory,
    Line,
    Merge,
    Mode,
    Project,
    PullRequestForm,
    Stage,
    Supersede,
    Upstream,
    Warehouse,
)
from plugin.pipeline_file import read_project, read_project_bytes
from plugin.stage_policy import Draft, Guard, Write
from plugin.subscriptions import ImageSubscription, Selection
from plugin.verification import (
    ArgocdSucceeds,
    CheckSucceeds,
    DeploymentSucceeds,
    StatusSucceeds,
    WorkflowSucceeds,
)
from tests.plugin.pipeline_file.samples import HERE

WEB = Repository("ghcr.io", "acme/web")


def project(sample: str, file: str = "towline.yaml") -> Project:
    return read_project_bytes(file, (HERE / "good" / f"{sample}.yaml").read_bytes())


def after(
    *upstreams: str, soak: timedelta = timedelta(0), availability: Availability = Availability.ONE
) -> After:
    return After(tuple(Upstream(one, soak) for one in upstreams), availability)


def test_twelve_lines_are_a_project() -> None:
    web = ImageSubscription("web", WEB, constraint="^2.0")
    assert project("twelve-lines") == Project(
        "shop",
        "towline.yaml",
        (Warehouse("web", (web,)),),
        (
            Stage("dev", InDirectory("stages/dev"), (Line("web", Direct()),), Merge.AUTO),
            Stage(
                "staging",
                InDirectory("stages/staging"),
                (Line("web", after("dev", soak=timedelta(minutes=30))),),
            ),
            Stage("prod", InDirectory("stages/prod"), (Line("web", after("staging")),)),
        ),
    )


def test_everything_that_is_carried_out() -> None:
    read = project("everything", "apps/shop/towline.yaml")
    assert read.warehouses == (
        Warehouse(
            "web",
            (
                ImageSubscription(
                    "web",
                    WEB,
                    constraint=">=2.0 <4 || 5.x",
                    strict=False,
                    allow=(r"^v?\d", "hotfix"),
                    ignore=("-rc",),
                    limit=5,
                ),
            ),
        ),
        Warehouse(
            "data",
            (
                ImageSubscription(
                    "database",
                    Repository("docker.io", "library/postgres"),
                    Selection.DIGEST,
                    "latest",
                ),
                ImageSubscription(
                    "loader", Repository("quay.io:443", "acme/loader"), Selection.LEXICAL
                ),
                ImageSubscription(
                    "worker",
                    Repository("docker.io", "acme/worker"),
                    Selection.NEWEST_BUILD,
                    allow=("^main-",),
                ),
            ),
        ),
    )
    assert read.stages == (
        Stage(
            "dev",
            InDirectory("apps/shop/stages/dev"),
            (Line("web", Direct()), Line("data", Direct())),
            Merge.AUTO,
            (
                CheckSucceeds("smoke / eu"),
                StatusSucceeds("ci/smoke"),
                WorkflowSucceeds("smoke.yaml"),
                DeploymentSucceeds(),
                ArgocdSucceeds("shop-dev"),
            ),
            Supersede.AFTER_SOAK,
            Mode.LIVE,
            pins=(
                ExplicitPin(
                    "kustomization.yaml",
                    "images",
                    "web/web",
                    None,
                    "apps/shop/towline.yaml",
                    34,
                    9,
                ),
                ExplicitPin(
                    "chart/values.yaml",
                    "env[name=WEB].value",
                    "data/database",
                    "image",
                    "apps/shop/towline.yaml",
                    35,
                    9,
                ),
            ),
            disks_kept=2,
            write=Write.RECORD,
            overrides=True,
            disks_allow=frozenset({Guard.SHARED, Guard.PRUNED}),
            rollback=True,
        ),
        Stage(
            "staging",
            InBranch("env/staging"),
            tuple(Line(one, after("dev", soak=timedelta(hours=1.5))) for one in ("web", "data")),
            mode=Mode.SHADOW,
            pull_request=PullRequestForm(
                "Promote ${freight} (${version}) to ${stage}", ("promotion", "staging"), Draft.YES
            ),
        ),
        Stage(
            "prod",
            InDirectory("apps/shop/stages/prod"),
            tuple(
                Line(
                    one,
                    after("staging", "dev", soak=timedelta(days=2), availability=Availability.ALL),
                )
                for one in ("web", "data")
            ),
            Merge.AUTO,
            mode=Mode.SHADOW,
        ),
    )


def test_each_line_may_have_its_own_sources() -> None:
    read = project("mixed-lines")
    assert read.stage("prod").lines == (
        Line("web", after("dev", soak=timedelta(hours=1))),
        Line("db", Direct()),
    )
    assert read.stage("audit").lines == (
        Line(
            "web",
            After((Upstream("dev", timedelta(minutes=10)), Upstream("prod")), Availability.ALL),
        ),
        Line("tools", Direct()),
    )


def test_without_warehouses_a_stage_takes_what_each_upstream_has() -> None:
    assert project("mixed-lines").stage("last").lines == (
        Line("web", after("audit", "prod")),
        Line("db", after("prod")),
        Line("tools", after("audit")),
    )


def test_a_matrix_makes_one_for_each_combination() -> None:
    read = project("matrix")
    assert [(one.name, one.carries) for one in read.warehouses] == [
        ("web-free", (Repository("ghcr.io", "acme/web-free"),)),
        ("web-paid", (Repository("ghcr.io", "acme/web-paid"),)),
    ]
    prods = [stage for stage in read.stages if stage.name.startswith("prod-") and stage.place]
    assert [(one.name, one.place, one.pull_request) for one in prods] == [
        (
            f"prod-{region}-{zone}",
            InDirectory(f"clusters/{region}/{zone}"),
            PullRequestForm(f"${{freight}} to {region}", (f"zone-{zone}",)),
        )
        for region in ("eu", "us")
        for zone in ("1", "2")
    ]


def test_a_pattern_means_every_other_stage_it_matches() -> None:
    done = project("matrix").stage("prod-done")
    names = ("prod-eu-1", "prod-eu-2", "prod-us-1", "prod-us-2")
    assert done.lines[0] == Line("web-free", after(*names, availability=Availability.ALL))


def test_a_control_flow_stage_has_lines_and_no_place() -> None:
    read = project("gates")
    assert read.stage("gate") == Stage(
        "gate", None, (Line("web", after("eu", "us", availability=Availability.ALL)),)
    )
    assert read.stage("prod").lines == (Line("web", after("gate", soak=timedelta(hours=1))),)


def test_upstream_stands_before_downstream_else_the_order_is_the_files() -> None:
    assert [stage.name for stage in project("gates").stages] == ["us", "eu", "gate", "prod"]


def test_values_stay_as_they_are_written() -> None:
    read = project("as-written")
    assert read.name == "no"
    assert read.warehouses[0].subscriptions == (
        ImageSubscription("web", WEB, Selection.DIGEST, "1.10"),
    )
    y, off = read.stages
    assert y.place == InDirectory("1.10")
    assert y.verify == (CheckSucceeds("007"), CheckSucceeds("true"), StatusSucceeds("null"))
    assert off.place == InBranch("no")


def test_aliases_stand_for_what_they_name() -> None:
    read = project("aliases")
    assert [one.subscriptions for one in read.warehouses] == [
        (ImageSubscription("web", WEB, constraint="^2.0"),),
        (ImageSubscription("api", Repository("ghcr.io", "acme/api"), constraint="^2.0"),),
        (ImageSubscription("web", WEB, constraint="^2.0"),),
    ]
    assert [one.verify for one in read.stages] == [(CheckSucceeds("smoke"),)] * 2


def test_a_folder_and_a_branch_of_one_name_are_two_places() -> None:
    places = [one.place for one in project("branches").stages]
    assert places == [InBranch("env/dev"), InBranch("env/prod"), InDirectory("env/dev")]


@pytest.mark.parametrize("change", ["bom", "crlf", "marker", "comment"])
def test_the_bytes_around_the_values_do_not_matter(change: str) -> None:
    content = (HERE / "good" / "twelve-lines.yaml").read_bytes()
    changed = {
        "bom": b"\xef\xbb\xbf" + content,
        "crlf": content.replace(b"\n", b"\r\n"),
        "marker": b"---\n" + content + b"...\n",
        "comment": "# Grüße, \N{SHIP}\n".encode() + content,
    }
    assert read_project_bytes("towline.yaml", changed[change]) == project("twelve-lines")


@pytest.mark.parametrize(
    ("written", "length"),
    [
        ("30s", timedelta(seconds=30)),
        ("30m", timedelta(minutes=30)),
        ("1h30m", timedelta(hours=1, minutes=30)),
        ("2d", timedelta(days=2)),
        ("1w2d3h4m5s", timedelta(weeks=1, days=2, hours=3, minutes=4, seconds=5)),
        ("0s", timedelta(0)),
    ],
)
def test_durations(written: str, length: timedelta) -> None:
    text = (HERE / "good" / "twelve-lines.yaml").read_text()
    read = read_project("towline.yaml", text.replace("30m", written))
    assert read.stage("staging").lines == (Line("web", after("dev", soak=length)),)
