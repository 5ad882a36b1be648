"""One story for each kind of artifact: where its version stands in a stage, and the next one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from plugin.artifact import (
    Artifact,
    Chart,
    ChartName,
    Custom,
    CustomName,
    DiskFamily,
    DiskImage,
    GitRepository,
    Image,
    Repository,
    Revision,
)
from plugin.artifact.disk import Publisher
from plugin.freight import Freight
from plugin.pipeline import ExplicitPin, Warehouse
from plugin.record import Record
from plugin.subscriptions import (
    ChartSubscription,
    CustomSubscription,
    DiskSubscription,
    GitSubscription,
    ImageSubscription,
    Subscription,
)

STAGE = "stages/prod"
RECORD = f"{STAGE}/.freight/main.yaml"
ONE, TWO = "sha256:" + "1" * 64, "sha256:" + "2" * 64
FIRST, SECOND = "1" * 40, "2" * 40

CHARTS = "https://charts.acme.io"
CHART = ChartName(CHARTS, "web")
OCI_CHART = ChartName("oci://ghcr.io/acme/charts", "web")
CONFIG = GitRepository.parse("https://github.com/acme/config")
LLM = CustomName("llm")
DEBIAN = "https://cloud.debian.org/images/cloud/bookworm/{0}/debian-12-generic-amd64-{0}.qcow2"
DISK = DiskFamily.parse(DEBIAN.format("20250210-2019"))
WEB = Repository.parse("ghcr.io/acme/web")


@dataclass(frozen=True)
class Story:
    """A stage at `old` whose warehouse now has `new`; `moved` are the bytes that make the step.

    `file` is where `text` stands in the stage, `pins` is what the stage declares.
    """

    subscription: Subscription
    old: Artifact
    new: Artifact
    file: str
    text: str
    moved: tuple[tuple[str, str], ...]
    pins: tuple[ExplicitPin, ...] = ()
    more: Mapping[str, str] = field(default_factory=dict)

    @property
    def warehouse(self) -> Warehouse:
        return Warehouse("main", (self.subscription,))

    @property
    def path(self) -> str:
        return f"{STAGE}/{self.file}"

    @property
    def files(self) -> dict[str, str]:
        return {
            self.path: self.text,
            **{f"{STAGE}/{name}": text for name, text in self.more.items()},
        }

    @property
    def after(self) -> str:
        """The text at the new version."""
        text = self.text
        for before, behind in self.moved:
            assert before in text
            text = text.replace(before, behind)
        return text


def record_of(*artifacts: Artifact) -> Record:
    return Record(Freight("main", artifacts), "acme/shop", "towline/shop/prod/main")


def pin(
    path: str, subscription: str, holds: str | None = None, file: str = "a.yaml"
) -> ExplicitPin:
    return ExplicitPin(file, path, f"main/{subscription}", holds, "towline.yaml", 9, 5)


def disk(version: str, checksum: str) -> DiskImage:
    return DiskImage(DISK, version, DEBIAN.format(version), checksum)


def revision(tag: str, commit: str | None = None) -> Revision:
    return Revision(CONFIG, tag, commit)


def application(source: str) -> str:
    return (
        "apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata: {name: web}\n"
        f"spec:\n  source: {source}\n"
    )


_TAGS = GitSubscription("config", CONFIG, str(CONFIG))
_CHART = ChartSubscription("web", CHART)
_CUSTOM = CustomSubscription("llm", "model")
_DISK_DOCUMENT = f"""\
apiVersion: cdi.kubevirt.io/v1beta1
kind: DataVolume
metadata: {{name: root-111111111111}}
spec:
  source:
    http:
      url: {DEBIAN.format("20250210-2019")}
      checksum: {ONE}
  storage: {{}}
"""
_MACHINE = """\
apiVersion: kubevirt.io/v1
kind: VirtualMachine
metadata: {name: db, annotations: {towline.dev/disk-policy: replace}}
spec:
  template:
    spec:
      volumes:
        - {name: root, dataVolume: {name: root-111111111111}}
"""
_STEP = (("1.0.0", "1.1.0"),)

STORIES = {
    "image": Story(
        ImageSubscription("web", WEB),
        Image(WEB, "1.0.0", ONE),
        Image(WEB, "1.1.0", TWO),
        "kustomization.yaml",
        f"images:\n- name: ghcr.io/acme/web # front\n  newTag: 1.0.0\n  digest: {ONE}\n",
        (*_STEP, (ONE, TWO)),
    ),
    "chart in helmCharts": Story(
        _CHART,
        Chart(CHART, "1.0.0"),
        Chart(CHART, "1.1.0"),
        "kustomization.yaml",
        f"helmCharts:\n- name: web\n  repo: {CHARTS}\n  version: 1.0.0 # ours\n",
        _STEP,
    ),
    "chart in Chart.yaml": Story(
        _CHART,
        Chart(CHART, "1.0.0"),
        Chart(CHART, "1.1.0"),
        "Chart.yaml",
        "apiVersion: v2\nname: shop\nversion: 7.0.0\n"
        f"dependencies:\n- {{name: web, version: 1.0.0, repository: '{CHARTS}'}}\n",
        _STEP,
    ),
    "chart in an Application": Story(
        _CHART,
        Chart(CHART, "1.0.0"),
        Chart(CHART, "1.1.0"),
        "a.yaml",
        application(f"{{repoURL: '{CHARTS}', chart: web, targetRevision: 1.0.0}}"),
        _STEP,
    ),
    "chart of a registry": Story(
        ChartSubscription("web", OCI_CHART),
        Chart(OCI_CHART, "1.0.0", ONE),
        Chart(OCI_CHART, "1.1.0", TWO),
        "a.yaml",
        application("{repoURL: ghcr.io/acme/charts, chart: web, targetRevision: 1.0.0}"),
        _STEP,
    ),
    "tag in targetRevision": Story(
        _TAGS,
        revision("v1.0.0", FIRST),
        revision("v1.1.0", SECOND),
        "a.yaml",
        application(f"{{repoURL: '{CONFIG}.git', path: web, targetRevision: v1.0.0}}"),
        _STEP,
    ),
    "commit in targetRevision": Story(
        _TAGS,
        revision(FIRST, FIRST),
        revision(SECOND, SECOND),
        "a.yaml",
        application(f"{{repoURL: 'git@github.com:acme/config', targetRevision: '{FIRST}'}}"),
        ((FIRST, SECOND),),
    ),
    "tag in a remote base": Story(
        _TAGS,
        revision("v1.0.0", FIRST),
        revision("v1.1.0", SECOND),
        "kustomization.yaml",
        f"resources:\n- {CONFIG}//web?ref=v1.0.0&timeout=90s # the base\n",
        _STEP,
    ),
    "commit in a remote base": Story(
        _TAGS,
        revision(FIRST, FIRST),
        revision(SECOND, SECOND),
        "kustomization.yaml",
        f"resources:\n- {CONFIG}//web?ref={FIRST}\n",
        ((FIRST, SECOND),),
    ),
    "custom by a marker": Story(
        _CUSTOM,
        Custom(LLM, "2025-01"),
        Custom(LLM, "2025-02"),
        "a.yaml",
        "kind: ConfigMap\ndata:\n  MODEL: 2025-01 # towline: llm:version\n",
        (("2025-01", "2025-02"),),
    ),
    "custom by pins": Story(
        _CUSTOM,
        Custom(LLM, "7.0"),
        Custom(LLM, "8.0"),
        "a.yaml",
        "kind: ConfigMap\ndata: {MODEL: '7.0', OTHER: '7.0'}\n",
        (("MODEL: '7.0'", "MODEL: '8.0'"),),
        (pin("data.MODEL", "llm", "version"),),
    ),
    "disk by markers": Story(
        DiskSubscription("debian", DISK, Publisher.DEBIAN),
        disk("20250210-2019", ONE),
        disk("20250703-2162", TWO),
        "a.yaml",
        f"disk:\n  url: {DEBIAN.format('20250210-2019')} # towline: debian:url\n"
        f"  sum: {ONE} # towline: debian:checksum\n",
        (("20250210-2019", "20250703-2162"), (ONE, TWO)),
    ),
    "disk in a DataVolume": Story(
        DiskSubscription("debian", DISK, Publisher.DEBIAN),
        disk("20250210-2019", ONE),
        disk("20250703-2162", TWO),
        "disk.yaml",
        _DISK_DOCUMENT,
        (
            ("20250210-2019", "20250703-2162"),
            (ONE, TWO),
            ("root-111111111111", "root-222222222222"),
        ),
        more={"machine.yaml": _MACHINE},
    ),
}
