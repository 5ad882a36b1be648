"""What a person sees and does on the stand-in's pages."""

from __future__ import annotations

from html import unescape

import pytest

from github_app.sandbox.state import Protection, RequiredCheck
from tests.contracts.caller import NAME, REPO, Setting
from tests.sandbox.pages.conftest import HEAD, Person
from tests.sandbox.pages.hostile import HOSTILE, alive


def green(github: Setting, summary: str = "all **fine**") -> None:
    output = {"title": "All gates are green", "summary": summary}
    run = {"name": "towline", "head_sha": github.tip(HEAD), "conclusion": "success"}
    github.bot("POST", f"{REPO}/check-runs", 201, run | {"status": "completed", "output": output})


def test_a_pull_request_tells_what_it_is(person: Person) -> None:
    html = person.reads()
    assert "<title>Promote shop/web 1.1.0 to dev · Pull request #1 · acme/deploy" in html
    assert "<strong>towline[bot]</strong> wants to merge 1 commit into" in html
    assert ">main</a>" in html
    assert f">{HEAD}</a>" in html
    assert "<code>1.1.0</code>" in html


def test_its_tabs_show_commits_checks_and_files(person: Person) -> None:
    green(person.github)
    assert "Change stages/dev/kustomization.yaml" in person.reads(f"{person.address}/commits")
    checks = person.reads(f"{person.address}/checks")
    assert "All gates are green" in checks
    assert "<strong>fine</strong>" in checks
    files = person.reads(f"{person.address}/files")
    assert "<code>    newTag: 1.1.0</code>" in files
    assert '<tr class="removed"><td>1</td><td></td>' in files
    assert "<td><code>images: []</code>" in files


@pytest.mark.parametrize("method", ["merge", "squash", "rebase"])
def test_merge_merges_by_the_chosen_method(person: Person, method: str) -> None:
    answer = person.presses("merge", method=method)
    assert (answer.status_code, answer.location) == (303, person.address)
    pull = person.github.stand_in.pull_request(NAME, person.number)
    assert pull.merged
    assert pull.merged_by == "alice"
    html = person.reads()
    assert '<strong>Merged</strong><p class="quiet">alice merged this as' in html
    assert f'action="{person.address}/merge"' not in html


def test_a_refused_merge_shows_githubs_reason(person: Person) -> None:
    check = Protection(required_checks=(RequiredCheck("towline"),))
    person.github.stand_in.protect(NAME, "main", check)
    assert "Merging is blocked" in person.reads()
    assert 'value="merge" disabled>Merge</button>' in person.reads()
    answer = person.presses("merge")
    assert answer.status_code == 405
    assert "Required status check" in answer.get_data(as_text=True)
    assert not person.github.stand_in.pull_request(NAME, person.number).merged
    green(person.github)
    assert person.presses("merge").status_code == 303


def test_a_head_that_moved_since_the_page_was_read_is_not_merged(person: Person) -> None:
    answer = person.presses("merge", sha="0" * 40)
    assert answer.status_code == 409
    assert "Head branch was modified" in answer.get_data(as_text=True)


def test_a_conflict_is_said(person: Person) -> None:
    stand_in = person.github.stand_in
    stand_in.commit(NAME, "main", {"stages/dev/kustomization.yaml": "other\n"}, "Other", "alice")
    assert "This branch has conflicts" in person.reads()
    assert person.presses("merge").status_code == 405


def test_close_and_reopen(person: Person) -> None:
    assert person.presses("close").status_code == 303
    assert "Closed with unmerged commits" in person.reads()
    assert person.presses("reopen").status_code == 303
    assert "alice</strong> reopened this pull request" in person.reads()
    assert person.github.stand_in.pull_request(NAME, person.number).open


def test_a_comment_is_posted_and_shown(person: Person) -> None:
    assert person.presses("comment", body="/towline **status**").status_code == 303
    assert "/towline <strong>status</strong>" in person.reads()
    (comment,) = person.github.stand_in.comments(NAME, person.number)
    assert (comment.author, comment.body) == ("alice", "/towline **status**")


@pytest.mark.parametrize("button", ["merge", "close", "comment"])
@pytest.mark.parametrize("mark", ["", "0" * 64, "ä"])
def test_a_form_without_our_mark_does_nothing(person: Person, button: str, mark: str) -> None:
    assert person.presses(button, mark=mark).status_code == 403
    assert person.github.stand_in.pull_request(NAME, person.number).open


def test_a_form_from_another_site_does_nothing(person: Person) -> None:
    answer = person.client.post(
        f"{person.address}/merge", data=person.fields(), headers={"Origin": "https://evil.example"}
    )
    assert answer.status_code == 403
    assert not person.github.stand_in.pull_request(NAME, person.number).merged


def test_a_person_may_go_on_as_another_who_may_write(person: Person) -> None:
    stand_in = person.github.stand_in
    for login, permission in (("bob", "write"), ("eve", "read")):
        stand_in.create_user(login)
        stand_in.add_collaborator(NAME, login, permission)
    for login in ("eve", "bob"):
        form = person.fields() | {"login": login}
        assert person.client.post(f"/{NAME}/visitor", data=form).status_code == 303
    person.presses("close")
    assert stand_in.pull_request(NAME, person.number).closed_by == "bob"
    assert "<option>eve" not in person.reads()


def test_a_repository_shows_its_pull_requests_branches_and_files(person: Person) -> None:
    home = person.reads(f"/{NAME}")
    assert f'href="{person.address}">Promote shop/web 1.1.0 to dev</a>' in home
    assert f">{HEAD}</a>" in home
    assert f'href="/{NAME}/tree/main/stages">stages</a>' in home
    assert ">images: []</code>" in person.reads(f"/{NAME}/blob/main/stages/dev/kustomization.yaml")
    assert "newTag: 1.1.0" in person.reads(f"/{NAME}/blob/{HEAD}/stages/dev/kustomization.yaml")
    assert "kustomization.yaml" in person.reads(f"/{NAME}/tree/{HEAD}/stages/dev")
    assert "Change stages/dev" in person.reads(f"/{NAME}/commits/{HEAD}")
    assert "newTag: 1.1.0" in person.reads(f"/{NAME}/commit/{person.github.tip(HEAD)}")
    assert "#1" in person.reads(f"/{NAME}/branches")
    assert "acme/deploy" in person.reads("/")
    person.presses("close")
    assert "No pull request is open" in person.reads(f"/{NAME}/pulls")
    assert "Promote shop/web" in person.reads(f"/{NAME}/pulls?state=closed")


def test_a_pull_request_is_found_by_its_head_branch(person: Person) -> None:
    page, title = f"/{NAME}/pulls", "Promote shop/web"
    for query in (f"is%3Apr+head%3A{HEAD.replace('/', '%2F')}", f"head:{HEAD[:-2]}", "promote"):
        assert title in person.reads(f"{page}?q={query}")
    for query in ("is:pr head:other", "is:merged", "is:closed", "head:towline/ base:other", "x:y"):
        assert title not in person.reads(f"{page}?q={query}")
    person.presses("merge")
    found = person.reads(f"{page}?q=is:pr head:{HEAD}")
    assert title in found
    assert f"1 found by <code>is:pr head:{HEAD}</code>" in found
    assert title in person.reads(f"{page}?q=is:merged")
    assert alive(person.reads(f"{page}?q=<script>alert(1)</script>\"'")) == []


def test_a_raw_file_is_only_ever_text(person: Person) -> None:
    page = {"x.html": "<script>alert(1)</script>"}
    person.github.stand_in.commit(NAME, "main", page, "Page", "alice")
    answer = person.client.get(f"/{NAME}/raw/main/x.html")
    assert answer.content_type == "text/plain; charset=utf-8"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.data == b"<script>alert(1)</script>"
    person.reads(f"/{NAME}/raw/main/gone", 404)


def test_a_check_runs_own_address_leads_to_it(person: Person) -> None:
    green(person.github)
    (run,) = person.github.stand_in.checks(NAME, person.github.tip(HEAD))
    answer = person.client.get(f"/{NAME}/runs/{run.id}", follow_redirects=True)
    assert f'id="check-{run.id}"' in answer.get_data(as_text=True)
    person.reads(f"/{NAME}/runs/99", 404)


def test_an_owners_repositories_are_listed(person: Person) -> None:
    assert f'href="/{NAME}"' in person.reads("/acme")
    assert "No repositories yet" in person.reads("/alice")
    person.reads("/nobody", 404)


def test_stages_with_a_record_are_listed(person: Person) -> None:
    record = {"stages/dev/.freight/web.yaml": "alias: brave-otter\n"}
    person.github.stand_in.commit(NAME, "main", record, "Record", "alice")
    assert f'href="/{NAME}/tree/main/stages/dev">stages/dev</a>' in person.reads(f"/{NAME}")


def test_deployments_show_where_they_stand(person: Person) -> None:
    wish = {"ref": "main", "environment": "dev", "auto_merge": False, "required_contexts": []}
    made = person.github.bot("POST", f"{REPO}/deployments", 201, wish)["id"]
    state = {"state": "success", "description": "healthy"}
    person.github.bot("POST", f"{REPO}/deployments/{made}/statuses", 201, state)
    page = person.reads(f"/{NAME}/deployments")
    assert '<strong>dev</strong> <span class="quiet">success</span>' in page
    assert "healthy" in page


def test_webhooks_are_listed_and_sent_again(person: Person) -> None:
    stand_in = person.github.stand_in
    stand_in.deliver()
    (opened,) = [
        one
        for one in stand_in.deliveries("towline")
        if (one.event, one.action) == ("pull_request", "opened")
    ]
    place = "/settings/apps/towline/advanced"
    assert "pull_request.opened" in person.reads(place)
    page = person.reads(f"{place}/{opened.id}")
    assert opened.guid in page
    assert "&#34;action&#34;: &#34;opened&#34;" in page
    form = person.fields(f"{place}/{opened.id}")
    path = f"{place}/{opened.id}/attempts"
    assert person.client.post(path, data=form).status_code == 303
    last = stand_in.deliveries("towline")[-1]
    assert (last.guid, last.redelivery) == (opened.guid, True)
    assert "redelivery" in person.reads(place)
    assert person.client.post(path, data={}).status_code == 403


@pytest.mark.parametrize(
    "path",
    [
        "/acme/gone",
        f"/{NAME}/pull/99",
        f"/{NAME}/tree/gone",
        f"/{NAME}/tree/main/gone",
        f"/{NAME}/blob/main/gone",
        f"/{NAME}/commit/{'0' * 40}",
        "/settings/apps/gone/advanced",
        "/settings/apps/towline/advanced/99",
    ],
)
def test_what_is_not_there_is_not_found(person: Person, path: str) -> None:
    assert "Not Found" in person.reads(path, 404)


def test_no_page_may_run_a_script_or_be_framed(person: Person) -> None:
    paths = ["/", f"/{NAME}", person.address, f"{person.address}/files", "/acme/gone"]
    for path in paths:
        policy = person.client.get(path).headers["Content-Security-Policy"]
        assert "default-src 'none'" in policy
        assert "frame-ancestors 'none'" in policy
        assert "script" not in policy
        assert "unsafe" not in policy


def test_an_avatar_is_a_picture(person: Person) -> None:
    answer = person.client.get("/avatars/7")
    assert answer.content_type == "image/svg+xml"
    assert "Content-Security-Policy" in answer.headers


def test_hostile_text_lives_nowhere(person: Person) -> None:
    github, head = person.github, person.github.tip(HEAD)
    for at, text in enumerate(HOSTILE):
        short = text.replace("\x00", "")[:200].strip()
        change = {"title": short[:200], "body": text}
        github.bot("PATCH", f"{REPO}/pulls/{person.number}", 200, change)
        github.bot("POST", f"{REPO}/issues/{person.number}/comments", 201, {"body": text})
        output = {"title": short, "summary": text, "text": text}
        run = {"name": short[:100], "head_sha": head, "status": "in_progress", "output": output}
        github.bot("POST", f"{REPO}/check-runs", 201, run)
        status = {"state": "success", "context": short, "description": short[:140]}
        github.alice("POST", f"{REPO}/statuses/{head}", 201, status)
        name = f"{at}-{text[:80]}".replace("/", "_").replace("\x00", "")
        github.stand_in.commit(NAME, "main", {f"hostile/{name}": text}, short, "alice")
        for path in (person.address, f"{person.address}/checks", f"/{NAME}", f"/{NAME}/pulls"):
            assert alive(person.reads(path)) == []
    for path in ("commits/main", "tree/main/hostile", "branches"):
        assert alive(person.reads(f"/{NAME}/{path}")) == []
    for text in person.github.stand_in.paths(NAME, "main"):
        if text.startswith("hostile/"):
            answer = person.client.get(f"/{NAME}/blob/main/{text}")
            assert alive(answer.get_data(as_text=True)) == []


@pytest.mark.parametrize("branch", ["a'\"<b>x", "x{{7}}", "<script>alert(1)<", "ü/☃/&amp;"])
def test_hostile_branch_names_are_text(person: Person, branch: str) -> None:
    github = person.github
    number = github.pull(branch)
    for path in (f"/{NAME}", f"/{NAME}/branches", f"/{NAME}/pull/{number}"):
        html = person.reads(path)
        assert alive(html) == []
        assert branch in unescape(html)
