"""What is posted: which warehouses it is for, who may, and what others are told."""

from __future__ import annotations

from dataclasses import replace

import pytest

from github_app.arrivals import Posted
from github_app.events import ArtifactPosted, FreightAsked, Post
from github_app.rules.posts import Posts, posts_to, unknown
from plugin.pipeline import Creation, Warehouse
from plugin.subscriptions import CustomSubscription
from tests.github_app.shop import REPOSITORY, at, project, stage, warehouse

LLM = CustomSubscription("llm", "model", ("acme/training", "gitlab.com/acme/llm"))
MODELS = Warehouse("models", (LLM, CustomSubscription("tokens", "vocabulary")))
OTHERS = Warehouse("others", (replace(LLM, senders=("acme/training",)),))
OPEN = Warehouse("open", (replace(LLM, senders=()),))
WEB = replace(warehouse(), creation=Creation.MANUAL)
SHOP = project(stage("dev"), warehouses=(WEB, MODELS, OTHERS))
OPEN_SHOP = project(stage("dev"), warehouses=(OPEN,))
METADATA = (("commit", "1" * 40),)


def post(sender: str = "acme/training", **changes: str) -> ArtifactPosted:
    said = {"project": "", "warehouse": "", "name": "llm", "version": "7"} | changes
    return ArtifactPosted(REPOSITORY, **said, metadata=METADATA, sender=sender)


def asked(sender: str = "the secret", **changes: str) -> FreightAsked:
    said = {"project": "", "warehouse": "web"} | changes
    return FreightAsked(REPOSITORY, **said, versions=(("acme/web", "1.0.0"),), sender=sender)


def come(*posts: Post) -> Posts:
    return posts_to(SHOP, REPOSITORY, posts, at(0))


def test_without_a_name_a_post_is_for_every_warehouse_that_knows_the_artifact() -> None:
    one = Posted("llm", "7", METADATA, at(0), "acme/training")
    assert come(post()) == Posts({"models": (one,), "others": (one,)})
    assert come(post(warehouse="models")) == Posts({"models": (one,)})
    assert come(post(project="shop")).posted.keys() == {"models", "others"}


def test_a_post_for_another_project_is_passed_over() -> None:
    assert come(post(project="bakery"), asked(project="bakery")) == Posts()


def test_posts_keep_their_order() -> None:
    made = come(post(version="2", warehouse="models"), post(version="1", warehouse="models"))
    assert [one.version for one in made.posted["models"]] == ["2", "1"]


@pytest.mark.parametrize("sender", ["acme/training", "Acme/Training", "gitlab.com/acme/llm"])
def test_who_stands_in_from_may_post(sender: str) -> None:
    made = come(post(sender, warehouse="models"))
    assert made.posted["models"] == (Posted("llm", "7", METADATA, at(0), sender),)
    assert made.refused == ()


@pytest.mark.parametrize("sender", ["acme/shop", "acme/training-2", "github.com/acme/training"])
def test_others_may_not_and_are_named(sender: str) -> None:
    made = come(post(sender, warehouse="models"))
    assert made.posted == {}
    said = f"towline.yaml: {sender} may not post llm to warehouse models: name it in 'from' of "
    assert made.refused == (f"{said}that subscription",)


def test_without_from_only_who_has_the_secret_may() -> None:
    (refused,) = posts_to(OPEN_SHOP, REPOSITORY, [post()], at(0)).refused
    assert "acme/training may not post llm to warehouse open: name it in 'from'" in refused
    assert posts_to(OPEN_SHOP, REPOSITORY, [post("the secret")], at(0)).posted.keys() == {"open"}


@pytest.mark.parametrize(
    ("name", "jobs"),
    [("models", "acme/training or gitlab.com/acme/llm"), ("others", "acme/training")],
)
def test_where_somebody_is_named_the_secret_is_not_enough(name: str, jobs: str) -> None:
    """A secret has no name that could stand in 'from'."""
    said = f"towline.yaml: the secret may not post llm to warehouse {name}: post with the token of "
    assert come(post("the secret", warehouse=name)) == Posts(
        refused=(f"{said}a job of {jobs}, or remove 'from'",)
    )


def test_an_artifact_that_a_warehouse_does_not_have_is_refused_with_those_it_has() -> None:
    (refused,) = come(post(warehouse="models", name="lmm")).refused
    assert refused == (
        "towline.yaml: warehouse models has no custom artifact 'lmm' that acme/training posted 7 "
        "of; it has llm, tokens"
    )
    assert come(post(warehouse="web", name="acme/web")).refused[0].endswith("; it has none")


@pytest.mark.parametrize(
    ("one", "what"),
    [
        (post("the secret", name="lmm", project="shop"), "warehouse with a custom artifact 'lmm'"),
        (post("the secret", warehouse="webb", project="shop"), "warehouse 'webb'"),
        (asked(warehouse="webb", project="shop"), "warehouse 'webb'"),
    ],
)
def test_what_the_project_does_not_have_is_refused(one: Post, what: str) -> None:
    said = f"towline.yaml: the secret posts to project shop, which has no {what}"
    assert come(one) == Posts(refused=(said,))
    # Without its name it may be for another project of the repository.
    assert come(replace(one, project="")) == Posts()


@pytest.mark.parametrize(
    ("one", "said"),
    [
        (post(name="lmm"), "*/*/lmm (project/warehouse/name) that acme/training posts 7 of"),
        (
            post(project="shpo", warehouse="models"),
            "shpo/models/llm (project/warehouse/name) that acme/training posts 7 of",
        ),
        (asked(warehouse="webb"), "*/webb (project/warehouse) that the secret asks freight of"),
        (asked(project="shpo"), "shpo/web (project/warehouse) that the secret asks freight of"),
    ],
)
def test_what_no_project_answers_for_is_named(one: Post, said: str) -> None:
    other = project(stage("dev"), warehouses=(OPEN,))
    assert list(unknown([SHOP, other], REPOSITORY, [post(), one])) == [f"acme/shop has no {said}"]
    assert list(unknown([], REPOSITORY, [one])) == [f"acme/shop has no {said}"]


def test_what_a_project_answers_for_itself_is_not_named_again() -> None:
    came: list[Post] = [
        post(),
        post(warehouse="web"),
        post(project="shop", name="lmm"),
        asked("evil/ci"),
    ]
    assert list(unknown([SHOP], REPOSITORY, came)) == []


@pytest.mark.parametrize("sender", ["the secret", REPOSITORY, REPOSITORY.upper()])
def test_the_repository_itself_and_the_secret_may_assemble(sender: str) -> None:
    made = come(asked(sender))
    assert made == Posts(asked={"web": {"acme/web": "1.0.0"}})


def test_nobody_else_may_assemble() -> None:
    said = "acme/training may not assemble freight here; acme/shop may, or who has the secret"
    assert come(asked("acme/training")) == Posts(refused=(f"towline.yaml: {said}",))


def test_freight_that_is_made_by_itself_is_not_assembled() -> None:
    (refused,) = come(asked(warehouse="models")).refused
    assert refused == (
        "towline.yaml: freight of warehouse models is made by itself, so the secret cannot "
        "assemble it: write freight: manual"
    )
