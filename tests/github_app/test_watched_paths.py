"""Warehouses that watch a directory see what its pins say on the default branch."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from github_app.watched_paths import PathReader
from plugin.held import Held
from plugin.pipeline import Project, Warehouse
from plugin.subscriptions import ImageSubscription, PathSubscription
from tests.github_app.commits import Commits
from tests.github_app.shop import WEB, image, kustomization, project, stage
from tests.plugin.kinds import STORIES

PINS = kustomization(image("1.0.0"))


@dataclass(slots=True)
class Counting(Commits):
    """Commits that count how often somebody reads contents."""

    read: list[str] = field(default_factory=list)

    def blobs(self, oids: Iterable[str]) -> Mapping[str, bytes]:
        """The contents, noted."""
        wanted = tuple(oids)
        self.read += wanted
        return {oid: oid.encode() for oid in wanted if oid not in self.too_large}


def watching(*paths: str) -> Project:
    """A project with a warehouse for each directory."""
    warehouses = [Warehouse(one, (PathSubscription(one, one),)) for one in paths]
    return project(stage("staging", warehouses=paths), warehouses=warehouses)


def seen(of: Project, commits: Commits, commit: str, reader: PathReader | None = None) -> Project:
    return (reader or PathReader()).filled(of, commits, commit)


def watched(of: Project) -> PathSubscription:
    (one,) = of.warehouses[0].subscriptions
    assert isinstance(one, PathSubscription)
    return one


def test_a_directory_is_read_as_the_commit_has_it() -> None:
    commits = Counting()
    commits.trees["a"] = {"dev/kustomization.yaml": PINS, "prod/kustomization.yaml": "other"}
    found = watched(seen(watching("dev"), commits, "a"))
    assert found == PathSubscription("dev", "dev", (Held(WEB, "1.0.0", image("1.0.0").digest),))
    assert commits.read == [PINS]


def test_a_directory_that_did_not_change_is_not_read_again() -> None:
    commits, reader, of = Counting(), PathReader(), watching("dev")
    commits.trees |= {
        "a": {"dev/kustomization.yaml": PINS},
        "b": {"dev/kustomization.yaml": PINS, "README.md": "new"},
        "c": {"dev/kustomization.yaml": kustomization(image("1.1.0"))},
    }
    first, second = (seen(of, commits, one, reader) for one in ("a", "b"))
    assert first == second
    assert commits.read == [PINS]
    third = watched(seen(of, commits, "c", reader))
    assert [str(one) for one in third.holds] == [f"ghcr.io/acme/web 1.1.0@{image('1.1.0').digest}"]


def test_a_directory_that_is_not_there_says_what_to_do() -> None:
    commits = Commits(trees={"a": {"README.md": "shop"}})
    found = watched(seen(watching("dev"), commits, "a"))
    assert found.holds == ()
    assert found.problems == ("'dev' is not there; create it, or mend 'path'",)


def test_each_warehouse_has_its_own_directory_and_others_stay() -> None:
    story = STORIES["commit in a remote base"]
    commits = Commits(
        trees={"a": {"dev/kustomization.yaml": PINS, "config/kustomization.yaml": story.text}}
    )
    of = watching("dev", "config")
    plain = Warehouse("web", (ImageSubscription("web", WEB),))
    of = project(*of.stages, warehouses=(*of.warehouses, plain))
    dev, config, web = seen(of, commits, "a").warehouses
    assert (dev.carries, config.carries) == ((WEB,), (story.old.subject,))
    assert web == plain


def test_without_such_a_warehouse_nothing_is_read() -> None:
    commits = Counting()
    of = project(stage("dev"))
    assert seen(of, commits, "no such commit") is of


def test_what_is_no_text_or_too_large_holds_no_pin() -> None:
    large = kustomization(image("9.0.0"))
    files = {
        "dev/kustomization.yaml": PINS,
        "dev/large/kustomization.yaml": large,
        "dev/logo.png": "binary",
    }
    commits = Commits(trees={"a": files}, too_large={large})
    assert [one.tag for one in watched(seen(watching("dev"), commits, "a")).holds] == ["1.0.0"]
