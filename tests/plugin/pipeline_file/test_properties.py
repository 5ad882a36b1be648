"""Whatever the text, the answer is a Project or its mistakes, and soon."""

from __future__ import annotations

import contextlib
import re

import cel
import pytest
import re2
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from github_app.warehouse.criteria import problem
from github_app.warehouse.versions import Constraint
from plugin.errors import Refusal
from plugin.pipeline import After, Project
from plugin.pipeline_file import InvalidProject, read_project, read_project_bytes
from plugin.pipeline_file.composer import MOST_CHARACTERS
from plugin.pipeline_file.criteria import criteria
from plugin.pipeline_file.mistakes import START, Mistakes
from plugin.pipeline_file.nodes import Text
from plugin.pipeline_file.tag_rules import tag_pattern, version_constraint
from tests.plugin.pipeline_file.samples import BAD, GOOD

TEXTS = [path.read_text(encoding="utf-8") for path in (*GOOD, *BAD)]
SNIPPETS = (
    "dev", "prod-*", "after", "warehouses", "path", "matrix", "${region}", "[dev]", "{soak: 30m}",
    "none", "auto", "null", "~", "'", '"', "*a", "&a ", "<<: ", "!!str ", "- ", ": ", "\t", "\n",
    "\r", "\x00", "\ud800", "\N{SHIP}", "%", "---\n", "...\n", "# ", "{", "}", "[", "]", ",", "|\n",
)  # fmt: skip
HEAD = "project: shop\nwarehouses: {web: [{image: a/b}]}\nstages:\n"


def read(text: str) -> Project | InvalidProject:
    try:
        return read_project("towline.yaml", text)
    except InvalidProject as error:
        return error


def check(text: str) -> None:
    answer = read(text)
    if isinstance(answer, Project):
        sound(answer)
        return
    assert answer.mistakes
    lines = len(re.split("\r\n|\r|\n", text)) + 1
    for mistake in answer.mistakes:
        assert 1 <= mistake.line <= lines
        assert mistake.column >= 1
        assert str(mistake).isprintable()


def sound(project: Project) -> None:
    """What every reader of a Project relies on."""
    before: set[str] = set()
    for stage in project.stages:
        assert stage.lines
        for line in stage.lines:
            assert line.warehouse in {one.name for one in project.warehouses}
            if isinstance(line.source, After):
                assert line.source.upstreams
                for upstream in line.source.upstreams:
                    assert upstream.stage in before
                    assert project.stage(upstream.stage).line(line.warehouse)
        before.add(stage.name)
    places = [stage.place for stage in project.stages if stage.place]
    assert len(set(places)) == len(places)


@settings(deadline=None)
@given(st.text())
def test_random_text(text: str) -> None:
    check(text)


@settings(deadline=None)
@given(st.binary())
def test_random_bytes(content: bytes) -> None:
    with contextlib.suppress(InvalidProject):
        read_project_bytes("towline.yaml", content)


@settings(max_examples=500, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.data())
def test_samples_with_something_wrong(data: st.DataObject) -> None:
    text = data.draw(st.sampled_from(TEXTS))
    for _ in range(data.draw(st.integers(1, 3))):
        start = data.draw(st.integers(0, len(text)))
        end = data.draw(st.integers(start, min(len(text), start + 12)))
        middle = data.draw(st.one_of(st.sampled_from(SNIPPETS), st.text(max_size=4)))
        text = text[:start] + middle + text[end:]
    check(text)


@settings(max_examples=200, deadline=None)
@given(st.data())
def test_lines_taken_from_samples(data: st.DataObject) -> None:
    lines = data.draw(
        st.lists(st.sampled_from([line for text in TEXTS for line in text.split("\n")]))
    )
    check(HEAD + "\n".join(lines))


@settings(deadline=None)
@given(st.data())
def test_any_graph_is_ordered_or_refused(data: st.DataObject) -> None:
    names = [f"s{number}" for number in range(data.draw(st.integers(1, 7)))]
    stages = []
    for one in names:
        upstreams = data.draw(st.lists(st.sampled_from(names), unique=True, max_size=3))
        fed = f"after: [{', '.join(upstreams)}]" if upstreams else "warehouses: [web]"
        place = data.draw(st.sampled_from([f", path: {one}", ""]))
        stages.append(f"  {one}: {{{fed}{place}}}\n")
    answer = read(HEAD + "".join(stages))
    if isinstance(answer, Project):
        sound(answer)
        assert sorted(one.name for one in answer.stages) == names
    else:
        assert all("circle" in one.what or "itself" in one.what for one in answer.mistakes)


@settings(max_examples=300, deadline=None)
@given(st.text(alphabet="0123.xX*v^~=!<>|, -ab+", max_size=12))
def test_an_accepted_constraint_is_one_for_the_warehouse(text: str) -> None:
    mistakes = Mistakes("towline.yaml")
    if version_constraint(Text(START, text, quoted=True), mistakes) is not None:
        assert Constraint.parse(text).text == text


@settings(max_examples=300, deadline=None)
@given(st.text(alphabet=r"ab1\.^$*+?{},()[]|-dDwWsSbBAzZPi:<>=!#", max_size=12))
def test_an_accepted_pattern_is_one_for_the_warehouse(text: str) -> None:
    options = re2.Options()
    options.log_errors = False
    if tag_pattern(Text(START, text, quoted=True), Mistakes("towline.yaml")) is not None:
        assert re2.compile(text, options).pattern == text


CEL = (
    "web", "api", ".tag", ".tag", " == ", " && ", " || ", "!", "(", ")", "[", "]", "{", "}", "'a'",
    '"b"', "r'\\d'", "b'x'", "br'x'", "\'\'\'it's\'\'\'", "1", "0x1Fu", "1.5e3", ".5", " in ",
    ", ", " ? ", " : ", "-", "true", "null", "size(", ".all(x, ", "x", "// end\n", "\n",
    "=", "&", "'", '"',
)  # fmt: skip


@settings(max_examples=500, deadline=None)
@given(st.lists(st.sampled_from(CEL), max_size=12).map("".join))
def test_criteria_that_cel_takes_are_not_refused_for_their_form(text: str) -> None:
    mistakes = Mistakes("towline.yaml")
    read = criteria(Text(START, text, quoted=True), mistakes)
    assert (read is None) == bool(len(mistakes))
    try:
        cel.compile(text)
    except ValueError:
        return
    assert read is not None


def test_the_criteria_of_samples_are_criteria_for_the_warehouse() -> None:
    warehouses = [
        one
        for path in GOOD
        for one in read_project_bytes("towline.yaml", path.read_bytes()).warehouses
        if one.criteria is not None
    ]
    assert warehouses
    for one in warehouses:
        assert problem(one.criteria or "", [sub.name for sub in one.subscriptions]) is None


MEBIBYTE = 1 << 20
BOMB = "a: &a [x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"{this}: &{this} [{', '.join([f'*{that}'] * 9)}]\n"
    for that, this in zip("abcdefgh", "bcdefghi", strict=True)
)


@pytest.mark.timeout(20)
@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("[" * MEBIBYTE, "nested deeper"),
        ("{a: " * (MEBIBYTE // 4), "nested deeper"),
        ("- " * (MEBIBYTE // 2), "nested deeper"),
        ("[" + "1," * (MEBIBYTE // 2 - 1) + "]", "values, aliases followed"),
        ("a: 1\n" * (MEBIBYTE // 5), "stands twice"),
        (BOMB, "values, aliases followed"),
        ("".join(f"%TAG !{one:x}! x\n" for one in range(60000)) + "--- a\n", "directives"),
        ("a" * (MEBIBYTE + 1), "larger than 1 MiB"),
        (HEAD + "".join(f"  s{one}: {{after: [t{one}]}}\n" for one in range(9000)), "no stage"),
        (
            HEAD + "".join(f"  s{one}: {{after: [s{(one + 1) % 5000}]}}\n" for one in range(5000)),
            "in a circle",
        ),
        (
            HEAD + "".join(f"  s{one}: {{after: ['s{one}*', '*']}}\n" for one in range(3000)),
            "too many stages",
        ),
        (
            HEAD
            + '  "s-${a}": {matrix: {a: ['
            + ", ".join(map(str, range(900)))
            + "]}, "
            + ", ".join(f"k{one}: 1" for one in range(90))
            + "}\n",
            "more than one file may hold",
        ),
    ],
    ids=[
        "lists", "maps", "dashes", "values", "keys", "aliases", "directives", "size", "strangers",
        "circle", "patterns", "matrix",
    ],
)  # fmt: skip
def test_hostile_files_are_refused(text: str, what: str) -> None:
    with pytest.raises(InvalidProject, match=what):
        read_project("towline.yaml", text)


def test_too_many_bytes_are_refused_before_they_are_decoded() -> None:
    with pytest.raises(InvalidProject, match="larger than 1 MiB"):
        read_project_bytes("towline.yaml", b"\xff" * (MOST_CHARACTERS + 1))


def test_a_long_chain_is_no_deeper_than_a_short_one() -> None:
    chain = "".join(f"  s{one}: {{after: [s{one - 1}]}}\n" for one in range(1, 5000))
    project = read_project("towline.yaml", f"{HEAD}  s0: {{warehouses: [web], path: s0}}\n{chain}")
    assert len(project.stages) == 5000


def test_so_many_mistakes_that_nobody_reads_them_all() -> None:
    text = HEAD + "".join(f"  s{one}: {{after: [t{one}]}}\n" for one in range(1000))
    with pytest.raises(InvalidProject) as caught:
        read_project("towline.yaml", text)
    assert len(caught.value.mistakes) == 201
    assert caught.value.mistakes[-1].what == "there may be more mistakes"


def test_one_mistake_of_a_matrix_is_one_mistake() -> None:
    regions = ", ".join(f"r{one}" for one in range(900))
    text = f'{HEAD}  "s-${{r}}": {{matrix: {{r: [{regions}]}}, warehouses: [web], pth: "${{r}}"}}\n'
    with pytest.raises(InvalidProject) as caught:
        read_project("towline.yaml", text)
    assert [one.what for one in caught.value.mistakes] == ["unknown key 'pth' in a stage"]


def test_a_refusal_is_what_the_app_catches() -> None:
    with pytest.raises(Refusal):
        read_project("towline.yaml", "")
