"""What the words of an object say of images: keys that hold one, kinds that only describe them."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from plugin.artifact.disk import DiskImage
    from plugin.artifact.image import Image, Reference
    from plugin.pins.pin import Pin

_TRANSPORT = "docker://"
_KEYS = ("image", "images", "imagename", "imagenames")
_NOT_RUN = "CustomResourceDefinition"
# They watch images, or judge them; nothing of theirs runs what is written there.
_DESCRIBING = frozenset(
    {
        "argocd-image-updater.argoproj.io",
        "constraints.gatekeeper.sh",
        "image.toolkit.fluxcd.io",
        "kargo.akuity.io",
        "kyverno.io",
        "policies.kyverno.io",
        "policy.sigstore.dev",
    }
)


def holds_image(key: str) -> bool:
    """Whether a key says that an image, or a list of them, stands behind it.

    Such as `image`, `runnerImage`, `imageName`, `WEB_IMAGE` or `images`.
    """
    return key.translate(_WITHOUT_SIGNS).lower().endswith(_KEYS)


def may_name_image(key: str) -> bool:
    """Whether a key holds an image, or is the field of a volume that does."""
    return key == "reference" or holds_image(key)


def without_transport(text: str) -> str:
    """The reference of an image in `text`, which tools may want with a scheme before it."""
    return text.removeprefix(_TRANSPORT)


def is_at(said: Reference | Pin, artifact: Image | DiskImage) -> bool:
    """Whether what is written is the version of `artifact`: a digest decides, else the tag."""
    return said.digest == artifact.digest if said.digest else said.tag == artifact.tag


def is_remark(key: str) -> bool:
    """Whether annotations or labels stand behind a key: they say something and run nothing."""
    return key.lower().endswith(("annotations", "labels"))


def only_describes(kind: str, api_version: str) -> bool:
    """Whether objects of this kind name images without anything that runs them."""
    return kind == _NOT_RUN or api_version.partition("/")[0] in _DESCRIBING


_WITHOUT_SIGNS = str.maketrans("", "", "-_")
