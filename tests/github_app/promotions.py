"""Promotions whose pull requests are kept as golden directories: what stages hold, what is new."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

from github_app.arrivals import Facts
from github_app.body.origins import SourceRepository
from github_app.ledger import Ledger
from github_app.notes import NOTHING, Asked, LineNote, StageNotes, Way
from github_app.picture import LinePicture, ProjectPicture
from github_app.results import Result
from github_app.source_commits.values import Between, SourceCommit, SourceCommits
from plugin.artifact import Chart, ChartName, GitRepository, Image, Repository, Revision, Watched
from plugin.disks.names import disk_name
from plugin.freight import Freight
from plugin.pipeline import InDirectory, Project
from plugin.record import write_record
from plugin.stage_policy import Write
from tests.github_app.shop import (
    API,
    WEB,
    A,
    B,
    at,
    image,
    images_of,
    kustomization,
    ledger,
    proposed,
    record,
    shown,
    unpinned,
    went,
    with_files,
)
from tests.github_app.shop import line as empty_line

NOW = at(24 * 60)
Files = Callable[[Freight], Mapping[str, str]]
"""The files of a stage that holds freight, by their names in its directory."""


@dataclass(frozen=True, slots=True)
class Case:
    """A story: what stages hold, what became newest, and which stage's promotion is looked at.

    `told` are what sources say of freight, by its id; `moved` is where each stage's freight was
    before, since minute 30.
    """

    stage: str
    held: dict[str, Freight]
    seen: tuple[Freight, ...]
    open: Freight | None = None
    notes: StageNotes = NOTHING
    files: Files | None = None
    told: Mapping[str, Mapping[Watched, Facts]] = field(default_factory=dict)
    results: Mapping[str, tuple[Result, ...]] = field(default_factory=dict)
    moved: Mapping[str, Freight] = field(default_factory=dict)
    commits: Mapping[Between, SourceCommits] = field(default_factory=dict)


def pinned(held: Freight) -> Mapping[str, str]:
    """Images in a kustomization."""
    return {"kustomization.yaml": kustomization(*images_of(held))}


def based(held: Freight) -> Mapping[str, str]:
    """No pin at all: everything is in a base."""
    assert held.artifacts
    return {"kustomization.yaml": "resources: [../../base]\n"}


def placeheld(files: Files, placeholder: Freight) -> Files:
    """The files of a stage whose pins are placeholders."""
    return lambda _: files(placeholder)


def machine(policy: str) -> Files:
    """A machine whose root disk is imported from what the stage holds, and a data disk."""

    def files(held: Freight) -> Mapping[str, str]:
        (artifact,) = images_of(held)
        name = disk_name("db-root", artifact.digest)
        return {
            "machine.yaml": f"""apiVersion: cdi.kubevirt.io/v1beta1
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
        }

    return files


def machines(held: Freight) -> Mapping[str, str]:
    """Machines that boot from what the stage holds: one at its kernel, too, and a pool of them."""
    (artifact,) = images_of(held)
    image = f"{artifact.repository}:{artifact.tag}@{artifact.digest}"
    text = f"""apiVersion: kubevirt.io/v1
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
    return {
        "kustomization.yaml": "namespace: edge\nresources: [machines.yaml]\n",
        "machines.yaml": text,
    }


def charted(held: Freight) -> Mapping[str, str]:
    """A stage that inflates a chart."""
    (found,) = held.artifacts
    text = f"helmCharts:\n- name: redis\n  repo: {CHARTS}\n  version: {found.tag} # ours\n"
    return {"kustomization.yaml": text}


def applied(held: Freight) -> Mapping[str, str]:
    """An image, and an Argo CD application at a revision."""
    hook = next(one for one in held.artifacts if isinstance(one, Revision))
    return {
        **pinned(held),
        "hook.yaml": "apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata: {name: hook}\n"
        f"spec:\n  source:\n    repoURL: {hook.subject}\n    path: b\n"
        f"    targetRevision: {hook.tag}\n",
    }


def says(version: str, revision: str, source: str = "https://github.com/acme/web") -> Facts:
    """What an image says of itself."""
    said = {"source": source, "revision": revision, "version": version}
    return tuple((f"org.opencontainers.image.{name}", text) for name, text in said.items())


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
CHARTS = "https://charts.acme.io"
REDIS = ChartName(CHARTS, "redis")
OLD_CHART, NEW_CHART = (Freight("cache", (Chart(REDIS, one),)) for one in ("19.0.2", "20.1.0"))
RC = Freight("web", (image("1.2.0-rc.1"),))
HOOK = GitRepository.parse("https://git.example.org/a/b")
LONG = "1.0.0-" + "x" * 122
TAME, WILD = (
    Freight("web", (image(tag, API), Revision(HOOK, name, commit * 40)))
    for tag, name, commit in (
        ("1.0.0", "v1.0.0", "1"),
        (LONG, "x-->](javascript,alert(1))<img/src=x>@acme/everyone#12", "2"),
    )
)
STEPS = tuple(Freight("web", (image(f"1.0.{number}"),)) for number in range(1, 4))
FIRST, SECOND = "1" * 40, "2" * 40
WILD_WORDS: Mapping[Watched, Facts] = {
    API: says("-->](javascript:alert(1))", SECOND, "https://github.com/acme/api](javascript:x)"),
    HOOK: (
        ("subject", "fixes #12 --> @acme/everyone <img src=x> [x](javascript:alert(1)) `code`"),
        ("author", "</details> Mallory <mallory@example.org>"),
    ),
}
CASES = {
    "first-promotion": Case("dev", {}, (A,)),
    "update-in-staging": Case(
        "staging",
        {"dev": B, "staging": A, "prod": A},
        (A, *STEPS, B),
        B,
        told={A.id: {WEB: says("1.0.0", FIRST)}, B.id: {WEB: says("1.1.0", SECOND)}},
        moved={"dev": STEPS[2]},
        commits={
            Between(SourceRepository("github.com", "acme/web"), FIRST, SECOND): SourceCommits(
                (
                    SourceCommit(SECOND, "Merge pull request #12 from mallory/x", "Ann Müller"),
                    SourceCommit("3" * 40, "Round prices up", "gina"),
                )
            )
        },
    ),
    "two-images": Case("prod", {"staging": BOTH[1], "prod": BOTH[0]}, BOTH),
    "chart": Case(
        "prod",
        {"staging": NEW_CHART, "prod": OLD_CHART},
        (OLD_CHART, NEW_CHART),
        files=charted,
        told={NEW_CHART.id: {REDIS: (("sources", "https://github.com/acme/charts"),)}},
    ),
    "downgrade": Case("staging", {"dev": A, "staging": B}, (B, A)),
    "moved-tag": Case("prod", {"dev": MOVED, "staging": MOVED, "prod": A}, (A, MOVED), MOVED),
    "pre-release": Case("staging", {"dev": RC, "staging": B}, (B, RC)),
    "rollback": Case(
        "staging",
        {"dev": B, "staging": B, "prod": A},
        (A, B),
        notes=StageNotes(
            asked=(Asked("web", A.id, at(90), "gina", "checkout is broken", Way.ROLLBACK),),
            held=(LineNote("web", at(90), "gina", "checkout is broken"),),
        ),
        moved={"staging": A},
    ),
    "hotfix": Case(
        "prod",
        {"dev": A, "staging": A, "prod": A},
        (A, B),
        notes=StageNotes(
            asked=(Asked("web", B.id, at(90), "gina", "customers cannot pay", Way.HOTFIX),),
            held=(LineNote("web", at(90), "gina", "customers cannot pay"),),
        ),
    ),
    "hostile-strings": Case("dev", {}, (STRANGE,)),
    "hostile-tags": Case(
        "staging",
        {"dev": WILD, "staging": TAME},
        (TAME, WILD),
        files=applied,
        told={WILD.id: WILD_WORDS},
    ),
    "sixty-stages": Case(
        "edge-r30",
        {"dev": B, "staging": B, "edge-r07": B, "edge-r30": A, "edge-r31": A},
        (A, B),
    ),
    "vm-disk": Case("prod", DISKS, (OLD_DISK, NEW_DISK), files=machine("replace")),
    "stateful-vm-disk": Case("prod", DISKS, (OLD_DISK, NEW_DISK), files=machine("stateful")),
    "vm-container-disk": Case("prod", DISKS, (OLD_DISK, NEW_DISK), files=machines),
    "record": Case("staging", {"dev": B, "staging": A}, (A, B)),
    "vm-disk-record": Case("prod", DISKS, (OLD_DISK, NEW_DISK), files=machine("stateful")),
    "held": Case(
        "staging",
        {"dev": B, "staging": A, "prod": A},
        (A, B),
        B,
        StageNotes(held=(LineNote("web", at(60), "gina", "release freeze | @acme/everyone"),)),
    ),
}


def picture(case: Case, of: Project) -> ProjectPicture:
    """The project as the story has it."""
    stages = [one for one in of.stages if one.place is not None]
    lines = [_line(case, of, one.name) for one in stages]
    if case.open is not None:
        lines = [
            proposed(one, case.open, of=of.warehouses[0]) if one.stage == case.stage else one
            for one in lines
        ]
    picture = shown(of, lines, _ledger(case), case.seen[-1])
    return replace(picture, commits=case.commits)


def _ledger(case: Case) -> Ledger:
    book = ledger(*case.seen, **{case.stage: case.notes})
    seen = tuple(
        replace(one, facts=case.told.get(one.freight.id, {}))
        for one in book.seen(case.seen[0].warehouse)
    )
    return replace(book, warehouses={case.seen[0].warehouse: seen})


def _line(case: Case, of: Project, name: str) -> LinePicture:
    """A stage's only line."""
    found = of.stage(name)
    assert isinstance(found.place, InDirectory)
    mine, directory, held = of.warehouses[0], found.place.path, case.held.get(name)
    files = {f"{directory}/kustomization.yaml": unpinned(*mine.carries)}
    if held is not None:
        texts = _files(case, found.write)(held)
        files = {f"{directory}/{path}": text for path, text in texts.items()}
        written = write_record(replace(record(held, name), write=found.write))
        files[f"{directory}/.freight/{mine.name}.yaml"] = written
    base = replace(empty_line(name, of=mine), directory=directory)
    before = case.moved.get(name)
    steps = [(before, 30.0)] if before else []
    stays = went(name, *steps, (held, 60.0)).stays if held else ()
    seen = with_files(base, files, mine, found.write)
    return replace(seen, stays=stays, results=case.results.get(name, ()))


def _files(case: Case, write: Write) -> Files:
    if write is Write.RECORD:
        return placeheld(case.files, PLACEHOLDER) if case.files else based
    return case.files or pinned
