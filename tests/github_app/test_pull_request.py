"""Promotions as reviewers see them: golden directories, and what no text may do.

Each directory below `tests/golden/promotions` has a `pipeline.yaml` whose comments tell the story,
the repository `before` and `after` the merge, and `pull-request.md`: title, body and check.
`TOWLINE_REGENERATE=1 pytest tests/github_app/test_pull_request.py` writes them anew; read the diff.
"""

from __future__ import annotations

import os
import shutil
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from github_app.actions import DescribePromotion, OpenPromotion, PostCheck, UpdatePromotion
from github_app.body.subject import Subject
from github_app.gates import Check, Gate, GateState
from github_app.ledger import NOTHING, LineNote, StageNotes
from github_app.picture import LinePicture, ProjectPicture
from github_app.plan import LinePlan
from github_app.pull_request import MOST_BODY, Text, message_of, text_of
from plugin.artifact import Chart, ChartName, GitRepository, Image, Repository, Revision
from plugin.disks.names import disk_name
from plugin.freight import Freight
from plugin.head import PREFIX, head_of
from plugin.held import Held, held_of
from plugin.pipeline import InDirectory, Project, PullRequestForm
from plugin.pipeline_file import read_project
from plugin.record import write_record
from plugin.stage_policy import Draft, Write
from tests.github_app.shop import (
    PIPELINE,
    WEB,
    A,
    B,
    at,
    image,
    images_of,
    kustomization,
    ledger,
    line_plan,
    planned,
    project,
    proposed,
    record,
    shown,
    stage,
    unpinned,
    went,
    with_files,
)
from tests.github_app.shop import line as empty_line
from tests.plugin.kinds import DISK, STORIES

# One story of each kind.
OF_EACH = (
    "image",
    "chart in helmCharts",
    "commit in targetRevision",
    "disk in a DataVolume",
    "custom by a marker",
)
GOLDEN = Path(__file__).parent.parent / "golden" / "promotions"
REGENERATE = "TOWLINE_REGENERATE" in os.environ
NOW = at(24 * 60)


@dataclass(frozen=True, slots=True)
class Case:
    """A story: what stages hold, what became newest, and which stage's promotion is looked at."""

    stage: str
    held: dict[str, Freight]
    seen: tuple[Freight, ...]
    open: Freight | None = None
    notes: StageNotes = NOTHING
    disk_policy: str = ""
    boots: bool = False


FEDORA = Repository.parse("harbor.lan/vm/fedora")
OLD_DISK, NEW_DISK = (Freight("fedora", (image(tag, FEDORA),)) for tag in ("43-1.5", "43-1.6"))
DISKS = {"dev": NEW_DISK, "prod": OLD_DISK}
PLACEHOLDER = Freight("fedora", (image("latest", FEDORA),))
TEAM = Repository.parse("registry.example.com:5000/team_x/api")
BOTH = tuple(
    Freight("shop", (image(web), image(api, TEAM))) for web, api in (("1.4.0", "7"), ("1.4.0", "8"))
)
MOVED = Freight("web", (image("1.0.0", content="moved"),))
HOSTILE = Repository.parse("localhost:5000/gh-1/a__b--c")
STRANGE = Freight("web", (Image(HOSTILE, "_x_-1..__GH-7__", "sha512:" + "ab" * 64),))
CASES = {
    "first-promotion": Case("dev", {}, (A,)),
    "update-in-staging": Case("staging", {"dev": B, "staging": A, "prod": A}, (A, B), B),
    "two-images": Case("prod", {"staging": BOTH[1], "prod": BOTH[0]}, BOTH),
    "moved-tag": Case("prod", {"dev": MOVED, "staging": MOVED, "prod": A}, (A, MOVED), MOVED),
    "hostile-strings": Case("dev", {}, (STRANGE,)),
    "vm-disk": Case("prod", DISKS, (OLD_DISK, NEW_DISK), disk_policy="replace"),
    "stateful-vm-disk": Case("prod", DISKS, (OLD_DISK, NEW_DISK), disk_policy="stateful"),
    "vm-container-disk": Case("prod", DISKS, (OLD_DISK, NEW_DISK), boots=True),
    "record": Case("staging", {"dev": B, "staging": A}, (A, B)),
    "vm-disk-record": Case("prod", DISKS, (OLD_DISK, NEW_DISK), disk_policy="stateful"),
    "held": Case(
        "staging",
        {"dev": B, "staging": A, "prod": A},
        (A, B),
        B,
        StageNotes(held=(LineNote("web", at(60), "gina", "release freeze | @acme/everyone"),)),
    ),
}


def line(case: Case, of: Project, name: str) -> LinePicture:
    """A stage's only line as the story has it."""
    found = next(one for one in of.stages if one.name == name)
    assert isinstance(found.place, InDirectory)
    mine = of.warehouses[0]
    directory = found.place.path
    held = case.held.get(name)
    files = {f"{directory}/kustomization.yaml": unpinned(*mine.carries)}
    if held is not None:
        files = {
            f"{directory}/kustomization.yaml": kustomization(*images_of(held)),
            f"{directory}/.freight/{mine.name}.yaml": _record(held, name, found.write),
        }
        if case.disk_policy:
            del files[f"{directory}/kustomization.yaml"]
            shown = held if found.write is Write.PINS else PLACEHOLDER
            files[f"{directory}/machine.yaml"] = machine(shown, case.disk_policy)
        elif found.write is Write.RECORD:
            files[f"{directory}/kustomization.yaml"] = "resources: [../../base]\n"
        if case.boots:
            files[f"{directory}/kustomization.yaml"] = BOOTING
            files[f"{directory}/machines.yaml"] = machines(held)
    base = replace(empty_line(name, of=mine), directory=directory)
    stays = went(name, (held, 60.0)).stays if held else ()
    return replace(with_files(base, files, mine, found.write), stays=stays)


def machine(held: Freight, policy: str) -> str:
    """A machine whose root disk is imported from what the stage holds, and a data disk."""
    (artifact,) = images_of(held)
    name = disk_name("db-root", artifact.digest)
    return f"""apiVersion: cdi.kubevirt.io/v1beta1
kind: DataVolume
metadata: {{name: {name}}}
spec:
  source: {{registry: {{url: "docker://{artifact.repository}@{artifact.digest}"}}}}
  storage: {{resources: {{requests: {{storage: 20Gi}}}}}}
---
apiVersion: kubevirt.io/v1
kind: VirtualMachine
metadata:
  name: db
  namespace: shop
  annotations: {{towline.dev/disk-policy: {policy}, towline.dev/restart: manual}}
spec:
  runStrategy: Always
  template:
    spec:
      domain: {{devices: {{disks: [{{name: root}}, {{name: data}}]}}, memory: {{guest: 1Gi}}}}
      volumes:
        - {{name: root, dataVolume: {{name: {name}}}}}
        - {{name: data, persistentVolumeClaim: {{claimName: db-data}}}}
"""


BOOTING = "namespace: edge\nresources: [machines.yaml]\n"


def machines(held: Freight) -> str:
    """Machines that boot from what the stage holds: one at its kernel, too, and a pool of them."""
    (artifact,) = images_of(held)
    image = f"{artifact.repository}:{artifact.tag}@{artifact.digest}"
    return f"""apiVersion: kubevirt.io/v1
kind: VirtualMachine
metadata: {{name: gate, annotations: {{towline.dev/restart: auto}}}}
spec:
  template:
    spec:
      domain: {{firmware: {{kernelBoot: {{container: {{image: "{image}"}}}}}}}}
      volumes: [{{name: root, containerDisk: {{image: "{image}"}}}}]
---
apiVersion: kubevirt.io/v1
kind: VirtualMachine
metadata: {{name: kiosk, annotations: {{towline.dev/restart: never}}}}
spec: {{template: {{spec: {{volumes: [{{name: root, containerDisk: {{image: "{image}"}}}}]}}}}}}
---
apiVersion: pool.kubevirt.io/v1beta1
kind: VirtualMachinePool
metadata: {{name: workers}}
spec:
  replicas: 3
  virtualMachineTemplate:
    spec: {{template: {{spec: {{volumes: [{{name: root, containerDisk: {{image: "{image}"}}}}]}}}}}}
"""


def _record(held: Freight, name: str, write: Write = Write.PINS) -> str:
    return write_record(replace(record(held, name), write=write))


def picture(case: Case, of: Project) -> ProjectPicture:
    lines = [line(case, of, one.name) for one in of.stages]
    if case.open is not None:
        lines = [
            proposed(one, case.open, of=of.warehouses[0]) if one.stage == case.stage else one
            for one in lines
        ]
    book = ledger(*case.seen, **{case.stage: case.notes})
    return shown(of, lines, book, case.seen[-1])


def said(made: LinePlan) -> tuple[Text, Check, dict[str, str | None]]:
    """The pull request's text and check, and the files it changes."""
    text: Text | None = None
    check: Check | None = None
    files: dict[str, str | None] = {}
    for action in made.actions:
        match action:
            case OpenPromotion(proposal) | UpdatePromotion(proposal=proposal):
                text, check, files = proposal.text, proposal.check, dict(proposal.files)
            case DescribePromotion(_, found):
                text = found
            case PostCheck(_, posted):
                check = posted
            case _:
                pass
    assert text is not None
    assert check is not None
    return text, check, files


def page(text: Text, check: Check) -> str:
    """Everything a reviewer reads, in one file."""
    labels = ", ".join(text.labels)
    return (
        f"Title: {text.title}\nLabels: {labels}\nCheck: {check.conclusion.value}, {check.title}\n\n"
        f"{text.body}"
    )


@pytest.mark.parametrize("name", CASES)
def test_a_promotion_reads_like_its_golden_directory(name: str) -> None:
    case, directory = CASES[name], GOLDEN / name
    of = read_project("towline.yaml", (directory / "pipeline.yaml").read_text(encoding="utf-8"))
    shop = picture(case, of)
    text, check, files = said(line_plan(planned(shop, NOW), case.stage, of.warehouses[0].name))
    mine = shop.lines[case.stage, of.warehouses[0].name]
    if mine.head is not None:
        files = {path: one for path, one in mine.head.files.items() if one is not None}
    compare(directory / "before", dict(mine.files))
    after = {**mine.files, **files}
    compare(directory / "after", {path: one for path, one in after.items() if one is not None})
    compare(directory, {"pull-request.md": page(text, check)}, whole=False)


def compare(directory: Path, wanted: dict[str, str], *, whole: bool = True) -> None:
    """Hold a directory against these files, or write them where that was asked for."""
    if REGENERATE:
        if whole:
            shutil.rmtree(directory, ignore_errors=True)
        for path, text in wanted.items():
            (directory / path).parent.mkdir(parents=True, exist_ok=True)
            (directory / path).write_text(text, encoding="utf-8")
    found = {path: (directory / path).read_text(encoding="utf-8") for path in wanted}
    assert found == wanted
    if whole:
        every = {str(one.relative_to(directory)) for one in directory.rglob("*") if one.is_file()}
        assert every == set(wanted)


# What no text may do


def subject(**changes: object) -> Subject:
    """A promotion of B into staging."""
    found = Subject(
        project=project(*PIPELINE),
        stage=PIPELINE[1],
        line=PIPELINE[1].lines[0],
        freight=B,
        before={WEB: Held(WEB, "1.0.0", image("1.0.0").digest)},
        bumps=(),
        disks=(),
        restarts=(),
        gates=(Gate("upstream", GateState.PASSED, "verified in dev"),),
        warnings=(),
        stages=PIPELINE,
        held={"dev": f"1.1.0 {B.alias}", "staging": f"1.0.0 {A.alias}"},
        why="it became the newest",
    )
    return replace(found, **changes)  # type: ignore[arg-type]  # fields by name


def test_the_head_branch_is_made_of_names_alone() -> None:
    assert head_of("shop", "staging", "web") == "towline/shop/staging/web"
    assert head_of("shop", "staging", "web").startswith(PREFIX)


def test_titles_follow_the_stage_s_template_or_the_default() -> None:
    default = "Promote shop/web 1.1.0 to staging"
    assert text_of(subject()).title == message_of(subject()) == default
    templates = {
        "${stage}: ${version} ${id} of ${project}/${warehouse}": (
            f"staging: 1.1.0 {B.short} of shop/web"
        ),
        "  ${freight}  ": B.alias,
        "   ": default,
        "$nothing ${else} $$": "$nothing ${else} $",
        "x" * 300: "x" * 249 + "…",
    }
    for template, title in templates.items():
        form = PullRequestForm(template, ("release",), draft=Draft.YES)
        text = text_of(subject(stage=replace(PIPELINE[1], pull_request=form)))
        assert (text.title, text.labels, text.draft) == (title, ("towline", "release"), True)


@pytest.mark.parametrize(
    ("tag", "shown"),
    [
        ("@acme/everyone", "\uff20acme/everyone"),
        ("#12", "\uff0312"),
        ("acme/shop#12", "acme/shop\uff0312"),
        ("GH-12", "GH\uff0d12"),
        ("a\u202eb\u200b", "ab"),
        ("\x9b31m", "31m"),
        ("pkg@1.2.3", "pkg@1.2.3"),
    ],
)
def test_a_tag_from_elsewhere_calls_nobody_and_closes_nothing(tag: str, shown: str) -> None:
    """Neither in the commit nor in the title, which a merge makes a commit's message."""
    revision = Revision(GitRepository.parse("https://git.example.org/a/b"), tag, "a" * 40)
    line = replace(PIPELINE[1].lines[0], warehouse="fixes")
    told = subject(freight=Freight("fixes", (revision,)), line=line, bumps=())
    assert message_of(told) == text_of(told).title == f"Promote shop/fixes {shown} to staging"
    form = PullRequestForm("fixes ${version}", (), draft=Draft.NO)
    stage = replace(PIPELINE[1], pull_request=form)
    assert text_of(replace(told, stage=stage)).title == f"fixes {shown}"


def test_a_body_whose_gate_failed_begins_by_saying_so() -> None:
    gates = (
        Gate("upstream", GateState.PASSED, "verified in dev"),
        Gate("hold", GateState.FAILED, "held by gina: freeze."),
        Gate("pins", GateState.FAILED, "a pin is broken"),
    )
    first = text_of(subject(gates=gates)).body.splitlines()[0]
    assert first == (
        "**Do not merge: hold: held by gina: freeze; pins: a pin is broken.** "
        f"This proposes freight `{B.alias}` for **staging**."
    )
    waiting = (Gate("upstream", GateState.WAITING, "soaks"),)
    assert "Do not merge" not in text_of(subject(gates=waiting)).body


def test_a_body_fits_whatever_it_has_to_say() -> None:
    images = tuple(
        image("9" * 128, Repository.parse(f"ghcr.io/{'a' * 200}/{one}")) for one in range(200)
    )
    many = text_of(
        subject(
            freight=Freight("web", images),
            warnings=("w " * 1000,) * 100,
            gates=(Gate("pins", GateState.FAILED, "p|` " * 5000),) * 5,
            stages=(*(stage(f"s{number}") for number in range(20)), PIPELINE[1]),
            held={f"s{number}": "x" * 5000 for number in range(20)},
        )
    )
    assert len(many.body) <= MOST_BODY
    assert "and 185 more" in many.body
    assert "and 88 more" in many.body
    assert many.body.endswith("until newer freight comes.\n")


TAGS = st.from_regex(r"[A-Za-z0-9_][A-Za-z0-9._-]{0,127}", fullmatch=True)
PARTS = st.from_regex(r"[a-z0-9]{1,4}((\.|_|__|--?)[a-z0-9]{1,4}){0,2}", fullmatch=True)
TEXTS = st.text(st.characters(codec="utf-8"), max_size=40)


@given(TAGS, PARTS, TEXTS, TEXTS)
def test_no_string_changes_how_the_body_is_built(tag: str, part: str, why: str, held: str) -> None:
    one = image(tag, Repository.parse(f"ghcr.io/{part}/{part}"))
    told = subject(
        freight=Freight("web", (one,)),
        warnings=(f"{why}.", f"1. {why}"),
        gates=(Gate("hold", GateState.FAILED, why),),
        why=why,
        held={"dev": held},
    )
    assert shape(text_of(told).body) == shape(
        text_of(subject(warnings=("a", "b"), gates=(Gate("hold", GateState.FAILED, "c"),))).body
    )


def shape(body: str) -> list[str]:
    """The blocks of a page, with everything inside a line that is not text or code."""
    tokens = MarkdownIt("gfm-like", {"linkify": False}).parse(body)
    found = [one.type for one in tokens]
    for one in tokens:
        found += [
            child.type
            for child in one.children or ()
            if child.type not in {"text", "code_inline", "softbreak"}
        ]
    return found


def test_every_kind_is_counted_by_its_name_and_shown_by_its_version() -> None:
    old = [STORIES[one].old for one in OF_EACH]
    new = [STORIES[one].new for one in OF_EACH]
    made = text_of(
        subject(
            freight=Freight("web", tuple(new)), before={one.subject: held_of(one) for one in old}
        )
    )
    commit, other = "1" * 12, "2" * 12
    assert made.title == f"Promote shop/web 1.1.0, {other}, 20250703-2162, 2025-02 to staging"
    assert made.body.startswith(
        "**1 image, 1 chart, 1 revision, 1 disk image, 1 artifact, no pin, no disk.** "
    )
    assert "\n| artifact | from | to |" in made.body
    for row in (
        "| `https://charts.acme.io/web` | `1.0.0` | `1.1.0` |",
        f"| `https://github.com/acme/config` | `{commit}` | `{other}` |",
        f"| `{DISK}` | `20250210-2019` `sha256:{commit}` | `20250703-2162` `sha256:{other}` |",
        "| `llm` | `2025-01` | `2025-02` |",
    ):
        assert row in made.body


def test_of_one_kind_the_column_has_its_name() -> None:
    charts = tuple(Chart(ChartName("oci://ghcr.io/acme", name), "1.0.0") for name in ("a", "b"))
    made = text_of(subject(freight=Freight("web", charts), before={}))
    assert made.body.startswith("**2 charts, no pin, no disk.** ")
    assert "\n| chart | from | to |" in made.body
    assert "| `oci://ghcr.io/acme/a` | nothing | `1.0.0` |" in made.body


def test_subscriptions_to_one_repository_are_told_apart() -> None:
    one, other = (
        replace(image("1.1.0"), repository=replace(WEB, subscription=name))
        for name in ("edge", "stable")
    )
    made = text_of(
        subject(freight=Freight("web", (one, other)), before={one.subject: held_of(one)})
    )
    assert made.body.startswith("**1 image, ")
    assert "| `ghcr.io/acme/web (edge)` | " in made.body
    assert "| `ghcr.io/acme/web (stable)` | nothing | " in made.body
