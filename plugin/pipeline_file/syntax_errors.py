"""A YAML parser's complaint -> what is wrong and what to write, for people."""

from __future__ import annotations

from plugin.pipeline_file.mistakes import Position, shown

_FLOW = (
    "the '{' or '[' before this is not closed, or text in it needs quotes",
    'close it, and put text with any of {}[], in quotes: "clusters/${region}"',
)
_INDENT = (
    "this line does not fit what stands above it",
    "indent it like its neighbours, and put text that goes on after a closing quote in quotes",
)
# What libyaml and PyYAML say (a part of it) -> what a person needs to know.
_EXPLAINED: dict[str, tuple[str, str]] = {
    "mapping values are not allowed": (
        "a second ':' stands in this line, or the line is indented too far",
        "put text with ': ' in quotes, and indent the line like its neighbours",
    ),
    "',' or '}'": _FLOW,
    "',' or ']'": _FLOW,
    "did not find expected key": _INDENT,
    "expected '-' indicator": _INDENT,
    "expected <block end>": _INDENT,
    "expected the node content": _FLOW,
    "expected node content": _FLOW,
    "could not find expected ':'": (
        "a key without ':' stands before this",
        "write it as 'key: value'",
    ),
    "unexpected end of stream": (
        "the quote that opens here is never closed",
        "close it with the same kind of quote",
    ),
    "unexpected document separator": (
        "the quote that opens here is never closed",
        "close it with the same kind of quote",
    ),
    "unknown escape character": (
        "a backslash in this text begins an escape that YAML does not know",
        "use single quotes: '^v\\d+$'",
    ),
    "<document start>": (
        "the document has ended before this",
        "remove what follows, or correct the brackets before it",
    ),
}
_STARTS = {
    "\t": ("a tab stands where YAML wants spaces", "indent with spaces"),
    "@": ("text cannot begin with '@'", "put it in quotes"),
    "`": ("text cannot begin with '`'", "put it in quotes"),
    "%": ("text cannot begin with '%'", "put it in quotes"),
}


def explained(problem: str, context: str, text: str, at: Position) -> tuple[str, str]:
    """What is wrong and what to write, for the parser's `problem` at `at` in `text`."""
    if "cannot start any token" in problem:
        return _STARTS.get(_character(text, at), _fallback(problem))
    if "alias" in context:
        return "'*' begins a YAML alias", 'put a pattern in quotes: "*-prod"'
    known = (value for part, value in _EXPLAINED.items() if part in problem)
    return next(known, _fallback(problem))


def _character(text: str, at: Position) -> str:
    lines = text.split("\n")
    line = lines[at.line - 1] if at.line <= len(lines) else ""
    return line[at.column - 1 : at.column]


def _fallback(problem: str) -> tuple[str, str]:
    return f"this is not YAML: {shown(problem)[1:-1]}", "correct it here"
