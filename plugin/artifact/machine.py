"""What machines run: Talos, k3s, Kubernetes; one minor version at a time."""

from __future__ import annotations

import re
from dataclasses import dataclass

from plugin.errors import Refusal

_NAME = re.compile(r"[a-z][a-z0-9-]*")
_VERSION = re.compile(
    r"v?(?P<major>[0-9]+)\.(?P<minor>[0-9]+)\.(?P<patch>[0-9]+)"
    r"(?P<pre>-[0-9A-Za-z.-]+)?(?P<build>\+[0-9A-Za-z.-]+)?"
)


@dataclass(frozen=True, slots=True, order=True)
class Machine:
    """A system that machines run, by its project's name: `talos`, `k3s`, `kubernetes`."""

    name: str

    def __post_init__(self) -> None:
        if not _NAME.fullmatch(self.name):
            raise Refusal(f"'{self.name[:120]}' is not a system such as talos, k3s or kubernetes")

    def __str__(self) -> str:
        return self.name


@dataclass(frozen=True, slots=True, order=True)
class MachineVersion:
    """A system at one version."""

    subject: Machine
    tag: str
    digest = None

    def __post_init__(self) -> None:
        if not _VERSION.fullmatch(self.tag):
            raise Refusal(f"'{self.tag[:120]}' is not a version of {self.subject}, such as v1.2.3")

    def __str__(self) -> str:
        return f"{self.subject} {self.tag}"


def step_problem(old: str, new: str) -> str | None:
    """Why machines at `old` may not go to `new` directly, or None.

    Talos and Kubernetes support one minor version up at a time and no way back
    (https://www.talos.dev/latest/talos-guides/upgrading-talos/#supported-upgrade-paths,
    https://kubernetes.io/releases/version-skew-policy/).
    """
    before, after = _VERSION.fullmatch(old), _VERSION.fullmatch(new)
    if before is None or after is None:
        return f"'{(old if before is None else new)[:120]}' is not a version such as v1.2.3"
    old_minor, new_minor = _minor(before), _minor(after)
    if new_minor[0] != old_minor[0]:
        return f"from {old} to {new} is another major version; upgrade the machines by hand"
    if new_minor[1] > old_minor[1] + 1:
        between = f"{new_minor[0]}.{old_minor[1] + 1}"
        return f"from {old} to {new} skips a minor version; go to {between} first"
    if new_minor[1] < old_minor[1]:
        return f"from {old} to {new} goes back a minor version, which machines do not support"
    return None


def _minor(found: re.Match[str]) -> tuple[int, int]:
    return int(found["major"]), int(found["minor"])
