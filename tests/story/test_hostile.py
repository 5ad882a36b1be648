"""Strings that travel: what registries, people and files say never becomes anything but text."""

from __future__ import annotations

from pathlib import Path

from tests.story.world import FILES, PIPELINE, REPOSITORY, Story, told

LEXICAL = PIPELINE.replace(
    "    - image: ghcr.io/acme/web\n", "    - {image: ghcr.io/acme/web, select: lexical}\n"
)


ODD_TAGS = ("1.0.0-x.lock", "a..b", "1e3", "0x10", "1_000", "null", "0755", "_-", "1.10", "yes")


def test_odd_tags_travel_unchanged(tmp_path: Path) -> None:
    with told(tmp_path, FILES | {"towline.yaml": LEXICAL}) as story:
        for number, tag in enumerate(ODD_TAGS):
            story.push(tag, number)
            assert story.holds("dev") == tag
            assert story.open_pull("staging").title == f"Promote shop/web {tag} to staging"
        assert [one.number for one in story.open_pulls()] == [2]


def test_titles_are_only_words(tmp_path: Path) -> None:
    pipeline = PIPELINE.replace(
        "path: stages/staging",
        'path: stages/staging, pullRequest: {title: "a|b `c` @alice #1 ${version}"}',
    )
    with told(tmp_path, FILES | {"towline.yaml": pipeline}) as story:
        story.push("1.0.0", 1)
        assert "1.0.0" in story.open_pull("staging").title
        assert story.check(story.open_pull("staging")).conclusion == "success"


def test_a_large_file_on_our_branch_stops_its_line_alone(story: Story) -> None:
    story.push("1.0.0", 1)
    pull = story.open_pull("staging")
    story.commit(pull.head_ref, {"stages/staging/film.bin": "x" * (5 << 20)})
    assert story.check(story.open_pull("staging")).conclusion == "action_required"
    story.push("1.1.0", 2)
    assert story.holds("dev") == "1.1.0"


def test_a_large_file_in_a_stage_stops_its_line_alone(story: Story) -> None:
    story.push("1.0.0", 1)
    story.commit("main", {"stages/staging/crds.yaml": "# acme/web\n" * (1 << 19)})
    story.push("1.1.0", 2)
    assert story.holds("dev") == "1.1.0"
    pull = story.open_pull("staging")
    assert pull.title == "Promote shop/web 1.0.0 to staging"
    assert "crds.yaml: it is too large to be read" in (story.check(pull).summary or "")


def test_a_large_pipeline_file_is_a_mistake_in_it(story: Story) -> None:
    story.commit("main", {"other/towline.yaml": "#" * (5 << 20)})
    assert "other/towline.yaml" in (story.checked().summary or "")
    story.push("1.0.0", 1)
    assert story.holds("dev") == "1.0.0"


def test_a_pipeline_file_that_is_no_text(story: Story) -> None:
    story.stand_in.commit(
        REPOSITORY, "main", {"other/towline.yaml": b"\xff\xfe\x00project"}, "x", "alice"
    )
    story.settle()
    assert story.checked().conclusion == "failure"
    story.push("1.0.0", 1)
    assert story.holds("dev") == "1.0.0"


def test_names_of_files_with_odd_letters(tmp_path: Path) -> None:
    odd = "stages/dev/ü ☃ 'a\"b.yaml"
    deployment = (
        "apiVersion: v1\nkind: Pod\nspec:\n  containers:\n    - image: ghcr.io/acme/web:0.9.0\n"
    )
    with told(tmp_path, FILES | {odd: deployment}) as story:
        story.push("1.0.0", 1)
        assert "web:1.0.0" in story.text(odd)


def test_a_label_spelled_otherwise_is_the_same_label(story: Story) -> None:
    story.alice.ask("POST", "/labels", name="Towline", color="ededed")
    story.push("1.0.0", 1)
    assert [one.labels for one in story.pulls()] == [("Towline",)] * 2
