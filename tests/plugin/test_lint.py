"""What deserves a word, and what does not."""

from __future__ import annotations

import pytest

from plugin.artifact import GitRepository
from plugin.lint import lint
from plugin.pipeline_file import read_project

HEAD = "project: shop\nwarehouses:\n  web: [{image: ghcr.io/acme/web, constraint: ^2.0}]\n"


def warnings(stages: str, head: str = HEAD) -> list[str]:
    return [str(one) for one in lint(read_project("towline.yaml", f"{head}stages:\n{stages}"))]


def test_a_project_may_be_beyond_reproach() -> None:
    assert (
        warnings(
            """
  dev: {warehouses: [web], path: dev, supersede: after-soak, verify: [{check: smoke}]}
  prod: {after: [dev], path: prod, soak: 30m, merge: auto}
"""
        )
        == []
    )


def test_a_busy_upstream_can_starve_who_soaks() -> None:
    assert warnings(
        """
  dev: {warehouses: [web], path: dev}
  prod: {after: [dev], path: prod, soak: 30m}
"""
    ) == [
        (
            "dev: newer freight displaces what still soaks here (supersede: latest), so a busy "
            "'dev' can keep 'prod' waiting forever; write supersede: after-soak"
        )
    ]


def test_starvation_is_seen_through_a_control_flow_stage() -> None:
    starving = warnings(
        """
  eu: {warehouses: [web], path: eu, supersede: after-soak}
  us: {warehouses: [web], path: us}
  gate: {after: [eu, us]}
  prod: {after: [gate], path: prod, soak: 30m}
"""
    )
    assert [one.partition(":")[0] for one in starving] == ["us"]


def test_nobody_looks_at_what_is_merged_behind_verify_none() -> None:
    assert warnings(
        """
  dev: {warehouses: [web], path: dev, verify: none}
  prod: {after: [dev], path: prod, merge: auto}
"""
    ) == [
        (
            "prod: merges automatically what 'dev' never verified (verify: none); "
            "nobody looks at this freight"
        )
    ]


def test_a_warehouse_nobody_takes() -> None:
    head = f"{HEAD}  api: [{{image: ghcr.io/acme/api, constraint: ^1.0}}]\n"
    assert warnings("  dev: {warehouses: [web], path: dev}\n", head) == [
        "api: no stage takes this warehouse's freight; remove it"
    ]


def test_selections_that_take_more_than_one_may_think() -> None:
    head = (
        "project: shop\nwarehouses:\n  web:\n    - image: ghcr.io/acme/web\n"
        "    - {image: ghcr.io/acme/api, select: newest-build}\n"
    )
    assert warnings("  dev: {warehouses: [web], path: dev}\n", head) == [
        (
            "web: 'web' has no constraint, so pre-releases such as 2.0.0-rc1 are taken too; "
            "write constraint: '*' for releases only"
        ),
        "web: 'api' asks the registry for the build time of every tag; narrow them with 'allow'",
    ]


def test_a_stage_without_path_that_joins_nothing() -> None:
    assert warnings(
        """
  dev: {warehouses: [web], path: dev}
  prod: {after: [dev]}
"""
    ) == [
        (
            "prod: has neither path nor branch and no stage follows it, so it does nothing; "
            "give it a path"
        )
    ]


def test_one_image_of_two_warehouses_in_one_stage() -> None:
    head = (
        HEAD
        + "  all: [{image: ghcr.io/acme/web, constraint: '*'}, {image: a/b, constraint: '*'}]\n"
    )
    (found,) = warnings(
        """
  dev: {warehouses: [web, all], path: dev}
  qa: {warehouses: [web], path: qa}
  canary: {warehouses: [all], path: canary}
  gate: {warehouses: [web, all]}
  prod: {after: [gate], warehouses: [web], path: prod}
""",
        head,
    )
    assert found.startswith("dev: takes ghcr.io/acme/web from the warehouses 'web' and 'all'")


def linted(subscriptions: str, stages: str = "dev: {warehouses: [web], path: dev}") -> list[str]:
    head = f"project: shop\nwarehouses:\n  web: [{subscriptions}]\n"
    return warnings(f"  {stages}\n", head)


def test_versions_without_a_constraint_of_charts_and_git() -> None:
    assert [
        one.partition(" has no constraint")[0]
        for one in linted(
            "{chart: oci://ghcr.io/acme/charts/web}, {git: acme/library, select: semver}, "
            "{git: acme/config}, {git: acme/tools, select: lexical}"
        )
    ] == ["web: 'web'", "web: 'library'"]


def test_a_tag_that_is_pushed_too_often_is_never_old_enough() -> None:
    (found,) = linted(
        "{image: ghcr.io/acme/web, select: digest, constraint: latest, minAge: 3d}, "
        "{image: ghcr.io/acme/api, select: digest, constraint: latest}"
    )
    assert found.startswith("web: 'web' follows the tag 'latest': where that is pushed more often")


def test_what_is_read_without_tls() -> None:
    warned = linted(
        "{git: 'http://git.acme.lan/team/base'}, "
        "{chart: web, repository: 'http://charts.acme.lan', constraint: ^1}, "
        "{disk: 'http://mirror.lan/debian-12-*.qcow2', name: debian, publisher: debian, "
        "index: 'http://mirror.lan/index.json'}, "
        "{disk: 'https://mirror.lan/ubuntu-24.04-*.img', name: ubuntu, publisher: ubuntu, "
        "index: 'https://mirror.lan/streams.json'}"
    )
    assert [one.partition(" without TLS")[0] for one in warned] == [
        "web: 'base' is read from http://git.acme.lan/team/base",
        "web: 'web' is read from http://charts.acme.lan",
        "web: 'debian' is read from http://mirror.lan/index.json",
        "web: 'debian' is read from http://mirror.lan/debian-12-*.qcow2",
    ]


def test_a_directory_that_is_a_stage_already() -> None:
    head = f"{HEAD}  seen: [{{path: stages/dev}}, {{path: stages/de}}]\n"
    (found,) = warnings(
        """
  dev: {warehouses: [web], path: stages/dev}
  prod: {warehouses: [seen], path: stages/prod}
""",
        head,
    )
    assert found == (
        "seen: watches 'stages/dev', where the stage 'dev' is promoted to: what comes there from "
        "'web' becomes freight of 'seen' too; let the stages behind follow 'dev' instead, or watch "
        "a directory that is no stage"
    )


@pytest.mark.parametrize(
    ("subscription", "stage", "warns"),
    [
        ("git: acme/shop", "path: stages/dev", True),
        ("git: https://github.com/Acme/Shop.git, branch: main", "path: stages/dev", True),
        ("git: acme/shop, include: [stages]", "path: stages/dev", True),
        ("git: acme/shop, branch: env/dev", "branch: env/dev", True),
        ("git: acme/shop, include: [base]", "path: stages/dev", False),
        ("git: acme/shop, exclude: [stages]", "path: stages/dev", False),
        ("git: acme/shop, branch: release", "path: stages/dev", False),
        ("git: acme/shop", "branch: env/dev", False),
        ("git: acme/shop, select: newest-tag", "path: stages/dev", False),
        ("git: acme/other", "path: stages/dev", False),
    ],
)
def test_promotions_that_make_the_next_one(subscription: str, stage: str, warns: bool) -> None:
    text = (
        f"project: shop\nwarehouses: {{own: [{{{subscription}}}]}}\n"
        f"stages: {{dev: {{warehouses: [own], {stage}}}}}\n"
    )
    project = read_project("towline.yaml", text)
    assert lint(project) == ()
    found = lint(project, home=GitRepository.parse("acme/shop"))
    assert [one.about for one in found] == (["own"] if warns else [])
