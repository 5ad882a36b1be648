"""`chart`: the versions of a Helm chart, in a repository over HTTP or in a registry."""

from __future__ import annotations

from functools import partial

from plugin.artifact.chart import ChartName
from plugin.errors import Refusal
from plugin.pipeline_file.addresses import web_address
from plugin.pipeline_file.fields import Fields
from plugin.pipeline_file.kinds.shared import Setting, called
from plugin.pipeline_file.mistakes import Mistakes, shown
from plugin.pipeline_file.nodes import Node
from plugin.pipeline_file.scalars import text
from plugin.pipeline_file.tag_rules import limit, version_constraint
from plugin.subscriptions import LIMIT, ChartSubscription

_OCI = "oci://"
_EXAMPLE = "oci://ghcr.io/acme/charts/web"
_text = text("a chart", _EXAMPLE)
_repository_text = text("the address of a repository of charts", "https://charts.example.com")


def read(fields: Fields, setting: Setting) -> ChartSubscription | None:
    """The subscription of `fields`; None with a mistake."""
    before = len(fields.mistakes)
    chart = _chart(fields)
    read = partial(
        ChartSubscription,
        called(fields, chart.name if chart else None),
        constraint=fields.read("constraint", version_constraint),
        limit=fields.read_or("limit", limit, LIMIT),
        min_age=setting.age(fields),
    )
    return read(chart=chart) if chart and len(fields.mistakes) == before else None


def _chart(fields: Fields) -> ChartName | None:
    written = fields.read("chart", _written)
    if written is None:
        fields.read("repository", partial(_repository, "web"))
        return None
    if written.startswith(_OCI):
        if fields.has("repository"):
            what = "'repository' has no effect: the chart's address says where it is"
            fields.mistakes.add(fields.at("repository"), what, "remove it")
        return ChartName.parse(written)
    repository = fields.required(
        "repository",
        partial(_repository, written),
        f"repository: https://charts.example.com, or chart: {_OCI}ghcr.io/acme/charts/{written}",
    )
    return ChartName(repository, written) if repository else None


def _written(node: Node, mistakes: Mistakes) -> str | None:
    """A chart's name, or its address in a registry."""
    value = _text(node, mistakes)
    problem = _problem(value) if value is not None else None
    if problem:
        mistakes.add(node.at, *problem)
        return None
    return value


def _problem(value: str) -> tuple[str, str] | None:
    scheme, mark, rest = value.partition("://")
    if mark and scheme != "oci":
        return (
            f"{shown(value)} is a repository of charts, not a chart",
            f"write chart: web and repository: {shown(value)[1:-1]}",
        )
    name, colon, version = value.rpartition("/")[2].partition(":")
    if colon:
        whole = value[: len(value) - len(version) - 1]
        return (
            f"{shown(value)} names one version, and a subscription watches them all",
            f"write {shown(whole)} and say which versions in 'constraint'",
        )
    if "/" in value and not mark:
        example = value if "." in value.partition("/")[0] else f"ghcr.io/{value}"
        return (
            f"{shown(value)} is neither a chart's name nor its address",
            f"write {shown(_OCI + example)}, or chart: {shown(name)} and its 'repository'",
        )
    if mark and "/" not in rest.strip("/"):
        return f"{shown(value)} names a registry, and no chart", f"write {_EXAMPLE}"
    try:
        ChartName.parse(value)
    except Refusal as refusal:
        return str(refusal), f"write {_EXAMPLE}, or a name and its 'repository'"
    return None


def _repository(chart: str, node: Node, mistakes: Mistakes) -> str | None:
    value = _repository_text(node, mistakes)
    if value is None:
        return None
    if value.startswith(_OCI):
        mistakes.add(
            node.at,
            "a registry has a repository for each chart, not one of charts",
            f"write chart: {shown(value.rstrip('/') + '/' + chart)[1:-1]} alone",
        )
        return None
    return web_address("a repository of charts", "https://charts.example.com")(node, mistakes)
