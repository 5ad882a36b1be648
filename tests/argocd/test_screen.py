"""What the sidecar lets Argo CD show: parameters, what may be overridden, and errors."""

from __future__ import annotations

import pytest

from plugin.record import FORMAT, record_path
from tests.argocd.applications import Application, Object
from tests.argocd.deploys import Deploy, Deploys, files_of, texts
from tests.argocd.repo_server import Announced, Failed, Generated, RepoServer
from tests.argocd.watching import SECRET
from tests.plugin.shop import DB, DEPLOYMENT, NEW, OLD, record, shop

BROKEN = {
    "empty": "resources: [gone.yaml]\n",
    "remote": "resources:\n  - https://github.com/acme/base//deploy?ref=v1\n",
    "above": "resources: [../../../etc]\n",
    "typo": "resources: [web.yaml]\nnameSufix: -x\n",
}
DISK = """\
apiVersion: cdi.kubevirt.io/v1beta1
kind: DataVolume
metadata: {{name: {name}}}
spec:
  source: {{registry: {{url: "docker://ghcr.io/acme/web@{digest}"}}}}
  storage: {{resources: {{requests: {{storage: 1Gi}}}}}}
"""


MACHINE = """\
---
apiVersion: kubevirt.io/v1
kind: VirtualMachine
metadata: {{name: {name}}}
spec: {{template: {{spec: {{volumes: [{{name: root, dataVolume: {{name: root}}}}]}}}}}}
"""
SHARED = DISK.format(name="root", digest=OLD.digest) + "".join(
    MACHINE.format(name=name) for name in ("one", "other")
)


@pytest.fixture(scope="module")
def deploy(deploys: Deploys, tmp_path_factory: pytest.TempPathFactory) -> Deploy:
    files = files_of(shop(tmp_path_factory.mktemp("screen")))
    for name, text in BROKEN.items():
        files[f"broken/{name}/kustomization.yaml"] = text
        files[f"broken/{name}/web.yaml"] = DEPLOYMENT
    files["broken/empty/gone.yaml"] = "# Everything was taken out.\n"
    files["broken/disk/disk.yaml"] = DISK.format(name="db-root-abababababab", digest=NEW.digest)
    files["broken/shared/machines.yaml"] = SHARED
    written = texts(
        ("stages/staging", (record("staging"),)),
        ("stages/prod", (record("prod"), record("prod", DB, warehouse="db"))),
        ("broken/disk", (record("disk", NEW),)),
        ("broken/shared", (record("shared"),)),
        ("broken/newer", (record("newer"),)),
    )
    newer = record_path("broken/newer", "web")
    written[newer] = written[newer].replace("format: 1", f"format: {FORMAT + 1}")
    return deploys.repository("screen", {**files, **written})


def shown(server: RepoServer, application: Application) -> dict[str, Object]:
    (answer,) = server.announce(application)
    assert isinstance(answer, Announced), answer
    return {one["name"]: one for one in answer.parameters}


def refused(server: RepoServer, application: Application) -> str:
    """The sidecar's own words in what Argo CD shows."""
    (answer,) = server.generate(application)
    assert isinstance(answer, Failed), answer
    for hidden in (str(server.root), "_cmp_server", SECRET, "Traceback", 'File "'):
        assert hidden not in answer.text
    words = answer.text.partition("failed exit status 1: ")[2]
    assert words, answer.text
    assert len(words) < 600
    return words


def test_the_screen_shows_stage_freight_and_artifacts(towline: RepoServer, deploy: Deploy) -> None:
    found = shown(towline, deploy.application("stages/prod"))
    web, db = (record("prod").freight, record("prod", DB, warehouse="db").freight)
    assert list(found) == ["stage", "freight", "artifacts"]
    assert found["stage"]["string"] == "prod"
    assert found["freight"]["map"] == {
        "web": f"{web.alias} {web.id}",
        "db": f"{db.alias} {db.id}",
    }
    assert found["artifacts"]["map"] == {
        "ghcr.io/acme/web": f"2.3.0@{OLD.digest}",
        "docker.io/library/postgres": f"16@{DB.digest}",
    }


def test_a_projects_root_offers_its_stages(towline: RepoServer, deploy: Deploy) -> None:
    stage = shown(towline, deploy.application("."))["stage"]
    assert stage["required"]
    assert stage["tooltip"] == "The stage to render, one of dev, staging, prod"
    chosen = deploy.application(".", name="chosen", stage="prod")
    assert shown(towline, chosen)["stage"]["string"] == "prod"


def as_saved(shown: dict[str, Object]) -> list[Object]:
    """What Argo CD's screen writes into the Application when a person saves it."""
    kinds = ("string", "map")
    return [
        {"name": name} | {kind: one[kind] for kind in kinds if kind in one}
        for name, one in shown.items()
    ]


def test_what_the_screen_saves_changes_nothing(towline: RepoServer, deploy: Deploy) -> None:
    parameters = as_saved(shown(towline, deploy.application("stages/prod")))
    saved = deploy.application("stages/prod", name="saved", parameters=parameters)
    (answer,) = towline.generate(saved)
    assert isinstance(answer, Generated), answer
    assert answer.objects == deploy.rendered("prod")


def test_artifacts_are_overridden_where_the_stage_allows_it(
    towline: RepoServer, deploy: Deploy
) -> None:
    wish = [{"name": "artifacts", "map": {"ghcr.io/acme/web": f"2.4.0@{NEW.digest}"}}]
    allowed = deploy.application("stages/staging", name="allowed", parameters=wish)
    (answer,) = towline.generate(allowed)
    assert isinstance(answer, Generated), answer
    assert f"ghcr.io/acme/web:2.4.0@{NEW.digest}" in answer.texts[0]
    forbidden = deploy.application("stages/prod", name="forbidden", parameters=wish)
    assert refused(towline, forbidden) == (
        "stages/prod: stage 'prod' does not allow the Application to override artifacts: Argo CD's "
        "screen saves the versions that it showed, which a promotion has left behind since; remove "
        "the parameter 'artifacts' from the Application; or, if other versions than the record's "
        "are meant, write 'overrides: true' at the stage in towline.yaml"
    )


@pytest.mark.parametrize(
    ("parameter", "text"),
    [
        (
            {"name": "freight", "string": "sly-fox"},
            "stages/prod: the Application expects freight 'sly-fox', but the stage holds",
        ),
        (
            {"name": "image", "string": "x"},
            "the Application gives the parameter 'image', which is not known; write stage,",
        ),
        (
            {"name": "stage", "string": "dev"},
            "stages/prod: is stage 'prod', but the Application asks for 'dev'; change its path",
        ),
    ],
)
def test_what_the_application_may_not_ask_for(
    towline: RepoServer, deploy: Deploy, parameter: Object, text: str
) -> None:
    name = f"wrong-{parameter['name']}"
    application = deploy.application("stages/prod", name=name, parameters=[parameter])
    assert refused(towline, application).startswith(text)


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("broken/empty", "broken/empty/kustomization.yaml:1: renders to nothing, which would"),
        ("broken/remote", "broken/remote/kustomization.yaml:2: "),
        ("broken/above", "broken/above/kustomization.yaml:1: "),
        ("broken/typo", "broken/typo: kustomize refused: invalid Kustomization: json: unknown fi"),
        (
            "broken/newer",
            f"broken/newer/.freight/web.yaml:2: is of format {FORMAT + 1}, newer than this",
        ),
        (
            "broken/disk",
            "broken/disk: DataVolume 'db-root-abababababab' would be filled from sha256:2222",
        ),
        (
            "broken/shared",
            "broken/shared: DataVolume 'root' is a disk of VirtualMachine 'one' and of Virtual",
        ),
    ],
)
def test_a_fault_is_shown_with_its_place(
    towline: RepoServer, deploy: Deploy, path: str, text: str
) -> None:
    assert refused(towline, deploy.application(path)).startswith(text)
