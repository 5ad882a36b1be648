"""Documents are copied and taken out without the comments of their neighbours."""

from __future__ import annotations

import pytest

from tests.plugin.disks.stages import NEW, OLD, bumped
from tests.plugin.disks.test_owners import THIRD, disk, machine

NEVER = "# ------------------\n\n# The data disk: NEVER delete, see runbook 12\n"
DATA = disk("web-data", OLD).replace("vm/fedora", "vm/seed")
MACHINE = machine("web", root="root-0d1e2f3a4b5c")
USED, PREVIOUS = disk("root-0d1e2f3a4b5c", OLD), disk("root-999aaabbbccc", THIRD)
COPY = disk("root-4f3c0a9b1d2e", NEW)


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize(
    ("before", "after"),
    [
        (f"{USED}{NEVER}---\n{DATA}", f"{COPY}---\n{USED}{NEVER}---\n{DATA}"),
        (f"---\n# ours\n{USED}# end\n", f"---\n# ours\n{COPY}---\n# ours\n{USED}# end\n"),
        (
            f"{USED}---\n{PREVIOUS}{NEVER}---\n{DATA}",
            f"{COPY}---\n{USED}{NEVER}---\n{DATA}",
        ),
        (f"{PREVIOUS}{NEVER}---\n{USED}# end", f"{NEVER}---\n{COPY}---\n{USED}# end"),
    ],
)
def test_comments_before_the_next_document_stay(before: str, after: str, end: str) -> None:
    done = bumped({"d.yaml": before.replace("\n", end), "v.yaml": MACHINE})
    assert done.files["d.yaml"] == after.replace("\n", end)
