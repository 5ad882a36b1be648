"""Actions carried out on a small model of GitHub's refs and pull requests."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import pytest

from github_app.actions import (
    Action,
    Answer,
    Assign,
    BeginBranch,
    ClosePromotion,
    DeleteBranch,
    Deploy,
    DescribePromotion,
    DismissReview,
    MergePromotion,
    OpenPromotion,
    PostCheck,
    RequestReviews,
    Say,
    SetDeployment,
    SetDraft,
    UpdatePromotion,
    WriteLedger,
)
from github_app.apply import Applier
from github_app.gates import Gate, GateState, promotion_check
from github_app.github.facts import RepositoryFacts
from github_app.github.writing import Mutation
from github_app.ledger import BRANCH
from github_app.mutations import scratch_of
from github_app.outcome import Merged, Opened, Trouble, Updated
from github_app.picture import Base, Person, RepositoryPicture, Spoken
from github_app.ports import Done, Failed
from github_app.pull_request import Text
from github_app.pulls import Review
from plugin.errors import Temporary
from plugin.pipeline import Merge
from tests.github_app.shop import (
    TIP,
    A,
    B,
    C,
    at,
    ledger,
    line,
    line_plan,
    planned,
    project,
    proposed,
    pull,
    repository,
    shown,
    stage,
)

HEADS = "refs/heads/"
LEDGER_OID = "l" * 40
MOVED = "d" * 40
HEAD = "towline/shop/dev/web"
GREEN = promotion_check([Gate("upstream", GateState.PASSED, "verified")])
BOOK = WriteLedger({"shop/warehouses/web.yaml": "format: 1\n", "old.yaml": None}, "Record web")


@dataclass(slots=True)
class Model:
    """Refs with compare-and-swap, commits by number, and everything else written down."""

    refs: dict[str, str] = field(default_factory=dict)
    documents: list[list[str]] = field(default_factory=list)
    done: list[tuple[str, Mapping[str, Any]]] = field(default_factory=list)
    refuses: set[str] = field(default_factory=set)
    made: int = 0

    def look(
        self,
        repository: str,
        branches: Sequence[str],
        heads: Sequence[str],
        people: Sequence[str] = (),
    ) -> RepositoryFacts | None:
        raise AssertionError("apply never looks")

    def comments(self, repository: str, ids: Sequence[str]) -> Sequence[Spoken]:
        raise AssertionError("apply never listens")

    def people(
        self, repository: str, logins: Sequence[str], *, teams: bool
    ) -> Mapping[str, Person]:
        raise AssertionError("apply never asks who may")

    def deploy(self, repository: str, deploy: Deploy) -> Done | Failed:
        self.done.append(("deploy", {"oid": deploy.oid}))
        if "deploy" in self.refuses:
            return Failed("refused", "the App may not deploy")
        return Done({"deployment": {"id": f"D_{deploy.environment}"}})

    def root_commit(self, repository: str, message: str, files: Mapping[str, str]) -> str:
        self.done.append(("root", files))
        return self._oid()

    def write(self, mutations: Sequence[Mutation]) -> Sequence[Done | Failed]:
        self.documents.append([one.name for one in mutations])
        return [self._answer(one) for one in mutations]

    def _answer(self, one: Mutation) -> Done | Failed:
        if one.name in self.refuses:
            return Failed("UNPROCESSABLE", f"{one.name} is refused")
        kinds: dict[str, Callable[[Mapping[str, Any]], Done | Failed]] = {
            "createRef": self._create,
            "updateRefs": self._update,
            "createCommitOnBranch": self._commit,
        }
        answered = kinds.get(one.name, self._other)(one.input)
        if isinstance(answered, Done):
            self.done.append((one.name, one.input))
        return answered

    def _create(self, wish: Mapping[str, Any]) -> Done | Failed:
        if wish["name"] in self.refs:
            return Failed("UNPROCESSABLE", "Reference already exists")
        self.refs[wish["name"]] = wish["oid"]
        return Done({})

    def _update(self, wish: Mapping[str, Any]) -> Done | Failed:
        for one in wish["refUpdates"]:
            if "beforeOid" in one and self.refs.get(one["name"]) != one["beforeOid"]:
                return Failed("UNPROCESSABLE", "it is elsewhere")
        for one in wish["refUpdates"]:
            self.refs[one["name"]] = one["afterOid"]
            if set(one["afterOid"]) == {"0"}:
                del self.refs[one["name"]]
        return Done({})

    def _commit(self, wish: Mapping[str, Any]) -> Done | Failed:
        name = HEADS + wish["branch"]["branchName"]
        if self.refs.get(name) != wish["expectedHeadOid"]:
            return Failed("STALE_DATA", "the branch has moved")
        self.refs[name] = self._oid()
        return Done({"commit": {"oid": self.refs[name]}})

    def _other(self, wish: Mapping[str, Any]) -> Done | Failed:
        number = self.made + 1
        return Done(
            {
                "pullRequest": {
                    "id": f"PR_{number}",
                    "number": number,
                    "url": f"https://github.com/acme/shop/pull/{number}",
                    "mergeCommit": {"oid": "m" * 40},
                },
                "label": {"id": "L_1", "name": "towline"},
            }
        )

    def _oid(self) -> str:
        self.made += 1
        return f"{self.made:040x}"

    def inputs(self, name: str) -> list[Mapping[str, Any]]:
        """What was asked of one kind of mutation, where it was done."""
        return [wish for kind, wish in self.done if kind == name]


AUTO = project(replace(stage("dev"), merge=Merge.AUTO))


def opening(*, required: bool = False) -> OpenPromotion:
    at_line = replace(line("dev", A), base=Base("main", TIP, required, protected=True))
    picture = shown(AUTO, [at_line], ledger(A, B), B)
    (action,) = line_plan(planned(picture, at(9)), "dev").actions
    assert isinstance(action, OpenPromotion)
    return action


def update() -> UpdatePromotion:
    picture = shown(AUTO, [proposed(line("dev", A), B)], ledger(A, B, C), C)
    (action,) = line_plan(planned(picture, at(9)), "dev").actions
    assert isinstance(action, UpdatePromotion)
    return action


def known(**changes: Any) -> RepositoryPicture:
    labels = {"labels": {"towline": "L_1"}, "ledger_oid": LEDGER_OID}
    return replace(repository(), **{**labels, **changes})


def apply(model: Model, *actions: Action, picture: RepositoryPicture | None = None) -> Applier:
    applier = Applier(model, picture or known())
    applier.apply(actions)
    return applier


def begun() -> Model:
    return Model(refs={HEADS + BRANCH: LEDGER_OID, HEADS + HEAD: "h" * 40})


def test_a_promotion_takes_two_documents() -> None:
    model = Model()
    done = apply(model, opening())
    assert model.documents == [
        ["createRef", "createCommitOnBranch", "createPullRequest"],
        ["addLabelsToLabelable", "createCheckRun", "mergePullRequest"],
    ]
    head = model.refs[HEADS + HEAD]
    assert model.inputs("createCommitOnBranch")[0]["expectedHeadOid"] == TIP
    assert model.inputs("createCheckRun")[0]["headSha"] == head
    assert model.inputs("mergePullRequest")[0]["expectedHeadOid"] == head
    assert [type(one) for one in done.applied.events] == [Opened, Merged]
    assert done.applied.merged()


def test_missing_labels_are_made_in_the_same_documents() -> None:
    model = Model()
    apply(model, opening(), picture=known(labels={}))
    assert [len(one) for one in model.documents] == [4, 3]
    assert model.documents[0][0] == "createLabel"
    assert model.inputs("addLabelsToLabelable")[0]["labelIds"] == ["L_1"]


@pytest.mark.parametrize("refused", ["createRef", "createCommitOnBranch", "createPullRequest"])
def test_after_a_refusal_nothing_is_posted_or_merged(refused: str) -> None:
    model = Model(refuses={refused})
    done = apply(model, opening())
    assert len(model.documents) == 1
    assert done.applied.troubles()


def test_a_leftover_branch_is_moved_only_from_where_it_stood() -> None:
    for stands, opened in (("x" * 40, True), ("y" * 40, False)):
        action = opening()
        proposal = replace(action.proposal, expected_head="x" * 40)
        model = Model(refs={HEADS + HEAD: stands})
        done = apply(model, OpenPromotion(proposal))
        assert any(isinstance(one, Opened) for one in done.applied.events) is opened
        assert (model.refs[HEADS + HEAD] == stands) is not opened


def test_an_update_moves_the_head_once_and_clears_the_scratch_branch() -> None:
    model = begun()
    done = apply(model, update())
    assert model.documents == [
        ["updateRefs", "createCommitOnBranch"],
        ["updateRefs", "updatePullRequest", "createCheckRun", "mergePullRequest"],
    ]
    assert model.refs[HEADS + HEAD] == f"{1:040x}"
    assert HEADS + scratch_of(HEAD) not in model.refs
    assert isinstance(done.applied.events[0], Updated)


def test_a_head_that_moved_meanwhile_stays_where_it_is() -> None:
    model = begun()
    model.refs[HEADS + HEAD] = "f" * 40
    done = apply(model, update())
    assert model.refs[HEADS + HEAD] == "f" * 40
    assert done.applied.troubles()


def test_the_pull_request_s_base_is_changed_with_its_text() -> None:
    action = update()
    moved = replace(action, pull=replace(action.pull, base="release"))
    for one, base in ((action, None), (moved, "main")):
        model = begun()
        apply(model, one)
        assert model.inputs("updatePullRequest")[0].get("baseRefName") == base


def test_the_ledger_is_one_commit_on_the_tip_that_was_seen() -> None:
    model = begun()
    apply(model, BOOK)
    (commit,) = model.inputs("createCommitOnBranch")
    assert commit["expectedHeadOid"] == LEDGER_OID
    assert [one["path"] for one in commit["fileChanges"]["additions"]] == [
        "shop/warehouses/web.yaml"
    ]
    assert commit["fileChanges"]["deletions"] == [{"path": "old.yaml"}]


def test_the_first_ledger_begins_with_a_readme() -> None:
    model = Model()
    apply(model, BOOK, picture=known(ledger_oid=None))
    (files,) = model.inputs("root")
    assert sorted(files) == ["README.md", "shop/warehouses/web.yaml"]
    assert HEADS + BRANCH in model.refs


def test_nothing_final_is_done_without_the_ledger() -> None:
    open_pull = pull("dev")
    final = (
        ClosePromotion(open_pull, "dev holds it"),
        MergePromotion(open_pull, requires_towline=False),
        PostCheck("h" * 40, GREEN, None),
    )
    model = begun()
    apply(model, BOOK, *final)
    assert len(model.documents) == 2
    assert model.inputs("mergePullRequest")
    lost = begun()
    lost.refs[HEADS + BRANCH] = "o" * 40
    done = apply(lost, BOOK, opening(), *final)
    assert len(lost.documents) == 1
    assert done.applied.troubles()
    assert not lost.inputs("mergePullRequest")
    assert not lost.inputs("createCheckRun")


def test_without_news_everything_is_one_document() -> None:
    text = Text("title", "body", (), draft=False)
    model = begun()
    apply(
        model,
        DescribePromotion(pull("dev"), text),
        PostCheck("h" * 40, GREEN, None),
        MergePromotion(pull("dev"), requires_towline=False),
    )
    assert [one for one in model.documents if one] == [
        ["updatePullRequest", "createCheckRun", "mergePullRequest"]
    ]


def test_a_round_without_actions_asks_nothing() -> None:
    model = begun()
    apply(model)
    assert model.documents == []


def test_closing_says_why_and_mentions_nobody() -> None:
    model = begun()
    apply(model, ClosePromotion(pull("dev"), "dev holds @acme/all"))
    assert model.inputs("addComment")[0]["body"] == "Closed: dev holds `@acme/all`."
    assert model.inputs("closePullRequest") == [{"pullRequestId": "PR_1"}]


def test_where_towline_is_required_github_waits_for_it() -> None:
    model = Model()
    done = apply(model, opening(required=True))
    assert "enablePullRequestAutoMerge" in model.documents[1]
    assert not done.applied.merged()


def test_auto_merge_refused_for_lack_of_anything_to_wait_for_is_a_merge() -> None:
    model = Model(refuses={"enablePullRequestAutoMerge"})
    done = apply(model, opening(required=True))
    assert model.documents[-1] == ["mergePullRequest"]
    assert done.applied.merged()


def test_a_merge_that_github_refuses_is_no_reason_to_hurry() -> None:
    done = apply(Model(refuses={"mergePullRequest"}), opening())
    assert done.applied.troubles() == ()
    assert any(isinstance(one, Trouble) for one in done.applied.events)


def test_an_unknown_outcome_ends_the_round() -> None:
    class Lost(Model):
        def write(self, mutations: Sequence[Mutation]) -> Sequence[Done | Failed]:
            raise Temporary("no answer", at(1) - at(0))

    with pytest.raises(Temporary):
        apply(Lost(), opening())


def test_what_is_said_to_people_is_one_document_and_its_reaction_comes_last() -> None:
    model = begun()
    model.refs[HEADS + HEAD] = TIP
    apply(
        model,
        SetDraft(pull("dev"), draft=True),
        DismissReview(Review("PRR", "ann", True, TIP, at(0)), "the freight changed"),
        Say("PR_1", "said"),
        DeleteBranch(HEAD, TIP),
        Answer("PR_1", "IC_1", "done"),
    )
    assert [one for one in model.documents if one] == [
        [
            "convertPullRequestToDraft",
            "dismissPullRequestReview",
            "addComment",
            "updateRefs",
            "addComment",
            "addReaction",
        ]
    ]
    assert HEADS + HEAD not in model.refs


def test_a_branch_that_moved_is_not_deleted() -> None:
    model = begun()
    model.refs[HEADS + HEAD] = MOVED
    done = apply(model, DeleteBranch(HEAD, TIP))
    assert model.refs[HEADS + HEAD] == MOVED
    assert [one.blocked for one in done.applied.events if isinstance(one, Trouble)] == [True]


def test_a_branch_is_begun_with_a_page_of_its_own() -> None:
    model = begun()
    apply(model, BeginBranch("env/prod", "# env/prod\n"))
    assert HEADS + "env/prod" in model.refs
    (made,) = model.inputs("createRef")
    assert made["name"] == HEADS + "env/prod"


def test_only_whom_the_repository_knows_is_asked() -> None:
    known = {"ann": "U_1", "acme/sre": "T_1"}
    model = begun()
    picture = replace(repository(), ledger_oid=LEDGER_OID, nodes=known)
    asked = (
        RequestReviews(pull("dev"), ("Ann", "acme/sre", "ghost")),
        Assign(pull("dev"), ("ann", "ghost")),
        Assign(pull("dev"), ("ghost",)),
    )
    Applier(model, picture).apply(asked)
    (reviews,) = model.inputs("requestReviews")
    assert (reviews["userIds"], reviews["teamIds"]) == (["U_1"], ["T_1"])
    assert [one["assigneeIds"] for one in model.inputs("addAssigneesToAssignable")] == [["U_1"]]


DEPLOY = Deploy(
    oid="c" * 40,
    environment="dev",
    production=False,
    description="Promote shop/web brave-otter to dev",
    payload={"stage": "dev"},
    status=SetDeployment("", "QUEUED", "waits", "", "https://github.com/acme/shop/pull/1"),
)


def test_a_promotion_is_deployed_with_a_first_status() -> None:
    model = begun()
    apply(model, BOOK, DEPLOY)
    assert model.inputs("deploy") == [{"oid": "c" * 40}]
    (status,) = model.inputs("createDeploymentStatus")
    assert (status["deploymentId"], status["state"]) == ("D_dev", "QUEUED")
    assert status["logUrl"] == "https://github.com/acme/shop/pull/1"
    assert (status["autoInactive"], "environmentUrl" in status) == (False, False)


def test_what_may_not_be_deployed_is_not_tried_again_at_once() -> None:
    model = begun()
    model.refuses.add("deploy")
    applied = apply(model, DEPLOY).applied
    assert model.inputs("createDeploymentStatus") == []
    assert [one.blocked for one in applied.events if isinstance(one, Trouble)] == [True]
    assert applied.troubles() == ()


def test_nothing_is_deployed_without_the_ledger() -> None:
    model = begun()
    model.refuses.add("createCommitOnBranch")
    apply(model, BOOK, DEPLOY)
    assert model.inputs("deploy") == []
