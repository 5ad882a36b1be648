"""What warehouses are offered in a round: one in trouble stops no other."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from github_app.arrivals import Posted
from github_app.discovery import Discovered, Discovery, Undiscovered
from github_app.events import ArtifactPosted, FreightAsked, Post
from github_app.ledger import EMPTY
from github_app.offers import Asking, Offers
from github_app.ports import Known
from plugin.errors import Refusal, Temporary
from plugin.pipeline import Creation, Warehouse
from plugin.subscriptions import CustomSubscription
from tests.github_app.shop import API, REPOSITORY, A, at, freight, ledger, project, stage, warehouse

MANUAL = replace(warehouse("api", API), creation=Creation.MANUAL)
LLM = Warehouse("llm", (CustomSubscription("llm", "model"),))
SHOP = project(stage("dev"), warehouses=(warehouse(), MANUAL, LLM))


@dataclass(slots=True)
class Sources:
    """Sources that answer what a test says, and remember what they were asked with."""

    answers: dict[str, Discovery | Exception]
    assembled: Discovery | Exception = field(default_factory=lambda: Discovered(A))
    known: dict[str, Known] = field(default_factory=dict)
    versions: list[tuple[str, Mapping[str, str]]] = field(default_factory=list)

    def discover(self, warehouse: Warehouse, known: Known, now: datetime) -> Discovery:
        """The answer for the warehouse."""
        assert now == at(5)
        self.known[warehouse.name] = known
        return said(self.answers.get(warehouse.name, Undiscovered("nothing")))

    def assemble(
        self, warehouse: Warehouse, versions: Mapping[str, str], known: Known, now: datetime
    ) -> Discovery:
        """The assembled set."""
        self.versions.append((warehouse.name, versions))
        return said(self.assembled)


def said(answer: Discovery | Exception) -> Discovery:
    if isinstance(answer, Exception):
        raise answer
    return answer


def post(version: str) -> ArtifactPosted:
    return ArtifactPosted(REPOSITORY, "", "", "llm", version, (), "the secret")


def asked(warehouse_name: str = "api") -> FreightAsked:
    return FreightAsked(REPOSITORY, "", warehouse_name, (("acme/api", "1.0.0"),), "the secret")


def offers(sources: Sources, *posts: Post) -> Offers:
    return Asking(sources, at(5), posts).offers(SHOP, REPOSITORY, ledger(A))


def test_every_warehouse_is_asked_though_others_are_in_trouble() -> None:
    sources = Sources(
        {
            "web": Temporary("ghcr.io answers 503", timedelta(minutes=1)),
            "api": Refusal("docker.io: the password is wrong"),
            "llm": Discovered(A),
        }
    )
    assert offers(sources).discoveries == {
        "web": Undiscovered("ghcr.io answers 503"),
        "api": Undiscovered("docker.io: the password is wrong"),
        "llm": Discovered(A),
    }


def test_sources_know_what_the_ledger_does_and_what_was_posted_just_now() -> None:
    sources = Sources({})
    found = offers(sources, post("1"), post("2"))
    posts = tuple(Posted("llm", one, (), at(5), "the secret") for one in ("1", "2"))
    assert found.posted == {"llm": posts}
    assert sources.known["llm"].arrivals.posted == posts
    assert sources.known["web"].last == A
    assert sources.known["llm"].last is None


def test_what_people_ask_for_is_assembled_once() -> None:
    sources = Sources({})
    found = offers(sources, asked())
    assert sources.versions == [("api", {"acme/api": "1.0.0"})]
    assert found.assembled == {"api": Discovered(A)}
    assert found.refused == ()


def test_what_cannot_be_assembled_is_told() -> None:
    sources = Sources({}, Refusal("there is no 1.0.0"))
    found = offers(sources, asked(), asked("web"))
    assert found.assembled == {"api": Undiscovered("there is no 1.0.0")}
    automatic, unmade = found.refused
    assert "freight of warehouse web is made by itself" in automatic
    assert unmade == "towline.yaml: freight of warehouse api was asked for: there is no 1.0.0"


def test_known_freight_is_what_was_ever_taken() -> None:
    known = Known(ledger(A, freight("1.1.0")).seen("web"))
    assert known.last == freight("1.1.0")
    assert known.has_taken(A.artifacts[0])
    assert not known.has_taken(freight("2.0.0").artifacts[0])
    assert Known(EMPTY.seen("web")).last is None
