"""Lines of a difference carry the numbers they have on either side."""

from __future__ import annotations

from github_app.sandbox.pages.diff import Row, rows

PATCH = """@@ -3,3 +3,4 @@ images:
 - name: web
-  newTag: 1.0.0
+  newTag: 1.1.0
+  digest: sha256:00
 end
\\ No newline at end of file
@@ -20 +21 @@
-a
+b"""


def test_every_line_has_its_kind_and_numbers() -> None:
    assert list(rows(PATCH)) == [
        Row("hunk", None, None, "@@ -3,3 +3,4 @@ images:"),
        Row("same", 3, 3, "- name: web"),
        Row("removed", 4, None, "  newTag: 1.0.0"),
        Row("added", None, 4, "  newTag: 1.1.0"),
        Row("added", None, 5, "  digest: sha256:00"),
        Row("same", 5, 6, "end"),
        Row("note", None, None, " No newline at end of file"),
        Row("hunk", None, None, "@@ -20 +21 @@"),
        Row("removed", 20, None, "a"),
        Row("added", None, 21, "b"),
    ]
