"""Long files that are made to be slow: many of whatever a finder looks at, for every finder."""

from __future__ import annotations

from dataclasses import dataclass

DIGEST = "sha256:" + "ab" * 32
_INSTALLER = f"factory.talos.dev/installer/{'ab' * 32}"
_DEEP = 80


@dataclass(frozen=True, slots=True)
class LongFile:
    """`before`, then `each` with N for the number as often as asked, then `after`."""

    before: str
    each: str
    after: str = ""
    file: str = "a.yaml"

    def text(self, count: int) -> str:
        """The file with `count` of them."""
        many = "".join(self.each.replace("NN", str(number)) for number in range(count))
        return f"{self.before}{many}{self.after}"


def _object(kind: str, api: str = "v1", name: str = "x") -> str:
    return f"apiVersion: {api}\nkind: {kind}\nmetadata: {{name: {name}}}\n"


def _kustomization(before: str, each: str, after: str = "") -> LongFile:
    return LongFile(f"kind: Kustomization\n{before}", each, after, "stage/kustomization.yaml")


def _values(before: str, each: str, after: str = "") -> LongFile:
    return LongFile(before, each, after, "stage/values.yaml")


def _documents(document: str) -> LongFile:
    return LongFile("", f"---\n{document}")


def _deep(before: str, each: str) -> LongFile:
    return LongFile(f"{before}a: {'{a: ' * _DEEP}[", each, f"]{'}' * _DEEP}\n")


_APPLICATION = _object("Application", "argoproj.io/v1alpha1")
_SOURCE = f"{_APPLICATION}spec:\n  source:\n    repoURL: https://github.com/acme/web\n"
_CDI = "cdi.kubevirt.io/v1beta1"
_IMPORTED = f"spec: {{source: {{registry: {{url: 'docker://acme/web@{DIGEST}'}}}}}}\n"
_VOLUME = f"{_object('DataVolume', _CDI, 'dNN')}{_IMPORTED}"
_VERSIONS = "configMapGenerator: [{name: v, literals: [front=1.0]}]\n"

LONG_FILES = {
    "entries": _kustomization(
        "images:\n", "- name: web-NN\n  newName: acme/web-NN\n  newTag: v1\n"
    ),
    "entries of one name": _kustomization("images:\n", "- {name: acme/web, newTag: v1}\n"),
    "entries that quarrel": _kustomization(
        "images:\n", "- {name: web, newName: acme/web-NN, newTag: v1}\n"
    ),
    "entries with expressions": _kustomization(
        "images:\n", "- {name: 'a.*NN', newName: acme/web, newTag: v1}\n"
    ),
    "entries with dots": _kustomization("images:\n", "- {name: a.NN.io/web, newTag: v1}\n"),
    "entries with anchors": _kustomization(
        "images:\n", "- {name: web-NN, newTag: &aNN v1, digest: *aNN }\n"
    ),
    "entries that are aliases": _kustomization(
        "images:\n- &a {name: acme/web, newTag: v1}\n", "- *a\n"
    ),
    "remote bases": _kustomization(
        "resources:\n", "- https://github.com/acme/web-NN//deploy?ref=v1.0.NN\n"
    ),
    "charts with values": _kustomization(
        "helmCharts:\n",
        "- name: web\n  repo: https://charts.acme.io\n  version: 1.0.NN\n"
        "  valuesInline: {image: {repository: acme/web, tag: vNN}}\n",
    ),
    "patches": _kustomization("patches:\n", "- patch: |-\n    image: acme/web:NN\n"),
    "a long patch": _kustomization("patches:\n- patch: |\n", "    - image: acme/web:NN\n"),
    "replacements": _kustomization(
        f"{_VERSIONS}replacements:\n",
        "- source: {kind: ConfigMap, name: v, fieldPath: data.front}\n"
        "  targets: [{select: {kind: Deployment, name: xNN}, fieldPaths: [spec.image]}]\n",
    ),
    "replacements of each other": _kustomization(
        "replacements:\n",
        "- source: {kind: ConfigMap, name: vNN, fieldPath: data.front}\n"
        "  targets: [{select: {kind: ConfigMap, name: vNN}, fieldPaths: [data.image]}]\n",
        "---\n" + _object("ConfigMap", name="v1") + "data: {front: '1.0'}\n",
    ),
    "deployments": _documents(f"{_object('Deployment')}spec: {{image: 'acme/web:NN'}}\n"),
    "containers": LongFile(f"{_object('Pod')}spec:\n", "  - image: acme/web:NN\n"),
    "containers in a line": LongFile(f"{_object('Pod')}spec: [", "{image: 'acme/web:NN'}, ", "]\n"),
    "containers with anchors": LongFile(
        f"{_object('Pod')}spec:\n", "- image: &aNN acme/web:NN\n- image: *aNN\n"
    ),
    "containers far below": _deep(_object("Pod"), "{image: 'acme/web:NN'}, "),
    "templates": LongFile(f"{_object('Pod')}spec:\n", "- image: {{ .Values.NN }}\n"),
    "maps": _documents(f"{_object('Web')}spec: {{image: {{repository: acme/web, tag: vNN}}}}\n"),
    "maps and values": _documents(
        _object("HelmRelease", "helm.toolkit.fluxcd.io/v2")
        + "spec: {image: {repository: acme/web, tag: v1}, "
        "values: {image: {repository: acme/web, tag: vNN}}, "
        "chart: {spec: {chart: web, version: 1.0.NN}}, "
        "postRenderers: [{kustomize: {images: [{name: acme/web, newTag: vNN}]}}]}\n"
    ),
    "overrides that are no lists": _documents(
        _object("Kustomization", "kustomize.toolkit.fluxcd.io/v1") + "spec: {images: web}\n"
    ),
    "applications": _documents(
        _APPLICATION + "spec: {source: {repoURL: 'https://github.com/acme/web', "
        "targetRevision: v1.NN.0, helm: {parameters: [{name: image.tag, value: vNN}]}}}\n"
    ),
    "parameters": LongFile(
        f"{_SOURCE}    helm:\n      parameters:\n", "      - {name: aNN.image.tag, value: v1}\n"
    ),
    "parameters beside each other": LongFile(
        f"{_SOURCE}    helm:\n      parameters:\n",
        "      - {name: a.xNNimage, value: 'acme/web:NN'}\n",
    ),
    "overrides": LongFile(
        f"{_SOURCE}    kustomize:\n      images:\n", "      - acme/web=acme/web-NN:v1\n"
    ),
    "values": _values("", "webNN:\n  image:\n    repository: acme/web\n    tag: vNN\n"),
    "values of one anchor": _values(
        "t: &t v1\n", "webNN: {image: {repository: acme/web, tag: *t }}\n"
    ),
    "values of anchors": _values("", "webNN: {image: {repository: acme/web, tag: &tNN v1}}\n"),
    "merged values": _values(
        "b: &b {repository: acme/web, tag: v1}\n", "webNN: {image: {<<: *b}}\n"
    ),
    "values in a text": LongFile(
        f"{_SOURCE}    helm:\n      values: |\n",
        "        aNN: {image: {repository: acme/web, tag: vNN}}\n",
    ),
    "values in texts": _values("", "aNN: |\n  image: {repository: acme/web, tag: vNN}\n"),
    "texts": LongFile(f"{_object('ConfigMap')}data:\n", "  aNN: |\n    image: acme/web:NN\n"),
    "a text": LongFile(f"{_object('ConfigMap')}data:\n  a: |\n", "    - image: acme/web:NN\n"),
    "a text that is no yaml": LongFile(
        f"{_object('ConfigMap')}data:\n  a: |\n    {{{{ if }}}}\n", "    - image: acme/web:NN\n"
    ),
    "markers": LongFile("", "aNN: v1 # towline: web:tag\n"),
    "markers alone": LongFile("a: 1\n", "# towline: web:tag\n"),
    "markers behind carriage returns": LongFile("a: 1\n", "# towline: web:tag\r"),
    "markers in a text": LongFile("a: |\n", "  x # towline: web:tag\n"),
    "markers behind keys": LongFile("", "aNN: # towline: web:tag\n  b: c\n"),
    "markers beside a digest": LongFile("", "aNN: v1 # towline: web:tag\n", f"d: {DIGEST}\n"),
    "markers of tag and digest": LongFile(
        "", f"aNN: v1 # towline: web:tag\ndNN: {DIGEST} # towline: web:digest\n"
    ),
    "disks": _documents(_VOLUME),
    "disks and their sources": _documents(
        f"{_VOLUME}---\n{_object('DataSource', _CDI)}spec: {{source: {{pvc: {{name: dNN}}}}}}\n"
    ),
    "machines with disks": _documents(
        _object("VirtualMachine", "kubevirt.io/v1")
        + "spec: {template: {spec: {volumes: [{containerDisk: {image: 'acme/web:NN'}}]}}}\n"
    ),
    "versions of machines": _documents("talosVersion: v1.2.NN\nkubernetesVersion: v1.30.NN\n"),
    "plans": _documents(
        _object("Plan", "upgrade.cattle.io/v1")
        + "spec: {version: v1.30.NN+k3s1, upgrade: {image: rancher/k3s-upgrade}}\n"
    ),
    "installers": LongFile("a:\n", f"- &aNN {_INSTALLER}:v1.2.NN\n- *aNN\n"),
    "installers far below": _deep("", f"'{_INSTALLER}:v1.2.NN', "),
    "dependencies": LongFile(
        "apiVersion: v2\nname: x\nversion: 1.0.0\ndependencies:\n",
        "- {name: webNN, repository: 'https://charts.acme.io', version: &aNN 1.0.NN, x: *aNN }\n",
        file="Chart.yaml",
    ),
}
