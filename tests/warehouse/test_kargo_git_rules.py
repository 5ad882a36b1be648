"""Kargo's rules for Git, each under its name in the list of golden rules, on real repositories."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from plugin.artifact import GitRepository, Revision
from plugin.errors import Refusal
from plugin.subscriptions import GitSelection
from tests.github.git_server import git
from tests.warehouse.git_world import ANN, START, World, Written

NEWEST_TAG, SEMVER, LEXICAL = GitSelection.NEWEST_TAG, GitSelection.SEMVER, GitSelection.LEXICAL
WEB = "apps/web/web.yaml"


def test_g_1_commits_of_the_first_parent_line_newest_first(there: World, written: Written) -> None:
    first = written.commit({"a": "1"})
    side = written.commit({"b": "1"}, branch="side", parents=(first,))
    second = written.commit({"a": "2"})
    merged = written.merge(side)
    assert there.taken() == [merged, second, first]
    assert there.taken(limit=2) == [merged, second]


def test_g_1_the_branch_or_else_the_default_one(there: World, written: Written) -> None:
    first = written.commit({"a": "1"})
    other = written.commit({"a": "2"}, branch="release/1", parents=(first,))
    main = written.commit({"a": "3"})
    assert there.taken(branch="release/1") == [other, first]
    assert there.taken() == [main, first]
    git(written.bare, "symbolic-ref", "HEAD", "refs/heads/release/1")
    assert there.best().artifact.tag == other
    assert dict(there.best().facts)["branch"] == "release/1"


def test_g_2_newest_tag_by_the_tagger_s_or_the_commit_s_time(
    there: World, written: Written
) -> None:
    old, new = written.commit({"a": "1"}), written.commit({"a": "2"})
    written.tag("light-new", new)
    written.tag("light-old", old)
    written.tag("annotated", old, message="Much later", at=START + 9_000)
    assert there.taken(select=NEWEST_TAG) == ["annotated", "light-new", "light-old"]
    best = there.best(select=NEWEST_TAG)
    assert best.artifact == there.at(old, "annotated")
    assert best.created == datetime.fromtimestamp(START + 9_000, UTC)


def test_g_2_tags_of_one_time_by_name_descending(there: World, written: Written) -> None:
    only = written.commit({"a": "1"})
    for name in ("b", "c", "a"):
        written.tag(name, only)
    assert there.taken(select=NEWEST_TAG) == ["c", "b", "a"]


def test_g_3_tags_as_versions(there: World, written: Written) -> None:
    only = written.commit({"a": "1"})
    for name in ("v1.9.0", "v1.10.0", "2.0.0-rc.1", "1.2", "later"):
        written.tag(name, only)
    assert there.taken(select=SEMVER) == ["2.0.0-rc.1", "v1.10.0", "v1.9.0"]
    assert there.taken(select=SEMVER, constraint="^1") == ["v1.10.0", "v1.9.0"]
    assert there.taken(select=SEMVER, constraint="1.9.0") == ["v1.9.0"]
    loose = there.taken(select=SEMVER, strict=False, constraint="<1.9")
    assert loose == ["1.2"]
    assert there.left_out(select=SEMVER, constraint="^1")["later"].startswith(
        "not a strict version"
    )


def test_g_4_tags_by_name(there: World, written: Written) -> None:
    only = written.commit({"a": "1"})
    for name in ("20240101", "20250101", "20241231"):
        written.tag(name, only)
    assert there.taken(select=LEXICAL) == ["20250101", "20241231", "20240101"]


def test_g_4_allow_and_ignore_ask_first(there: World, written: Written) -> None:
    only = written.commit({"a": "1"})
    for name in ("web-1", "web-2-rc", "api-9"):
        written.tag(name, only)
    assert there.taken(select=LEXICAL, allow=("^web-",), ignore=("rc$",)) == ["web-1"]
    rules = there.left_out(select=LEXICAL, allow=("^web-",), ignore=("rc$",))
    assert rules == {"web-2-rc": "ignore 'rc$'", "api-9": "no allow pattern matches"}


def test_g_5_authors_and_subjects_that_are_ignored(there: World, written: Written) -> None:
    """Our form of Kargo's expressionFilter: patterns, without a language of their own."""
    first = written.commit({"a": "1"}, "Begin")
    bot = written.commit({"a": "2"}, "Update", author="renovate[bot] <bot@example.org>")
    chore = written.commit({"a": "3"}, "chore: tidy")
    trailer = written.commit({"a": "4"}, "Work\n\nText.\n\nDeploy: never")
    last = written.commit({"a": "5"}, "Work\n\nthat mentions a chore: in its text")
    asked: dict[str, Any] = {
        "ignore_authors": (r"\[bot\] <",),
        "ignore_subjects": ("^chore:", "^Deploy: never$"),
    }
    assert there.taken(**asked) == [last, first]
    assert there.rules(**asked) == {
        trailer: "ignoreSubjects '^Deploy: never$'",
        chore: "ignoreSubjects '^chore:'",
        bot: r"ignoreAuthors '\[bot\] <'",
    }


def test_g_5_commits_that_say_so_are_skipped(there: World, written: Written) -> None:
    first = written.commit({"a": "1"})
    written.commit({"a": "2"}, "Tidy [skip promotion]")
    written.commit({"a": "3"}, "Tidy\n\nThe rest is for later.\n[Skip Promotion]")
    assert there.taken() == [first]


def test_g_5_ignored_commits_make_no_tag_either(there: World, written: Written) -> None:
    one = written.commit({"a": "1"})
    written.tag("v1.0.0", one)
    written.tag("v1.1.0", written.commit({"a": "2"}, "Tidy [skip promotion]"))
    assert there.taken(select=SEMVER) == ["v1.0.0"]


@pytest.mark.parametrize(
    ("include", "exclude", "qualifies"),
    [
        (("apps/web",), (), True),
        (("apps/web/web.yaml",), (), True),
        (("apps/we",), (), False),
        (("apps/web/",), (), True),
        (("glob:apps/*",), (), False),
        (("glob:apps/**",), (), True),
        (("glob:**/*.{yaml,yml}",), (), True),
        ((r"regex:web\.ya?ml$",), (), True),
        (("regexp:^web",), (), False),
        ((), ("apps",), False),
        ((), ("docs",), True),
        (("apps",), ("glob:**/web.yaml",), False),
    ],
)
def test_g_6_include_and_exclude(
    there: World,
    written: Written,
    include: tuple[str, ...],
    exclude: tuple[str, ...],
    qualifies: bool,
) -> None:
    last = written.commit({"docs/a": "1"})
    new = written.commit({WEB: "1"})
    best = there.best(there.at(last), include=include, exclude=exclude)
    assert best.artifact == there.at(new if qualifies else last)


def test_g_6_everything_since_the_last_freight_counts(there: World, written: Written) -> None:
    """Kargo looks at one commit only, against its users' expectation."""
    last = written.commit({WEB: "1"})
    changed = written.commit({WEB: "2"})
    later = written.commit({"docs/a": "1"})
    assert there.taken(there.at(last), include=("apps",)) == [later, changed, last]


def test_g_6_what_was_taken_back_does_not_count(there: World, written: Written) -> None:
    last = written.commit({WEB: "1"})
    changed = written.commit({WEB: "2"})
    back = written.commit({WEB: "1"})
    assert there.taken(there.at(last), include=("apps",)) == [changed, last]
    assert there.rules(there.at(last), include=("apps",)) == {
        back: "changes nothing of its paths since the last freight"
    }


def test_g_6_the_last_freight_stays_the_newest(there: World, written: Written) -> None:
    first = written.commit({WEB: "1"})
    last = written.commit({"docs/a": "1"})
    written.commit({"docs/a": "2"})
    assert there.taken(there.at(last), include=("apps",)) == [last, first]


def test_g_6_without_a_last_freight_each_commit_speaks_for_itself(
    there: World, written: Written
) -> None:
    first = written.commit({WEB: "1"})
    side = written.commit({WEB: "2"}, branch="side", parents=(first,))
    written.commit({"docs/a": "1"})
    merged = written.merge(side)
    written.commit({"docs/a": "2"})
    assert there.taken(include=("apps",)) == [merged, first]


def test_g_6_a_rename_counts_on_both_sides(there: World, written: Written) -> None:
    last = written.commit({"apps/web/a": "1", "lib/b": "1"})
    away = written.commit({"apps/web/a": None, "other/a": "1"})
    back = written.commit({"lib/b": None, "apps/web/b": "1"})
    assert there.taken(there.at(last), include=("apps",)) == [back, away, last]
    assert there.taken(there.at(away), include=("apps",))[0] == back


def test_g_6_tags_by_everything_since_the_last_freight(there: World, written: Written) -> None:
    """Kargo drops a release tag whose own commit did not touch the path."""
    written.tag("v1.0.0", last := written.commit({WEB: "1"}))
    written.commit({WEB: "2"})
    written.tag("v1.1.0", written.commit({"docs/a": "1"}))
    asked: dict[str, Any] = {"select": SEMVER, "include": ("apps",)}
    assert there.taken(there.at(last, "v1.0.0"), **asked) == ["v1.1.0", "v1.0.0"]
    assert there.taken(**asked) == ["v1.1.0", "v1.0.0"]


@pytest.mark.parametrize("select", [NEWEST_TAG, SEMVER, LEXICAL])
def test_g_6_a_newer_tag_without_such_a_change_is_passed_over(
    there: World, written: Written, select: GitSelection
) -> None:
    written.tag("v1.0.0", written.commit({WEB: "0"}))
    written.tag("v1.1.0", last := written.commit({WEB: "1"}))
    written.tag("v1.2.0", written.commit({"docs/a": "1"}))
    asked: dict[str, Any] = {"select": select, "include": ("apps",)}
    assert there.taken(there.at(last, "v1.1.0"), **asked) == ["v1.1.0", "v1.0.0"]
    written.tag("v1.3.0", written.commit({WEB: "3"}))
    assert there.taken(there.at(last, "v1.1.0"), **asked)[0] == "v1.3.0"


def test_g_6_a_tag_that_is_gone_or_moved_stays_what_it_was(there: World, written: Written) -> None:
    written.tag("v1.0.0", written.commit({"docs/a": "0"}))
    written.tag("v1.1.0", last := written.commit({WEB: "1"}))
    asked: dict[str, Any] = {"select": SEMVER, "include": ("apps",)}
    there.taken(**asked)
    written.tag("v1.1.0", moved := written.commit({"docs/a": "1"}))
    assert there.best(there.at(last, "v1.1.0"), **asked).artifact == there.at(last, "v1.1.0")
    written.tag("v1.1.0", written.commit({WEB: "2"}))
    assert there.best(there.at(last, "v1.1.0"), **asked).artifact != there.at(last, "v1.1.0")
    git(written.bare, "tag", "-d", "v1.1.0")
    written.tag("v1.0.0", moved)
    assert there.taken(there.at(last, "v1.1.0"), **asked)[0] == "v1.1.0"


def promotion(written: Written, change: dict[str, str]) -> str:
    """A commit as Towline makes one: pins and the record beside them."""
    record = {"apps/web/.freight/web.yaml": f"freight: {written.count}\n"}
    return written.commit({**change, **record}, "Promote web 1.2.3")


def test_g_5_towline_s_own_promotions_make_no_freight(there: World, written: Written) -> None:
    """The feedback loop of Kargo's issue 4113."""
    first = written.commit({WEB: "1"})
    own = promotion(written, {WEB: "2"})
    assert there.taken() == [first]
    assert there.rules() == {own: "a promotion of Towline's own"}
    assert there.best(there.at(first), include=("apps",)).artifact == there.at(first)


def test_g_6_a_promotion_s_changes_do_not_count_beside_others(
    there: World, written: Written
) -> None:
    last = written.commit({WEB: "1", "docs/a": "1"})
    promotion(written, {WEB: "2"})
    written.commit({"docs/a": "2"})
    asked: dict[str, Any] = {"include": ("apps",)}
    assert there.best(there.at(last), **asked).artifact == there.at(last)
    by_hand = written.commit({WEB: "3"})
    assert there.best(there.at(last), **asked).artifact == there.at(by_hand)
    promotion(written, {WEB: "4"})
    assert there.best(there.at(last), **asked).artifact == there.at(by_hand)


def test_g_6_a_promotion_merged_by_hand_is_one(there: World, written: Written) -> None:
    last = written.commit({WEB: "1"})
    record = {"apps/web/.freight/web.yaml": "freight: 1\n", WEB: "2"}
    side = written.commit(record, "Promote", branch="towline/x", parents=(last,))
    written.merge(side, "Merge pull request #1 from towline/x")
    assert there.best(there.at(last), include=("apps",)).artifact == there.at(last)
    assert there.taken() == [last]


def test_g_6_tags_on_promotions_and_past_them(there: World, written: Written) -> None:
    written.tag("v1.0.0", last := written.commit({WEB: "1"}))
    written.tag("v1.1.0", promotion(written, {WEB: "2"}))
    written.tag("v1.2.0", written.commit({"docs/a": "1"}))
    asked: dict[str, Any] = {"select": SEMVER, "include": ("apps",)}
    assert there.taken(there.at(last, "v1.0.0"), **asked) == ["v1.0.0"]
    assert there.rules(there.at(last, "v1.0.0"), **asked) == {
        "v1.2.0": "changes nothing of its paths since the last freight",
        "v1.1.0": "changes nothing of its paths since the last freight",
    }


@pytest.mark.parametrize("select", [NEWEST_TAG, SEMVER, LEXICAL])
@pytest.mark.parametrize("include", [(), ("apps",)])
def test_g_5_a_tag_on_a_promotion_is_somebody_s_intention(
    there: World, written: Written, select: GitSelection, include: tuple[str, ...]
) -> None:
    written.tag("v1.0.0", last := written.commit({WEB: "1"}))
    by_hand = written.commit({WEB: "2"})
    written.tag("v1.1.0", promotion(written, {WEB: "3"}))
    asked: dict[str, Any] = {"select": select, "include": include}
    assert there.taken(**asked) == ["v1.1.0", "v1.0.0"]
    assert there.taken(there.at(last, "v1.0.0"), **asked) == ["v1.1.0", "v1.0.0"]
    assert there.taken(include=include)[0] == by_hand


def test_g_7_what_is_recorded_of_a_commit(there: World, written: Written) -> None:
    oid = written.commit({"a": "1"}, "S" * 90 + "\n\nMore.", author="Bob <bob@example.org>")
    best = there.best()
    assert best.artifact == Revision(there.subscription().repository, oid, oid)
    assert best.created == datetime.fromtimestamp(START + 60, UTC)
    assert dict(best.facts) == {
        "subject": "S" * 80,
        "author": "Bob <bob@example.org>",
        "committer": ANN,
        "date": "2023-11-14T22:14:20Z",
        "branch": "main",
    }


def test_g_7_what_is_recorded_of_a_tag(there: World, written: Written) -> None:
    oid = written.commit({"a": "1"}, "Work")
    written.tag("v1.0.0", oid, message="Release one")
    written.tag("v0.9.0", oid)
    annotated, light = there.revisions.newest(there.subscription(select=SEMVER), None)
    assert annotated.artifact == Revision(there.subscription().repository, "v1.0.0", oid)
    assert annotated.created is not None
    assert light.created is not None
    assert annotated.created - light.created == timedelta(minutes=1)
    said = dict(annotated.facts)
    assert (said["tag"], said["subject"], said["tagger"]) == ("v1.0.0", "Work", ANN)
    assert said["annotation"] == "Release one"
    assert {"annotation", "tagger", "branch"}.isdisjoint(dict(light.facts))


@pytest.mark.parametrize("select", list(GitSelection))
def test_g_8_nothing_new_costs_one_negotiation(
    there: World, written: Written, select: GitSelection
) -> None:
    oid = written.commit({"a": "1"})
    written.tag("v1.0.0", oid, message="Release")
    there.best(select=select, include=("a",))
    for last in (None, there.at(oid, None if select is GitSelection.NEWEST_COMMIT else "v1.0.0")):
        there.server.requests.clear()
        there.best(last, select=select, include=("a",))
        assert there.server.requests == [
            "GET /acme/config.git/info/refs?service=git-upload-pack",
            "POST /acme/config.git/git-upload-pack",
        ]


def test_g_8_files_are_not_fetched(there: World, written: Written) -> None:
    oid = written.commit({"a": "x" * 1000})
    assert there.taken() == [oid]
    (mirror,) = (there.data / "watched").glob("*.git")
    listed = git(mirror, "cat-file", "--batch-all-objects", "--batch-check=%(objecttype)")
    assert sorted(listed.split()) == ["commit", "tree"]


def test_u_1_one_repository_under_all_its_names(there: World) -> None:
    names = ("https://GitHub.com/Acme/Config.git", "git@github.com:acme/config", "acme/config/")
    assert {GitRepository.parse(name.rstrip("/")) for name in names} == {
        GitRepository("github.com", "acme/config")
    }
    there.write("acme/config").commit({"a": "1"})
    there.best()
    plain = there.subscription()
    slashed = there.server.address("acme/config").removesuffix(".git")
    again = type(plain)("again", GitRepository.parse(slashed), plain.address)
    assert next(iter(there.revisions.newest(again, None))).artifact.subject == plain.repository
    assert len(list((there.data / "watched").glob("*.git"))) == 1


def test_a_repository_without_commits_or_branch_is_refused(there: World) -> None:
    there.write("acme/config")
    with pytest.raises(Refusal, match="has no commit yet"):
        there.best()
    there.write("acme/other").commit({"a": "1"})
    with pytest.raises(Refusal, match="has no branch 'gone'; mend 'branch'"):
        next(iter(there.revisions.newest(there.subscription("acme/other", branch="gone"), None)))
    assert there.taken(select=SEMVER) == []
