"""The transport: reads again, writes once, obeys limits, speaks in refusals."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest

from github_app.github.answers import GraphError, NotFound, UnknownOutcome
from github_app.github.calls import Calls, Kind
from github_app.github.host import Host
from github_app.github.transport import Transport
from plugin.errors import Refusal, Temporary
from tests.github.api_server import Answer, ApiServer, OneToken, Time, serving

MUTATION = "mutation M { createRef(input: {}) { clientMutationId } }"
QUERY = "query Q { viewer { login } }"
SECONDARY = {"message": "You have exceeded a secondary rate limit. Please wait a few minutes."}
FORBIDDEN = {"message": "Resource not accessible by integration"}


@pytest.fixture
def api() -> Iterator[ApiServer]:
    with serving(ApiServer()) as running:
        yield running


@pytest.fixture
def time() -> Time:
    return Time()


@pytest.fixture
def transport(api: ApiServer, time: Time) -> Iterator[Transport]:
    made = Transport(api.wire(time), OneToken())
    yield made
    made.close()


# Answers


def test_a_rest_answer_is_status_headers_and_json(api: ApiServer, transport: Transport) -> None:
    api.script = [Answer(201, {"id": 1}, {"X-GitHub-Request-Id": "A:1"})]
    status, headers, json = transport.rest("POST", "/repos/a/b/issues?x=1", {"title": "é"})
    assert (status, headers["x-github-request-id"], json) == (201, "A:1", {"id": 1})
    (asked,) = api.asked
    assert str(asked) == "POST /api/v3/repos/a/b/issues?x=1"
    assert asked.body == {"title": "é"}
    assert asked.headers["authorization"] == "token t0"
    assert asked.headers["x-github-api-version"] == "2022-11-28"


def test_conflicts_are_answers_for_the_caller(api: ApiServer, transport: Transport) -> None:
    for status in (405, 409, 422):
        api.script = [Answer(status, {"message": "no"})]
        assert transport.rest("POST", "/x").status == status


def test_an_answer_without_a_body_has_none(api: ApiServer, transport: Transport) -> None:
    api.script = [Answer(204, text="")]
    assert transport.rest("POST", "/x").json is None


def test_a_document_gives_data_errors_and_cost(api: ApiServer, transport: Transport) -> None:
    error = {"path": ["b", 0], "type": "STALE_DATA", "message": "expected branch to point to"}
    data = {"a": {"ok": True}, "b": None, "rateLimit": {"cost": 3}}
    api.script = [Answer(200, {"data": data, "errors": [error]})]
    answer = transport.graphql(MUTATION, {"x": 1})
    assert answer.data == data
    assert answer.errors == (GraphError(("b", 0), "STALE_DATA", "expected branch to point to"),)
    assert answer.cost == 3
    (asked,) = api.asked
    assert str(asked) == "POST /api/graphql"
    assert asked.body == {"query": MUTATION, "variables": {"x": 1}}


def test_a_document_github_does_not_execute_is_refused(
    api: ApiServer, transport: Transport
) -> None:
    api.script = [Answer(200, {"errors": [{"message": "Field 'x' doesn't exist on type 'Y'"}]})]
    with pytest.raises(Refusal, match="Field 'x' doesn't exist"):
        transport.graphql(QUERY, {})


@pytest.mark.parametrize(
    ("url", "base", "issuer"),
    [
        ("https://github.com", "https://api.github.com", "token.actions.githubusercontent.com"),
        ("https://acme.ghe.com", "https://api.acme.ghe.com", "token.actions.acme.ghe.com"),
        (
            "https://git.example.org/",
            "https://git.example.org/api/v3",
            "git.example.org/_services/token",
        ),
    ],
)
def test_every_kind_of_github_has_its_api_and_issuer(url: str, base: str, issuer: str) -> None:
    assert Host(url).api == base
    assert Host(url).issuer == f"https://{issuer}"


@pytest.mark.parametrize("url", ["git.example.org", "ftp://x", "https://", "https://u:p@x"])
def test_what_is_no_address_of_github_is_refused(url: str) -> None:
    with pytest.raises(Refusal, match="is not a GitHub address"):
        Host(url)


@pytest.mark.parametrize("name", ["shop", "a/b/c", "../b", "a/..", "a/b?x", "a b/c", "a/b\n", ""])
def test_only_owner_and_name_make_an_address(name: str) -> None:
    assert Host().repository("acme/.github") == "https://github.com/acme/.github.git"
    with pytest.raises(Refusal, match="is not a GitHub repository"):
        Host().repository(name)


# Writes are sent once


@pytest.mark.parametrize(
    "trouble",
    [
        Answer(502, text="<html>"),
        Answer(500, {}),
        Answer(200, text="<html>half an ans"),
        Answer(201, {"id": 1}, cut=True),
        Answer(201, {"id": 1}, late=30),
    ],
    ids=["502", "500", "no JSON", "cut", "late"],
)
def test_a_write_whose_answer_is_lost_is_on_the_wire_once(
    api: ApiServer, time: Time, trouble: Answer
) -> None:
    transport = Transport(api.wire(time, timeout=1), OneToken())
    api.script = [trouble]
    with pytest.raises(UnknownOutcome, match="it may have been done"):
        transport.rest("POST", "/repos/a/b/issues", {"title": "t"})
    assert api.seen() == ["POST /api/v3/repos/a/b/issues"]
    api.script = [trouble]
    with pytest.raises(UnknownOutcome):
        transport.graphql(MUTATION, {})
    assert len(api.seen()) == 2
    transport.close()


def test_a_mutation_that_broke_down_in_graphql_is_sent_once(
    api: ApiServer, transport: Transport
) -> None:
    words = "Something went wrong while executing your query. This may be the result of a timeout"
    api.otherwise = lambda asked: Answer(200, {"data": None, "errors": [{"message": words}]})
    with pytest.raises(UnknownOutcome):
        transport.graphql(f"# why\n{MUTATION}", {})
    assert len(api.asked) == 1
    with pytest.raises(Temporary):
        transport.graphql(QUERY, {})
    assert len(api.asked) == 4


def test_a_write_that_nobody_received_was_not_done(time: Time) -> None:
    silent = ApiServer(url="http://127.0.0.1:9")
    with pytest.raises(Temporary) as failed:
        Transport(silent.wire(time), OneToken()).rest("POST", "/x")
    assert not isinstance(failed.value, UnknownOutcome)


# Reads are repeated


@pytest.mark.parametrize("trouble", [Answer(502), Answer(503), Answer(cut=True)])
def test_a_read_is_tried_three_times(
    api: ApiServer, time: Time, transport: Transport, trouble: Answer
) -> None:
    api.script = [trouble, trouble, Answer(200, {"ok": 1})]
    assert transport.rest("GET", "/x").json == {"ok": 1}
    api.script = [trouble] * 3
    with pytest.raises(Temporary) as failed:
        transport.graphql(QUERY, {})
    assert not isinstance(failed.value, UnknownOutcome)
    assert len(api.asked) == 6
    assert time.slept == [0.2, 1.0] * 2


# Limits


def limited(status: int, json: Any, **headers: str) -> Answer:
    return Answer(status, json, {name.replace("_", "-"): value for name, value in headers.items()})


def in_seconds(time: Time, seconds: int) -> str:
    return str(int(time.now.timestamp()) + seconds)


@pytest.mark.parametrize(
    ("answer", "after"),
    [
        (limited(429, {}, Retry_After="17"), 17),
        (limited(403, SECONDARY, Retry_After="90"), 90),
        (limited(403, SECONDARY), 60),
        (limited(429, {}), 60),
        (limited(429, {}, Retry_After="Fri, 31 Dec 2027 23:59:59 GMT"), 60),
        (limited(403, {}, X_RateLimit_Remaining="0", X_RateLimit_Reset="1795263000"), 600),
        (limited(429, {}, X_RateLimit_Remaining="0", X_RateLimit_Reset="1000"), 60),
        (limited(200, {"errors": [{"type": "RATE_LIMITED", "message": "x"}]}), 60),
    ],
)
def test_nothing_is_sent_before_a_limit_ends(
    api: ApiServer, time: Time, transport: Transport, answer: Answer, after: int
) -> None:
    assert in_seconds(time, 600) == "1795263000"
    api.script = [answer]
    with pytest.raises(Temporary, match="rate limit for installation 7 is reached") as closed:
        transport.graphql(QUERY, {})
    assert closed.value.after == timedelta(seconds=after)
    time.now += timedelta(seconds=after - 1)
    for ask in (lambda: transport.rest("GET", "/x"), lambda: transport.graphql(MUTATION, {})):
        with pytest.raises(Temporary, match="nothing is asked before") as again:
            ask()
        assert again.value.after == timedelta(seconds=1)
    assert len(api.asked) == 1
    assert time.slept == []
    time.now += timedelta(seconds=1)
    assert transport.rest("GET", "/x").status == 200


def test_a_limit_that_stays_is_asked_ever_less(
    api: ApiServer, time: Time, transport: Transport
) -> None:
    waits = []
    api.otherwise = lambda asked: limited(403, SECONDARY)
    for _ in range(8):
        with pytest.raises(Temporary) as closed:
            transport.rest("GET", "/x")
        waits.append(closed.value.after.total_seconds())
        time.now += closed.value.after
    assert waits == [60, 120, 240, 480, 960, 1920, 3600, 3600]
    api.script = [Answer(200, {}), limited(429, {})]
    transport.rest("GET", "/x")
    with pytest.raises(Temporary) as closed:
        transport.rest("GET", "/x")
    assert closed.value.after == timedelta(seconds=60)


def test_a_limited_write_was_not_done_unless_its_document_had_begun(
    api: ApiServer, time: Time, transport: Transport
) -> None:
    errors = [{"type": "RATE_LIMITED", "path": ["b"], "message": "x"}]
    api.script = [Answer(200, {"data": {"a": None, "b": None}, "errors": errors})]
    with pytest.raises(Temporary) as refused:
        transport.graphql(MUTATION, {})
    assert not isinstance(refused.value, UnknownOutcome)
    time.now += refused.value.after
    api.script = [Answer(200, {"data": {"a": {"ref": {}}, "b": None}, "errors": errors})]
    with pytest.raises(UnknownOutcome):
        transport.graphql(MUTATION, {})


def test_other_installations_go_on(api: ApiServer, time: Time, transport: Transport) -> None:
    api.script = [limited(429, {}, Retry_After="600")]
    with pytest.raises(Temporary):
        transport.rest("GET", "/x")
    assert Transport(api.wire(time), OneToken()).rest("GET", "/x").status == 200


# Pace


def test_writes_keep_their_distance_and_reads_do_not(api: ApiServer, time: Time) -> None:
    transport = Transport(api.wire(time, between_writes=1.0), OneToken())
    api.otherwise = lambda asked: Answer(200, {"data": {}})
    transport.rest("POST", "/x")
    for _ in range(3):
        transport.rest("GET", "/x")
    assert time.slept == []
    time.now += timedelta(seconds=0.25)
    transport.graphql(MUTATION, {})
    assert time.slept == [0.75]
    transport.rest("POST", "/x")
    time.now -= timedelta(days=1)
    transport.rest("POST", "/x")
    assert time.slept == [0.75, 1.0, 1.0]


def test_no_more_than_sixty_things_are_created_in_a_minute(api: ApiServer, time: Time) -> None:
    transport = Transport(api.wire(time, between_writes=1.0), OneToken())
    api.otherwise = lambda asked: Answer(200, {"data": {}})
    for _ in range(9):
        transport.graphql(MUTATION, {}, 10)
    transport.rest("POST", "/x")
    # Ninety of them take ninety seconds, and whoever comes next waits for the last ones, too.
    assert time.slept == [10.0] * 9
    assert Transport(api.wire(time, between_writes=1.0), OneToken()).rest("POST", "/y").status
    assert len(time.slept) == 9, "another installation has a pace of its own"


def test_writes_of_one_installation_are_serial(api: ApiServer, transport: Transport) -> None:
    running: list[int] = []
    most: list[int] = []

    def answer(asked: object) -> Answer:
        running.append(1)
        most.append(len(running))
        api.stopped.wait(0.05)
        running.pop()
        return Answer(200, {})

    api.otherwise = answer
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda at: transport.rest("POST", f"/{at}"), range(4)))
    assert most == [1, 1, 1, 1]


# Refusals


def test_a_missing_permission_is_named(api: ApiServer, transport: Transport) -> None:
    api.script = [limited(403, FORBIDDEN, X_Accepted_GitHub_Permissions="contents=write")]
    with pytest.raises(Refusal) as refused:
        transport.rest("POST", "/repos/a/b/git/refs")
    assert str(refused.value) == (
        "GitHub refuses POST /repos/a/b/git/refs to installation 7: Resource not accessible by"
        " integration. The App needs the permission contents=write: grant it in the App's settings"
        " and accept it in the installation."
    )
    assert len(api.asked) == 1


def test_nothing_found_is_its_own_refusal(api: ApiServer, transport: Transport) -> None:
    for status in (404, 410, 451):
        api.script = [Answer(status, {"message": "Not Found"})]
        with pytest.raises(NotFound, match=r"shows installation 7 nothing at GET /repos/a/b: Not"):
            transport.rest("GET", "/repos/a/b")


def test_credentials_that_are_not_accepted_are_refused(
    api: ApiServer, transport: Transport
) -> None:
    api.otherwise = lambda asked: Answer(401, {"message": "Bad credentials"})
    with pytest.raises(Refusal, match="does not accept the credentials of installation 7"):
        transport.rest("GET", "/x")
    assert len(api.asked) == 1


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_a_redirect_to_another_host_gets_no_token(
    api: ApiServer, time: Time, transport: Transport, status: int
) -> None:
    with serving(ApiServer()) as stranger:
        place = f"{stranger.url.replace('127.0.0.1', 'localhost')}/x"
        api.otherwise = lambda asked: Answer(status, {}, {"Location": place})
        with pytest.raises(Refusal):
            transport.rest("GET", "/x")
        assert stranger.asked == []


# Counting and secrets


def test_every_call_on_the_wire_is_counted(api: ApiServer, time: Time) -> None:
    wire = api.wire(time)
    transport = Transport(wire, OneToken())
    api.script = [Answer(502), Answer(200, {})]
    transport.rest("GET", "/x")
    before = wire.calls.calls()
    assert before == Calls(rest=2)
    api.script = [Answer(200, {"data": {}}), Answer(201, {})]
    transport.graphql(QUERY, {})
    transport.rest("POST", "/mint", kind=Kind.MINT)
    assert wire.calls.calls() - before == Calls(graphql=1, mints=1)


def test_the_token_is_in_no_log(
    api: ApiServer, transport: Transport, caplog: pytest.LogCaptureFixture
) -> None:
    for logger in (None, "github", "urllib3"):
        caplog.set_level(logging.DEBUG, logger)
    transport.rest("POST", "/x", {"a": 1})
    assert "/x" in caplog.text
    assert "token t0" not in caplog.text
