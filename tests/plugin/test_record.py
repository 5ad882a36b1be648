"""The record: one spelling, an exact round trip, and every foreign edit noticed."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from plugin.artifact import Image, Repository
from plugin.errors import Refusal
from plugin.freight import Freight, FreightId
from plugin.record import Record, read_record, record_path, write_record
from plugin.stage_policy import Write
from tests.plugin.pins.texts import NEW, OLD, image

HEAD = "towline/shop/prod/web"
FREIGHT = Freight("web", (image(tag="1.10"), image("nginx", "1e3", OLD)))
RECORD = Record(FREIGHT, "acme/shop", HEAD, FreightId("1" * 64))
TEXT = f"""\
# Written by Towline with each promotion; the pins of this stage are the truth.
format: 1
warehouse: web
freight: {FREIGHT.id}
alias: {FREIGHT.alias}
artifacts:
  - image: docker.io/library/nginx
    tag: "1e3"
    digest: {OLD}
  - image: ghcr.io/acme/web
    tag: "1.10"
    digest: {NEW}
promotion:
  repository: acme/shop
  head: towline/shop/prod/web
previous: "{"1" * 64}"
"""
DISK = f"{{image: ghcr.io/acme/vm, tag: '1', digest: {OLD}}}"

images = st.builds(
    Image,
    st.from_regex(r"(ghcr\.io/|[a-z]{1,3}:5000/|)[a-z0-9]{1,5}/[a-z0-9]{1,5}", fullmatch=True).map(
        Repository.parse
    ),
    st.from_regex(r"[A-Za-z0-9_][A-Za-z0-9._-]{0,9}", fullmatch=True),
    st.from_regex(r"sha256:[0-9a-f]{64}", fullmatch=True),
)
records = st.builds(
    Record,
    st.builds(
        Freight,
        st.from_regex(r"[A-Za-z0-9]([A-Za-z0-9._-]{0,8}[A-Za-z0-9])?", fullmatch=True),
        st.lists(images, min_size=1, max_size=4, unique_by=lambda one: one.repository).map(tuple),
        st.none() | st.from_regex(r"[0-9a-f]{64}", fullmatch=True).map(FreightId),
    ),
    st.from_regex(r"[A-Za-z0-9._-]{1,9}/[A-Za-z0-9._-]{1,9}", fullmatch=True),
    st.text(min_size=1).filter(lambda text: text.isprintable() and " " not in text),
    st.none() | st.from_regex(r"[0-9a-f]{64}|[0-9]{64}", fullmatch=True).map(FreightId),
    st.sampled_from(Write),
    st.lists(images, max_size=3, unique=True).map(tuple),
)


def test_the_text_is_for_people() -> None:
    assert write_record(RECORD) == TEXT


def test_what_is_applied_while_rendering_and_previous_disks_are_of_the_second_format() -> None:
    applied = replace(RECORD, write=Write.RECORD, previous_disks=(image(digest=OLD, tag="1.9"),))
    heading = "# Written by Towline with each promotion, and applied when this stage is rendered.\n"
    second = heading + TEXT.partition("\n")[2].replace("format: 1", "format: 2").replace(
        "artifacts:\n", "write: record\nartifacts:\n"
    )
    previous = f'previousDisks:\n  - image: ghcr.io/acme/web\n    tag: "1.9"\n    digest: {OLD}\n'
    assert write_record(applied) == second.replace("promotion:\n", f"{previous}promotion:\n")
    assert write_record(replace(RECORD, write=Write.RECORD)) == second


@given(records)
def test_the_round_trip_is_exact(record: Record) -> None:
    text = write_record(record)
    first = record.write is Write.PINS and not (record.previous_disks or record.freight.towards)
    assert ("format: 1\n" in text) == first
    assert read_record("r.yaml", text) == record
    assert read_record("r.yaml", f"{text}# by hand\n") == record
    assert write_record(read_record("r.yaml", text)) == text
    assert "kind" not in yaml.safe_load(text)


@pytest.mark.parametrize("end", ["\r\n", "\r"])
def test_other_line_ends_read_the_same(end: str) -> None:
    assert read_record("r.yaml", TEXT.replace("\n", end)) == RECORD


@pytest.mark.parametrize(
    ("stage", "path"),
    [
        ("stages/prod", "stages/prod/.freight/web.yaml"),
        ("stages/prod/", "stages/prod/.freight/web.yaml"),
        ("", ".freight/web.yaml"),
    ],
)
def test_the_record_lies_in_its_stage(stage: str, path: str) -> None:
    assert record_path(stage, "web") == path


@pytest.mark.parametrize("name", ["", ".", "..", "../x", "a/b", "a\n", "-a", "a b", ".hidden"])
def test_a_warehouses_name_is_no_path(name: str) -> None:
    with pytest.raises(Refusal, match="is not a warehouse's name"):
        record_path("stages/prod", name)


@pytest.mark.parametrize(
    ("old", "new", "line", "reason"),
    [
        ("format: 1", "format: 5", 2, "is of format 5, newer than this Towline reads (4); update"),
        ("format: 1", "format: 0", 2, "'0' is not a format; this Towline reads 1 to 4"),
        ("format: 1", "format: 1\nwrite: record", 3, "key 'write' does not belong here"),
        ("format: 1", "format: 1\npreviousDisks: []", 3, "'previousDisks' does not belong here"),
        ("format: 1", "format: 2\nwrite: both", 3, "'write' is 'both', not pins or record"),
        ("format: 1", "format: 2\nwrite: [pins]", 3, "'write' is not a text"),
        ("format: 1", "format: 2\npreviousDisks:", 3, "'previousDisks' is not a list"),
        ("format: 1", "format: 2\npreviousDisks: [x]", 3, "is not a mapping"),
        ("format: 1", f"format: 2\npreviousDisks: [{DISK}, {DISK}]", 15, "stands twice"),
        ("format: 1", "format: one", 2, "'one' is not a format"),
        ("format: 1\n", "", 2, "key 'format' is missing"),
        ("warehouse: web", "warehouse: api", 4, "'freight' says"),
        ("warehouse: web", "warehouse: ../x", 4, "'freight' says"),
        (f"freight: {FREIGHT.id}", f"freight: {'0' * 64}", 4, f"'freight' says '{'0' * 64}'"),
        (f"alias: {FREIGHT.alias}", "alias: my-dog", 5, "'alias' says 'my-dog'"),
        ('tag: "1.10"', 'tag: "1.11"', 4, "'freight' says"),
        ('tag: "1.10"', 'tag: "1/1"', 10, "'1/1' is not a tag"),
        ('tag: "1.10"', "tag: [1]", 11, "'tag' is not a text"),
        ('tag: "1.10"', "tag:", 11, "'tag' is not a text"),
        (NEW, NEW[:-1], 10, "is not a digest"),
        ('tag: "1.10"', 'tag: "1.10"\n    ? [x]\n    : y', 12, "key '?' does not belong here"),
        ("docker.io/library/nginx", "nginx", 7, "'nginx' is not the normal name"),
        ("docker.io/library/nginx", "ghcr.io/acme/web", 7, "names a subject more than once"),
        ("artifacts:\n", "artifacts: []\nother:\n", 7, "key 'other' does not belong here"),
        ("promotion:\n", "promotion: {}\nx:\n", 14, "key 'x' does not belong here"),
        ("repository: acme/shop", "repository: shop", 14, "'shop' is not a GitHub repository"),
        ("head: towline", "head: a b", 14, "is not a branch"),
        ("previous: ", "previous: x", 14, "is not a freight id"),
        ("warehouse: web", "warehouse: web\nwarehouse: web", 4, "key 'warehouse' stands twice"),
        ("format: 1", "kind: x\nformat: 1", 2, "key 'kind' does not belong here"),
        ("previous: ", "---\nprevious: ", 1, "holds 2 documents instead of one record"),
        ("alias: ", "alias: [", 6, "is not YAML"),
    ],
)
def test_a_foreign_edit_is_refused_with_its_line(
    old: str, new: str, line: int, reason: str
) -> None:
    with pytest.raises(Refusal, match=re.escape(reason)) as caught:
        read_record("prod/.freight/web.yaml", TEXT.replace(old, new))
    assert str(caught.value).startswith(f"prod/.freight/web.yaml:{line}: ")


@pytest.mark.parametrize("text", ["", "web", "- a", "@", "\x00", "{}", "null", "x" * (2 << 20)])
def test_garbage_is_refused_with_what_to_do(text: str) -> None:
    with pytest.raises(Refusal, match=r"^r\.yaml:1: .*restore the file from Git, or delete it"):
        read_record("r.yaml", text)


@pytest.mark.parametrize(
    "edit", ["format: 2\nwrite: record\nwarehous: web\n", '{"write": "record"}', "write: record\n@"]
)
def test_a_record_that_is_applied_is_never_to_be_deleted(edit: str) -> None:
    with pytest.raises(Refusal) as caught:
        read_record("r.yaml", edit)
    assert str(caught.value).endswith("; restore the file from Git")


@given(st.text())
def test_no_text_breaks_the_reader(text: str) -> None:
    with pytest.raises(Refusal, match=r"^r\.yaml:"):
        read_record("r.yaml", text)


def test_a_step_is_no_freight_of_the_warehouse_and_says_what_it_leads_to() -> None:
    aim = FreightId("2" * 64)
    step = replace(RECORD, freight=replace(FREIGHT, towards=aim))
    text = write_record(step)

    assert read_record("r.yaml", text) == step
    assert read_record("r.yaml", text + "# by hand\n") == step
    assert step.freight.id != FREIGHT.id
    assert (step.freight.aim, FREIGHT.aim) == (aim, FREIGHT.id)
    assert "format: 4\n" in text
    with pytest.raises(Refusal, match="'freight' says"):
        read_record("r.yaml", text.replace("2" * 64, "3" * 64))
    with pytest.raises(Refusal, match="does not belong here"):
        read_record("r.yaml", text.replace("format: 4", "format: 3"))
