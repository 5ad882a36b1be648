"""What CI posts: versions nobody else knows, and freight it wants assembled; and who may."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Iterator
from pathlib import Path

import jwt
import pytest
import requests

from tests.github_app.oidc.issuers import AUDIENCE, Issuer, issuer, rsa_key
from tests.sources.shops import DEV, pin
from tests.sources.world import POST, Shop, World, images, pipeline, running
from tests.warehouse.asked_registry import built

MODEL = "stages/dev/model.yaml"
TRAINER = "acme/model-training"


@pytest.fixture(scope="module")
def ci() -> Iterator[Issuer]:
    """A CI whose jobs have tokens."""
    with issuer() as found:
        yield found


@pytest.fixture(scope="module")
def world(
    ci: Issuer, registry_binary: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[World]:
    """A world that lets in the jobs of acme."""
    trust = f"{ci.url} {AUDIENCE} repository_owner=acme"
    directory = tmp_path_factory.mktemp("world")
    with running(registry_binary, directory, TOWLINE_OIDC=trust) as found:
        yield found


def signed(body: bytes, secret: str = POST) -> dict[str, str]:
    digest = hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
    return {"X-Towline-Signature-256": f"sha256={digest}"}


def borne(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


def post(world: World, body: bytes, headers: dict[str, str]) -> int:
    """The status the App answers with, once it has done what follows."""
    answer = requests.post(
        f"{world.app.server.url}/webhooks/post",
        data=body,
        headers={"Content-Type": "application/json", **headers},
        timeout=20,
    )
    world.settle()
    return answer.status_code


def model(shop: Shop, version: str, **more: object) -> bytes:
    artifact = {"name": "llm", "version": version, "metadata": {"license": "apache-2.0"}}
    return json.dumps({"repository": shop.name, "artifact": artifact, **more}).encode()


def models(world: World, name: str, allowed: str = "") -> Shop:
    """A shop whose dev runs model 1.0."""
    return world.found(
        name,
        {
            "towline.yaml": pipeline(f"web:\n  - {{custom: model, name: llm{allowed}}}"),
            MODEL: "model: s3://models/llm  # ours\nversion: '1.0'  # towline: llm:tag\n",
        },
    )


def test_a_signed_post_moves_the_value_that_its_marker_names(world: World) -> None:
    mine = models(world, "model-signed")
    body = model(mine, "1.1")
    assert post(world, body, signed(body)) == 202
    assert mine.proposed(MODEL) == mine.text(MODEL).replace("'1.0'", "'1.1'")
    assert "`llm` | `1.0` | `1.1`" in mine.body()


def test_whoever_proves_nothing_changes_nothing(world: World, ci: Issuer) -> None:
    mine = models(world, "model-forged")
    body = model(mine, "6.6.6")
    altered = model(mine, "6.6.7")
    now = world.clock.now
    stranger = jwt.encode(ci.claims(now), rsa_key("two"), "RS256", {"kid": "one"})
    other = jwt.encode(ci.claims(now), "x" * 40, "HS256", {"kid": "one"})
    for headers in (
        {},
        signed(body, "not the secret of the App"),
        signed(altered),
        borne(stranger),
        borne(other),
        borne(ci.token(now, repository_owner="evil")),
        borne(ci.token(now, aud="https://elsewhere.example")),
        borne(ci.token(now, exp=int(now.timestamp()) - 600)),
    ):
        assert post(world, body, headers) == 401, headers
    assert mine.pulls() == []


def test_a_job_posts_by_its_token_what_names_it(world: World, ci: Issuer) -> None:
    host = ci.url.removeprefix("http://")
    mine = models(world, "model-token", f", from: ['{host}/{TRAINER}']")
    token = ci.token(world.clock.now, repository=TRAINER)
    assert post(world, model(mine, "2.0"), borne(token)) == 202
    assert "version: '2.0'" in mine.proposed(MODEL)
    other = ci.token(world.clock.now, repository="acme/web")
    assert post(world, model(mine, "3.0"), borne(other)) == 202, "let in, but not for this"
    assert "version: '2.0'" in mine.proposed(MODEL)


def test_a_job_may_post_only_where_it_is_named(world: World, ci: Issuer) -> None:
    mine = models(world, "model-closed")
    token = ci.token(world.clock.now, repository=TRAINER)
    assert post(world, model(mine, "2.0"), borne(token)) == 202
    assert mine.pulls() == []


def test_what_was_caught_takes_nobody_back(world: World) -> None:
    mine = models(world, "model-replayed")
    timed = model(mine, "1.1", at=world.clock.now.isoformat())
    plain = model(mine, "1.2")
    for body in (timed, plain):
        assert post(world, body, signed(body)) == 202
    assert "version: '1.2'" in mine.proposed(MODEL)
    assert post(world, timed, signed(timed)) == 200, "the same again"
    world.later()
    world.later()
    world.later()
    assert post(world, timed, signed(timed)) == 400, "too late"
    assert post(world, plain, signed(plain)) == 202, "known already"
    newer = model(mine, "1.3")
    assert post(world, newer, signed(newer)) == 202
    world.later()
    for body in (plain, timed):
        post(world, body, signed(body))
    assert "version: '1.3'" in mine.proposed(MODEL)


def test_freight_that_people_assemble_comes_when_they_ask(world: World) -> None:
    image = world.image("acme/assembled")
    mine = world.found(
        "assembled",
        {
            "towline.yaml": pipeline(
                f"web:\n  freight: manual\n  subscriptions:\n    - {{image: '{image}', name: web}}"
            ),
            DEV: images(web=f"{image}:0.1.0"),
        },
    )
    digests = {tag: world.push("acme/assembled", tag, built(tag)) for tag in ("1.0.0", "1.1.0")}
    world.settle()
    world.later()
    assert mine.pulls() == [], "nobody asked"

    def asked(**versions: str) -> int:
        said = {"repository": mine.name, "warehouse": "web", "assemble": versions}
        body = json.dumps(said).encode()
        return post(world, body, signed(body))

    assert asked(web="1.0.0") == 202
    assert pin(mine.proposed(DEV)) == ("1.0.0", digests["1.0.0"]), "though 1.1.0 is there"
    world.later()
    assert pin(mine.proposed(DEV)) == ("1.0.0", digests["1.0.0"])
    assert asked(web="9.9.9") == 202
    assert asked(api="1.0.0") == 202
    assert pin(mine.proposed(DEV)) == ("1.0.0", digests["1.0.0"])
    assert asked(web="1.1.0") == 202
    assert pin(mine.proposed(DEV)) == ("1.1.0", digests["1.1.0"])


def test_an_image_that_is_posted_is_looked_for_at_its_registry(world: World) -> None:
    """Only where to look is believed: a tag that is not there makes nothing."""
    image = world.image("acme/hinted")
    mine = world.found(
        "hinted",
        {
            "towline.yaml": pipeline(f"web:\n  - {{image: '{image}', name: web}}"),
            DEV: images(web=f"{image}:0.1.0"),
        },
    )
    body = json.dumps({"image": image, "tag": "9.0.0"}).encode()
    assert post(world, body, signed(body)) == 202
    assert mine.pulls() == []
