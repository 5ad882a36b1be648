"""What one tag's event and an idle sweep cost at the registry, through the whole App."""

from __future__ import annotations

from tests.sources.world import World, images, pipeline
from tests.warehouse.asked_registry import arches

DEV = "stages/dev/kustomization.yaml"


def test_a_tags_event_costs_three_requests_and_an_idle_sweep_one_a_subscription(
    world: World,
) -> None:
    paths = [f"acme/{name}" for name in ("one", "two", "three")]
    for path in paths:
        for tag in ("1.0.0", "1.1.0"):
            world.push(path, tag, *arches(f"{path}{tag}"))
    one, two, three = map(world.image, paths)
    stages = (
        "dev: {warehouses: [web, other], path: stages/dev}",
        "prod: {after: [dev], path: stages/prod}",
    )
    mine = world.found(
        "budget",
        {
            "towline.yaml": pipeline(
                f"web:\n  - image: '{one}'\n  - image: '{two}'\nother:\n  - image: '{three}'",
                *stages,
            ),
            DEV: images(one=f"{one}:0.1.0", two=f"{two}:0.1.0", three=f"{three}:0.1.0"),
            DEV.replace("dev", "prod"): images(
                one=f"{one}:0.1.0", two=f"{two}:0.1.0", three=f"{three}:0.1.0"
            ),
        },
    )
    assert len(mine.open_pulls()) == 2
    assert world.asked(world.later) != [], "the list below is of something"
    for _ in range(7):
        asked = world.asked(world.later)
        assert len(asked) <= 3, asked
        assert {one.split("/v2/")[1].rpartition("/")[0] for one in asked} <= {
            f"{path}/{what}" for path in paths for what in ("tags", "manifests")
        }

    world.push("acme/one", "1.2.0", *arches("new"))
    asked = world.asked(world.settle)
    assert 0 < len(asked) <= 3, asked
    assert "1.2.0" in mine.open_pulls()[0].title
    assert world.asked(world.settle) == []
