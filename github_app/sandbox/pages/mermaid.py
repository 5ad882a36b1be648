"""The part of Mermaid's flowcharts that Towline writes, drawn as SVG without any script.

Nodes with quoted labels, arrows, and one class that marks a node; whatever else a block holds
makes it "not drawn", and it is then shown as the text it is.
https://mermaid.js.org/syntax/flowchart.html
"""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass, field
from html import escape

_ID = r"[A-Za-z0-9_]+"
_HEAD = re.compile(r"(?:flowchart|graph) (?:LR|RL|TD|TB)")
_NODE = re.compile(rf'({_ID})(\(\["|\["|\("|\{{")([^"]*)("\]\)|"\]|"\)|"\}})')
_EDGE = re.compile(rf"({_ID}) -->(?:\|([^|]*)\|)? ({_ID})")
_CLASS = re.compile(rf"class ({_ID}(?:,{_ID})*) {_ID}")
_IGNORED = re.compile(r"classDef .*|style .*|%%.*|")
_ENTITY = re.compile(r"#(\d{1,7});")
_MOST = 400
_WIDTH, _LINE, _GAP_X, _GAP_Y, _PAD = 8.2, 18, 56, 22, 12


@dataclass(frozen=True, slots=True)
class Node:
    """A box: its lines of text, and whether it is round."""

    lines: tuple[str, ...]
    round: bool = False

    @property
    def width(self) -> float:
        """Pixels, estimated from the longest line."""
        return max(len(line) for line in self.lines) * _WIDTH + 2 * _PAD

    @property
    def height(self) -> float:
        """Pixels."""
        return len(self.lines) * _LINE + _PAD


@dataclass(slots=True)
class _Chart:
    nodes: dict[str, Node] = field(default_factory=dict)
    edges: list[tuple[str, str]] = field(default_factory=list)
    marked: set[str] = field(default_factory=set)

    def take(self, line: str) -> bool:
        """Whether the line was understood."""
        if node := _NODE.fullmatch(line):
            self.nodes[node[1]] = Node(_lines(node[3]), node[2].startswith("("))
        elif edge := _EDGE.fullmatch(line):
            self.edges.append((edge[1], edge[3]))
        elif marked := _CLASS.fullmatch(line):
            self.marked.update(marked[1].split(","))
        else:
            return _IGNORED.fullmatch(line) is not None
        return True


def drawing(source: str) -> str | None:
    """The flowchart as an SVG element; None if it holds anything that is not understood."""
    head, *lines = (line.strip() for line in source.strip().splitlines() or [""])
    chart = _Chart()
    if not _HEAD.fullmatch(head) or len(lines) > _MOST or not all(map(chart.take, lines)):
        return None
    named = {name for edge in chart.edges for name in edge}
    columns = _columns(chart) if named <= chart.nodes.keys() and chart.nodes else None
    return _svg(chart, columns) if columns else None


def _lines(label: str) -> tuple[str, ...]:
    return tuple(_plain(line) for line in re.split(r"<br ?/?>", label))


def _plain(text: str) -> str:
    def character(found: re.Match[str]) -> str:
        number = int(found[1])
        valid = 32 <= number < 0x110000 and not 0xD800 <= number < 0xE000
        return chr(number) if valid else "\N{REPLACEMENT CHARACTER}"

    return _ENTITY.sub(character, text)


def _columns(chart: _Chart) -> list[list[str]] | None:
    """Nodes by their longest way from a start; None if there is a cycle."""
    depth = dict.fromkeys(chart.nodes, 0)
    for _ in chart.nodes:
        moved = False
        for start, end in chart.edges:
            if depth[end] < depth[start] + 1:
                depth[end], moved = depth[start] + 1, True
        if not moved:
            break
    else:
        return None
    columns: dict[int, list[str]] = defaultdict(list)
    for name, at in depth.items():
        columns[at].append(name)
    return [columns[at] for at in sorted(columns)]


def _svg(chart: _Chart, columns: list[list[str]]) -> str:
    places, width, height = _places(chart.nodes, columns)
    arrows = "".join(_arrow(chart.nodes, places, edge) for edge in chart.edges)
    boxes = "".join(_box(chart, name, places[name]) for name in chart.nodes)
    words = escape(_spoken(chart))
    return (
        f'<svg class="flow" role="img" aria-label="{words}" width="{width:.0f}" '
        f'height="{height:.0f}" viewBox="0 0 {width:.0f} {height:.0f}">{arrows}{boxes}</svg>'
    )


def _places(
    nodes: dict[str, Node], columns: list[list[str]]
) -> tuple[dict[str, tuple[float, float]], float, float]:
    """The upper left corner of each node, and the size of the whole."""
    tall = [sum(nodes[n].height for n in names) + _GAP_Y * (len(names) - 1) for names in columns]
    height, x = max(tall) + 8, 4.0
    places = {}
    for names, used in zip(columns, tall, strict=True):
        y, wide = (height - used) / 2, max(nodes[name].width for name in names)
        for name in names:
            places[name] = (x + (wide - nodes[name].width) / 2, y)
            y += nodes[name].height + _GAP_Y
        x += wide + _GAP_X
    return places, x - _GAP_X + 4, height


def _arrow(
    nodes: dict[str, Node], places: dict[str, tuple[float, float]], edge: tuple[str, str]
) -> str:
    start, end = edge
    x1, y1 = places[start][0] + nodes[start].width, places[start][1] + nodes[start].height / 2
    x2, y2 = places[end][0] - 2, places[end][1] + nodes[end].height / 2
    bend = (x1 + x2) / 2
    line = f"M{x1:.1f} {y1:.1f}C{bend:.1f} {y1:.1f} {bend:.1f} {y2:.1f} {x2 - 6:.1f} {y2:.1f}"
    tip = f"M{x2:.1f} {y2:.1f}l-8 -4.5v9z"
    return f'<path class="edge" d="{line}"/><path class="tip" d="{tip}"/>'


def _box(chart: _Chart, name: str, place: tuple[float, float]) -> str:
    node, (x, y) = chart.nodes[name], place
    kind = "node marked" if name in chart.marked else "node"
    radius = node.height / 2 if node.round else 6
    middle = x + node.width / 2
    texts = "".join(
        f'<text class="line{min(at, 1)}" x="{middle:.1f}" y="{y + _PAD / 2 + 13 + at * _LINE:.1f}" '
        f'text-anchor="middle">{escape(line)}</text>'
        for at, line in enumerate(node.lines)
    )
    return (
        f'<g class="{kind}"><rect x="{x:.1f}" y="{y:.1f}" rx="{radius:.0f}" '
        f'width="{node.width:.1f}" height="{node.height:.1f}"/>{texts}</g>'
    )


def _spoken(chart: _Chart) -> str:
    if not chart.edges:
        return ", ".join(node.lines[0] for node in chart.nodes.values())
    pairs = ((chart.nodes[start].lines[0], chart.nodes[end].lines[0]) for start, end in chart.edges)
    return "; ".join(f"{start} to {end}" for start, end in pairs)
