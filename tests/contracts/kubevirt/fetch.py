"""Fetch what KubeVirt and CDI publish about their objects, out of their Go modules.

`python -m tests.contracts.kubevirt.fetch` leaves below `.tools/contracts/kubevirt/` one JSON file
for each kind (its group, its served versions, the schema of each) and `names.json`: how CDI itself
names the disk of a digest. The modules come through `go mod download`, so from the Go module proxy
and held against the checksum database; their sums stand here. It does nothing when all is there.
"""

from __future__ import annotations

import hashlib
import json
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).resolve().parents[3]
PLACE = ROOT / ".tools" / "contracts" / "kubevirt"
NAMES = PLACE / "names.json"
COMMAND = "python -m tests.contracts.kubevirt.fetch"
_STAMP = PLACE / "stamp"
_MINUTES = 10 * 60


@dataclass(frozen=True, slots=True)
class Module:
    """A Go module at one version, and the sum the checksum database has for it."""

    path: str
    version: str
    sum: str

    def __str__(self) -> str:
        return f"{self.path}@{self.version}"


KUBEVIRT = Module(
    "kubevirt.io/kubevirt", "v1.9.0", "h1:eauQfI39dRALNciMIQtR7UsbTUjUft5V6IBO57Icl/k="
)
# v1.66.0 is not on every proxy; what it adds to the sources is `http.insecureSkipVerify`.
CDI = Module(
    "kubevirt.io/containerized-data-importer",
    "v1.65.0",
    "h1:V2Yc+D+WeZ3uUubzxuOvMiXe5puIyekY5498xBmG3hA=",
)
# What CDI joins and cuts names with, at the version its go.mod requires.
OPENSHIFT = Module(
    "github.com/openshift/library-go",
    "v0.0.0-20240621150525-4bb4238aef81",
    "h1:cAo++YCkjrClksMEAPqK9SLMCroqlbGxNTluxeKGIGc=",
)
KUBEVIRT_SCHEMAS = "pkg/virt-operator/resource/generate/components/validations_generated.go"
CDI_SCHEMAS = "pkg/operator/resources/crds_generated.go"
CDI_IMPORTS = "pkg/controller/dataimportcron-controller.go"
CDI_NAMES = "pkg/util/naming/namer.go"
OPENSHIFT_NAMES = "pkg/build/naming/namer.go"

# KubeVirt's schemas name neither group nor versions: those are in core/v1/register.go of its API
# and in components/crds.go; all versions of a kind share one schema.
KUBEVIRT_KINDS = {
    "VirtualMachine": ("kubevirt.io", ("v1", "v1alpha3")),
    "VirtualMachineInstance": ("kubevirt.io", ("v1", "v1alpha3")),
    "VirtualMachineInstanceReplicaSet": ("kubevirt.io", ("v1", "v1alpha3")),
    "VirtualMachinePool": ("pool.kubevirt.io", ("v1alpha1", "v1beta1")),
}
CDI_KINDS = ("DataVolume", "DataSource", "DataImportCron", "VolumeImportSource")


class Unavailable(Exception):
    """The modules can't be had, or do not hold what they held at the pinned version."""


def absent() -> str | None:
    """Why the schemas can't be read, with the command that fetches them; None if they can."""
    wanted = [NAMES, *(PLACE / f"{kind}.json" for kind in (*KUBEVIRT_KINDS, *CDI_KINDS))]
    missing = [path.name for path in wanted if not path.is_file()]
    if not missing:
        return None
    return f"KubeVirt's and CDI's schemas are absent ({', '.join(missing)}): run `{COMMAND}`"


def main() -> int:
    """Fetch what is absent or outdated; the exit status."""
    wanted = hashlib.sha256(Path(__file__).read_bytes()).hexdigest()
    if _STAMP.is_file() and _STAMP.read_text() == wanted and absent() is None:
        return 0
    try:
        documents = dict(_documents())
    except Unavailable as why:
        print(why, file=sys.stderr)
        return 1
    PLACE.mkdir(parents=True, exist_ok=True)
    for name, document in documents.items():
        (PLACE / f"{name}.json").write_text(json.dumps(document, indent=1) + "\n")
    _STAMP.write_text(wanted)
    return 0


def _documents() -> Iterator[tuple[str, dict[str, Any]]]:
    kubevirt, cdi, openshift = (_downloaded(module) for module in (KUBEVIRT, CDI, OPENSHIFT))
    schemas = literals((kubevirt / KUBEVIRT_SCHEMAS).read_text())
    for kind, (group, versions) in KUBEVIRT_KINDS.items():
        schema = _undescribed(yaml.safe_load(schemas[kind.lower()])["openAPIV3Schema"])
        source = f"{KUBEVIRT}/{KUBEVIRT_SCHEMAS}"
        yield kind, _crd(source, group, kind, dict.fromkeys(versions, schema))
    definitions = literals((cdi / CDI_SCHEMAS).read_text())
    for kind in CDI_KINDS:
        yield kind, _cdi_crd(yaml.safe_load(definitions[kind.lower()])["spec"])
    naming = (cdi / CDI_IMPORTS, cdi / CDI_NAMES, openshift / OPENSHIFT_NAMES)
    yield "names", names(*(path.read_text() for path in naming))


def _downloaded(module: Module) -> Path:
    """The folder of the module in Go's own cache."""
    go = shutil.which("go")
    if go is None:
        raise Unavailable("Go is not installed (https://go.dev/dl/)")
    print(f"fetching {module}", flush=True)
    command = [go, "mod", "download", "-json", str(module)]
    try:
        done = subprocess.run(
            command, cwd=ROOT, capture_output=True, text=True, timeout=_MINUTES, check=False
        )
        answer = json.loads(done.stdout)
    except (subprocess.TimeoutExpired, json.JSONDecodeError) as why:
        raise Unavailable(f"{module} can't be fetched") from why
    if "Error" in answer:
        raise Unavailable(answer["Error"].splitlines()[0])
    if answer["Sum"] != module.sum:
        raise Unavailable(f"{module} is not what this file pins")
    return Path(answer["Dir"])


def literals(source: str) -> dict[str, str]:
    """The raw strings of a Go `map[string]string` literal, by key."""
    joined = source.replace('` + "`" + `', "'")
    return dict(re.findall(r"^\t\"([a-z]+)\": `([^`]*)`,$", joined, re.MULTILINE))


def _cdi_crd(spec: dict[str, Any]) -> dict[str, Any]:
    served = {
        version["name"]: _undescribed(version["schema"]["openAPIV3Schema"])
        for version in spec["versions"]
        if version["served"]
    }
    return _crd(f"{CDI}/{CDI_SCHEMAS}", spec["group"], spec["names"]["kind"], served)


def _crd(source: str, group: str, kind: str, versions: dict[str, Any]) -> dict[str, Any]:
    return {"source": source, "group": group, "kind": kind, "versions": versions}


def _undescribed(schema: Any) -> Any:
    """The schema without its prose, four fifths of its size; a property may have that name."""
    if isinstance(schema, list):
        return [_undescribed(each) for each in schema]
    if not isinstance(schema, dict):
        return schema
    return {
        key: _undescribed(value)
        for key, value in schema.items()
        if not (key == "description" and isinstance(value, str))
    }


def names(imports: str, naming: str, joining: str) -> dict[str, Any]:
    """How CDI makes a DataVolume's name of a digest, each fact with the file it came from.

    Raises Unavailable where one of the three sources does not say it the way it is known.
    """
    length = _found(r"digestDvNameSuffixLength\s+= (\d+)", imports)
    prefixes = [
        _found(r'digestSha256Prefix\s+= "(.*)"', imports),
        _found(r'digestUIDPrefix\s+= "(.*)"', imports),
    ]
    create = _found(r"(?s)\n(func createDvName\(.*?\n}\n)", imports)
    _found(r"(toIdx := fromIdx \+ digestDvNameSuffixLength)", create)
    _found(r"(return naming\.GetResourceName\(prefix, digest\[fromIdx:toIdx\]\))", create)
    _found(r"(naming\.GetName\(base, suffix, kvalidation\.DNS1123SubdomainMaxLength\))", naming)
    reserved = _found(r"baseLength := maxLength - (\d+) .*- len\(suffix\)", joining)
    _found(r'(return fmt\.Sprintf\("%s-%s-%s", prefix, hash\(base\), suffix\))', joining)
    return {
        "suffix_length": {"value": int(length), "source": f"{CDI}/{CDI_IMPORTS}"},
        "digest_prefixes": {"value": prefixes, "source": f"{CDI}/{CDI_IMPORTS}"},
        "max_length": {"value": 253, "source": f"{CDI}/{CDI_NAMES}: DNS1123SubdomainMaxLength"},
        "cut_for_hash": {"value": int(reserved), "source": f"{OPENSHIFT}/{OPENSHIFT_NAMES}"},
    }


def _found(pattern: str, source: str) -> str:
    match = re.search(pattern, source)
    if match is None:
        raise Unavailable(f"CDI names its DataVolumes in another way now: no {pattern}")
    return match.group(1)


if __name__ == "__main__":
    raise SystemExit(main())
