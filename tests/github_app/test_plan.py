"""What a round does to a repository, and when the next is due."""

from __future__ import annotations

from dataclasses import replace

from github_app.actions import (
    ClosePromotion,
    OpenPromotion,
    PostCheck,
    WriteLedger,
)
from github_app.discovery import Undiscovered
from github_app.gates import Conclusion
from github_app.ledger_files import ledger_files
from github_app.picture import BrokenProject, ForeignPull, LinePicture, ProjectPicture
from github_app.plan import plan
from github_app.pulls import PostedCheck
from github_app.results import Result, ResultKind, ResultState
from github_app.rules.decision import Held, Promote, UpToDate, Waiting
from plugin.pipeline import Mode
from plugin.pipeline_file import Mistake
from plugin.verification import CheckSucceeds
from tests.github_app.shop import (
    PIPELINE,
    A,
    B,
    after,
    at,
    freight,
    ledger,
    line,
    line_plan,
    planned,
    project,
    proposed,
    pull,
    repository,
    shown,
    soak,
    stage,
    warehouse,
)

NOW = at(100)
MISTAKE = Mistake("towline.yaml", 3, 5, "unknown key 'stage'", "write 'stages'")


def start(*lines: LinePicture) -> ProjectPicture:
    """The three-stage pipeline, its ledger empty, with B pushed."""
    return shown(project(*PIPELINE), lines, ledger(), B)


def test_the_first_round_records_freight_and_opens_one_pull_request() -> None:
    made = planned(start(line("dev"), line("staging"), line("prod")), NOW)
    book, opened = made.actions()
    assert isinstance(book, WriteLedger)
    assert list(book.files) == ["shop/warehouses/web.yaml"]
    assert isinstance(opened, OpenPromotion)
    assert (opened.proposal.stage, opened.proposal.head) == ("dev", "towline/shop/dev/web")
    assert opened.proposal.expected_head is None
    assert made.wake_at is None


def test_verification_opens_the_next_stage_in_the_same_round() -> None:
    verify = (CheckSucceeds("smoke"),)
    of = project(replace(stage("dev"), verify=verify), stage("prod", after("dev")))
    smoke = (Result(ResultKind.CHECK, "smoke", ResultState.SUCCESS),)
    lines = [replace(line("dev", A), results=smoke), line("prod")]
    made = planned(shown(of, lines, ledger(A), A), NOW)
    assert made.ledger is not None
    assert list(made.ledger.files) == ["shop/stages/dev.yaml"]
    assert isinstance(line_plan(made, "prod").decision, Promote)


def test_a_round_with_nothing_new_does_nothing() -> None:
    book = ledger(A)
    lines = [line("dev", A), line("staging", A), line("prod", A)]
    made = planned(shown(project(*PIPELINE), lines, book, A), NOW)
    assert made.actions() == ()
    assert all(isinstance(one.decision, UpToDate) for one in made.lines)


def test_it_wakes_when_the_first_soak_ends() -> None:
    of = project(
        stage("dev"),
        stage("test", after("dev", soak=soak(30))),
        stage("prod", after("dev", soak=soak(20))),
    )
    lines = [line("dev", A, since=at(90)), line("test"), line("prod")]
    made = planned(shown(of, lines, ledger(A), A), NOW)
    assert made.wake_at == at(110)
    assert all(isinstance(one.decision, Waiting) for one in made.lines[1:])


def test_every_line_goes_its_own_way() -> None:
    both = stage("dev", warehouses=("web", "api"))
    of = project(both, warehouses=(warehouse("web"), warehouse("api")))
    api = freight("3.0.0", warehouse="api")
    lines = [line("dev", A), line("dev", None, of=warehouse("api"))]
    made = planned(shown(of, lines, ledger(A), B, api), NOW)
    heads = [one.proposal.head for one in made.actions() if isinstance(one, OpenPromotion)]
    assert heads == ["towline/shop/dev/web", "towline/shop/dev/api"]


def test_a_registry_that_is_down_stops_its_warehouse_alone() -> None:
    both = stage("dev", warehouses=("web", "api"))
    of = project(both, warehouses=(warehouse("web"), warehouse("api")))
    lines = [line("dev", A), line("dev", None, of=warehouse("api"))]
    picture = shown(of, lines, ledger(A), B)
    down = replace(picture, discoveries={**picture.discoveries, "api": Undiscovered("500")})
    made = planned(down, NOW)
    assert isinstance(line_plan(made, "dev", "web").decision, Promote)
    waits = line_plan(made, "dev", "api").decision
    assert isinstance(waits, Waiting)
    assert "500" in waits.pending.reason


def test_projects_share_a_repository_without_sharing_a_fate() -> None:
    one = start(line("dev"), line("staging"), line("prod"))
    other = replace(one, project=replace(one.project, name="shop-eu", file="eu/towline.yaml"))
    broken = (BrokenProject("us/towline.yaml", (MISTAKE,)),)
    made = plan(replace(repository(one, other), broken=broken), NOW)
    opened = [one.proposal.head for one in made.actions() if isinstance(one, OpenPromotion)]
    assert opened == ["towline/shop/dev/web", "towline/shop-eu/dev/web"]
    assert made.ledger is not None
    assert len(made.ledger.files) == 2
    check = made.checks[0].check
    assert check.conclusion is Conclusion.FAILURE
    assert check.annotations == (MISTAKE,)


# Shadow


def shadow(*names: str) -> ProjectPicture:
    stages = [replace(one, mode=Mode.SHADOW) if one.name in names else one for one in PIPELINE]
    smoke = (Result(ResultKind.CHECK, "smoke", ResultState.SUCCESS),)
    stages[0] = replace(stages[0], verify=(CheckSucceeds("smoke"),))
    lines = [replace(line("dev", A), results=smoke), line("staging"), line("prod")]
    return shown(project(*stages), lines, ledger(), A)


def test_a_stage_in_shadow_is_planned_and_leaves_no_trace() -> None:
    made = planned(shadow("dev", "staging"), NOW)
    told = line_plan(made, "staging")
    assert told.shadow
    assert isinstance(told.actions[0], OpenPromotion)
    assert made.ledger is not None
    assert list(made.ledger.files) == ["shop/warehouses/web.yaml"]
    assert made.actions() == (made.ledger,)


def test_a_project_of_shadows_writes_nothing_at_all() -> None:
    picture = repository(shadow("dev", "staging", "prod"))
    stranger = ForeignPull(replace(pull("x"), head="feature", ours=False))
    dirty = replace(picture, foreign=(stranger,), ledger_repair={"a.yaml": None})
    assert plan(dirty, NOW).actions() == ()


# Other people's pull requests, the ledger, stages that are gone


def test_other_people_s_pull_requests_get_a_green_check_once() -> None:
    picture = repository(start(line("dev", B), line("staging", B), line("prod", B)))
    stranger = ForeignPull(replace(pull("x"), head="feature", ours=False))
    made = plan(replace(picture, foreign=(stranger,)), NOW)
    assert [one.check.title for one in made.checks] == ["Not a promotion"]
    posted = PostedCheck("CR", made.checks[0].check.key)
    checked = ForeignPull(replace(stranger.pull, check=posted))
    assert plan(replace(picture, foreign=(checked,)), NOW).checks == ()


def test_a_pull_request_that_breaks_the_pipeline_file_is_red() -> None:
    picture = repository(start(line("dev", B), line("staging", B), line("prod", B)))
    stranger = replace(pull("x"), head="feature", ours=False)
    for mistakes, conclusion in (((), Conclusion.SUCCESS), ((MISTAKE,), Conclusion.FAILURE)):
        foreign = ForeignPull(stranger, ("towline.yaml",), mistakes)
        (check,) = plan(replace(picture, foreign=(foreign,)), NOW).checks
        assert check.check.conclusion is conclusion


def test_a_refused_ledger_stops_every_promotion() -> None:
    picture = repository(start(line("dev"), line("staging"), line("prod")))
    alarmed = replace(picture, ledger_alarm="the ledger was rewound")
    made = plan(alarmed, NOW)
    assert [one for one in made.actions() if not isinstance(one, PostCheck)] == []


def test_what_others_wrote_to_the_ledger_is_undone_but_news_are_kept() -> None:
    picture = repository(start(line("dev"), line("staging"), line("prod")))
    repair = {"shop/warehouses/web.yaml": "format: 1\n", "evil.yaml": None}
    made = plan(replace(picture, ledger_repair=repair), NOW)
    assert made.ledger is not None
    assert made.ledger.files["evil.yaml"] is None
    text = made.ledger.files["shop/warehouses/web.yaml"]
    assert text == ledger_files("shop", ledger().with_newest(B, NOW))["shop/warehouses/web.yaml"]


def test_the_pull_request_of_a_stage_that_is_gone_is_closed() -> None:
    picture = repository(start(line("dev", B), line("staging", B), line("prod", B)))
    made = plan(replace(picture, strays=(pull("gone"),)), NOW)
    closed = [one for one in made.actions() if isinstance(one, ClosePromotion)]
    assert [one.pull.head for one in closed] == ["towline/shop/gone/web"]


def test_a_held_line_keeps_nobody_else_waiting() -> None:
    gone_back = replace(line("staging"), stays=(replace(line("staging", B).stays[0], until=at(9)),))
    made = planned(start(line("dev", A), gone_back, line("prod")), NOW)
    assert isinstance(line_plan(made, "staging").decision, Held)
    assert isinstance(line_plan(made, "dev").decision, Promote)


def test_nothing_is_left_to_do_once_a_plan_was_carried_out() -> None:
    lines = [line("dev", B), proposed(line("staging", A), B), line("prod", A)]
    picture = shown(project(*PIPELINE), lines, ledger(A, B), B)
    first = line_plan(planned(picture, NOW), "staging")
    described, check = first.actions
    text, posted = described.text, check.check  # type: ignore[union-attr]  # the two it has left
    done = lines[1].open
    assert done is not None
    opened = replace(done, title=text.title, body=text.body, check=PostedCheck("CR", posted.key))
    quiet = replace(
        picture, lines={**picture.lines, ("staging", "web"): replace(lines[1], open=opened)}
    )
    assert planned(quiet, NOW).actions() == ()
