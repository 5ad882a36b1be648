"""Git repositories beside the pipeline's own: whose commits are freight, and who may read them."""

from __future__ import annotations

from tests.sources.world import Shop, World, pipeline

APP = "stages/dev/app.yaml"
STAGES = (
    "dev: {warehouses: [web], path: stages/dev, merge: auto, verify: none}",
    "prod: {after: [dev], path: stages/prod}",
)


def application(url: str, revision: str) -> str:
    """An Application that follows a repository by commit or tag."""
    return f"""\
apiVersion: argoproj.io/v1alpha1
kind: Application
metadata: {{name: web}}
spec:
  source:
    repoURL: {url}
    path: apps/web
    targetRevision: {revision}
"""


def revision(shop: Shop, stage: str = "dev") -> str:
    """What the Application of a stage follows; ids that are numbers to some readers are quoted."""
    text = shop.text(APP.replace("dev", stage))
    return text.partition("targetRevision: ")[2].strip().strip("'\"")


def watched(world: World, name: str, owner: str = "acme") -> tuple[Shop, str]:
    """A private repository with one commit, and its address."""
    files = {"apps/web/app.yaml": "replicas: 1\n"}
    made = world.found(name, files, owner, private=True)
    return made, f"{world.stand_in.url}/{owner}/{name}"


def tip(shop: Shop) -> str:
    return shop.world.stand_in.branches(shop.name)["main"]


def shop(world: World, name: str, url: str, more: str = "", owner: str = "acme") -> Shop:
    """A shop that takes commits, with the pins of one that is long gone."""
    files = {
        "towline.yaml": pipeline(f"web:\n  - {{git: '{url}'{more}}}", *STAGES),
        APP: application(f"{url}.git", "1" * 40),
        APP.replace("dev", "prod"): application(f"{url}.git", "1" * 40),
    }
    return world.found(name, files, owner)


def test_a_push_to_the_watched_repository_wakes_who_watches_it(world: World) -> None:
    config, url = watched(world, "config")
    mine = shop(world, "git-shop", url)
    assert revision(mine) == tip(config), "read with the installation's token"
    commit = config.commit({"apps/web/app.yaml": "replicas: 2\n"})
    assert revision(mine) == commit
    mine.merge(mine.open_pull("prod"))
    assert revision(mine, "prod") == commit


def test_only_paths_that_are_asked_for_make_freight(world: World) -> None:
    config, url = watched(world, "paths")
    mine = shop(world, "git-paths", url, ", include: [apps/web], exclude: ['glob:**/*.md']")
    first = tip(config)
    assert revision(mine) == first
    for number in range(3):
        config.commit({"docs/guide.txt": f"{number}", "apps/web/notes.md": f"{number}"})
    assert revision(mine) == first, "docs alone"
    world.stand_in.commit(config.name, "main", {"apps/web/b.yaml": "b: 1\n"}, "Add b", "alice")
    world.stand_in.commit(config.name, "main", {"docs/guide.txt": "last"}, "Tell of b", "alice")
    last = tip(config)
    world.settle()
    assert revision(mine) == last, "what differs since the last freight counts"


def test_tags_are_promoted_by_name_with_the_commit_behind_them(world: World) -> None:
    config, url = watched(world, "tagged")
    first = tip(config)
    config.tag("v1.0.0", first)
    mine = shop(world, "git-tags", url, ", select: semver, constraint: ^1")
    assert revision(mine) == "v1.0.0"
    assert first in mine.text("stages/dev/.freight/web.yaml")
    second = config.commit({"apps/web/app.yaml": "replicas: 2\n"})
    assert revision(mine) == "v1.0.0"
    config.tag("v2.0.0", second)
    config.tag("v1.1.0", second)
    assert revision(mine) == "v1.1.0"
    assert second in mine.text("stages/dev/.freight/web.yaml")


def test_what_the_app_is_not_installed_in_is_not_read(world: World) -> None:
    """A private repository of somebody else, and one where another tenant has the App."""
    world.stand_in.create_organization("umbrella")
    world.stand_in.create_organization("globex")
    world.stand_in.install("towline", "globex")
    world.settle()
    _, hidden = watched(world, "plans", "umbrella")
    _, foreign = watched(world, "plans", "globex")
    for number, url in enumerate((hidden, foreign)):
        thief = shop(world, f"thief-{number}", url)
        world.later()
        assert thief.pulls() == [], url
        assert revision(thief) == "1" * 40
    own = shop(world, "shop", foreign, owner="globex")
    assert own.pulls() != [], "its own tenant reads it"


def test_promotions_in_the_watched_repository_are_no_freight(world: World) -> None:
    """A pipeline that watches its own repository: its promotions must not feed themselves."""
    url = f"{world.stand_in.url}/acme/git-self"
    mine = shop(world, "git-self", url)
    first = len(mine.pulls())
    assert first > 0
    world.later()
    assert len(mine.pulls()) == first
    commit = mine.commit({"apps/web/app.yaml": "replicas: 3\n"})
    assert revision(mine) == commit
    assert mine.text(APP).count("targetRevision") == 1
    held = mine.text("stages/dev/.freight/web.yaml")
    world.later()
    assert mine.text("stages/dev/.freight/web.yaml") == held
