"""Watched repositories end to end: branches and tags that move under the last freight."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from github_app.github.host import Host
from github_app.github.mirror import watched
from github_app.warehouse import git_tags
from github_app.warehouse.candidate import Candidate
from github_app.warehouse.git_access import GitLogins, Ways
from plugin.artifact import Revision
from plugin.errors import Refusal
from plugin.subscriptions import GitSelection
from tests.github.git_server import git
from tests.warehouse.git_world import World, Written

SEMVER, NEWEST_TAG = GitSelection.SEMVER, GitSelection.NEWEST_TAG
TOKEN = "ghs_" + "y" * 40


def forced(written: Written, changes: dict[str, str], *parents: str) -> str:
    """The branch, set to another commit than one on top of its tip."""
    return written.commit(changes, parents=parents)


def test_a_branch_that_was_rewritten_is_followed(there: World, written: Written) -> None:
    one = written.commit({"apps/a": "1"})
    last = written.commit({"apps/a": "2"})
    there.taken()
    new = forced(written, {"apps/a": "3"}, one)
    assert there.taken(there.at(last), include=("apps",)) == [new, one]
    assert there.taken(there.at(last)) == [new, one]


def test_a_branch_that_was_rewritten_elsewhere_only_makes_no_freight(
    there: World, written: Written
) -> None:
    one = written.commit({"apps/a": "1", "docs/a": "1"})
    last = written.commit({"docs/a": "2"})
    there.taken()
    forced(written, {"docs/a": "3"}, one)
    assert there.taken(there.at(last), include=("apps",)) == [last]
    unrelated = forced(written, {"apps/a": "1", "docs/a": "9"})
    assert there.taken(there.at(last), include=("apps",)) == [last]
    assert there.taken(there.at(last), include=("docs",)) == [unrelated]


def test_a_branch_that_was_set_back_is_followed(there: World, written: Written) -> None:
    one = written.commit({"apps/a": "1"})
    last = written.commit({"apps/a": "2"})
    git(written.bare, "update-ref", "refs/heads/main", one)
    assert there.taken(there.at(last), include=("apps",)) == [one]


def test_a_last_freight_that_nobody_has_any_more_is_no_obstacle(
    there: World, written: Written
) -> None:
    new = written.commit({"apps/a": "1"})
    written.tag("v1.0.0", new)
    for gone in ("1" * 40, "1" * 64):
        assert there.taken(there.at(gone), include=("apps",)) == [new]
        last = there.at(gone, "v0.9.0")
        assert there.taken(last, include=("apps",), select=SEMVER) == ["v1.0.0"]
    unproven = Revision(there.subscription().repository, "v0.9.0")
    assert there.taken(unproven, include=("apps",)) == [new]
    assert there.taken(unproven, include=("apps",), select=SEMVER) == ["v1.0.0"]


def test_a_last_freight_is_brought_when_the_mirror_is_new(there: World, written: Written) -> None:
    written.commit({"apps/a": "1"})
    last = written.commit({"apps/a": "2"})
    new = forced(written, {"apps/a": "2", "docs/a": "1"})
    assert there.taken(there.at(last), include=("apps",)) == [last]
    assert there.taken(there.at(last), include=("docs",)) == [new]


def test_beyond_the_cut_of_a_long_history(
    there: World, written: Written, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(watched, "MOST_STEPS", 2)
    last = written.commit({"apps/a": "1"})
    for number in range(6):
        tip = written.commit({"docs/a": str(number)})
    assert there.taken(there.at(last), include=("apps",)) == [last]
    assert there.taken(there.at(last), include=("docs",))[0] == tip
    changed = written.commit({"apps/a": "2"})
    assert there.taken(there.at(last), include=("apps",)) == [changed]
    assert there.taken(there.at(changed), include=("apps",)) == [changed]


def test_only_wanted_tags_are_fetched(there: World, written: Written) -> None:
    for number in range(50):
        written.tag(f"v1.{number}.0", written.commit({"a": str(number)}))
    assert there.best(select=SEMVER).artifact.tag == "v1.49.0"
    (mirror,) = (there.data / "watched").glob("*.git")
    assert len(git(mirror, "for-each-ref", "refs/towline/tag/").splitlines()) == 20
    assert len(there.taken(select=SEMVER, limit=30)) == 30


def test_too_many_tags_to_know_the_newest(
    there: World, written: Written, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(git_tags, "MOST_DATED", 2)
    only = written.commit({"a": "1"})
    for name in ("a1", "a2", "b1"):
        written.tag(name, only)
    with pytest.raises(Refusal, match="let at most 2 pass 'allow' and 'ignore'"):
        there.taken(select=NEWEST_TAG)
    assert there.taken(select=NEWEST_TAG, allow=("^a",)) == ["a2", "a1"]


def test_a_tag_that_stands_for_no_commit_is_passed_over(there: World, written: Written) -> None:
    oid = written.commit({"a": "1"})
    written.tag("v1.0.0", oid)
    git(written.bare, "tag", "v2.0.0", git(written.bare, "rev-parse", f"{oid}:a"))
    git(written.bare, "tag", "v3.0.0", git(written.bare, "rev-parse", f"{oid}^{{tree}}"))
    for select in (SEMVER, NEWEST_TAG, GitSelection.LEXICAL):
        assert there.taken(select=select) == ["v1.0.0"]
    assert there.rules(select=SEMVER) == dict.fromkeys(("v3.0.0", "v2.0.0"), "stands for no commit")


def test_a_channel_s_revisions_are_the_channel_s(there: World, written: Written) -> None:
    oid = written.commit({"a": "1"})
    plain = there.subscription()
    subject = replace(plain.repository, subscription="config")
    (found,) = there.revisions.newest(replace(plain, repository=subject), None)
    assert found.artifact == Revision(subject, oid, oid)
    assert len(list((there.data / "watched").glob("*.git"))) == 1


def named(there: World, version: str, **more: Any) -> Candidate | None:
    return there.revisions.exact(there.subscription(**more), version)


def test_a_commit_by_hand(there: World, written: Written) -> None:
    one = written.commit({"a": "1"}, "Tidy [skip promotion]")
    written.commit({"a": "2"})
    side = written.commit({"a": "3"}, branch="side", parents=(one,))
    for version in (one, one[:7], one[:12]):
        found = named(there, version)
        assert found is not None
        assert found.artifact == there.at(one)
        assert dict(found.facts)["subject"] == "Tidy [skip promotion]"
    there.taken(branch="side")
    for version in (side, one[:6], "main", "HEAD", "", "--all", "f" * 40, "0" * 7):
        assert named(there, version) is None


def test_a_tag_by_hand(there: World, written: Written) -> None:
    oid = written.commit({"a": "1"})
    written.tag("v0.1.0", oid)
    git(written.bare, "tag", "file", git(written.bare, "rev-parse", f"{oid}:a"))
    asked: dict[str, Any] = {"select": SEMVER, "constraint": "^1", "ignore": (".",)}
    found = named(there, "v0.1.0", **asked)
    assert found is not None
    assert found.artifact == there.at(oid, "v0.1.0")
    for version in ("v0.1", "file", oid, ""):
        assert named(there, version, **asked) is None


def test_what_is_left_out_and_by_which_rule(there: World, written: Written) -> None:
    first = written.commit({"apps/a": "1"})
    skipped = written.commit({"apps/a": "2"}, "Tidy [skip promotion]")
    docs = written.commit({"docs/a": "2"})
    assert there.left_out(include=("apps",)) == {
        docs: "changes nothing of its paths",
        skipped: "[skip promotion]",
    }
    for name, commit in (("v1.0.0", first), ("v1.1.0", first), ("v1.2.0", skipped), ("w", first)):
        written.tag(name, commit)
    assert there.left_out(select=SEMVER, limit=1) == {
        "v1.2.0": "[skip promotion]",
        "v1.0.0": "beyond the limit of 1",
        "w": "not a strict version (major.minor.patch)",
    }


def test_rules_that_cannot_be_read_are_refused(there: World, written: Written) -> None:
    written.commit({"a": "1"})
    for wrong in (
        {"include": ("glob:[",)},
        {"ignore_authors": ("(",)},
        {"ignore_subjects": ("(",)},
        {"select": SEMVER, "constraint": "newest"},
        {"select": SEMVER, "allow": ("(",)},
    ):
        more: dict[str, Any] = wrong
        with pytest.raises(Refusal):
            there.taken(**more)


def test_the_app_s_own_repositories_are_read_with_its_token(there: World, written: Written) -> None:
    class Key:
        def token(self) -> str:
            return TOKEN

        def forget(self, token: str) -> None:
            pass

    oid = written.commit({"a": "1"})
    there.server.tokens = {TOKEN}

    def keys(name: str) -> Key | None:
        return Key() if name == "acme/config" else None

    own = there.asking(Ways(Host(there.server.url), keys, GitLogins()))
    found = next(iter(own.newest(there.subscription(), None)))
    assert found.artifact == there.at(oid)
    stranger = there.asking(Ways(Host(there.server.url), lambda name: None, GitLogins()))
    with pytest.raises(Refusal, match=r"GIT_CREDENTIALS names, or, .* install the App in it"):
        next(iter(stranger.newest(there.subscription(), None)))


def test_a_login_from_the_file_of_git_s_own_store(
    tmp_path: Path, there: World, written: Written
) -> None:
    oid = written.commit({"a": "1"})
    there.server.tokens = {"pa:ss"}
    file = tmp_path / "logins"
    host = there.server.url.removeprefix("http://")
    file.write_text(f"http://x-access-token:pa%3Ass@{host}\n", encoding="utf-8")
    ways = Ways(Host("https://github.com"), lambda name: None, GitLogins(file))
    found = next(iter(there.asking(ways).newest(there.subscription(), None)))
    assert found.artifact == there.at(oid)
