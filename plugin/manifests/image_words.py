"""What the words of an object say of images: keys that hold one, kinds that only describe them."""

from __future__ import annotations

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


def is_remark(key: str) -> bool:
    """Whether annotations or labels stand behind a key: they say something and run nothing."""
    return key.lower().endswith(("annotations", "labels"))


def only_describes(kind: str, api_version: str) -> bool:
    """Whether objects of this kind name images without anything that runs them."""
    return kind == _NOT_RUN or api_version.partition("/")[0] in _DESCRIBING


_WITHOUT_SIGNS = str.maketrans("", "", "-_")
