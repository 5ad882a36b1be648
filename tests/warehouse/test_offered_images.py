"""Images are asked for best first, and only as many as somebody wants."""

from __future__ import annotations

from dataclasses import replace

import pytest

from github_app.warehouse.candidate import Candidate
from github_app.warehouse.filtered import Filtered
from github_app.warehouse.offered_images import left_out, offered
from github_app.warehouse.ports import HELM_CHART, Resolved
from plugin.artifact import Image, Repository
from plugin.artifact.platform import Platform
from plugin.errors import Refusal
from plugin.subscriptions import ImageSubscription, Selection
from tests.warehouse.shelf import DAY, MANIFEST, Shelf, digest, shelf

WEB = Repository.parse("ghcr.io/acme/web")
SEMVER = ImageSubscription("web", WEB)
NEWEST = ImageSubscription("web", WEB, Selection.NEWEST_BUILD)
AMD, ARM = Platform.parse("linux/amd64"), Platform.parse("linux/arm64")


def tags(subscription: ImageSubscription, registry: Shelf) -> list[str]:
    return [one.artifact.version for one in offered(subscription, registry)]


def test_i7_the_next_image_is_asked_for_when_it_is_wanted() -> None:
    registry = Shelf({WEB: shelf("1.0.0", "1.1.0", "1.2.0")})
    images = offered(SEMVER, registry)
    assert next(images).artifact == Image(WEB, "1.2.0", digest(3))
    assert registry.asked == ["1.2.0"]
    assert [one.artifact.version for one in images] == ["1.1.0", "1.0.0"]


def test_i8_a_candidate_says_when_it_was_built_and_what_it_says_of_itself() -> None:
    said = {"org.opencontainers.image.source": "https://example.com"}
    registry = Shelf({WEB: {"1.0.0": Resolved(digest(1), MANIFEST, said, DAY)}})
    image = Image(WEB, "1.0.0", digest(1))
    assert list(offered(SEMVER, registry)) == [Candidate(image, DAY, tuple(said.items()))]


def test_a_tag_that_is_listed_but_gone_is_passed_over() -> None:
    registry = Shelf({WEB: shelf("1.0.0")}, listed=("9.0.0",))
    assert tags(SEMVER, registry) == ["1.0.0"]


def test_i7_no_more_than_the_limit_are_offered() -> None:
    registry = Shelf({WEB: shelf(*(f"1.{number}.0" for number in range(9)))})
    assert tags(replace(SEMVER, limit=2), registry) == ["1.8.0", "1.7.0"]
    assert registry.asked == ["1.8.0", "1.7.0"]


@pytest.mark.parametrize("select", [Selection.SEMVER, Selection.NEWEST_BUILD])
def test_i6_images_for_other_platforms_do_not_count_for_the_limit(select: Selection) -> None:
    images = shelf("1.0.0", "1.1.0", platforms=(ARM,), built=(1, 2)) | {
        tag: replace(one, created=DAY.replace(year=2027))
        for tag, one in shelf("2.0.0", "2.1.0", platforms=(AMD,)).items()
    }
    wanted = ImageSubscription("web", WEB, select, limit=1, platform=ARM)
    assert tags(wanted, Shelf({WEB: images})) == ["1.1.0"]
    assert tags(replace(wanted, platform=Platform.parse("linux/s390x")), Shelf({WEB: images})) == []


@pytest.mark.parametrize("select", [Selection.SEMVER, Selection.NEWEST_BUILD])
def test_what_turns_out_to_be_unfit_says_why(select: Selection) -> None:
    images = shelf("1.0.0", platforms=(ARM,)) | shelf("2.1.0", platforms=(AMD,))
    for tag, kind in (("3.0.0", HELM_CHART), ("4.0.0", "application/vnd.acme.wasm")):
        images[tag] = Resolved(digest(9), MANIFEST, kind=kind)
    registry = Shelf({WEB: images}, listed=("5.0.0", "0.9.0"))
    wanted = ImageSubscription("web", WEB, select, ignore=("^0",), platform=ARM)
    assert {one.tag: one.rule for one in left_out(wanted, registry)} == {
        "2.1.0": "not for linux/arm64",
        "3.0.0": "no container image but a Helm chart",
        "4.0.0": "no container image but application/vnd.acme.wasm",
        "5.0.0": "listed, but not there",
        "0.9.0": "ignore '^0'",
    }


def test_a_followed_tag_for_other_platforms_says_so_and_no_list_is_asked_for() -> None:
    registry = Shelf({WEB: shelf("latest", platforms=(AMD,))})
    wanted = ImageSubscription("web", WEB, Selection.DIGEST, "latest", platform=ARM)
    assert left_out(wanted, registry) == (Filtered("latest", "not for linux/arm64"),)


def test_what_takes_nobodys_place_moves_the_limit() -> None:
    images = shelf("1.0.0", "1.1.0", platforms=(ARM,)) | shelf("2.0.0", platforms=(AMD,))
    wanted = replace(SEMVER, limit=1, platform=ARM)
    assert [(one.tag, one.rule) for one in left_out(wanted, Shelf({WEB: images}))] == [
        ("2.0.0", "not for linux/arm64"),
        ("1.0.0", "beyond the limit of 1"),
    ]


def test_a_platform_that_no_image_has_ends_the_search_in_time() -> None:
    registry = Shelf({WEB: shelf(*(f"1.{number}.0" for number in range(500)))})
    assert tags(replace(SEMVER, platform=ARM), registry) == []
    assert len(registry.asked) == 200


def test_tags_that_are_gone_take_nobodys_place() -> None:
    gone = tuple(f"9.{number}.0" for number in range(199))
    registry = Shelf({WEB: shelf("1.0.0", "1.1.0")}, listed=gone)
    assert tags(replace(SEMVER, limit=2), registry) == ["1.1.0", "1.0.0"]
    assert tags(SEMVER, replace(registry, listed=(*gone, "9.199.0"))) == []


def test_a_large_limit_costs_no_more_than_is_wanted() -> None:
    registry = Shelf({WEB: shelf(*(f"1.{number}.0" for number in range(300)))})
    images = offered(replace(SEMVER, limit=200), registry)
    assert [next(images).artifact.version for _ in range(3)] == ["1.299.0", "1.298.0", "1.297.0"]
    assert len(registry.asked) == 3
    assert len(list(images)) == 197
    assert len(registry.asked) == 200


def test_i3_the_newest_build_is_found_by_asking_for_each() -> None:
    registry = Shelf({WEB: shelf("a", "b", "c", built=(1, 9, 3))}, listed=("gone",))
    assert tags(NEWEST, registry) == ["b", "c", "a"]
    assert tags(replace(NEWEST, limit=1), registry) == ["b"]


def test_too_many_tags_to_ask_for_each_are_refused() -> None:
    registry = Shelf({WEB: shelf(*(f"t{number}" for number in range(201)))})
    with pytest.raises(Refusal, match="at most 200"):
        list(offered(NEWEST, registry))
    assert registry.asked == []


def test_i4_a_tag_followed_by_its_digest_is_asked_for_as_it_is_now() -> None:
    registry = Shelf({WEB: shelf("latest", "9.0.0")})
    latest = ImageSubscription("web", WEB, Selection.DIGEST, "latest")
    assert tags(latest, registry) == ["latest"]
    assert registry.asked == ["latest as it is now"]
    assert tags(replace(latest, constraint="none"), registry) == []


def test_the_repository_is_asked_for_under_its_own_name() -> None:
    canary = replace(WEB, subscription="canary")
    registry = Shelf({WEB: shelf("1.0.0")})
    (found,) = offered(ImageSubscription("canary", canary), registry)
    assert found.artifact.subject == canary
