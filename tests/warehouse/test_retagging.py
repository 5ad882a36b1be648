"""From push to deletion at a real registry: what discovery must give after each step.

Each step is seen twice: told by the registry's notification, and without one, by sweeps.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import requests

from github_app.sandbox.images import Pusher
from github_app.warehouse.offered_images import offered
from plugin.artifact import Image, Repository
from plugin.artifact.platform import Platform
from plugin.subscriptions import ImageSubscription, Selection
from tests.warehouse.asked_registry import SWEEP, AskedRegistry, arches, asked_registry, built

PATH = "acme/web"
INDEX = "application/vnd.oci.image.index.v1+json"


class Story:
    """One repository, and the eyes on it; `told` says whether its notifications arrive."""

    def __init__(self, there: AskedRegistry, *, told: bool) -> None:
        self.there = there
        self.told = told
        self.place = there.repository(PATH)
        self.pusher: Pusher = there.pusher
        self.url = f"http://{there.host}/v2/{PATH}/manifests"

    def seen(self, subscription: ImageSubscription, tag: str | None) -> Image | None:
        """What is found after something happened to the tag; untold, when sweeps have passed."""
        if self.told:
            self.there.remembering.told(self.place, tag)
            return self._best(subscription)
        for _ in range(12):
            self.there.now += SWEEP
            found = self._best(subscription)
        return found

    def _best(self, subscription: ImageSubscription) -> Image | None:
        best = next(offered(subscription, self.there.remembering), None)
        if best is None:
            return None
        assert isinstance(best.artifact, Image)
        return best.artifact

    def retag(self, old: str, new: str) -> None:
        """Put another tag on what stands behind a tag."""
        got = requests.get(f"{self.url}/{old}", headers={"Accept": INDEX}, timeout=10)
        kind = {"Content-Type": got.headers["Content-Type"]}
        put = requests.put(f"{self.url}/{new}", data=got.content, headers=kind, timeout=10)
        put.raise_for_status()

    def delete(self, reference: str) -> None:
        """Delete a tag alone, or with a digest the image and all its tags."""
        requests.delete(f"{self.url}/{reference}", timeout=10).raise_for_status()

    def image(self, tag: str, digest: str) -> Image:
        return Image(self.place, tag, digest)


@pytest.fixture(params=["told", "untold"])
def story(request: pytest.FixtureRequest, registry_binary: Path, tmp_path: Path) -> Iterator[Story]:
    with asked_registry(registry_binary, tmp_path) as there:
        yield Story(there, told=request.param == "told")


def web(story: Story) -> ImageSubscription:
    return ImageSubscription("web", story.place)


def test_an_index_pushed_retagged_pushed_again_and_deleted(story: Story) -> None:
    first = story.pusher.push_index(PATH, "1.0.0", arches("1"))
    assert story.seen(web(story), "1.0.0") == story.image("1.0.0", first)

    story.retag("1.0.0", "1.1.0")
    assert story.seen(web(story), "1.1.0") == story.image("1.1.0", first), "the same bytes"

    second = story.pusher.push_index(PATH, "1.1.0", arches("2"))
    assert second != first
    assert story.seen(web(story), "1.1.0") == story.image("1.1.0", second), "the tag has moved"

    story.delete(second)
    assert story.seen(web(story), "1.1.0") == story.image("1.0.0", first), "what is left"

    third = story.pusher.push_index(PATH, "1.1.0", arches("3"))
    assert story.seen(web(story), "1.1.0") == story.image("1.1.0", third), "not from memory"


def test_a_deleted_tag_does_not_come_back_from_memory(story: Story) -> None:
    for tag in ("1.0.0", "1.1.0"):
        story.pusher.push_index(PATH, tag, arches("same"))
    assert story.seen(web(story), "1.1.0") is not None
    story.delete("1.1.0")
    found = story.seen(web(story), "1.1.0")
    assert found is not None
    assert found.tag == "1.0.0", "the tag is gone, the image is not"
    for _ in range(3):
        story.there.now += SWEEP
        assert story.seen(web(story), None) == found


def test_when_all_is_deleted_nothing_is_found(story: Story) -> None:
    digest = story.pusher.push_index(PATH, "1.0.0", arches("1"))
    assert story.seen(web(story), "1.0.0") is not None
    story.delete(digest)
    assert story.seen(web(story), "1.0.0") is None
    assert story.seen(web(story), None) is None


def test_i4_a_followed_tag_is_seen_wherever_it_goes(story: Story) -> None:
    latest = ImageSubscription("web", story.place, Selection.DIGEST, "latest")
    assert story.seen(latest, "latest") is None
    first = story.pusher.push_index(PATH, "latest", arches("1"))
    assert story.seen(latest, "latest") == story.image("latest", first)
    second = story.pusher.push_image(PATH, "latest", built("2"))
    assert story.seen(latest, "latest") == story.image("latest", second)
    story.pusher.push_index(PATH, "latest", arches("1"))
    assert story.seen(latest, "latest") == story.image("latest", first), "back again"
    story.delete(first)
    assert story.seen(latest, "latest") is None


def test_an_image_that_loses_a_platform_is_passed_over_where_it_is_asked_for(story: Story) -> None:
    arm = ImageSubscription("web", story.place, platform=Platform.parse("linux/arm64/v8"))
    first = story.pusher.push_index(PATH, "1.0.0", arches("1"))
    second = story.pusher.push_index(PATH, "1.1.0", arches("2"))
    assert story.seen(arm, "1.1.0") == story.image("1.1.0", second)
    third = story.pusher.push_index(PATH, "1.1.0", (built("3"),))
    assert story.seen(arm, "1.1.0") == story.image("1.0.0", first)
    assert story.seen(web(story), None) == story.image("1.1.0", third)


@pytest.mark.parametrize(
    "choose",
    [
        lambda place: ImageSubscription("web", place, Selection.LEXICAL),
        lambda place: ImageSubscription("web", place, Selection.NEWEST_BUILD),
    ],
    ids=["lexical", "newest-build"],
)
def test_other_selections_see_what_is_deleted_too(
    story: Story, choose: Callable[[Repository], ImageSubscription]
) -> None:
    subscription = choose(story.place)
    old = story.pusher.push_image(PATH, "a", built("a", day=1))
    new = story.pusher.push_index(PATH, "b", (built("b", day=2), built("b", "arm64", day=3)))
    assert story.seen(subscription, None) == story.image("b", new)
    story.delete(new)
    assert story.seen(subscription, "b") == story.image("a", old)
