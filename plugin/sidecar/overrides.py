"""What an Application asks for beyond its stage's records: other artifacts, a certain freight."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import pairwise

from plugin.artifact import Artifact, Image, Repository
from plugin.errors import Refusal
from plugin.freight import Freight, FreightId
from plugin.record import Record
from plugin.sidecar.argocd import Request, quoted


def freight_text(freight: Freight) -> str:
    """How a freight is announced to Argo CD: alias and id."""
    return f"{freight.alias} {freight.id}"


def version_text(artifact: Artifact) -> str:
    """How an artifact's version is announced to Argo CD: `TAG@DIGEST`, or without a digest."""
    return "@".join(part for part in (artifact.tag, artifact.digest) if part)


def check_freight(records: tuple[Record, ...], request: Request) -> None:
    """Raises Refusal when the Application expects freight that the stage does not hold.

    It may say the alias, the id, its first twelve digits, or both alias and id.
    """
    for warehouse, said in request.freight:
        held = [one.freight for one in records if warehouse in (None, one.freight.warehouse)]
        if not any(_is(one, said) for one in held):
            where = f" of '{warehouse}'" if warehouse is not None else ""
            holds = ", ".join(f"{one.alias} ({one.short})" for one in held) or "none"
            raise Refusal(
                f"the Application expects freight {quoted(said)}{where}, but the stage holds "
                f"{holds}{_likeness(held, said)}; promote it by its pull request, or take the "
                "parameter 'freight' out"
            )


def _is(freight: Freight, said: str) -> bool:
    ids = (freight.id, FreightId(freight.short))
    return said in (freight.alias, *ids, *(f"{freight.alias} {one}" for one in ids))


def _likeness(held: list[Freight], said: str) -> str:
    """What misleads: two words stand for many freights."""
    alias = said.partition(" ")[0]
    if not any(one.alias == alias for one in held):
        return ""
    return ": the alias is the same, the id is not, and the id decides"


def overrides(records: tuple[Record, ...], request: Request) -> tuple[Image, ...]:
    """The artifacts that the Application wants instead of the records', sorted.

    What is equal to the record is none: Argo CD's screen saves everything that it was shown.
    Raises Refusal for a repository that no record has, and for a tag without its digest, which
    only a registry could tell.
    """
    try:
        wanted = tuple(sorted(_overrides(records, request)))
    except Refusal as refusal:
        raise Refusal(f"{request.asks_for_artifacts}: {refusal}") from refusal
    for one, other in pairwise(wanted):
        if one.subject == other.subject:
            raise Refusal(
                f"{request.asks_for_artifacts}: {one.subject} stands there twice; keep one"
            )
    return wanted


def _overrides(records: tuple[Record, ...], request: Request) -> Iterator[Image]:
    held = {str(one.subject): one for record in records for one in record.freight.artifacts}
    for name, version in request.artifacts:
        now = _held(name, held)
        tag, at, digest = version.partition("@")
        if version in ("", now.tag, version_text(now)):
            continue
        if not isinstance(now, Image):
            asked = f"{now.subject} has the version {quoted(version)}"
            raise Refusal(f"{asked}; only images may differ from the record")
        if not at:
            raise Refusal(
                f"{now.subject} has the version {quoted(version)}; write TAG@sha256:... with its "
                "digest, for no registry is asked while rendering"
            )
        yield Image(now.repository, tag, digest)


def _held(name: str, held: Mapping[str, Artifact]) -> Artifact:
    """What the stage holds under a name that may be an image's short one."""
    if name in held:
        return held[name]
    normal = str(Repository.parse(name))
    if normal not in held:
        known = ", ".join(held) or "none"
        raise Refusal(f"{quoted(name)} is in no freight of this stage, which has {known}")
    return held[normal]
