"""Publishers' documents, written after their descriptions with values of our own.

Ubuntu: https://canonical-simplestreams.readthedocs-hosted.com/en/latest/reference/streams-product
Debian: https://salsa.debian.org/cloud-team/debian-cloud-images
Fedora: https://fedoraproject.org/releases.json
Fedora CoreOS: https://docs.fedoraproject.org/en-US/fedora-coreos/stream-metadata/
Flatcar: https://www.flatcar.org/docs/latest/, version.txt and releases-json
Talos: https://github.com/siderolabs/image-factory#get-versions
"""

from __future__ import annotations

import base64
import json

ARCHIVE, RAW, QCOW2 = b"\x01" * 64, b"\x02" * 64, b"\x03" * 64


def sha256(number: int) -> str:
    return f"{number:064x}"


def simplestream(
    serials: dict[str, str | None], arch: str = "amd64", release: str = "24.04"
) -> str:
    """A server product whose serials have these checksums, beside one of another architecture."""

    def versions(arch: str) -> object:
        path = f"server/releases/noble/release-{{}}/ubuntu-{release}-server-cloudimg-{arch}"
        return {
            serial: {
                "label": "release",
                "pubname": f"ubuntu-noble-{release}-{arch}-server-{serial}",
                "items": {
                    "disk1.img": {
                        "ftype": "disk1.img",
                        "path": f"{path.format(serial)}.img",
                        "size": 600,
                    }
                    | ({"sha256": checksum} if checksum else {}),
                    "lxd.tar.xz": {
                        "ftype": "lxd.tar.xz",
                        "path": f"{path.format(serial)}-lxd.tar.xz",
                        "sha256": sha256(99),
                    },
                    "manifest": {"ftype": "manifest", "path": f"{path.format(serial)}.manifest"},
                },
            }
            for serial, checksum in serials.items()
        }

    products = {
        f"com.ubuntu.cloud:server:{release}:{one}": {
            "arch": one,
            "aliases": f"{release},noble",
            "supported": True,
            "versions": versions(one),
        }
        for one in (arch, "s390x")
    }
    return json.dumps(
        {
            "format": "products:1.0",
            "content_id": "com.ubuntu.cloud:released:download",
            "datatype": "image-downloads",
            "products": products,
        }
    )


def debian_build(build: str, name: str = "debian-12-generic-amd64") -> str:
    """A build with three uploads, as one archive and two disk images."""

    def upload(form: str, extension: str, content: bytes) -> object:
        digest = base64.b64encode(content).decode().rstrip("=")
        return {
            "apiVersion": "cloud.debian.org/v1alpha1",
            "kind": "Upload",
            "data": {
                "provider": "cloud.debian.org",
                "ref": f"bookworm/{build}/{name}-{build}.{extension}",
            },
            "metadata": {
                "annotations": {"cloud.debian.org/digest": f"sha512:{digest}"},
                "labels": {
                    "cloud.debian.org/version": build,
                    "debian.org/arch": "amd64",
                    "upload.cloud.debian.org/image-format": form,
                    "upload.cloud.debian.org/type": "release",
                },
            },
        }

    build_item = {
        "apiVersion": "cloud.debian.org/v1alpha1",
        "kind": "Build",
        "data": {"packages": [{"name": "adduser", "version": "3.1"}]},
    }
    uploads = [
        upload("internal", "tar.xz", ARCHIVE),
        upload("raw", "raw", RAW),
        upload("qcow2", "qcow2", QCOW2),
    ]
    return json.dumps({"apiVersion": "v1", "kind": "List", "items": [build_item, *uploads]})


def fedora_image(release: str, name: str, checksum: str | None, arch: str = "x86_64") -> object:
    directory = f"test/{release.replace(' ', '_')}" if " " in release else release
    return {
        "version": release,
        "arch": arch,
        "link": "https://download.fedoraproject.org/pub/fedora/linux/releases/"
        f"{directory}/Cloud/{arch}/images/{name}",
        "variant": "Cloud",
        "subvariant": "Cloud_Base",
        "size": "500",
    } | ({"sha256": checksum} if checksum else {})


def fedora_releases() -> str:
    """Two releases in today's form, an older form, an image of containers and a beta."""
    generic = "Fedora-Cloud-Base-Generic"
    return json.dumps(
        [
            fedora_image("42", f"{generic}-42-1.1.x86_64.qcow2", sha256(42)),
            fedora_image("42", f"{generic}-42-1.1.aarch64.qcow2", sha256(142), "aarch64"),
            fedora_image("43", f"{generic}-43-1.6.x86_64.qcow2", sha256(43)),
            fedora_image("43", "Fedora-Cloud-Base-GCE-43-1.6.x86_64.tar.gz", sha256(7)),
            fedora_image("40", f"{generic}.x86_64-40-1.14.qcow2", sha256(40)),
            fedora_image("44 Beta", f"{generic}-44_Beta-1.2.x86_64.qcow2", None),
            {
                "version": "43",
                "arch": "x86_64",
                "link": "https://x.io/Fedora-Kinoite-43.1.6.ociarchive",
                "variant": "Kinoite",
                "subvariant": "Kinoite",
            },
        ]
    )


def coreos_stream(release: str) -> str:
    place = f"https://builds.coreos.fedoraproject.org/prod/streams/stable/builds/{release}/x86_64"

    def disk(name: str, number: int) -> object:
        location = f"{place}/fedora-coreos-{release}-{name}"
        return {
            "disk": {
                "location": location,
                "signature": f"{location}.sig",
                "sha256": sha256(number),
                "uncompressed-sha256": sha256(number + 1),
            }
        }

    return json.dumps(
        {
            "stream": "stable",
            "metadata": {"last-modified": "2026-08-18T14:18:43Z", "generator": "ours"},
            "architectures": {
                "x86_64": {
                    "artifacts": {
                        "qemu": {
                            "release": release,
                            "formats": {"qcow2.xz": disk("qemu.x86_64.qcow2.xz", 10)},
                        },
                        "openstack": {
                            "release": release,
                            "formats": {"qcow2.xz": disk("openstack.x86_64.qcow2.xz", 20)},
                        },
                        "metal": {
                            "release": release,
                            "formats": {"pxe": {"kernel": {"location": f"{place}/kernel"}}},
                        },
                    },
                    "images": {
                        "kubevirt": {"release": release, "digest-ref": "quay.io/x@sha256:1"}
                    },
                }
            },
        }
    )


CENTOS = f"""-----BEGIN PGP SIGNED MESSAGE-----
Hash: SHA256

# CentOS-Stream-GenericCloud-9-20260629.0.x86_64.qcow2: 755043840 bytes
SHA256 (CentOS-Stream-GenericCloud-9-20260629.0.x86_64.qcow2) = {sha256(1)}
SHA256 (CentOS-Stream-GenericCloud-9-20260720.0.x86_64.qcow2) = {sha256(2)}
SHA256 (CentOS-Stream-GenericCloud-9-20260720.10.x86_64.qcow2) = {sha256(4)}
SHA256 (CentOS-Stream-GenericCloud-9-20260720.9.x86_64.qcow2) = {sha256(3)}
SHA256 (CentOS-Stream-GenericCloud-9-latest.x86_64.qcow2) = {sha256(4)}
SHA256 (CentOS-Stream-ec2-9-20260803.0.x86_64.raw.xz) = {sha256(5)}
SHA256 (CentOS-Stream-Container-Base-9-20260803.0.x86_64.tar.xz) = {sha256(6)}
-----BEGIN PGP SIGNATURE-----

iQIzBAEBCAAdFiEE
-----END PGP SIGNATURE-----
"""

FLATCAR = """FLATCAR_BUILD=4593
FLATCAR_BRANCH=2
FLATCAR_PATCH=5
FLATCAR_VERSION=4593.2.5
FLATCAR_VERSION_ID=4593.2.5
FLATCAR_BUILD_ID="2026-08-11-2350"
FLATCAR_SDK_VERSION=4593.0.0
"""

FLATCAR_RELEASES = json.dumps(
    {
        "current": {"channel": "stable", "release_date": "2026-08-13 10:00:00 +0000"},
        "4593.2.5": {"channel": "stable", "release_date": "2026-08-13 10:00:00 +0000"},
        "4459.2.10": {"channel": "stable", "release_date": "2026-07-01 10:00:00 +0000"},
        "4459.2.9": {"channel": "stable", "release_date": "2026-06-01 10:00:00 +0000"},
    }
)

DIGESTS = f"""# MD5 HASH
{"a" * 32}  flatcar_production_kubevirt_image.qcow2
# SHA1 HASH
{"b" * 40}  flatcar_production_kubevirt_image.qcow2
# SHA512 HASH
{"c" * 128}  flatcar_production_kubevirt_image.qcow2
"""

TALOS = json.dumps(["v1.9.5", "v1.13.9", "v1.13.10", "v1.14.0-beta.1", "v1.13.11"])
