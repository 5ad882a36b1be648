"""One unit of work at a time: claims become rounds, and none is lost, whatever happens in one."""

from __future__ import annotations

import itertools
import logging
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from github_app.events import (
    ArtifactPosted,
    ButtonPressed,
    CommentMade,
    Event,
    FreightAsked,
    ImagePushed,
    InstallationChanged,
    RepositoryChanged,
    Told,
)
from github_app.inbox.ports import Delivery, State
from github_app.inbox.sqlite import SqliteInbox
from github_app.outcome import Applied, Trouble
from github_app.rounds import Place, Report
from github_app.tidying import Tidying
from github_app.worker import Worker
from plugin.artifact import ChartName, GitRepository, Repository
from plugin.errors import Refusal, Temporary

WEB = Repository.parse("ghcr.io/acme/web")
QUIET = Report(None, frozenset({WEB}), None, Applied())
SWEEP = timedelta(minutes=2)


@dataclass(slots=True)
class Time:
    """A clock turned by hand."""

    now: datetime = datetime(2026, 11, 21, 9, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now


@dataclass(slots=True)
class ScriptedRounds:
    """Rounds that end as told, repository by repository; the last ending stays."""

    endings: dict[str, list[Report | Exception]] = field(default_factory=dict)
    looked: list[str] = field(default_factory=list)

    posts: list[Told] = field(default_factory=list)

    def run(self, place: Place, posts: tuple[Told, ...] = ()) -> Report:
        """What was told for this repository."""
        self.looked.append(place.repository)
        self.posts += posts
        told = self.endings.get(place.repository, [QUIET])
        ending = told.pop(0) if len(told) > 1 else told[0]
        if isinstance(ending, Exception):
            raise ending
        return ending


@dataclass(slots=True)
class ListedPlaces:
    """GitHub's list of installations, kept by hand."""

    installed: dict[int, list[Place]] = field(default_factory=dict)
    trouble: dict[int, Exception] = field(default_factory=dict)
    down: Exception | None = None
    tidied: list[str] = field(default_factory=list)
    lists: int = 0

    def installations(self) -> tuple[int, ...]:
        """All of them, unless GitHub is down."""
        self.lists += 1
        if self.down is not None:
            raise self.down
        return tuple(self.installed)

    def places_of(self, installation: int) -> tuple[Place, ...]:
        """The repositories, unless that one is in trouble."""
        if installation in self.trouble:
            raise self.trouble[installation]
        return tuple(self.installed[installation])

    def git(self, repository: str) -> GitRepository:
        """As on github.com."""
        return GitRepository.parse(repository)

    def tidy(self, place: Place) -> None:
        """Note it."""
        self.tidied.append(place.repository)


@dataclass(slots=True)
class Desk:
    """A worker with everything around it."""

    worker: Worker
    inbox: SqliteInbox
    rounds: ScriptedRounds
    directory: ListedPlaces
    time: Time
    told: list[tuple[Repository, str | None]]

    def drain(self) -> list[str]:
        """Work until nothing is left now; the repositories looked at."""
        before = len(self.rounds.looked)
        for _ in range(50):
            if not self.worker.step():
                return self.rounds.looked[before:]
        raise AssertionError("there is always more to do")

    def arrives(self, event: Event) -> None:
        """A delivery comes in."""
        guid = f"d{sum(self.inbox.counts().values())}"
        self.inbox.accept(Delivery("github", guid, "push", self.time(), (event,)))

    def later(self, time: timedelta) -> list[str]:
        """Time passes; the repositories looked at."""
        self.time.now += time
        return self.drain()


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    """One and two in installation 7, three in 8; all looked at once."""
    time, rounds, told = Time(), ScriptedRounds(), list[tuple[Repository, str | None]]()
    directory = ListedPlaces(
        {
            7: [Place(7, "acme/one", 1, "main"), Place(7, "acme/two", 2, "main")],
            8: [Place(8, "other/three", 3, "main")],
        }
    )
    inbox = SqliteInbox.open(tmp_path / "inbox.sqlite")
    worker = Worker(
        inbox,
        rounds,
        directory,
        lambda *one: told.append(one),
        time,
        SWEEP,
        Tidying(directory.tidy, lambda: directory.tidied.append("shared")),
    )
    made = Desk(worker, inbox, rounds, directory, time, told)
    made.drain()
    yield made
    inbox.close()


def test_the_first_step_sweeps_everything(desk: Desk) -> None:
    assert sorted(desk.rounds.looked) == ["acme/one", "acme/two", "other/three"]
    assert desk.worker.swept


def test_a_repository_is_looked_at_once_for_many_deliveries(desk: Desk) -> None:
    for _ in range(5):
        desk.arrives(RepositoryChanged(7, "acme/one", "push"))
    assert desk.drain() == ["acme/one"]


def test_names_have_no_case(desk: Desk) -> None:
    desk.arrives(RepositoryChanged(7, "Acme/One", "push"))
    assert desk.drain() == ["acme/one"]


def test_an_image_is_told_on_and_brings_looks_at_its_subscribers(desk: Desk) -> None:
    desk.rounds.endings["acme/two"] = [Report(None, frozenset(), None, Applied())]
    desk.later(SWEEP)
    desk.arrives(ImagePushed(WEB, "1.0.0"))
    assert sorted(desk.drain()) == ["acme/one", "other/three"]
    assert desk.told == [(WEB, "1.0.0")]


@pytest.mark.parametrize(
    "error", [Refusal("no"), Temporary("busy"), RuntimeError("a bug"), KeyError("another")]
)
def test_one_in_trouble_stops_no_other(desk: Desk, error: Exception) -> None:
    desk.rounds.endings["acme/one"] = [error, QUIET]
    desk.arrives(ImagePushed(WEB, None))
    assert sorted(desk.drain()) == ["acme/one", "acme/two", "other/three"]
    assert desk.inbox.counts()[State.LEASED] == 0
    again = desk.later(timedelta(seconds=5))
    assert again == ([] if isinstance(error, Refusal) else ["acme/one"])
    assert desk.inbox.counts()[State.PENDING] == 0


def test_trouble_names_its_repository(desk: Desk, caplog: pytest.LogCaptureFixture) -> None:
    desk.rounds.endings["acme/one"] = [Temporary("busy"), QUIET]
    desk.arrives(RepositoryChanged(7, "acme/one", "push"))
    with caplog.at_level(logging.WARNING):
        desk.drain()
    assert [one.message for one in caplog.records] == ["acme/one again later: busy"]


def test_a_limit_is_waited_for_whatever_arrives(desk: Desk) -> None:
    desk.rounds.endings["acme/one"] = [Temporary("limit", timedelta(minutes=1)), QUIET]
    desk.arrives(RepositoryChanged(7, "acme/one", "push"))
    desk.drain()
    desk.arrives(RepositoryChanged(7, "acme/one", "push"))
    assert desk.later(timedelta(seconds=59)) == []
    assert desk.worker.idle_until() == desk.time() + timedelta(seconds=1)
    assert desk.later(timedelta(seconds=1)) == ["acme/one"]


def test_what_is_refused_again_and_again_is_tried_less_and_less(desk: Desk) -> None:
    desk.rounds.endings["acme/one"] = [
        Report(None, frozenset({WEB}), None, Applied([Trouble("createPullRequest: no")]))
    ]
    desk.worker.next_sweep = desk.time() + timedelta(days=1)
    desk.arrives(RepositoryChanged(7, "acme/one", "push"))
    desk.drain()
    times = [desk.time()]
    while not desk.inbox.counts()[State.DEAD]:
        desk.time.now = desk.worker.idle_until()
        times.append(desk.time())
        desk.drain()
    gaps = [later - one for one, later in itertools.pairwise(times)]
    assert gaps == sorted(gaps)
    assert gaps[-1] == timedelta(minutes=10)


def test_trouble_forgets_neither_images_nor_wakes(desk: Desk) -> None:
    at = desk.time() + timedelta(seconds=30)
    trouble = Applied([Trouble("createRef: no")])
    desk.rounds.endings["acme/one"] = [Report(at, frozenset({WEB}), None, trouble), QUIET]
    desk.arrives(RepositoryChanged(7, "acme/one", "push"))
    desk.drain()
    assert desk.worker.watched[1] == {WEB}
    assert desk.worker.wakes == {1: at}


def test_a_wake_comes_at_its_time_and_once(desk: Desk) -> None:
    at = desk.time() + timedelta(seconds=50)
    desk.rounds.endings["acme/one"] = [Report(at, frozenset(), None, Applied()), QUIET]
    desk.arrives(RepositoryChanged(7, "acme/one", "push"))
    desk.drain()
    assert desk.worker.idle_until() == at
    assert desk.later(timedelta(seconds=49)) == []
    assert desk.later(timedelta(seconds=1)) == ["acme/one"]
    assert desk.later(timedelta(seconds=1)) == []


def test_a_renamed_repository_keeps_its_images(desk: Desk) -> None:
    desk.directory.installed[7][0] = Place(7, "acme/uno", 1, "main")
    desk.arrives(RepositoryChanged(7, "acme/uno", "repository renamed"))
    assert desk.drain() == ["acme/uno"]
    desk.arrives(ImagePushed(WEB, None))
    assert sorted(desk.drain()) == ["acme/two", "acme/uno", "other/three"]


def test_a_repository_that_is_gone_is_left_alone(desk: Desk) -> None:
    del desk.directory.installed[7][0]
    desk.arrives(InstallationChanged(7))
    assert desk.drain() == ["acme/two"]
    desk.arrives(ImagePushed(WEB, None))
    desk.arrives(RepositoryChanged(7, "acme/one", "late push"))
    assert sorted(desk.drain()) == ["acme/two", "other/three"]
    assert 1 not in desk.worker.watched


def test_an_installation_in_trouble_stops_no_other(desk: Desk) -> None:
    desk.directory.trouble[7] = Refusal("suspended")
    assert desk.later(SWEEP) == ["other/three"]
    del desk.directory.trouble[7]
    assert len(desk.later(SWEEP)) == 3


def test_an_installation_that_is_busy_keeps_its_repositories(desk: Desk) -> None:
    desk.directory.trouble[7] = Temporary("busy")
    assert len(desk.later(SWEEP)) == 3


def test_github_down_at_the_sweep_is_no_end(desk: Desk) -> None:
    desk.directory.down = Temporary("502")
    assert len(desk.later(SWEEP)) == 3
    desk.arrives(InstallationChanged(8))
    assert desk.drain() == []
    desk.directory.down = None
    assert desk.later(timedelta(seconds=5)) == ["other/three"]


def test_mirrors_are_tidied_once_a_day_when_nothing_is_to_be_done(desk: Desk) -> None:
    for _ in range(24):
        desk.later(timedelta(hours=1))
    for _ in range(3):
        desk.drain()
    assert sorted(desk.directory.tidied) == ["acme/one", "acme/two", "other/three", "shared"]


def test_a_push_is_looked_at_where_it_happened_and_where_it_is_watched(desk: Desk) -> None:
    watching = Report(None, frozenset({GitRepository.parse("acme/one")}), None, Applied())
    desk.rounds.endings["acme/two"] = [watching]
    desk.later(SWEEP)
    desk.arrives(RepositoryChanged(7, "acme/one", "push to refs/heads/main"))
    assert desk.drain() == ["acme/one", "acme/two"]
    desk.arrives(RepositoryChanged(7, "acme/one", "comment"))
    assert desk.drain() == ["acme/one"]


def test_repositories_that_watch_each_other_are_looked_at_once_for_a_push(desk: Desk) -> None:
    for mine, other in (("acme/one", "acme/two"), ("acme/two", "acme/one")):
        watched = frozenset({GitRepository.parse(mine), GitRepository.parse(other)})
        desk.rounds.endings[mine] = [Report(None, watched, None, Applied())]
    desk.later(SWEEP)
    desk.arrives(RepositoryChanged(7, "acme/one", "push to refs/heads/main"))
    assert desk.drain() == ["acme/one", "acme/two"]


def test_a_pushed_chart_is_looked_at_where_the_chart_is_watched(desk: Desk) -> None:
    chart = ChartName.parse("oci://ghcr.io/acme/charts/web")
    desk.rounds.endings["acme/two"] = [Report(None, frozenset({chart}), None, Applied())]
    desk.later(SWEEP)
    desk.arrives(ImagePushed(Repository.parse("ghcr.io/acme/charts/web"), "1.2.3"))
    assert desk.drain() == ["acme/two"]


def test_what_is_posted_comes_to_the_round_of_its_repository_until_one_succeeds(desk: Desk) -> None:
    post = ArtifactPosted("Acme/One", "", "", "llm", "1.2", (), "acme/model-training")
    asked = FreightAsked("acme/one", "shop", "web", (("web", "1.0"),), "acme/model-training")
    desk.rounds.endings["acme/one"] = [Temporary("GitHub is away", timedelta(seconds=1)), QUIET]
    desk.arrives(post)
    desk.arrives(asked)
    desk.drain()
    expected: list[Told] = [post, asked]
    assert desk.rounds.posts == expected
    desk.later(timedelta(minutes=1))
    assert desk.rounds.posts == expected * 2
    desk.later(timedelta(minutes=10))
    assert desk.rounds.posts == expected * 2


def test_a_post_for_a_repository_without_the_app_is_let_go(desk: Desk) -> None:
    desk.arrives(ArtifactPosted("acme/none", "", "", "llm", "1.2", (), "the secret"))
    assert desk.drain() == []
    assert desk.rounds.posts == []


def test_unknown_names_have_github_listed_once_a_minute(desk: Desk) -> None:
    desk.worker.next_sweep = desk.time() + timedelta(days=1)
    before = desk.directory.lists
    for minute in range(3):
        for number in range(20):
            post = ArtifactPosted(f"acme/no{minute}{number}", "", "", "llm", "1", (), "evil/ci")
            desk.arrives(post)
            desk.time.now += timedelta(seconds=1)
            desk.drain()
        desk.time.now += timedelta(seconds=40)
    assert desk.drain() == []
    assert desk.directory.lists - before == 3
    desk.later(timedelta(minutes=1))
    assert desk.inbox.counts()[State.PENDING] == desk.inbox.counts()[State.DEAD] == 0


def test_a_new_repository_is_found_although_others_asked_for_unknown_ones(desk: Desk) -> None:
    desk.worker.next_sweep = desk.time() + timedelta(days=1)
    desk.arrives(ArtifactPosted("acme/none", "", "", "llm", "1", (), "evil/ci"))
    desk.later(timedelta(seconds=10))
    desk.directory.installed[7].append(Place(7, "acme/new", 4, "main"))
    post = ArtifactPosted("acme/new", "", "", "llm", "1", (), "acme/ci")
    desk.arrives(post)
    assert desk.later(timedelta(seconds=10)) == []
    assert desk.later(timedelta(seconds=49)) == []
    assert desk.later(timedelta(seconds=1)) == ["acme/new"]
    assert desk.rounds.posts == [post]


def test_githubs_own_word_of_a_new_repository_waits_for_nothing(desk: Desk) -> None:
    desk.arrives(ArtifactPosted("acme/none", "", "", "llm", "1", (), "evil/ci"))
    desk.drain()
    desk.directory.installed[7].append(Place(7, "acme/new", 4, "main"))
    desk.arrives(RepositoryChanged(7, "acme/new", "push to refs/heads/main"))
    assert desk.drain() == ["acme/new"]


def test_a_list_that_cannot_be_had_is_asked_for_once_a_minute_too(desk: Desk) -> None:
    desk.worker.next_sweep = desk.time() + timedelta(days=1)
    desk.directory.down = Temporary("502")
    before = desk.directory.lists
    for number in range(20):
        desk.arrives(ArtifactPosted(f"acme/no{number}", "", "", "llm", "1", (), "evil/ci"))
        desk.later(timedelta(seconds=2))
    assert desk.directory.lists - before == 1
    desk.directory.down = None
    desk.later(timedelta(minutes=2))
    assert desk.directory.lists - before == 2
    assert desk.inbox.counts()[State.PENDING] == 0


def test_one_senders_trouble_keeps_no_other_senders_post_waiting(desk: Desk) -> None:
    """What one sender posts is tried again by itself, however often it fails."""
    theirs, ours = (
        ArtifactPosted("acme/one", "", "", "llm", "1", (), one) for one in ("evil/ci", "acme/ci")
    )
    desk.rounds.endings["acme/one"] = [RuntimeError("a bug"), QUIET]
    desk.arrives(theirs)
    desk.arrives(ours)
    assert desk.drain() == ["acme/one", "acme/one"]
    assert desk.rounds.posts == [theirs, ours]
    assert {row.key: row.state for row in desk.inbox.listing(None, 2)} == {
        "posted:acme/one:evil/ci": State.PENDING,
        "posted:acme/one:acme/ci": State.DONE,
    }


def test_a_post_that_met_a_refusal_comes_again(desk: Desk) -> None:
    desk.rounds.endings["acme/one"] = [Refusal("the ledger cannot be read"), QUIET]
    post = ArtifactPosted("acme/one", "", "", "llm", "1.2", (), "the secret")
    desk.arrives(post)
    desk.drain()
    desk.later(timedelta(minutes=1))
    assert desk.rounds.posts == [post, post]
    assert State.PENDING not in {one for one, count in desk.inbox.counts().items() if count}


def test_a_post_that_nobody_could_judge_comes_again(desk: Desk) -> None:
    waits = Report(None, frozenset(), None, Applied(), unheard="it waits for the ledger")
    desk.rounds.endings["acme/one"] = [waits, QUIET]
    post = ArtifactPosted("acme/one", "", "", "llm", "1.2", (), "the secret")
    desk.arrives(post)
    desk.drain()
    assert desk.rounds.posts == [post]
    desk.later(timedelta(minutes=11))
    assert desk.rounds.posts == [post, post]


def test_a_command_comes_to_the_round_with_everything_else_about_its_repository(
    desk: Desk,
) -> None:
    comment = CommentMade(7, "acme/one", "IC_1")
    pressed = ButtonPressed(7, "acme/one", "a" * 40, "hold", "kim", "d1")
    desk.rounds.endings["acme/one"] = [Refusal("GitHub will not be looked at"), QUIET]
    for event in (comment, RepositoryChanged(7, "acme/one", "push"), pressed):
        desk.arrives(event)
    assert desk.drain() == ["acme/one"]
    assert desk.rounds.posts == [comment, pressed]
    desk.later(timedelta(minutes=1))
    assert desk.rounds.posts == [comment, pressed] * 2


def test_a_refresh_forgets_what_registries_said_and_looks_again(desk: Desk) -> None:
    desk.rounds.endings["acme/one"] = [replace(QUIET, refresh=True), QUIET]
    desk.arrives(CommentMade(7, "acme/one", "IC_1"))
    assert desk.drain() == ["acme/one", "acme/one"]
    assert desk.told == [(WEB, None)]


def test_why_a_warehouse_has_nothing_is_said_once(
    desk: Desk, caplog: pytest.LogCaptureFixture
) -> None:
    without = Report(None, frozenset(), None, Applied(), ("towline.yaml: no rights",))
    desk.rounds.endings["acme/one"] = [without, without, QUIET, without]
    for _ in range(4):
        desk.later(SWEEP)
    said = [one.getMessage() for one in caplog.records if "no rights" in one.getMessage()]
    assert said == ["towline.yaml: no rights"] * 2


def test_what_happens_where_a_stage_lives_wakes_its_pipeline(desk: Desk) -> None:
    desk.rounds.endings["acme/one"] = [replace(QUIET, targets=frozenset({2, 3}))]
    desk.later(SWEEP)
    desk.arrives(RepositoryChanged(7, "acme/two", "pull_request closed"))
    assert sorted(desk.drain()) == ["acme/one", "acme/two"]
    desk.arrives(RepositoryChanged(8, "other/three", "push to main"))
    assert desk.drain() == ["other/three"], "another installation's is somebody else's"


def test_a_command_where_a_stage_lives_comes_to_its_pipeline(desk: Desk) -> None:
    desk.rounds.endings["acme/one"] = [replace(QUIET, targets=frozenset({2}))]
    desk.later(SWEEP)
    desk.rounds.posts.clear()
    desk.arrives(CommentMade(7, "acme/two", "IC_1"))
    assert sorted(desk.drain()) == ["acme/one", "acme/two"]
    assert CommentMade(7, "acme/one", "IC_1") in desk.rounds.posts


def test_a_pipeline_without_such_stages_any_more_is_left_alone(desk: Desk) -> None:
    ended = [replace(QUIET, targets=frozenset({2})), QUIET]
    desk.rounds.endings["acme/one"] = list(ended)
    desk.later(SWEEP)
    desk.arrives(RepositoryChanged(7, "acme/one", "push to main"))
    desk.drain()
    desk.arrives(RepositoryChanged(7, "acme/two", "push to main"))
    assert desk.drain() == ["acme/two"]
