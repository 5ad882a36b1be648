"""The demo's GitOps repository as files: a kustomize base, three stages and the pipeline file."""

from __future__ import annotations

import enum
from collections.abc import Mapping

from plugin.artifact import Image, Repository
from plugin.errors import Refusal
from plugin.freight import Freight

OWNER, NAME = "acme", "shop"
REPOSITORY = f"{OWNER}/{NAME}"
PROJECT, WAREHOUSE = "shop", "web"
STAGES = ("dev", "staging", "prod")
BEFORE = "0.9.0"
PERSON = "alice"

_IMAGE_PATH = "acme/web"
_REPLICAS = {"dev": 1, "staging": 2, "prod": 3}


class Scenario(enum.Enum):
    """What promotions write: pins in the stages' files, or records that are applied."""

    PINS = "pins"
    RECORD = "record"


_README = """# shop

What runs in the shop's stages. Images come in through `towline.yaml`: an image that is pushed
becomes freight, and freight moves from `dev` to `staging` to `prod` by pull request.

* `base/` is shared by the stages.
* `stages/` holds what differs, the image's version above all.
"""

_APPLIED_README = """# shop

What runs in the shop's stages. Images come in through `towline.yaml`: an image that is pushed
becomes freight, and freight moves from `dev` to `staging` to `prod` by pull request.

* `base/` is shared by the stages, and names the image at no particular version.
* `stages/` holds what differs. The version is in a stage's record, `.freight/web.yaml`, which
  Towline's sidecar applies when Argo CD renders the stage.
"""

_PIPELINE = """project: shop

warehouses:
  web:
    - image: {image}
      constraint: ^1.0

stages:
  dev:
    warehouses: [web]
    path: stages/dev
    merge: auto
    # Nothing tests dev here, and staging may follow all the same.
    verify: none
  staging:
    after: [dev]
    path: stages/staging
  prod:
    after: [staging]
    path: stages/prod
"""

_BASE = """apiVersion: kustomize.config.k8s.io/v1beta1
kind: Kustomization
resources:
  - deployment.yaml
  - service.yaml
labels:
  - pairs:
      app.kubernetes.io/name: web
    includeSelectors: true
    includeTemplates: true
"""

_DEPLOYMENT = """apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
spec:
  template:
    spec:
      containers:
        - name: web
          image: web
          ports:
            - name: http
              containerPort: 8080
          readinessProbe:
            httpGet:
              path: /healthz
              port: http
"""

_SERVICE = """apiVersion: v1
kind: Service
metadata:
  name: web
spec:
  ports:
    - name: http
      port: 80
      targetPort: http
"""

_STAGE = """apiVersion: kustomize.config.k8s.io/v1beta1
kind: Kustomization
namespace: shop-{stage}
resources:
  - ../../base
replicas:
  - name: web
    count: {replicas}
images:
  - name: web
    newName: {image}
    newTag: {before}
"""


_APPLIED_STAGE = _STAGE.partition("images:\n")[0]


def image_at(host: str) -> Repository:
    """The image that moves through the stages, at the registry `host`."""
    return Repository(host, _IMAGE_PATH)


def image_of(freight: Freight) -> Image:
    """The one image that the demo's freight carries; raises Refusal for other freight."""
    match freight.artifacts:
        case (Image() as image,):
            return image
        case _:
            raise Refusal(f"freight {freight.alias} is not the one image of the demo")


def directory_of(stage: str) -> str:
    """Where a stage lies in the repository."""
    return f"stages/{stage}"


def head_of(stage: str) -> str:
    """The branch of a stage's promotions."""
    return f"towline/{PROJECT}/{stage}/{WAREHOUSE}"


def files(image: Repository, scenario: Scenario = Scenario.PINS) -> Mapping[str, str]:
    """The repository's first commit: every stage at a version from before Towline, no record."""
    applied = scenario is Scenario.RECORD
    template = _APPLIED_STAGE if applied else _STAGE
    stages = {
        f"{directory_of(stage)}/kustomization.yaml": template.format(
            stage=stage, replicas=_REPLICAS[stage], image=image, before=BEFORE
        )
        for stage in STAGES
    }
    pipeline, deployment = _PIPELINE.format(image=image), _DEPLOYMENT
    if applied:
        for stage in STAGES:
            place = f"    path: {directory_of(stage)}\n"
            pipeline = pipeline.replace(place, f"{place}    write: record\n")
        deployment = deployment.replace("image: web", f"image: {image}:{BEFORE}")
    return {
        "README.md": _APPLIED_README if applied else _README,
        "towline.yaml": pipeline,
        "base/kustomization.yaml": _BASE,
        "base/deployment.yaml": deployment,
        "base/service.yaml": _SERVICE,
        **stages,
    }
