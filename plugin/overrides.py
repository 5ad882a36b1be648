"""What an Application asks for beyond its stage's records: other artifacts, a certain freight."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise

from plugin.argocd import Request, quoted
from plugin.artifact import Image, Repository
from plugin.errors import Refusal
from plugin.freight import Freight
from plugin.record import Record
from plugin.stage_policy import Write


def freight_text(freight: Freight) -> str:
    """How a freight is announced to Argo CD: alias and id."""
    return f"{freight.alias} {freight.id}"


def version_text(image: Image) -> str:
    """How an artifact's version is announced to Argo CD: `TAG@DIGEST`."""
    return f"{image.tag}@{image.digest}"


def check_freight(records: tuple[Record, ...], request: Request) -> None:
    """Raises Refusal when the Application expects freight that the stage does not hold."""
    for warehouse, said in request.freight:
        held = [one.freight for one in records if warehouse in (None, one.freight.warehouse)]
        if not any(said in (one.id, one.alias, freight_text(one)) for one in held):
            where = f" of '{warehouse}'" if warehouse is not None else ""
            holds = ", ".join(f"{one.alias} ({one.short})" for one in held) or "none"
            raise Refusal(
                f"the Application expects freight {quoted(said)}{where}, but the stage holds "
                f"{holds}; promote it by its pull request, or take the parameter 'freight' out"
            )


def overrides(records: tuple[Record, ...], request: Request) -> tuple[Image, ...]:
    """The artifacts that the Application wants instead of the records', sorted.

    What is equal to the record is none: Argo CD's screen saves everything that it was shown.
    Raises Refusal for a repository that no record has, and for a tag without its digest, which
    only a registry could tell.
    """
    try:
        wanted = tuple(sorted(_overrides(records, request)))
    except Refusal as refusal:
        raise Refusal(f"the Application's parameter 'artifacts': {refusal}") from refusal
    for one, other in pairwise(wanted):
        if one.repository == other.repository:
            raise Refusal(
                f"the Application's parameter 'artifacts': {one.repository} stands there twice; "
                "keep one"
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


def overridden(records: tuple[Record, ...], wanted: tuple[Image, ...]) -> tuple[Record, ...]:
    """The records with `wanted` in place of their artifacts, to be applied while rendering."""
    instead = {one.repository: one for one in wanted}
    return tuple(_overridden(record, instead) for record in records)


def _overridden(record: Record, instead: dict[Repository, Image]) -> Record:
    old = record.freight.artifacts
    new = tuple(instead.get(one.repository, one) for one in old)
    if new == old:
        return record
    return replace(record, freight=Freight(record.freight.warehouse, new), write=Write.RECORD)
