"""Kargo's rules of discovery, each by its identifier: I- images, C- charts, W- warehouses.

The rules are those of https://docs.kargo.io/user-guide/how-to-guides/working-with-warehouses and of
what Kargo does where its documentation is silent. Where Towline is deliberately better, it is said.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from github_app.discovery import Discovered, Discovery, Undiscovered
from github_app.ledger import EMPTY
from github_app.picture import ProjectPicture
from github_app.rules.arrivals import arrived, nothing_yet
from github_app.warehouse.candidate import Candidate
from github_app.warehouse.charts import newest_first
from github_app.warehouse.compatible import Compatible, compatible
from github_app.warehouse.criteria import Criteria
from github_app.warehouse.docker_config import DockerLogins
from github_app.warehouse.image_facts import Config, annotated_time, facts
from github_app.warehouse.manifests import Index, described
from github_app.warehouse.memory import RememberingRegistry
from github_app.warehouse.offered_images import offered
from github_app.warehouse.ports import Login
from github_app.warehouse.selection import candidates
from plugin.artifact import Image, Repository
from plugin.artifact.platform import Platform
from plugin.errors import Refusal, Temporary
from plugin.freight import Freight
from plugin.pipeline import Creation, Project, Warehouse
from plugin.pipeline_file import InvalidProject, read_project
from plugin.subscriptions import ImageSubscription, Selection
from tests.warehouse.asked_registry import SWEEP, AskedRegistry, asked_registry, built
from tests.warehouse.offers import NOON, charts, images
from tests.warehouse.shelf import Shelf, digest, shelf

WEB = Repository.parse("ghcr.io/acme/web")
API = Repository.parse("ghcr.io/acme/api")
OCI = "org.opencontainers.image."


def web(
    select: Selection = Selection.SEMVER, constraint: str | None = None, **more: Any
) -> ImageSubscription:
    return replace(ImageSubscription("web", WEB, select, constraint), **more)


def taken(subscription: ImageSubscription, *tags: str) -> tuple[str, ...]:
    return candidates(subscription, tags)


def tags_of(found: Iterator[Candidate]) -> list[str]:
    return [one.artifact.tag for one in found]


@pytest.fixture
def there(registry_binary: Path, tmp_path: Path) -> Iterator[AskedRegistry]:
    with asked_registry(registry_binary, tmp_path) as there:
        yield there


# Images


def test_i_1_strict_versions_have_three_numbers_and_may_have_a_v() -> None:
    tags = ("1", "1.2", "v1.2.3", "1.2.4", "01.2.5", "20240101", "latest")
    assert taken(web(), *tags) == ("1.2.4", "v1.2.3")
    lenient = ("20240101", "01.2.5", "1.2.4", "v1.2.3", "1.2", "1")
    assert taken(web(strict=False), *tags) == lenient


def test_i_1_versions_that_are_equal_stand_by_name_descending() -> None:
    tags = ("1.2.3", "v1.2.3", "1.2.3+b2", "1.2.3+b10", "1.2.4-rc.2", "1.2.4-rc.10")
    ordered = ("1.2.4-rc.10", "1.2.4-rc.2", "v1.2.3", "1.2.3+b2", "1.2.3+b10", "1.2.3")
    assert taken(web(), *tags) == ordered


def test_i_1_prereleases_win_without_a_constraint_and_need_a_name_with_one() -> None:
    tags = ("1.0.0", "1.1.0-rc.1")
    assert taken(web(), *tags)[0] == "1.1.0-rc.1"
    assert taken(web(constraint="^1"), *tags) == ("1.0.0",)
    assert taken(web(constraint=">=1.0.0-0"), *tags)[0] == "1.1.0-rc.1"


def test_i_2_lexical_is_by_bytes_descending_and_reads_no_constraint() -> None:
    tags = ("20260101", "20251231", "Z", "a", "é")
    assert taken(web(Selection.LEXICAL, "^1"), *tags) == ("é", "a", "Z", "20260101", "20251231")


def test_i_3_newest_build_asks_for_every_tag_that_passes_and_limits_afterwards() -> None:
    registry = Shelf({WEB: shelf("a", "b", "c", "x-dev", built=(1, 9, 9, 99))})
    subscription = web(Selection.NEWEST_BUILD, "^1", ignore=("dev",), limit=2)
    assert tags_of(offered(subscription, registry)) == ["c", "b"]
    assert sorted(registry.asked) == ["a", "b", "c"]


def test_i_3_an_annotation_counts_before_the_later_of_label_and_config() -> None:
    said = {f"{OCI}created": "2026-01-01T00:00:00Z", "org.label-schema.build-date": "x"}
    assert annotated_time(said) == datetime(2026, 1, 1, tzinfo=UTC)
    schema = {"org.label-schema.build-date": "2026-02-01T00:00:00Z"}
    assert annotated_time(schema) == datetime(2026, 2, 1, tzinfo=UTC)
    config = {"created": "1970-01-01T00:00:00Z", "config": {"Labels": said}}
    assert Config.of(config).built == datetime(2026, 1, 1, tzinfo=UTC)


def test_i_3_an_index_was_built_when_it_says_else_when_its_newest_image_was(
    there: AskedRegistry,
) -> None:
    pair = (built("1", "amd64", day=3), built("1", "arm64", day=7))
    there.pusher.push_index("acme/web", "silent", pair)
    there.pusher.push_index("acme/web", "said", pair, {f"{OCI}created": "2026-03-01T00:00:00Z"})
    found = there.oci.dated(there.repository("acme/web"), ("silent", "said"))
    assert found["silent"].created == datetime(2026, 2, 7, tzinfo=UTC)
    assert found["said"].created == datetime(2026, 3, 1, tzinfo=UTC)


def test_i_4_digest_follows_its_one_tag_without_patterns() -> None:
    registry = Shelf({WEB: shelf("latest", "1.0.0")})
    subscription = web(Selection.DIGEST, "latest", allow=("^1",), ignore=("latest",))
    (found,) = offered(subscription, registry)
    assert found.artifact == Image(WEB, "latest", digest(1))
    assert registry.asked == ["latest as it is now"], "never remembered by tag"


def test_i_4_a_tag_that_is_not_there_is_nothing_and_no_error() -> None:
    assert tags_of(offered(web(Selection.DIGEST, "edge"), Shelf({WEB: {}}))) == []


def test_i_4_another_push_to_the_tag_is_other_freight() -> None:
    first, second = (
        Freight("web", tuple(one.artifact for one in offered(web(Selection.DIGEST, "x"), registry)))
        for registry in (Shelf({WEB: shelf("x")}), Shelf({WEB: {"x": shelf("y", "x")["x"]}}))
    )
    assert first.id != second.id


def test_i_4_digest_without_a_tag_is_refused() -> None:
    with pytest.raises(Refusal, match="constraint: latest"):
        taken(web(Selection.DIGEST), "latest")


def test_i_5_patterns_are_searched_anywhere() -> None:
    assert taken(web(Selection.LEXICAL, allow=(r"1\.",)), "11.0", "2.0") == ("11.0",)


def test_i_5_ignore_wins_over_allow() -> None:
    subscription = web(Selection.LEXICAL, allow=("^1", "^2"), ignore=("rc", "dev"))
    assert taken(subscription, "1-rc", "2-dev", "2", "1", "3") == ("2", "1")


def test_i_5_patterns_are_re2_without_lookaheads() -> None:
    with pytest.raises(Refusal, match="is not a pattern"):
        taken(web(allow=("(?!rc)",)), "1.0.0")


def test_i_6_an_index_without_the_platform_is_passed_over(there: AskedRegistry) -> None:
    there.pusher.push_index("acme/web", "1.0.0", (built("1", "amd64"), built("1", "arm64")))
    there.pusher.push_index("acme/web", "1.1.0", (built("2", "amd64"),))
    place = there.repository("acme/web")
    arm = ImageSubscription("web", place, platform=Platform.parse("linux/arm64"))
    assert tags_of(offered(arm, there.oci)) == ["1.0.0"]
    anything = ImageSubscription("web", place)
    assert tags_of(offered(anything, there.oci)) == ["1.1.0", "1.0.0"]


def test_i_6_the_digest_of_an_index_is_its_own(there: AskedRegistry) -> None:
    pair = (built("1", "amd64"), built("1", "arm64"))
    pushed = there.pusher.push_index("acme/web", "1.0.0", pair)
    place = there.repository("acme/web")
    (found,) = offered(
        ImageSubscription("web", place, platform=Platform.parse("linux/arm64")), there.oci
    )
    assert found.artifact == Image(place, "1.0.0", pushed)


def test_i_6_better_a_single_image_says_its_platform_in_its_config(there: AskedRegistry) -> None:
    """Kargo rejects every single image where a platform is asked for."""
    there.pusher.push_image("acme/web", "1.0.0", built("1", "arm64"))
    there.pusher.push_image("acme/web", "1.1.0", built("2", "amd64"))
    place = there.repository("acme/web")
    arm = ImageSubscription("web", place, platform=Platform.parse("linux/arm64"))
    assert tags_of(offered(arm, there.oci)) == ["1.0.0"]


def test_i_6_variants_match_exactly_and_better_usual_ones_are_none() -> None:
    """Kargo takes `arm64` and `arm64/v8` for two platforms; containerd does not, nor do we."""
    v7 = Platform.parse("linux/arm/v7")
    assert not v7.matches(Platform.parse("linux/arm/v6"))
    assert Platform.parse("linux/arm64").matches(Platform.parse("linux/arm64/v8"))


def test_i_6_attestations_are_no_images_and_an_index_of_them_alone_is_an_error() -> None:
    def entry(system: str) -> object:
        return {"digest": digest(1), "platform": {"os": system, "architecture": system}}

    index = "application/vnd.oci.image.index.v1+json"
    found = described({"manifests": [entry("unknown"), entry("linux")]}, index, "web:1")
    assert isinstance(found, Index)
    assert len(found.entries) == 1
    with pytest.raises(Refusal, match="names no platform"):
        described({"manifests": [entry("unknown")]}, index, "web:1")


def test_i_7_candidates_are_fetched_one_by_one_until_enough_pass_the_platform() -> None:
    arm = (Platform.parse("linux/arm64"),)
    known = shelf("1.0.0", "1.1.0", platforms=arm) | shelf("1.2.0", "1.3.0", "1.4.0")
    registry = Shelf({WEB: known})
    found = offered(web(platform=Platform.parse("linux/arm64"), limit=1), registry)
    assert tags_of(found) == ["1.1.0"]
    assert registry.asked == ["1.4.0", "1.3.0", "1.2.0", "1.1.0"]


def test_i_7_only_the_best_goes_into_freight_and_nothing_else_is_fetched() -> None:
    registry = Shelf({WEB: shelf("1.0.0", "1.1.0")})
    answer = compatible({"web": offered(web(), registry)}, match_tags=False, criteria=None)
    assert isinstance(answer, Compatible)
    assert answer.chosen["web"].artifact.tag == "1.1.0"
    assert registry.asked == ["1.1.0"]


def test_i_7_the_limit_cuts_after_sorting() -> None:
    assert taken(web(limit=1), "1.0.0", "1.2.0", "1.1.0") == ("1.2.0",)


def test_i_8_tag_digest_time_and_what_the_image_says_are_recorded() -> None:
    manifest, config = {f"{OCI}revision": "abc"}, {f"{OCI}revision": "old", f"{OCI}source": "https"}
    said = facts(manifest, config)
    assert said == {f"{OCI}source": "https", f"{OCI}revision": "abc"}, "annotations before labels"
    (found,) = offered(web(), Shelf({WEB: shelf("1.0.0")}))
    assert found.artifact == Image(WEB, "1.0.0", digest(1))
    assert found.created is not None


def test_i_9_logins_are_those_of_docker_by_registry(tmp_path: Path) -> None:
    config = tmp_path / "config.json"
    auths = {"auths": {"ghcr.io": {"username": "bot", "password": "x"}}}
    config.write_text(json.dumps(auths), encoding="utf-8")
    logins = DockerLogins(config)
    assert logins(WEB) == Login("bot", "x")
    assert logins(Repository.parse("quay.io/acme/web")) is None


# Charts


def test_c_1_chart_versions_are_lenient_newest_first_and_prereleases_as_in_i_1() -> None:
    versions = ("1.9.0", "v1.10.0", "2.0.0-rc.1", "01.02.03", "junk")
    assert newest_first(versions, None) == ["2.0.0-rc.1", "v1.10.0", "1.9.0", "01.02.03"]
    assert newest_first(versions, "^1.9") == ["v1.10.0", "1.9.0"]
    assert newest_first(versions, ">=2.0.0-0") == ["2.0.0-rc.1"]


def test_c_1_an_oci_chart_has_no_name_and_an_http_one_must() -> None:
    assert subscribed("{chart: oci://ghcr.io/acme/charts/web}").subscriptions
    assert subscribed("{chart: web, repository: https://charts.acme.io}").subscriptions
    with pytest.raises(InvalidProject):
        subscribed("{chart: https://charts.acme.io}")


# Warehouses


def subscribed(*subscriptions: str, more: str = "") -> Warehouse:
    """The warehouse of a pipeline file with these subscriptions."""
    listed = "\n".join(f"      - {one}" for one in subscriptions)
    project = f"project: shop\nwarehouses:\n  web:\n    subscriptions:\n{listed}\n{more}"
    stages = "stages:\n  dev: {warehouses: [web], path: dev}\n"
    return read_project("towline.yaml", project + stages).warehouses[0]


def picture(warehouse: Warehouse, found: Discovery, **more: Discovery) -> ProjectPicture:
    """What a round sees of one warehouse; `more` may have been assembled by hand."""
    project = Project("shop", "towline.yaml", (warehouse,), ())
    return ProjectPicture(project, {}, {"web": found}, EMPTY, {}, more)


def freight(*tags: str) -> Freight:
    names = (WEB, API)
    return Freight(
        "web",
        tuple(Image(name, tag, digest(1)) for name, tag in zip(names, tags, strict=False)),
    )


def test_w_1_better_an_event_is_looked_at_at_once_and_a_sweep_finds_what_none_told() -> None:
    """Kargo polls every five minutes, unless a webhook refreshes it."""
    now = [NOON]
    there = Shelf({WEB: shelf("1.0.0")})
    registry = RememberingRegistry(there, lambda: now[0])
    assert tags_of(offered(web(), registry)) == ["1.0.0"]
    there.images[WEB] |= shelf("1.0.0", "1.1.0")
    registry.told(WEB, "1.1.0")
    assert tags_of(offered(web(), registry))[0] == "1.1.0"
    there.images[WEB] |= shelf("1.0.0", "1.1.0", "1.2.0")
    assert tags_of(offered(web(), registry))[0] == "1.1.0"
    now[0] += SWEEP
    assert tags_of(offered(web(), registry))[0] == "1.2.0"


def test_w_2_of_a_manual_warehouse_only_what_people_assemble_is_freight() -> None:
    warehouse = Warehouse("web", (web(),), Creation.MANUAL)
    discovered, asked = Discovered(freight("2.0.0")), Discovered(freight("1.0.0"))
    nothing = arrived(EMPTY, warehouse, picture(warehouse, discovered), NOON)
    assert nothing.newest is None
    assembled = arrived(EMPTY, warehouse, picture(warehouse, discovered, web=asked), NOON)
    assert assembled.newest == asked


def judged(text: str, *tags: str) -> str | None:
    offered = {"web": images("web", tags[0]), "chart": charts("web", tags[1])}
    chosen = {name: one[0] for name, one in offered.items()}
    return Criteria.parse(text, offered).objection(chosen)


def test_w_3_criteria_that_are_false_make_no_freight_and_say_why() -> None:
    assert judged("web.tag == chart.tag", "1.0.0", "1.0.0") is None
    said = "web.tag == chart.tag is false for web 1.0.0, chart 1.1.0"
    assert judged("web.tag == chart.tag", "1.0.0", "1.1.0") == said


def test_w_3_criteria_that_cannot_be_compiled_or_evaluated_say_so() -> None:
    with pytest.raises(Refusal, match="no CEL"):
        judged("web.tag = chart.tag", "1.0.0", "1.0.0")
    assert "cannot be told" in (judged("web.metadata.x == chart.tag", "1.0.0", "1.0.0") or "")


def test_w_3_better_the_newest_compatible_set_is_searched() -> None:
    """Kargo judges the best of each only: https://github.com/akuity/kargo/issues/4959."""
    offered = {"web": images("web", "1.4.0", "1.3.9"), "api": images("api", "1.3.9")}
    criteria = Criteria.parse("web.tag == api.tag", offered)
    answer = compatible(offered, match_tags=False, criteria=criteria)
    assert isinstance(answer, Compatible)
    assert answer.chosen["web"].artifact.tag == "1.3.9"


def test_w_3_better_another_value_than_true_or_false_is_refused() -> None:
    """Kargo reads the text `true` for true."""
    with pytest.raises(Refusal, match="neither true nor false"):
        judged("'true' + web.tag", "1.0.0", "1.0.0")


def test_w_4_a_warehouse_has_subscriptions_each_of_one_kind_and_custom_ones_a_name() -> None:
    with pytest.raises(InvalidProject):
        read_project("towline.yaml", "project: shop\nwarehouses: {web: []}\nstages: {}\n")
    with pytest.raises(InvalidProject):
        subscribed("{image: ghcr.io/acme/web, git: acme/web}")
    with pytest.raises(InvalidProject):
        subscribed("{custom: model}")
    with pytest.raises(InvalidProject):
        subscribed("{image: ghcr.io/acme/web, name: Not_a_label}")


def test_w_4_better_a_name_is_no_part_of_freight() -> None:
    """In Kargo, naming a subscription changes the id of all freight to come."""
    one, other = (
        subscribed("{image: ghcr.io/acme/web}"),
        subscribed("{image: ghcr.io/acme/web, name: front}"),
    )
    ids = {ids_of(warehouse) for warehouse in (one, other)}
    assert len(ids) == 1


def ids_of(warehouse: Warehouse) -> str:
    """The id of freight of version 1.0.0 of everything the warehouse watches."""
    watched = [one for one in warehouse.carries if isinstance(one, Repository)]
    return Freight("web", tuple(Image(one, "1.0.0", digest(1)) for one in watched)).id


def test_w_5_better_one_repository_may_be_subscribed_to_twice_by_name() -> None:
    """Kargo refuses it: https://github.com/akuity/kargo/issues/6724."""
    with pytest.raises(InvalidProject):
        subscribed("{image: nginx}", "{image: docker.io/library/nginx}")
    both = subscribed(
        "{image: nginx, name: stable, constraint: ~1.26}",
        "{image: nginx, name: mainline, constraint: ~1.27}",
    )
    assert len(both.carries) == 2


def test_w_6_freight_has_the_best_of_every_subscription() -> None:
    offered = {"web": images("web", "2", "1"), "api": images("api", "9", "8")}
    answer = compatible(offered, match_tags=False, criteria=None)
    assert isinstance(answer, Compatible)
    assert [one.artifact.tag for one in answer.chosen.values()] == ["2", "9"]


def test_w_6_an_empty_subscription_means_no_freight() -> None:
    offered: dict[str, Sequence[Candidate]] = {"web": images("web", "2"), "api": []}
    answer = compatible(offered, match_tags=False, criteria=None)
    assert not isinstance(answer, Compatible)
    assert "api" in answer.reason


def test_w_6_a_subscription_that_fails_fails_the_warehouse() -> None:
    registry = Shelf({WEB: shelf("1.0.0"), API: {}}, broken={API: Temporary("busy")})
    api = ImageSubscription("api", API)
    found = {"web": offered(web(), registry), "api": offered(api, registry)}
    with pytest.raises(Temporary, match="busy"):
        compatible(found, match_tags=False, criteria=None)


def test_w_7_the_same_set_is_the_same_freight_once() -> None:
    once = EMPTY.with_newest(freight("1.0.0"), NOON)
    assert once.with_newest(freight("1.0.0"), NOON + timedelta(days=1)) is once


def test_w_7_better_a_set_that_is_the_newest_again_is_the_newest_freight_again() -> None:
    """Kargo keeps its old place, so that nothing is promoted when a bad tag is deleted."""
    later = NOON + timedelta(days=1)
    ledger = EMPTY.with_newest(freight("1.0.0"), NOON).with_newest(freight("1.1.0"), NOON)
    again = ledger.with_newest(freight("1.0.0"), later)
    assert [one.freight for one in again.seen("web")] == [freight("1.1.0"), freight("1.0.0")]
    assert again.seen("web")[-1].newest_at == later


def test_w_8_better_pushes_that_come_together_are_one_freight() -> None:
    """In Kargo each discovery between two pushes of one CI run makes freight of its own."""
    warehouse = Warehouse("web", (web(),), settle=timedelta(minutes=2))
    first = arrived(EMPTY, warehouse, picture(warehouse, Discovered(freight("2", "1"))), NOON)
    assert first.newest is None
    both = Discovered(freight("2", "2"))
    soon = NOON + timedelta(minutes=1)
    second = arrived(first.ledger, warehouse, picture(warehouse, both), soon)
    assert second.newest is None
    settled = arrived(second.ledger, warehouse, picture(warehouse, both), soon + warehouse.settle)
    assert settled.newest == both


def test_w_9_why_there_is_no_freight_is_said_in_a_sentence() -> None:
    warehouse = Warehouse("web", (web(),))
    said = nothing_yet(warehouse, picture(warehouse, Undiscovered("no version fits")))
    assert said == "warehouse web has no freight yet: no version fits"
