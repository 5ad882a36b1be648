"""Files that hold one pin, for each kind of pin, as hypothesis draws them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from hypothesis import strategies as st

from plugin.artifact import Repository, Subject
from plugin.pins.pin import Kind
from tests.plugin.pins.documents import NOISE, Data, Leaf, Writer, aliased, dressed
from tests.plugin.pins.texts import OLD

IMAGE = "ghcr.io/acme/web"
MARKED: Mapping[str, Subject] = {"web": Repository("ghcr.io", "acme/web")}

TAGS = st.from_regex(r"[A-Za-z0-9_][A-Za-z0-9._-]{0,9}", fullmatch=True) | st.sampled_from(
    ["1.10", "1e3", "0123", "null", "on", "a..b", "2024-01-01", "x.lock", "0x1F", "1_000", "__"]
)
NUMBERS = st.integers(0, 30)


@dataclass(frozen=True, slots=True)
class Case:
    """A file, and what its one pin of interest says."""

    file: str
    text: str
    kind: Kind
    tag: str | None
    digest: str | None = None


@dataclass(frozen=True, slots=True)
class _Shape:
    """The data of a file; `several` where it may hold more documents."""

    file: str
    kind: Kind
    data: Mapping[str, Data]
    tag: str | None
    digest: str | None = None
    several: bool = False


def _object(version: str, kind: str, spec: Data) -> dict[str, Data]:
    return {"apiVersion": version, "kind": kind, "metadata": {"name": "web"}, "spec": spec}


def _tag(tag: str) -> Leaf:
    """A tag in quotes: plain ones that read as numbers come back in quotes, rightly."""
    return Leaf(tag, plain=False)


@st.composite
def _image(draw: st.DrawFn) -> tuple[str, str | None, str | None]:
    tag, digest = draw(st.none() | TAGS), draw(st.sampled_from([None, OLD]))
    tag = tag or (None if digest else "1.0")
    return f"{IMAGE}{f':{tag}' if tag else ''}{f'@{digest}' if digest else ''}", tag, digest


@st.composite
def _manifest(draw: st.DrawFn) -> _Shape:
    text, tag, digest = draw(_image())
    key = draw(st.sampled_from(["containers", "initContainers", "ephemeralContainers"]))
    pod: Data = {key: [{"name": "on", "image": Leaf(text), "args": ["serve"]}], "x": NOISE}
    data = _object("v1", "Pod", pod)
    if draw(st.booleans()):
        data = {"apiVersion": "v1", "kind": "List", "items": [{"kind": "Namespace"}, data]}
    return _Shape("web.yaml", Kind.IMAGE, data, tag, digest, several=True)


@st.composite
def _entry(draw: st.DrawFn) -> _Shape:
    tag, digest = draw(st.none() | TAGS), draw(st.sampled_from([None, OLD]))
    fields: list[tuple[str, Data]] = [("name", "web"), ("newName", IMAGE)]
    fields += [("newTag", _tag(tag))] if tag else []
    fields += [("digest", digest)] if digest else []
    entry = dict(draw(st.permutations(fields)))
    other: Data = {"name": "other", "newTag": Leaf("1.0", plain=False)}
    images: Data = draw(st.permutations([entry, other]))
    data: Mapping[str, Data] = {"images": images, "namePrefix": "a-", **NOISE}
    return _Shape("kustomization.yaml", Kind.KUSTOMIZE_IMAGE, data, tag, digest)


@st.composite
def _values(draw: st.DrawFn) -> _Shape:
    tag, digest = draw(TAGS), draw(st.sampled_from([None, OLD]))
    text, _, _ = f"{IMAGE}:{tag}", None, None
    group: dict[str, Data] = {"registry": "ghcr.io", "repository": "acme/web", "tag": _tag(tag)}
    if draw(st.booleans()):
        group = {"repository": IMAGE, "pullPolicy": "Always", "tag": _tag(tag)}
    group |= {"digest": digest} if digest else {}
    values: dict[str, Data] = {"web": {"image": group}}
    if digest is None and draw(st.booleans()):
        values = {"web": {"image": Leaf(text)}}
    values |= {"replicas": Leaf("3"), **NOISE}
    if draw(st.booleans()):
        release = _object("helm.toolkit.fluxcd.io/v2", "HelmRelease", {"values": values})
        return _Shape("web.yaml", Kind.HELM_VALUES, release, tag, digest, several=True)
    return _Shape("values.yaml", Kind.HELM_VALUES, values, tag, digest)


@st.composite
def _version(draw: st.DrawFn) -> str:
    return f"{draw(NUMBERS)}.{draw(NUMBERS)}.{draw(NUMBERS)}{draw(st.sampled_from(['', '-rc.1']))}"


@st.composite
def _chart(draw: st.DrawFn) -> _Shape:
    version = draw(_version())
    chart: Data = {"name": "web", "repo": "https://charts.acme.io", "version": version}
    if draw(st.booleans()):
        data: Mapping[str, Data] = {"helmCharts": [chart], **NOISE}
        return _Shape("kustomization.yaml", Kind.CHART, data, version)
    spec: Data = {"chart": {"spec": {"chart": "web", "version": version}}, "x": NOISE}
    release = _object("helm.toolkit.fluxcd.io/v2", "HelmRelease", spec)
    return _Shape("web.yaml", Kind.CHART, release, version, several=True)


@st.composite
def _dependency(draw: st.DrawFn) -> _Shape:
    version = draw(_version())
    one: Data = {"name": "web", "version": version, "repository": "oci://ghcr.io/acme"}
    data: Mapping[str, Data] = {"apiVersion": "v2", "name": "shop", "dependencies": [one], **NOISE}
    return _Shape("Chart.yaml", Kind.CHART_DEPENDENCY, data, version)


@st.composite
def _application(draw: st.DrawFn) -> _Shape:
    tag = f"v{draw(_version())}"
    source: Data = {"repoURL": "https://github.com/acme/deploy.git", "targetRevision": tag}
    spec: Data = {"source": source} if draw(st.booleans()) else {"sources": [source], "x": NOISE}
    data = _object("argoproj.io/v1alpha1", "Application", spec)
    return _Shape("app.yaml", Kind.ARGOCD_REVISION, data, tag, several=True)


@st.composite
def _base(draw: st.DrawFn) -> _Shape:
    tag = f"v{draw(_version())}"
    behind = draw(st.sampled_from(["", "&timeout=90s"]))
    address = f"https://github.com/acme/deploy//base?ref={tag}{behind}"
    data: Mapping[str, Data] = {"resources": ["web.yaml", address], **NOISE}
    return _Shape("kustomization.yaml", Kind.REMOTE_BASE, data, tag)


@st.composite
def _machine(draw: st.DrawFn) -> _Shape:
    text, tag, digest = draw(_image())
    disk: Data = {"name": "root", "containerDisk": {"image": Leaf(text)}}
    spec: Data = {"template": {"spec": {"volumes": [{"name": "a"}, disk]}}, "x": NOISE}
    data = _object("kubevirt.io/v1", "VirtualMachine", spec)
    return _Shape("vm.yaml", Kind.CONTAINER_DISK, data, tag, digest, several=True)


@st.composite
def _plan(draw: st.DrawFn) -> _Shape:
    version = f"v1.{draw(NUMBERS)}.{draw(NUMBERS)}+k3s{draw(NUMBERS)}"
    spec: Data = {"upgrade": {"image": "rancher/k3s-upgrade"}, "version": version, "x": NOISE}
    data = _object("upgrade.cattle.io/v1", "Plan", spec)
    return _Shape("plan.yaml", Kind.MACHINE_VERSION, data, version, several=True)


@st.composite
def _marker(draw: st.DrawFn) -> _Shape:
    tag = draw(TAGS)
    data: Mapping[str, Data] = {
        "settings": {"version": Leaf(tag, plain=False, marker="# towline: web:tag")},
        **NOISE,
    }
    return _Shape("settings.yaml", Kind.MARKER, data, tag)


SHAPES: Mapping[str, Callable[[], st.SearchStrategy[_Shape]]] = {
    "image": _manifest,
    "kustomize-image": _entry,
    "helm-values": _values,
    "chart": _chart,
    "chart-dependency": _dependency,
    "argocd-revision": _application,
    "remote-base": _base,
    "container-disk": _machine,
    "machine-version": _plan,
    "marker": _marker,
}


@st.composite
def cases(draw: st.DrawFn, kind: str) -> Case:
    """A file with one pin of a kind, and noise around it."""
    shape = draw(SHAPES[kind]())
    random = draw(st.randoms(use_true_random=False))
    text = Writer(random).document(shape.data)
    if shape.several or shape.file != "values.yaml":
        text = aliased(text) if random.random() < 0.2 else text
    text = dressed(random, text, several=shape.several)
    return Case(shape.file, text, shape.kind, shape.tag, shape.digest)
