"""Random trees that change at random: what the cache gives is what kustomize would build now."""

from __future__ import annotations

import contextlib
import random
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple, TypeAlias

from hypothesis import given, settings
from hypothesis import strategies as st

from plugin.errors import Refusal
from plugin.inputs.cache import Cache
from plugin.inputs.closure import Rules, closure_of
from plugin.kustomize.build import Kustomize
from plugin.printed import printed


class Link(NamedTuple):
    target: str


# What is at each path that is no directory: a text, or a link.
Tree: TypeAlias = dict[str, str | Link]

# Each example is some builds.
FEWER = max(settings().max_examples // 4, 1)
STEPS = 8
NAMES = ("kustomization.yaml", "kustomization.yml", "Kustomization")
LISTED = "{kind: ConfigMap, version: v1, name: OWN}"
CREATE = "{create: true}"
INLINE = (
    """'{"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "OWN"}, """
    """"data": {"i": "1"}}'"""
)
FIELDS = {
    "components": ("[../part]",),
    "patches": (
        "[{path: p.yaml, target: {kind: ConfigMap}}]",
        "[{PATH: p.yaml, target: {kind: ConfigMap}}, {path: s.yaml}]",
    ),
    "patchesStrategicMerge": ("[s.yaml]", f"[s.yaml, {INLINE}]"),
    "patchesJson6902": (f"[{{path: p.yaml, target: {LISTED}}}]",),
    "configMapGenerator": (
        "[{name: g, files: [x.txt]}]",
        "[{name: g, files: [k=x.txt, p.yaml], envs: [e.env]}]",
    ),
    "secretGenerator": ("[{name: h, env: e.env}]", "[{name: h, literals: [x=x.txt]}]"),
    "replacements": ("[{path: r.yaml}]",),
    "transformers": ("[t.yaml]", "[../plugins]"),
    "generators": ("[g.yaml]",),
    "crds": ("[crd.json]",),
    "configurations": ("[c.yaml]",),
    "openapi": ("{path: o.json}",),
    "namePrefix": ("x-",),
    "buildMetadata": ("[originAnnotations]",),
}
RESOURCES = {
    "prod": (
        "[a.yaml]",
        "[a.yaml, ../base]",
        "[a.yaml, ../link]",
        "[b.yaml, sub, a.yaml]",
        "&l [a.yaml]",
    ),
    "base": ("[a.yaml]", "[a.yaml, b.yaml, ../more]"),
    "more": ("[a.yaml]", "[a.yaml, b.yaml]"),
    "part": ("[b.yaml]", "[]"),
    "prod/sub": ("[a.yaml]",),
    "plugins": ("[t.yaml]",),
}
BUILTIN = "apiVersion: builtin\nmetadata: {name: one}\n"


def manifest(directory: str, name: str, number: int) -> str:
    name = f"{directory.replace('/', '-')}-{name[0]}"
    meta = f"metadata: {{name: {name}}}\ndata: {{v: '{number}'}}\n"
    return f"apiVersion: v1\nkind: ConfigMap\n{meta}"


def text(path: str, number: int) -> str:
    """What a file of this name holds; each number another text."""
    directory, _, name = path.rpartition("/")
    return {
        "p.yaml": f"- {{op: add, path: /data/p, value: '{number}'}}\n",
        "s.yaml": manifest(directory.replace("part", "prod"), "a", number),
        "r.yaml": f"source: {LISTED.replace('OWN', own(directory))}\ntargets:\n"
        f"- {{select: {{kind: ConfigMap}}, fieldPaths: [data.r{number}], options: {CREATE}}}\n",
        "t.yaml": f"{BUILTIN}kind: PatchTransformer\npath: q{number}.yaml\n"
        "target: {kind: ConfigMap}\n",
        "q0.yaml": f"- {{op: add, path: /data/q, value: '{number}'}}\n",
        "q1.yaml": f"- {{op: add, path: /data/q, value: 'other {number}'}}\n",
        "g.yaml": f"{BUILTIN}kind: ConfigMapGenerator\nname: plugged\nfiles: [x.txt]\n"
        f"literals: [n={number}]\n",
        "x.txt": f"text {number}\n",
        "e.env": f"E={number}\n",
        "crd.json": "{}\n" if number < 2 else "[1]\n",
        "c.yaml": "[1]\n"
        if number == 2
        else f"namePrefix: [{{path: data/c{number}, create: true}}]\n",
        "o.json": f'{{"definitions": {{"a{number}": {{}}}}}}',
    }.get(name) or manifest(directory, name, number)


FILES = "a.yaml b.yaml p.yaml s.yaml r.yaml t.yaml q0.yaml q1.yaml g.yaml x.txt e.env".split()
FILES += ["crd.json", "c.yaml", "o.json"]
PATHS = [f"{directory}/{name}" for directory in RESOURCES for name in (*FILES, *NAMES)]
PATHS += ["link", "prod/.freight/web.yaml", "unread/x.txt", "prod", "base", "prod/sub"]
TARGETS = ["../base/a.yaml", "a.yaml", "base", "more", "part", "prod", "../more", "x.txt", "."]


def kustomization(chance: random.Random, directory: str) -> str:
    """A kustomization; most of them build."""
    lines = [f"resources: {chance.choice(RESOURCES[directory])}"]
    if directory == "part":
        lines += ["apiVersion: kustomize.config.k8s.io/v1alpha1", "kind: Component"]
    elif directory not in {"prod/sub", "plugins"}:
        names = chance.sample(sorted(FIELDS), chance.randint(0, 4))
        lines += [f"{name}: {chance.choice(FIELDS[name])}" for name in names]
    return "\n".join(lines).replace("OWN", own(directory)) + "\n"


def own(directory: str) -> str:
    """The object that a kustomization patches."""
    return f"{directory.replace('part', 'prod')}-a"


def first_tree(chance: random.Random) -> Tree:
    tree: Tree = {f"{one}/{name}": text(f"{one}/{name}", 0) for one in RESOURCES for name in FILES}
    tree |= {f"{one}/{NAMES[0]}": kustomization(chance, one) for one in RESOURCES}
    if chance.random() < 0.15:
        del tree["prod/kustomization.yaml"]
    return tree | {"link": Link(chance.choice(["base", "more"]))}


class Change(NamedTuple):
    """At `path` there is something else from now on; with `source` what was there."""

    path: str
    content: str | Link | None
    source: str = ""


def change(chance: random.Random, tree: Tree) -> Change:
    """Mostly another text; now and then a file comes, goes, moves, breaks or becomes a link."""
    kind = chance.random()
    path = chance.choice(named(tree) if chance.random() < 0.7 else PATHS)
    directory, _, name = path.rpartition("/")
    if kind < 0.8:
        known = name in NAMES and directory in RESOURCES
        another = text(path, chance.randint(1, 3))
        return Change(path, kustomization(chance, directory) if known else another)
    if kind < 0.87:
        return Change(path, Link(chance.choice(TARGETS)))
    if kind < 0.92:
        return Change(path, None, chance.choice(sorted(tree)))
    return Change(path, chance.choice([None, None, "{"]))


def named(tree: Tree) -> list[str]:
    """The paths that most likely matter: what is named by the kustomization beside it."""
    found = ["prod/Kustomization", "base/kustomization.yml", "prod/new.yaml"]
    for path in sorted(tree):
        directory, _, name = path.rpartition("/")
        beside = tree.get(f"{directory}/{NAMES[0]}", "resources")
        if name in NAMES or name in str(beside) or directory == "plugins":
            found.append(path)
    return found


def changed(tree: Tree, change: Change) -> Tree:
    """The tree after a change; what was in the way, above or below, is gone."""
    path, content = change.path, change.content
    if change.source:
        content = tree.get(change.source)
        tree = {one: what for one, what in tree.items() if one != change.source}
    after = {one: what for one, what in tree.items() if not below(one, path)}
    if content is None:
        return after
    return {one: what for one, what in after.items() if not below(path, one)} | {path: content}


def below(path: str, directory: str) -> bool:
    return path == directory or path.startswith(f"{directory}/")


class Checkout:
    """A tree on disk, of which only what differs is written anew."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self._tree: Tree = {}
        root.mkdir()

    def write(self, tree: Tree) -> Path:
        for path in [one for one, what in self._tree.items() if tree.get(one) != what]:
            self._remove(self.root / path)
        for path, content in tree.items():
            if self._tree.get(path) != content:
                self._add(self.root / path, content)
        self._tree = tree
        return self.root

    def _remove(self, path: Path) -> None:
        path.unlink()
        while path.parent != self.root and not any(path.parent.iterdir()):
            path = path.parent
            path.rmdir()

    def _add(self, path: Path, content: str | Link) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        if isinstance(content, Link):
            path.symlink_to(content.target)
        else:
            path.write_text(content)


@contextlib.contextmanager
def workplace() -> Iterator[Path]:
    with tempfile.TemporaryDirectory() as directory:
        yield Path(directory)


def built(root: Path, kustomize: Kustomize) -> bytes | None:
    """What a fresh build gives, None where it refuses: kustomize's, or a plain directory's."""
    plain = not any((root / "prod" / name).exists() for name in NAMES)
    try:
        return (
            printed(root, "prod", kustomize).manifests if plain else kustomize.build(root, "prod")
        )
    except Refusal:
        return None


@settings(max_examples=FEWER)
@given(seed=st.integers(0, (1 << 64) - 1))
def test_the_cache_gives_what_kustomize_builds(kustomize: Path, seed: int) -> None:
    chance, program = random.Random(seed), Kustomize((str(kustomize), "build"))
    tree = first_tree(chance)
    with workplace() as place:
        cache, checkout = Cache(str(place / "cache"), 64 << 20), Checkout(place / "root")
        past: list[tuple[Tree, bytes | None]] = []
        for _ in range(STEPS):
            root = checkout.write(tree)
            fresh = built(root, program)
            found = cache.found("prod", "1", str(root))
            assert found is None or found == fresh
            if fresh is not None:
                cache.keep("prod", "1", str(root), closure_of(root, "prod", Rules()).shape, fresh)
                assert cache.found("prod", "1", str(root)) == fresh
            past.append((tree, fresh))
            tree = changed(tree, change(chance, tree))
        for earlier, fresh in past:
            found = cache.found("prod", "1", str(checkout.write(earlier)))
            assert found in {None, fresh}
