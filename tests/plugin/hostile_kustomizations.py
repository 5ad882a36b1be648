"""Kustomizations that want more than a render: each a few files, all below one tree.

In texts `OUT` is a directory beside the tree with a canary in it, `PORT` a port on loopback that
notes who calls, and `RAN` a file that only a started program would make.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from pathlib import Path

CANARY = "canary-5f0d6c1e"
STAGE = "stages/prod"
MAP = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n"
EXEC = "metadata:\n  name: x\n  annotations:\n    config.kubernetes.io/function: |\n      "
RUN = "#!/bin/sh\necho > RAN\n"


@dataclass(frozen=True, slots=True)
class Hostile:
    """Files by path from the stage, links with their targets, pipes; whether helm is on."""

    files: dict[str, str]
    links: dict[str, str] = field(default_factory=dict)
    pipes: tuple[str, ...] = ()
    helm: bool = False

    def write(self, base: Path, port: int) -> Path:
        """The root of the tree, made below `base`, beside what must not be read."""
        root, out = base / "tree", base / "out"
        stage = root / STAGE
        stage.mkdir(parents=True)
        _outside(out)
        for name, text in self.files.items():
            path = stage / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(_filled(text, base, port))
            path.chmod(0o755)
        for name, target in self.links.items():
            (stage / name).parent.mkdir(parents=True, exist_ok=True)
            (stage / name).symlink_to(_filled(target, base, port))
        for name in self.pipes:
            os.mkfifo(stage / name)
        return root


def _filled(text: str, base: Path, port: int) -> str:
    for word, said in {"OUT": base / "out", "PORT": port, "RAN": base / "ran"}.items():
        text = text.replace(word, str(said))
    return text


def _outside(out: Path) -> None:
    """A base, a values file, an environment file and a chart: all readable as what they pretend."""
    (out / "chart" / "templates").mkdir(parents=True)
    manifest = f"{MAP}data: {{said: {CANARY}}}\n"
    (out / "canary.yaml").write_text(manifest)
    (out / "kustomization.yaml").write_text("resources: [canary.yaml]\n")
    (out / "values.yaml").write_text(f"said: {CANARY}\n")
    (out / "env").write_text(f"SAID={CANARY}\n")
    (out / "schema.json").write_text(f'{{"const": "{CANARY}"}}\n')
    (out / "chart" / "Chart.yaml").write_text("apiVersion: v2\nname: chart\nversion: 1.0.0\n")
    (out / "chart" / "values.yaml").write_text("{}\n")
    (out / "chart" / "templates" / "a.yaml").write_text(manifest)


def one(text: str, **files: str) -> Hostile:
    """A kustomization, and other files: `a_yaml` is a.yaml."""
    others = {name.replace("_", "."): said for name, said in files.items()}
    return Hostile({"kustomization.yaml": text, **others})


def chart(said: str, links: dict[str, str] | None = None, **files: str) -> Hostile:
    """A kustomization with one chart, of which `said` is said; a chart `web` is vendored.

    `files` are files of that chart, `templates__a_yaml` is templates/a.yaml.
    """
    here = {
        "Chart.yaml": "apiVersion: v2\nname: web\nversion: 1.0.0\n",
        "values.yaml": "said: nothing\n",
        "templates/a.yaml": f"{MAP}data: {{said: {{{{ .Values.said | quote }}}}}}\n",
    }
    here |= {name.replace("__", "/").replace("_", "."): text for name, text in files.items()}
    vendored = {f"charts/web/{name}": text for name, text in here.items()}
    text = said if said.startswith("helm") else f"helmCharts:\n- {{name: web, {said}}}\n"
    return Hostile({"kustomization.yaml": text, **vendored}, links or {}, helm=True)


def nested(levels: int) -> str:
    return "[" * levels + "]" * levels


def aliases(levels: int) -> str:
    """A few lines that stand for 9^levels words."""
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, levels + 1)]
    return "".join(f"  {line}\n" for line in lines)


def doubled(times: int) -> str:
    """A patch that copies a list into itself again and again."""
    ops = "".join(
        f"      - {{op: copy, from: /data, path: /data/k{number}}}\n" for number in range(times)
    )
    return f"resources: [a.yaml]\npatches:\n  - target: {{kind: ConfigMap}}\n    patch: |\n{ops}"


PROGRAMS = {
    "exec-transformer": one(
        "resources: [a.yaml]\ntransformers: [t.yaml]\n",
        a_yaml=MAP,
        run_sh=RUN,
        t_yaml=f"apiVersion: v1\nkind: X\n{EXEC}exec: {{path: ./run.sh}}\n",
    ),
    "exec-generator": one(
        "generators: [t.yaml]\n",
        run_sh=RUN,
        t_yaml=f"apiVersion: v1\nkind: X\n{EXEC}exec: {{path: ./run.sh}}\n",
    ),
    "exec-validator": one(
        "resources: [a.yaml]\nvalidators: [t.yaml]\n",
        a_yaml=MAP,
        run_sh=RUN,
        t_yaml=f"apiVersion: v1\nkind: X\n{EXEC}exec: {{path: ./run.sh}}\n",
    ),
    "exec-inline": one(
        "resources: [a.yaml]\ntransformers:\n- |-\n  apiVersion: v1\n  kind: X\n"
        + f"{EXEC}exec: {{path: ./run.sh}}\n".replace("\n", "\n  ").replace(
            "metadata", "  metadata"
        ),
        a_yaml=MAP,
        run_sh=RUN,
    ),
    "container": one(
        "generators: [t.yaml]\n",
        t_yaml=f"apiVersion: v1\nkind: X\n{EXEC}container: {{image: x, network: true}}\n",
    ),
    "starlark": one(
        "generators: [t.yaml]\n",
        run_star="load('x')",
        t_yaml=f"apiVersion: v1\nkind: X\n{EXEC}starlark: {{path: run.star, name: x}}\n",
    ),
    "starlark-url": one(
        "generators: [t.yaml]\n",
        t_yaml=f"apiVersion: v1\nkind: X\n{EXEC}starlark: {{url: 'http://localhost:PORT/x'}}\n",
    ),
    "legacy-plugin": Hostile(
        {
            "kustomization.yaml": "generators: [t.yaml]\n",
            "t.yaml": "apiVersion: team/v1\nkind: Evil\nmetadata: {name: x}\n",
            "kustomize/plugin/team/v1/evil/Evil": RUN,
            "config/kustomize/plugin/team/v1/evil/Evil": RUN,
        }
    ),
    "go-plugin": Hostile(
        {
            "kustomization.yaml": "transformers: [t.yaml]\n",
            "t.yaml": "apiVersion: team/v1\nkind: Evil\nmetadata: {name: x}\n",
            "kustomize/plugin/team/v1/evil/Evil.so": RUN,
        }
    ),
    "builtin-prefix": one(
        "generators: [t.yaml]\n",
        t_yaml="apiVersion: builtin\nkind: ../../../../../bin/sh\nmetadata: {name: x}\n",
    ),
    "crd-generator": one(
        "generators:\n- |-\n  apiVersion: v1\n  kind: ConfigMap\n  metadata:\n    name: x\n"
    ),
}

REMOTE = {
    f"remote-{field_}-{kind}": one(f"resources: [a.yaml]\n{text}\n", a_yaml=MAP)
    for kind, url in {
        "http": "http://localhost:PORT/x.yaml",
        "upper": "HTTP://localhost:PORT/x.yaml",
        "git": "git::http://localhost:PORT/x",
        "ref": "http://localhost:PORT/x.git//y?ref=v1",
        "file": "file://OUT",
    }.items()
    for field_, text in {
        "resources": f"Resources: ['{url}']",
        "components": f"components: ['{url}']",
        "bases": f"bases: ['{url}']",
        "patches": f"patches: [{{path: '{url}'}}]",
        "strategic": f"patchesStrategicMerge: ['{url}']",
        "json6902": f"patchesJson6902: [{{path: '{url}', target: {{version: v1, kind: X}}}}]",
        "files": f"configMapGenerator: [{{name: b, files: ['x={url}']}}]",
        "envs": f"secretGenerator: [{{name: b, envs: ['{url}']}}]",
        "env": f"secretGenerator: [{{name: b, env: '{url}'}}]",
        "openapi": f"openapi: {{path: '{url}'}}",
        "crds": f"crds: ['{url}']",
        "configurations": f"configurations: ['{url}']",
        "replacements": f"replacements: [{{path: '{url}'}}]",
        "generators": f"generators: ['{url}']",
        "transformers": f"transformers: ['{url}']",
        "validators": f"validators: ['{url}']",
    }.items()
}
REMOTE |= {
    "ssh": one("resources: ['git@localhost:acme/x.git']\n"),
    "ssh-url": one("resources: ['ssh://git@localhost:PORT/acme/x']\n"),
    "github": one("resources: ['github.com/acme/x?ref=v1']\n"),
    "oci": one("resources: ['oci://localhost:PORT/acme/x']\n"),
    "tagged": one("resources: [!!binary aHR0cDovL2xvY2FsaG9zdDpQT1JUL3g=]\n"),
    "aliased": one("x: &x 'http://localhost:PORT/x'\nresources: [*x]\n"),
    "merged": one("x: &x {resources: ['http://localhost:PORT/x']}\n<<: *x\n"),
    "escaped": one('resources: ["htt\\u0070://localhost:PORT/x"]\n'),
    "folded": one('resources: [\n  "http://localhost:PORT/\\\n  x"]\n'),
    "twice": one("resources: [a.yaml]\nResources: ['http://localhost:PORT/x']\n", a_yaml=MAP),
    "second-document": one("{}\n---\nresources: ['http://localhost:PORT/x']\n"),
    "below": Hostile(
        {
            "kustomization.yaml": "resources: [../base]\n",
            "../base/Kustomization": "resources: ['http://localhost:PORT/x']\n",
        }
    ),
    "json": one('{"resources": ["http://localhost:PORT/x"]}\n'),
    "plugin-patch": one(
        "resources: [a.yaml]\ntransformers: [t.yaml]\n",
        a_yaml=MAP,
        t_yaml=(
            "apiVersion: builtin\nkind: PatchTransformer\nmetadata: {name: x}\n"
            "path: http://localhost:PORT/x\ntarget: {kind: ConfigMap}\n"
        ),
    ),
    "plugin-files": one(
        "generators: [t.yaml]\n",
        t_yaml=(
            "apiVersion: builtin\nkind: ConfigMapGenerator\nmetadata: {name: x}\n"
            "name: x\nfiles: ['x=http://localhost:PORT/x']\n"
        ),
    ),
}

OUTSIDE = {
    "base-above": one("resources: [../../../out]\n"),
    "base-absolute": one("resources: [OUT]\n"),
    "file-above": one("resources: [../../../out/canary.yaml]\n"),
    "file-absolute": one("resources: [OUT/canary.yaml]\n"),
    "component-above": one("components: [../../../out]\n"),
    "bases-field": one("bases: [../../../out]\n"),
    "deprecated-patch": one("patchesStrategicMerge: [../../../out/canary.yaml]\n"),
    "patch": one("resources: [a.yaml]\npatches: [{path: OUT/canary.yaml}]\n", a_yaml=MAP),
    "files": one("configMapGenerator: [{name: b, files: [../../../out/canary.yaml]}]\n"),
    "files-named": one("configMapGenerator: [{name: b, files: [x=OUT/canary.yaml]}]\n"),
    "envs": one("secretGenerator: [{name: b, envs: [../../../out/env]}]\n"),
    "environment": one("secretGenerator: [{name: b, files: [x=/proc/self/environ]}]\n"),
    "environment-key": Hostile(
        {
            "kustomization.yaml": "configMapGenerator: [{name: b, envs: [keys]}]\n",
            "keys": "TOWLINE_CANARY\nHOME\nPATH\n",
        }
    ),
    "command-line": one("configMapGenerator: [{name: b, files: [x=/proc/self/cmdline]}]\n"),
    "openapi": one("resources: [a.yaml]\nopenapi: {path: OUT/schema.json}\n", a_yaml=MAP),
    "crds": one("resources: [a.yaml]\ncrds: [OUT/schema.json]\n", a_yaml=MAP),
    "configurations": one("resources: [a.yaml]\nconfigurations: [OUT/values.yaml]\n", a_yaml=MAP),
    "replacements": one(
        "resources: [a.yaml]\nreplacements: [{path: OUT/values.yaml}]\n", a_yaml=MAP
    ),
    "link": Hostile({"kustomization.yaml": "resources: [a.yaml]\n"}, {"a.yaml": "OUT/canary.yaml"}),
    "link-relative": Hostile(
        {"kustomization.yaml": "resources: [a.yaml]\n"}, {"a.yaml": "../../../out/canary.yaml"}
    ),
    "link-directory": Hostile({"kustomization.yaml": "resources: [b]\n"}, {"b": "OUT"}),
    "link-chain": Hostile(
        {"kustomization.yaml": "resources: [b/c/canary.yaml]\n", "d/e": ""},
        {"b": "d", "d/c": "OUT"},
    ),
    "link-kustomization": Hostile(
        {"a.yaml": MAP}, {"kustomization.yaml": "OUT/kustomization.yaml"}
    ),
    "link-files": Hostile(
        {"kustomization.yaml": "configMapGenerator: [{name: b, files: [x]}]\n"}, {"x": "OUT/env"}
    ),
    "plugin-patch": one(
        "resources: [a.yaml]\ntransformers: [t.yaml]\n",
        a_yaml=MAP,
        t_yaml=(
            "apiVersion: builtin\nkind: PatchTransformer\nmetadata: {name: x}\n"
            "path: OUT/canary.yaml\ntarget: {kind: ConfigMap}\n"
        ),
    ),
    "plugin-files": one(
        "generators: [t.yaml]\n",
        t_yaml=(
            "apiVersion: builtin\nkind: SecretGenerator\nmetadata: {name: x}\n"
            "name: x\nenvs: [OUT/env]\n"
        ),
    ),
    "plugin-inline": one(
        "generators:\n- |-\n  apiVersion: builtin\n  kind: ConfigMapGenerator\n"
        "  metadata:\n    name: x\n  name: x\n  files: [x=OUT/env]\n"
    ),
}

HEAVY = {
    "aliases-resource": one("resources: [a.yaml]\n", a_yaml=f"{MAP}data:\n{aliases(8)}"),
    "aliases-kustomization": one(f"configMapGenerator:\n- name: x\n  x:\n  {aliases(8)}"),
    "aliases-patch": one(
        "resources: [a.yaml]\npatches: [{path: p.yaml}]\n",
        a_yaml=MAP,
        p_yaml=f"{MAP}data:\n{aliases(8)}",
    ),
    "alias-itself": one("resources: [a.yaml]\n", a_yaml=f"{MAP}data: &d\n  x: *d\n"),
    "nested-resource": one("resources: [a.yaml]\n", a_yaml=f"{MAP}data: {nested(50_000)}\n"),
    "nested-kustomization": one(f"resources: {nested(50_000)}\n"),
    "nested-mapping": one(
        "resources: [a.yaml]\n", a_yaml=MAP + "data: " + "{a: " * 20_000 + "}" * 20_000
    ),
    "generated": Hostile(
        {
            "kustomization.yaml": "configMapGenerator:\n"
            + "".join(f"- {{name: n{number}, files: [big]}}\n" for number in range(400)),
            "big": "0123456789abcdef" * 60_000,
        }
    ),
    "copied": one(doubled(40), a_yaml=f"{MAP}data: {{a: b}}\n"),
    "many-resources": one(
        "resources: [a.yaml]\nnamePrefix: x-\nlabels: [{pairs: {a: b}, includeSelectors: true}]\n",
        a_yaml="---\n".join(MAP.replace("name: a", f"name: a{n}") for n in range(20_000)),
    ),
    "many-images": one(
        "resources: [a.yaml]\nimages:\n"
        + "".join(f"- {{name: x{number}, newTag: v1}}\n" for number in range(20_000)),
        a_yaml="---\n".join(MAP.replace("name: a", f"name: a{n}") for n in range(300)),
    ),
    "variables": one(
        "resources: [a.yaml]\nvars:\n- name: X\n"
        "  objref: {apiVersion: v1, kind: ConfigMap, name: a}\n  fieldref: {fieldpath: data.x}\n",
        a_yaml=f"{MAP}data: {{x: $(X)$(X)$(X)$(X)}}\n",
    ),
    "base-itself": one("resources: [.]\n"),
    "base-above-itself": one("resources: [..]\n"),
    "cycle": Hostile(
        {
            "kustomization.yaml": "resources: [../b]\n",
            "../b/kustomization.yaml": "resources: [../prod]\n",
        }
    ),
    "deep-bases": Hostile(
        {"kustomization.yaml": "resources: [d]\n"}
        | {f"{'d/' * level}kustomization.yaml": "resources: [d, d]\n" for level in range(1, 25)}
    ),
    "link-itself": Hostile({"kustomization.yaml": "resources: [a]\n"}, {"a": "a"}),
    "directory-as-file": Hostile({"kustomization.yaml/a": MAP}),
    "directory-as-resource": Hostile({"kustomization.yaml": "resources: [a]\n", "a/b.yaml": MAP}),
    "directory-as-generator": Hostile(
        {"kustomization.yaml": "configMapGenerator: [{name: b, files: [a]}]\n", "a/b.yaml": MAP}
    ),
    "pipe-kustomization": Hostile({"a.yaml": MAP}, pipes=("kustomization.yaml",)),
    "pipe-resource": Hostile({"kustomization.yaml": "resources: [a.yaml]\n"}, pipes=("a.yaml",)),
    "pipe-files": Hostile(
        {"kustomization.yaml": "configMapGenerator: [{name: b, files: [x]}]\n"}, pipes=("x",)
    ),
    "pipe-plain": Hostile({"b.yaml": MAP}, pipes=("a.yaml",)),
    "device": Hostile({"kustomization.yaml": "resources: [a.yaml]\n"}, {"a.yaml": "/dev/zero"}),
    "device-files": Hostile(
        {"kustomization.yaml": "configMapGenerator: [{name: b, files: [x]}]\n"}, {"x": "/dev/zero"}
    ),
    "standard-input": Hostile(
        {"kustomization.yaml": "resources: [a.yaml]\n"}, {"a.yaml": "/proc/self/fd/0"}
    ),
}

CHARTS = {
    "off": Hostile({**chart("releaseName: a").files}),
    "release-post-renderer": chart("releaseName: '--post-renderer=OUT/../ran.sh'"),
    "release-values": chart("releaseName: '--values=OUT/values.yaml'"),
    "release-set-file": chart("releaseName: '--set-file=said=OUT/env'"),
    "release-dash": chart("releaseName: '-f'"),
    "release-missing": chart("version: 1.0.0"),
    "name-template": chart('nameTemplate: \'{{ env "HOME" }}-{{ getHostByName "localhost" }}\''),
    "name-above": chart("helmCharts: [{name: ../../../../out/chart, releaseName: a}]\n"),
    "name-comma": chart("helmCharts: [{name: 'web,http://localhost:PORT/x', releaseName: a}]\n"),
    "home-absolute": chart(
        "helmGlobals: {chartHome: OUT}\nhelmCharts: [{name: chart, releaseName: a}]\n"
    ),
    "home-above": chart(
        "helmGlobals: {chartHome: ../../../out}\nhelmCharts: [{name: chart, releaseName: a}]\n"
    ),
    "config-home": Hostile(
        {
            **chart(
                "helmGlobals: {configHome: ./cfg}\nhelmCharts: [{name: web, releaseName: a}]\n"
            ).files,
            "cfg/.data/plugins/evil/plugin.yaml": (
                "name: evil\nversion: 1.0.0\ncommand: $HELM_PLUGIN_DIR/run.sh\n"
                "hooks: {install: $HELM_PLUGIN_DIR/run.sh}\n"
            ),
            "cfg/.data/plugins/evil/run.sh": RUN,
        },
        helm=True,
    ),
    "values-out": chart("releaseName: a, valuesFile: OUT/values.yaml"),
    "values-above": chart("releaseName: a, valuesFile: ../../../out/values.yaml"),
    "values-url": chart("releaseName: a, valuesFile: 'http://localhost:PORT/x'"),
    "values-more": chart("releaseName: a, additionalValuesFiles: [OUT/values.yaml]"),
    "values-comma": Hostile(
        {
            **chart("releaseName: a, additionalValuesFiles: ['a,OUT/values.yaml']").files,
            "a,OUT/values.yaml": "said: here\n",
        },
        helm=True,
    ),
    "values-comma-url": Hostile(
        {
            **chart("releaseName: a, additionalValuesFiles: ['a,http://localhost:PORT/x']").files,
            "a,http:/localhost:PORT/x": "said: here\n",
        },
        helm=True,
    ),
    "fetched": chart("helmCharts: [{name: b, repo: 'http://localhost:PORT/', releaseName: a}]\n"),
    "fetched-oci": chart(
        "helmCharts: [{name: b, repo: 'oci://localhost:PORT/x', releaseName: a}]\n"
    ),
    "fetched-file": chart("helmCharts: [{name: b, repo: 'file://OUT', releaseName: a}]\n"),
    "old-field": chart(
        "helmChartInflationGenerator: [{chartName: b, chartRepoUrl: 'http://localhost:PORT/',"
        " releaseName: a, helmBin: ./run.sh}]\n"
    ),
    "plugin-file": Hostile(
        {
            **chart("generators: [t.yaml]\n").files,
            "kustomization.yaml": "generators: [t.yaml]\n",
            "t.yaml": (
                "apiVersion: builtin\nkind: HelmChartInflationGenerator\nmetadata: {name: x}\n"
                "name: chart\nreleaseName: a\nchartHome: OUT\n"
            ),
        },
        helm=True,
    ),
    "plugin-inline": Hostile(
        {
            "kustomization.yaml": (
                "generators:\n- |-\n  apiVersion: builtin\n  kind: HelmChartInflationGenerator\n"
                "  metadata:\n    name: x\n  name: b\n  releaseName: a\n"
                "  repo: http://localhost:PORT/\n"
            )
        },
        helm=True,
    ),
    "plugin-built": Hostile(
        {
            "kustomization.yaml": "generators: [../made]\n",
            "../made/kustomization.yaml": "resources: [t.yaml]\n",
            "../made/t.yaml": (
                "apiVersion: builtin\nkind: HelmChartInflationGenerator\nmetadata: {name: x}\n"
                "name: b\nreleaseName: --post-renderer=./run.sh\nrepo: http://localhost:PORT/\n"
            ),
        },
        helm=True,
    ),
    "link": chart("releaseName: a", {"charts/web/templates/b.yaml": "OUT/canary.yaml"}),
    "link-files": chart(
        "releaseName: a",
        {"charts/web/more": "OUT"},
        templates__b_yaml=MAP.replace("a}", "b}")
        + 'data: {x: {{ .Files.Get "more/env" | quote }}}\n',
    ),
    "link-chart": chart(
        "helmCharts: [{name: chart, releaseName: a}]\n", {"charts/chart": "OUT/chart"}
    ),
    "schema": chart("releaseName: a", values_schema_json='{"$ref": "http://localhost:PORT/x"}'),
    "schema-file": chart("releaseName: a", values_schema_json='{"$ref": "file://OUT/schema.json"}'),
    "resolver": chart(
        "releaseName: a", templates__b_yaml=MAP + 'data: {x: "{{ getHostByName "localhost" }}"}\n'
    ),
    "environment": chart("releaseName: a", templates__b_yaml=MAP + 'data: {x: {{ env "HOME" }}}\n'),
    "recursion": chart(
        "releaseName: a",
        templates__b_yaml='{{ define "x" }}{{ include "x" . }}{{ include "x" . }}{{ end }}'
        '{{ include "x" . }}',
    ),
    "flood": chart("releaseName: a", templates__b_yaml='# {{ repeat 1000000000 "x" }}\n'),
    "loop": chart(
        "releaseName: a",
        templates__b_yaml="{{ range until 100000 }}{{ range until 100000 }}{{ end }}{{ end }}",
    ),
    "dependency": chart(
        "releaseName: a",
        Chart_yaml=(
            "apiVersion: v2\nname: web\nversion: 1.0.0\ndependencies:\n"
            "- {name: chart, version: 1.0.0, repository: 'file://OUT/chart'}\n"
        ),
    ),
}
