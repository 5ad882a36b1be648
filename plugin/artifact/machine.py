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
_MINOR = re.compile(r"v(?P<major>[0-9]+)\.(?P<minor>[0-9]+)")
# Distributions that patch Kubernetes say so behind a plus: v1.33.4+k3s1, v1.33.4+rke2r1.
_PATCHED = {"k3s": "+k3s", "rke2": "+rke2r"}


@dataclass(frozen=True, slots=True, order=True)
class Machine:
    """A system that machines run, by its project's name: `talos`, `k3s`, `kubernetes`."""

    name: str

    def __post_init__(self) -> None:
        if not _NAME.fullmatch(self.name):
            raise Refusal(f"'{self.name[:120]}' is not a system such as talos, k3s or kubernetes")

    def __str__(self) -> str:
        return self.name


def is_version(text: str) -> bool:
    """Whether `text` is one whole version, with or without its v."""
    return _VERSION.fullmatch(text) is not None


def is_minor(text: str) -> bool:
    """Whether `text` is a minor version alone, such as v1.13."""
    return _MINOR.fullmatch(text) is not None


@dataclass(frozen=True, slots=True, order=True)
class MachineVersion:
    """A system at one version; its v may be left out and is added."""

    subject: Machine
    tag: str
    digest = None

    def __post_init__(self) -> None:
        if not is_version(self.tag):
            raise Refusal(f"'{self.tag[:120]}' is not a version of {self.subject}, such as v1.2.3")
        patched = _PATCHED.get(self.subject.name, "")
        if patched not in self.tag:
            raise Refusal(
                f"'{self.tag[:120]}' is not a version of {self.subject}; write {patched} and the "
                f"number of the build behind it, as in v1.33.4{patched}1"
            )
        object.__setattr__(self, "tag", f"v{self.tag.removeprefix('v')}")

    def __str__(self) -> str:
        return f"{self.subject} {self.tag}"


def step_problem(old: str, new: str) -> str | None:
    """Why machines at `old` may not go to `new` directly, or None.

    Either may be a minor version alone. Talos and Kubernetes support one minor version up at a
    time and no way back
    (https://www.talos.dev/latest/talos-guides/upgrading-talos/#supported-upgrade-paths,
    https://kubernetes.io/releases/version-skew-policy/).
    """
    before, after = _minor(old), _minor(new)
    if before is None or after is None:
        return f"'{(old if before is None else new)[:120]}' is not a version such as v1.2.3"
    if after[0] != before[0]:
        return f"from {old} to {new} is another major version; upgrade the machines by hand"
    if after[1] > before[1] + 1:
        between = f"{after[0]}.{before[1] + 1}"
        return f"from {old} to {new} skips a minor version; go to {between} first"
    if after[1] < before[1]:
        return f"from {old} to {new} goes back a minor version, which machines do not support"
    return None


def _minor(text: str) -> tuple[int, int] | None:
    found = _VERSION.fullmatch(text) or _MINOR.fullmatch(text)
    return (int(found["major"]), int(found["minor"])) if found else None
