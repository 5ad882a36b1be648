"""The sidecar in the real repo-server: what Argo CD gets is what `towline render` prints."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from plugin.artifact import Image, Repository
from plugin.record import Record
from plugin.stage_policy import Write
from tests.argocd.applications import Application, Object
from tests.argocd.deploys import Deploy, Deploys, files_of, texts
from tests.argocd.repo_server import Failed, Generated, RepoServer
from tests.plugin.shop import DB, DEPLOYMENT, NEW, OLD, record, shop, write

FEDORA = Repository.parse("harbor.lan/vm/fedora")
FIRST = Image(FEDORA, "43-1.5", f"sha256:{'5' * 64}")
SECOND = Image(FEDORA, "43-1.6", f"sha256:{'6' * 64}")
MACHINE = f"""\
apiVersion: cdi.kubevirt.io/v1beta1
kind: DataVolume
metadata: {{name: db-root-{"5" * 12}}}
spec:
  source: {{registry: {{url: "docker://harbor.lan/vm/fedora@{FIRST.digest}"}}}}
  storage: {{resources: {{requests: {{storage: 20Gi}}}}}}
---
# People's own words stay out of it.
apiVersion: kubevirt.io/v1
kind: VirtualMachine
metadata: {{name: db, annotations: {{towline.dev/disk-policy: replace}}}}
spec:
  runStrategy: Always
  template:
    spec:
      domain: {{devices: {{disks: [{{name: root}}]}}, memory: {{guest: 1Gi}}}}
      volumes:
        - {{name: root, dataVolume: {{name: db-root-{"5" * 12}}}}}
"""
PIPELINE = """\
project: shop
warehouses:
  web: [{image: ghcr.io/acme/web}]
  db: [{image: postgres}]
  fedora: [{image: harbor.lan/vm/fedora}]
stages:
  dev: {warehouses: [web, db], path: stages/dev}
  staging: {after: [dev], path: stages/staging, write: record, overrides: true}
  prod: {after: [staging], path: stages/prod}
  plain: {warehouses: [fedora], path: stages/plain, write: record}
  live: {after: [prod], branch: env/live}
"""
BARE = "resources: [../../base]\nnameSuffix: -staging\n"


def applied(stage: str, artifact: Image, warehouse: str = "web") -> Record:
    """A record that is applied while rendering."""
    return replace(record(stage, artifact, warehouse=warehouse), write=Write.RECORD)


def files(place: Path) -> dict[str, str]:
    """Stage dev without records, prod with two, staging and plain applied while rendering."""
    root = shop(place)
    write(root, {"towline.yaml": PIPELINE, "stages/plain/machine.yaml": MACHINE})
    write(root, {"stages/staging/kustomization.yaml": BARE})
    disk = replace(applied("plain", SECOND, "fedora"), previous_disks=(FIRST,))
    return files_of(root) | texts(
        ("stages/prod", (record("prod"), record("prod", DB, warehouse="db"))),
        ("stages/staging", (applied("staging", NEW),)),
        ("stages/plain", (disk,)),
    )


@pytest.fixture(scope="module")
def deploy(deploys: Deploys, tmp_path_factory: pytest.TempPathFactory) -> Deploy:
    return deploys.repository("shop", files(tmp_path_factory.mktemp("shop") / "shop"))


def got(server: RepoServer, application: Application) -> list[Object]:
    (answer,) = server.generate(application)
    assert isinstance(answer, Generated), answer
    assert answer.source_type == "Plugin"
    return answer.objects


def notes(thing: Object) -> dict[str, str]:
    found: dict[str, str] = thing["metadata"].get("annotations", {})
    return found


def image(thing: Object) -> str:
    (container,) = thing["spec"]["template"]["spec"]["containers"]
    text: str = container["image"]
    return text


def test_a_stage_without_records_is_kustomizes_alone(towline: RepoServer, deploy: Deploy) -> None:
    (web,) = found = got(towline, deploy.application("stages/dev"))
    assert found == deploy.rendered("dev")
    assert notes(web) == {}


def test_what_carries_freight_says_so(towline: RepoServer, deploy: Deploy) -> None:
    (web,) = found = got(towline, deploy.application("stages/prod"))
    assert found == deploy.rendered("prod")
    freight = record("prod").freight
    page = f"{deploy.stand_in.url}/acme/shop/pulls?q=is%3Apr+head%3Atowline%2Fshop%2Fprod%2Fweb"
    assert notes(web) == {
        "towline.dev/freight": freight.id,
        "towline.dev/alias": freight.alias,
        "towline.dev/stage": "prod",
        "link.argocd.argoproj.io/towline": page,
    }
    assert "annotations" not in web["spec"]["template"]["metadata"]


def test_a_record_is_applied_while_rendering(towline: RepoServer, deploy: Deploy) -> None:
    (web,) = found = got(towline, deploy.application("stages/staging"))
    assert found == deploy.rendered("staging")
    assert image(web) == f"ghcr.io/acme/web:2.4.0@{NEW.digest}"
    assert notes(web)["towline.dev/stage"] == "staging"


def test_a_disk_of_a_plain_directory_moves_while_rendering(
    towline: RepoServer, deploy: Deploy
) -> None:
    found = got(towline, deploy.application("stages/plain"))
    assert found == deploy.rendered("plain")
    names = [one["metadata"]["name"] for one in found if one["kind"] == "DataVolume"]
    assert names == [f"db-root-{'6' * 12}", f"db-root-{'5' * 12}"]
    (machine,) = [one for one in found if one["kind"] == "VirtualMachine"]
    (volume,) = machine["spec"]["template"]["spec"]["volumes"]
    assert volume == {"name": "root", "dataVolume": {"name": names[0]}}
    assert notes(machine)["towline.dev/stage"] == "plain"


def test_a_projects_root_renders_the_stage_that_is_asked_for(
    towline: RepoServer, deploy: Deploy
) -> None:
    asked = {"name": "stage", "string": "prod"}
    by_parameter = deploy.application(".", name="by-parameter", parameters=[asked])
    by_environment = deploy.application(".", name="by-environment", stage="staging")
    assert got(towline, by_parameter) == deploy.rendered("prod")
    assert got(towline, by_environment) == deploy.rendered("staging")
    (unasked,) = towline.generate(deploy.application(".", name="unasked"))
    assert isinstance(unasked, Failed)
    assert "'shop' is a project with the stages dev, staging, prod, plain, live" in unasked.text


def test_a_stage_on_a_branch_is_the_branchs_root(towline: RepoServer, deploy: Deploy) -> None:
    root = {
        "towline.yaml": PIPELINE,
        "kustomization.yaml": "resources: [web.yaml]\n",
        "web.yaml": DEPLOYMENT,
        **texts(("", (applied("live", NEW),))),
    }
    deploy.orphan("env/live", root)
    application = deploy.application(".", name="live", revision="env/live")
    (web,) = found = got(towline, application)
    assert found == deploy.rendered_directory(".", "env/live")
    assert image(web) == f"ghcr.io/acme/web:2.4.0@{NEW.digest}"
    assert notes(web)["towline.dev/stage"] == "live"


def test_two_branches_of_one_commit_are_one_stage(towline: RepoServer, deploy: Deploy) -> None:
    """Argo CD's cache does not know the branch, so the branch may decide nothing."""
    deploy.branch("twin", deploy.tip())
    applications = [
        deploy.application("stages/prod", name="twins", revision=branch)
        for branch in ("main", "twin")
    ]
    towline.forget()
    one, other = (got(towline, application) for application in applications)
    towline.forget()
    other_first, one_second = (got(towline, application) for application in applications[::-1])
    assert one == other == other_first == one_second == deploy.rendered("prod")
    assert image(one[0]) == f"ghcr.io/acme/web:2.3.0@{OLD.digest}"
