"""What an Application asks for: every spelling Argo CD has, and every one it has not."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plugin.errors import Refusal
from plugin.sidecar.argocd import Request, quoted, requested
from plugin.sidecar.sent import PARAMETERS, STAGE


def asked(*parameters: object, **environ: str) -> Request:
    return requested({PARAMETERS: json.dumps(parameters), **environ})


@pytest.mark.parametrize("text", [None, "", "null", "[]"])
def test_an_application_may_say_nothing(text: str | None) -> None:
    assert requested({} if text is None else {PARAMETERS: text}) == Request()


def test_the_stage_is_a_parameter_or_a_variable() -> None:
    by_parameter = {"name": "stage", "string": "dev"}
    assert asked(by_parameter) == Request("dev")
    assert requested({STAGE: "dev"}) == Request("dev")
    assert asked(by_parameter, **{STAGE: "dev"}) == Request("dev")
    assert asked(by_parameter, **{STAGE: ""}) == Request("dev")
    assert asked({"name": "stage", "string": ""}, **{STAGE: "dev"}) == Request("dev")
    assert requested({STAGE: ""}) == Request(None, blank=True)
    with pytest.raises(Refusal, match="'dev' by its parameter and for 'prod' by TOWLINE_STAGE"):
        asked(by_parameter, **{STAGE: "prod"})


def test_freight_is_one_text_or_one_by_line() -> None:
    assert asked({"name": "freight", "string": "calm-otter"}).freight == ((None, "calm-otter"),)
    assert asked({"name": "freight", "string": ""}).freight == ()
    assert asked({"name": "freight", "map": {"web": "a", "db": "b"}}).freight == (
        ("db", "b"),
        ("web", "a"),
    )


def test_artifacts_are_versions_by_repository() -> None:
    assert asked({"name": "artifacts", "map": {"nginx": "1.27"}}).artifacts == (("nginx", "1.27"),)
    assert asked({"name": "artifacts", "map": {}}).artifacts == ()
    assert asked({"name": "artifacts", "map": {"a": "1"}, "array": []}).artifacts == (("a", "1"),)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{", f"{PARAMETERS} is not the list in JSON"),
        ("[" * 100_000, f"{PARAMETERS} is not the list in JSON"),
        ('{"name": "stage"}', f"{PARAMETERS} is not the list in JSON"),
        ('["stage"]', f"{PARAMETERS} holds a parameter without a name"),
        ('[{"name": 1}]', f"{PARAMETERS} holds a parameter without a name"),
        ('[{"name": "x"}]', "the parameter 'x', which is not known; write stage, freight or arti"),
        ('[{"name": "stage"}]', "'stage' has nothing for a value; write string"),
        ('[{"name": "stage", "string": 1}]', "'stage' has string for a value; write string"),
        ('[{"name": "stage", "array": ["a"]}]', "'stage' has array for a value; write string"),
        ('[{"name": "artifacts", "string": "a"}]', "'artifacts' has string for a value; write map"),
        ('[{"name": "artifacts", "map": {"a": 1}}]', "'artifacts' has map for a value; write map"),
        ('[{"name": "freight", "array": ["a"]}]', "'freight' has array for a value; write map or"),
        (
            '[{"name": "freight", "string": "a", "map": {"a": "b"}}]',
            "'freight' has string and map for a value",
        ),
        (
            '[{"name": "stage", "string": "a"}, {"name": "stage", "string": "a"}]',
            "gives the parameter 'stage' twice; keep one",
        ),
    ],
)
def test_what_cannot_be_meant_is_refused(text: str, said: str) -> None:
    with pytest.raises(Refusal) as refused:
        requested({PARAMETERS: text})
    assert said in str(refused.value)


_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text() | st.sampled_from(["name"]), inner),
    max_leaves=8,
)
_NAMES = st.sampled_from(["stage", "freight", "artifacts"]) | st.text()
_KINDS = st.sampled_from(["string", "map", "array"])
_PARAMETER = st.builds(
    lambda name, values: {**values, "name": name}, _NAMES, st.dictionaries(_KINDS, _VALUES)
)


@given(st.lists(_PARAMETER | _VALUES, max_size=4) | _VALUES, st.none() | st.text(max_size=5))
def test_whatever_it_says_it_is_a_request_or_refused(said: object, stage: str | None) -> None:
    environ = {PARAMETERS: json.dumps(said)} | ({} if stage is None else {STAGE: stage})
    try:
        said_so, request = "", requested(environ)
    except Refusal as refusal:
        said_so, request = str(refusal), Request()
    assert said_so.isprintable()
    assert request.stage != ""
    assert all(isinstance(text, str) for pair in request.artifacts for text in pair)


def test_strange_words_are_shown_on_one_line() -> None:
    assert quoted("a\nb\x1b") == "'a?b?'"
    assert len(quoted("x" * 1000)) < 90
