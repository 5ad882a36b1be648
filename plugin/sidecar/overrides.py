"""What an Application asks for beyond its stage's records: other artifacts, a certain freight."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from plugin.artifact import Image, Repository
from plugin.errors import Refusal
from plugin.freight import Freight, FreightId
from plugin.record import Record
from plugin.sidecar.argocd import Request, quoted


def freight_text(freight: Freight) -> str:
    """How a freight is announced to Argo CD: alias and id."""
    return f"{freight.alias} {freight.id}"


def version_text(image: Image) -> str:
    """How an artifact's version is announced to Argo CD: `TAG@DIGEST`."""
    return f"{image.tag}@{image.digest}"


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
        if one.repository == other.repository:
            raise Refusal(
                f"{request.asks_for_artifacts}: {one.repository} stands there twice; keep one"
            )
    return wanted


def _overrides(records: tuple[Record, ...], request: Request) -> Iterator[Image]:
    held = {one.repository: one for record in records for one in record.freight.artifacts}
    for name, version in request.artifacts:
        repository = _repository(name, held)
        now, (tag, at, digest) = held[repository], version.partition("@")
        if version in ("", now.tag, version_text(now)):
            continue
        if not at:
            raise Refusal(
                f"{repository} has the version {quoted(version)}; write TAG@sha256:... with its "
                "digest, for no registry is asked while rendering"
            )
        yield Image(repository, tag, digest)


def _repository(name: str, held: dict[Repository, Image]) -> Repository:
    repository = Repository.parse(name)
    if repository not in held:
        known = ", ".join(map(str, held)) or "none"
        raise Refusal(f"{quoted(name)} is in no freight of this stage, which has {known}")
    return repository
