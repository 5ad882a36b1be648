"""What an image runs on: operating system, architecture and variant."""

from __future__ import annotations

import re
from dataclasses import dataclass

from plugin.errors import Refusal

_WORD = re.compile(r"[a-z0-9][a-z0-9_.-]{0,31}", re.ASCII)
_SYSTEMS = {"macos": "darwin"}
# Other names of an architecture, with the variant that each of them means.
_ARCHITECTURES = {
    "i386": ("386", None),
    "x86_64": ("amd64", None),
    "x86-64": ("amd64", None),
    "aarch64": ("arm64", None),
    "armhf": ("arm", "v7"),
    "armel": ("arm", "v6"),
}
# A variant that is the usual one is not named; 32-bit ARM's is, because there are several.
_VARIANTS = {
    ("amd64", "v1"): "",
    ("arm64", "8"): "",
    ("arm64", "v8"): "",
    ("arm", ""): "v7",
    ("arm", "5"): "v5",
    ("arm", "6"): "v6",
    ("arm", "7"): "v7",
    ("arm", "8"): "v8",
}


@dataclass(frozen=True, slots=True, order=True)
class Platform:
    """An operating system and an architecture under their one name: `arm64/v8` is `arm64`.

    The names are those of Go, normalised as containerd does
    (https://github.com/containerd/platforms, "normalizeArch"), so that equal platforms are equal
    values.
    """

    os: str
    architecture: str
    variant: str = ""

    def __post_init__(self) -> None:
        system = self.os.lower()
        architecture, variant = self.architecture.lower(), self.variant.lower()
        architecture, meant = _ARCHITECTURES.get(architecture, (architecture, None))
        variant = variant if meant is None else meant
        if architecture == "386":
            variant = ""
        object.__setattr__(self, "os", _SYSTEMS.get(system, system))
        object.__setattr__(self, "architecture", architecture)
        object.__setattr__(self, "variant", _VARIANTS.get((architecture, variant), variant))
        words = (self.os, self.architecture, *((self.variant,) if self.variant else ()))
        if not all(_WORD.fullmatch(word) for word in words):
            raise Refusal(f"'{'/'.join(words)[:120]}' is not a platform such as linux/arm64")

    @classmethod
    def parse(cls, text: str) -> Platform:
        """The platform of `os/architecture` or `os/architecture/variant`; raises Refusal."""
        parts = text.split("/")
        if len(parts) not in {2, 3} or not all(parts):
            raise Refusal(f"'{text[:120]}' is not a platform: write for example linux/arm64")
        return cls(*parts)

    def __str__(self) -> str:
        return "/".join(part for part in (self.os, self.architecture, self.variant) if part)

    def matches(self, other: Platform) -> bool:
        """Whether an image for `other` is one for this: system, architecture and variant alike.

        Kargo's rule: a machine that could run an older variant, too, does not count as this one.
        """
        return self == other
