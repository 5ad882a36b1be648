"""What a stage holds by its files, and what a promotion makes of them."""

from __future__ import annotations

from pathlib import Path

import pytest

from plugin.artifact import Image, Repository
from plugin.freight import Freight
from plugin.held import Held
from plugin.holding import Adopted, Empty, Managed, Unmanaged, Unreadable, holding
from plugin.kustomize.build import Kustomize
from plugin.pins.pin import UpToDate
from plugin.pipeline import Warehouse
from plugin.promotion import Changes, Refused, promote
from plugin.record import Record, read_record, write_record
from plugin.render import Renderer
from plugin.sidecar.application import render
from plugin.subscriptions import ImageSubscription
from tests.plugin.pins.texts import NEW, OLD, image, manifest

STAGE = "stages/prod"
KUSTOMIZATION = f"{STAGE}/kustomization.yaml"
RECORD = f"{STAGE}/.freight/web.yaml"
WEB, API = Repository.parse("ghcr.io/acme/web"), Repository.parse("ghcr.io/acme/api")


def warehouse(*repositories: Repository) -> Warehouse:
    watched = repositories or (WEB,)
    return Warehouse("web", tuple(ImageSubscription(one.path, one) for one in watched))


def record(*images: Image) -> Record:
    return Record(Freight("web", images or (image(),)), "acme/shop", "towline/shop/prod/web")


def entry(tag: str, digest: str | None = None, name: str = "ghcr.io/acme/web") -> str:
    lines = f"- name: {name}\n  newTag: {tag}\n"
    return lines + (f"  digest: {digest}\n" if digest else "")


def stage(*entries: str, **files: str) -> dict[str, str]:
    named = {f"{STAGE}/{name}.yaml": text for name, text in files.items()}
    return {KUSTOMIZATION: "images:\n" + "".join(entries), **named}


def test_a_stage_without_versions_and_record_is_empty() -> None:
    assert holding(STAGE, warehouse(), {}) == Empty()
    assert holding(STAGE, warehouse(), stage("- name: ghcr.io/acme/web\n")) == Empty()
    assert holding(STAGE, warehouse(), stage(entry("1.0", name="other"))) == Empty()


def test_record_and_pins_that_agree_are_managed() -> None:
    for digest in (NEW, None):
        files = stage(entry("1.1.0", digest)) | {RECORD: write_record(record())}
        assert holding(STAGE, warehouse(), files) == Managed(record())


def test_pins_without_a_record_are_adopted() -> None:
    held = Held(WEB, "1.0", OLD)
    adopted = Adopted((held,), Freight("web", (image(tag="1.0", digest=OLD),)))
    assert holding(STAGE, warehouse(), stage(entry("1.0", OLD))) == adopted
    assert str(held) == f"ghcr.io/acme/web 1.0@{OLD}"


def test_a_tag_without_digest_is_adopted_without_freight() -> None:
    answer = holding(STAGE, warehouse(), stage(entry("1.0")))
    assert answer == Adopted((Held(WEB, "1.0", None),), None)


def test_freight_is_complete_only_with_every_repository_of_the_warehouse() -> None:
    answer = holding(STAGE, warehouse(WEB, API), stage(entry("1.0", OLD)))
    assert answer == Adopted((Held(WEB, "1.0", OLD),), None)


def test_a_tag_alone_agrees_with_the_same_tag_and_a_digest() -> None:
    files = stage(entry("1.0"), entry("1.0", OLD, "web\n  newName: ghcr.io/acme/web"))
    answer = holding(STAGE, warehouse(), files)
    assert isinstance(answer, Adopted)
    assert answer.held == (Held(WEB, "1.0", OLD),)


def test_a_tag_here_and_a_digest_there_are_not_put_together() -> None:
    files = stage(a=manifest("image: ghcr.io/acme/web:1.0"), b=manifest(f"image: {WEB}@{OLD}"))
    answer = holding(STAGE, warehouse(), files)
    assert isinstance(answer, Unmanaged)
    assert answer.found == (Held(WEB, "1.0", None), Held(WEB, None, OLD))


@pytest.mark.parametrize(
    ("files", "detail"),
    [
        (stage(entry("1.0", NEW)), f"{KUSTOMIZATION}:3: ghcr.io/acme/web is 1.0@{NEW}, but"),
        (stage(entry("1.1.0", OLD)), f"{KUSTOMIZATION}:3: ghcr.io/acme/web is 1.1.0@{OLD}, but"),
        (stage("- name: ghcr.io/acme/web\n"), f"{KUSTOMIZATION}:2: ghcr.io/acme/web is no version"),
        (stage(), "no pin of ghcr.io/acme/web is left, but the record says 1.1.0@"),
    ],
)
def test_a_persons_change_is_unmanaged_and_told(files: dict[str, str], detail: str) -> None:
    answer = holding(STAGE, warehouse(), files | {RECORD: write_record(record())})
    assert isinstance(answer, Unmanaged)
    assert answer.record == record()
    assert len(answer.details) == 1
    assert answer.details[0].startswith(detail)


def test_pins_that_quarrel_without_a_record_are_unmanaged() -> None:
    files = stage(web=manifest("image: ghcr.io/acme/web:1.0"), api=manifest(f"image: {WEB}:1.2"))
    answer = holding(STAGE, warehouse(), files)
    assert isinstance(answer, Unmanaged)
    assert answer.record is None
    assert answer.details == (
        f"{STAGE}/api.yaml:9: ghcr.io/acme/web is 1.2",
        f"{STAGE}/web.yaml:9: ghcr.io/acme/web is 1.0",
    )
    refused = promote(STAGE, warehouse(), files, record().freight, record())
    assert isinstance(refused, Refused)
    assert len(refused.reasons) == 2
    assert refused.reasons[0].endswith("other pins of it differ; make them say the same first")


def test_an_artifact_the_warehouse_no_longer_watches_may_go() -> None:
    held = record(image(), image("ghcr.io/acme/api"))
    files = stage(entry("1.1.0", NEW)) | {RECORD: write_record(held)}
    assert holding(STAGE, warehouse(WEB), files) == Managed(held)


@pytest.mark.parametrize(
    ("file", "text", "reason"),
    [
        (RECORD, "garbage", f"{RECORD}:1: "),
        (f"{STAGE}/a.yaml", "a: [\n# acme/web", f"{STAGE}/a.yaml:3: is not YAML"),
        (f"{STAGE}/a.yaml", manifest('image: "{{ r }}/acme/web:1"'), f"{STAGE}/a.yaml:9: "),
        (
            RECORD,
            write_record(Record(Freight("api", (image(),)), "a/b", "c")),
            f"{RECORD}: is the record of warehouse 'api', not of 'web'",
        ),
    ],
)
def test_files_that_cannot_be_judged_are_unreadable(file: str, text: str, reason: str) -> None:
    answer = holding(STAGE, warehouse(), stage(entry("1.0")) | {file: text})
    assert isinstance(answer, Unreadable)
    assert answer.reasons[0].startswith(reason)


def test_a_broken_kustomization_is_unreadable_and_not_a_pin_gone() -> None:
    files = {KUSTOMIZATION: "broken: [\n", RECORD: write_record(record())}
    answer = holding(STAGE, warehouse(), files)
    assert isinstance(answer, Unreadable)
    assert [reason.rpartition(": is not YAML")[0] for reason in answer.reasons] == [
        f"{KUSTOMIZATION}:2"
    ]


def test_a_promotion_changes_pins_and_record_together() -> None:
    files = stage(entry("1.0", OLD), "# end\n") | {"stages/dev/kustomization.yaml": entry("9")}
    answer = promote(STAGE, warehouse(), files, record().freight, record())
    assert isinstance(answer, Changes)
    assert answer.files == {
        KUSTOMIZATION: "images:\n" + entry("1.1.0", NEW) + "# end\n",
        RECORD: write_record(record()),
    }
    assert [str(one) for one in answer.bumps] == [
        f"{KUSTOMIZATION}:3: ghcr.io/acme/web 1.0@{OLD} -> 1.1.0@{NEW}"
    ]
    after = {**files, **answer.files}
    assert holding(STAGE, warehouse(), after) == Managed(record())
    assert promote(STAGE, warehouse(), after, record().freight, record()) == UpToDate()


def test_pins_that_are_right_already_only_get_their_record() -> None:
    files = stage(entry("1.1.0", NEW))
    answer = promote(STAGE, warehouse(), files, record().freight, record())
    assert answer == Changes({RECORD: write_record(record())}, ())


def test_reverting_the_files_reverts_the_holding() -> None:
    first = record(image(tag="1.0", digest=OLD))
    before = stage(entry("1.0", OLD)) | {RECORD: write_record(first)}
    answer = promote(STAGE, warehouse(), before, record().freight, record())
    assert isinstance(answer, Changes)
    assert read_record(RECORD, answer.files[RECORD]) == record()
    assert holding(STAGE, warehouse(), {**before, **answer.files, **before}) == Managed(first)


def test_freight_without_a_place_for_one_artifact_is_refused_as_a_whole() -> None:
    files = stage(entry("1.0"), api=manifest("image: ghcr.io/acme/api"))
    both = record(image(), image("ghcr.io/acme/api"))
    answer = promote(STAGE, warehouse(WEB, API), files, both.freight, both)
    reason = (
        "stages/prod holds no pin of ghcr.io/acme/api; add an 'images' entry with "
        "'name: ghcr.io/acme/api' to its kustomization.yaml, or give the image a tag where a "
        "manifest names it"
    )
    assert answer == Refused((reason,))


def test_every_reason_is_told_at_once() -> None:
    files = {
        f"{STAGE}/a.yaml": manifest("image: ghcr.io/acme/web:${TAG}"),
        f"{STAGE}/b.yaml": manifest('image: "{{ x }}/acme/web:1"'),
    }
    answer = promote(STAGE, warehouse(), files, record().freight, record())
    assert isinstance(answer, Refused)
    assert [reason.partition(":")[0] for reason in answer.reasons] == list(files)


def test_a_tag_that_kustomize_replaces_is_a_placeholder() -> None:
    deployment = manifest("image: ghcr.io/acme/web:latest")
    files = stage(entry("1.1.0", NEW), web=deployment) | {RECORD: write_record(record())}
    assert holding(STAGE, warehouse(), files) == Managed(record())
    newer = record(image(tag="1.2.0", digest=OLD))
    answer = promote(STAGE, warehouse(), files, newer.freight, newer)
    assert isinstance(answer, Changes)
    assert set(answer.files) == {KUSTOMIZATION, RECORD}


def test_a_tag_that_kustomize_does_not_reach_counts() -> None:
    files = {
        f"{STAGE}/a/kustomization.yaml": "images:\n" + entry("1.1.0"),
        f"{STAGE}/b/web.yaml": manifest("image: ghcr.io/acme/web:1.0"),
    }
    assert isinstance(holding(STAGE, warehouse(), files), Unmanaged)


def test_a_promoted_stage_renders_the_new_digest(tmp_path: Path, kustomize: Path) -> None:
    deployment = manifest("image: ghcr.io/acme/web:latest")
    files = stage(entry("1.0", OLD), "resources: [web.yaml]\n", web=deployment)
    answer = promote(STAGE, warehouse(), files, record().freight, record())
    assert isinstance(answer, Changes)
    for name, text in {**files, **answer.files}.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text.encode())
    rendered = render(tmp_path, STAGE, Renderer(Kustomize((str(kustomize), "build")))).decode()
    assert f"image: ghcr.io/acme/web:1.1.0@{NEW}\n" in rendered
    assert "latest" not in rendered
