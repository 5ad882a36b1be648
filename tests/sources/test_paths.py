"""What a directory holds: another updater writes dev, and Towline promotes from there."""

from __future__ import annotations

from tests.sources.shops import pin
from tests.sources.world import World, images, pipeline
from tests.warehouse.asked_registry import built

DEV, STAGING = "stages/dev/kustomization.yaml", "stages/staging/kustomization.yaml"


def test_a_bump_that_somebody_merges_in_dev_goes_on_to_staging(world: World) -> None:
    image = world.image("acme/renovated")
    digests = {tag: world.push("acme/renovated", tag, built(tag)) for tag in ("1.0.0", "1.1.0")}
    mine = world.found(
        "renovated",
        {
            "towline.yaml": pipeline(
                "web:\n  - path: stages/dev",
                "staging: {warehouses: [web], path: stages/staging}",
                "prod: {after: [staging], path: stages/prod}",
            ),
            **{
                place: images(web=f"{image}:1.0.0")
                for place in (DEV, STAGING, STAGING.replace("staging", "prod"))
            },
        },
    )
    assert mine.open_pulls() == [], "staging holds what dev does"
    branch = images(web=f"{image}:1.1.0")
    mine.commit({DEV: branch}, "Update web to 1.1.0")
    assert pin(mine.proposed(STAGING, "staging")) == ("1.1.0", digests["1.1.0"])
    assert mine.changed("staging") == [STAGING]
    mine.merge(mine.open_pull("staging"))
    assert pin(mine.proposed(STAGING.replace("staging", "prod"), "prod"))[0] == "1.1.0"
    assert mine.text(DEV) == branch, "dev is somebody else's"

    mine.commit({DEV: images(web=f"{image}:1.0.0")}, "Take web 1.1.0 back")
    assert pin(mine.proposed(STAGING, "staging"))[0] == "1.0.0", "whoever writes dev decides"
    assert "goes back from 1.1.0 to 1.0.0" in mine.body("staging")


def test_a_bump_to_what_is_not_there_goes_nowhere(world: World) -> None:
    image = world.image("acme/mistaken")
    world.push("acme/mistaken", "1.0.0", built("1"))
    mine = world.found(
        "mistaken",
        {
            "towline.yaml": pipeline(
                "web:\n  - path: stages/dev", "staging: {warehouses: [web], path: stages/staging}"
            ),
            DEV: images(web=f"{image}:1.0.0"),
            STAGING: images(web=f"{image}:1.0.0"),
        },
    )
    mine.commit({DEV: images(web=f"{image}:9.0.0")}, "Update web to 9.0.0")
    assert mine.pulls() == []
    digest = world.push("acme/mistaken", "9.0.0", built("9"))
    world.settle()
    assert pin(mine.proposed(STAGING, "staging")) == ("9.0.0", digest)
