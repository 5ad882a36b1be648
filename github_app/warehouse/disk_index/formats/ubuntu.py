"""Ubuntu's simplestreams: products of versions of items.

https://canonical-simplestreams.readthedocs-hosted.com/en/latest/reference/streams-product
"""

from __future__ import annotations

from github_app.warehouse.disk_index.listed import (
    Listed,
    ListedImage,
    day,
    document,
    is_image,
    mapping,
    members,
    sha256_of,
    text_of,
)
from plugin.errors import Refusal

_FORMAT = "products:1.0"
_STREAM = "streams/v1/com.ubuntu.cloud:{}:download.json"


def index(pattern: str) -> str:
    """The stream beside the releases or daily builds that the address stands in.

    Without either word it is a daily build: `/noble/20260705/` is `/daily/server/noble/20260705/`.
    """
    for directory, stream in (("releases", "released"), ("daily", "daily")):
        base, found, _ = pattern.partition(f"/{directory}/")
        if found:
            return f"{base}{found}{_STREAM.format(stream)}"
    host = "/".join(pattern.split("/", 3)[:3])
    return f"{host}/daily/{_STREAM.format('daily')}"


def listed(stream: str) -> tuple[Listed, ...]:
    """Every disk image of every product; raises Refusal."""
    products = mapping(document(stream), "it")
    if products.get("format") != _FORMAT:
        raise Refusal(f"its format is not '{_FORMAT}': give the address of a stream of products")
    return tuple(
        ListedImage(path, sha256_of(item), day(serial))
        for _, product in members(products, "products")
        for serial, version in members(product, "versions")
        for _, item in members(version, "items")
        if is_image(path := text_of(item, "path"))
    )
