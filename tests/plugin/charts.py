"""A chart of our own, as a repository vendors one."""

from __future__ import annotations

from pathlib import Path

TEMPLATE = """\
apiVersion: apps/v1
kind: Deployment
metadata: {name: {{ .Release.Name }}-web, namespace: {{ .Release.Namespace }}}
spec:
  replicas: {{ .Values.replicas }}
  template:
    spec:
      containers: [{name: web, image: "{{ .Values.image }}"}]
"""


def vendored(home: Path, name: str = "web", **extra: str) -> Path:
    """A chart `name` in `home`; `extra` are lines for the end of its Chart.yaml, by key."""
    chart = home / name
    (chart / "templates").mkdir(parents=True)
    about = {"apiVersion": "v2", "name": name, "version": "1.0.0"} | extra
    (chart / "Chart.yaml").write_text("".join(f"{key}: {said}\n" for key, said in about.items()))
    (chart / "values.yaml").write_text("replicas: 1\nimage: ghcr.io/acme/web:1.0.0\n")
    (chart / "templates" / "deployment.yaml").write_text(TEMPLATE)
    return chart


def kustomization(directory: Path, **said: str) -> None:
    """A kustomization in `directory` with one chart; `said` is what it says of it, as YAML."""
    fields = {"name": "web", "releaseName": "shop", "namespace": "prod"} | said
    lines = "".join(f"    {key}: {value}\n" for key, value in fields.items())
    directory.mkdir(parents=True, exist_ok=True)
    text = "helmCharts:\n  -" + lines[3:]
    (directory / "kustomization.yaml").write_text(text)
