"""The sidecar in a model of Argo CD's plugin server: every trap of the contract, by name."""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest
import yaml

from tests.plugin.cmp_server import Application, CmpServer, Config, Failed, Object, alive, packed
from tests.plugin.shop import DB, NEW, OLD, ROOT, installed, put, record, shop, write

APPLICATION = Application("stages/prod")
SECRET = "hunter2-do-not-show"


@pytest.fixture(scope="session")
def script(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return installed(tmp_path_factory.mktemp("image"))


@pytest.fixture
def server(tmp_path: Path, script: Path, kustomize: Path) -> CmpServer:
    environment = {
        "PATH": str(script.parent),
        "HOME": "/nonexistent",
        "TOWLINE_KUSTOMIZE": str(kustomize),
        "DATABASE_PASSWORD": SECRET,
    }
    config = Config.read(ROOT / "plugin" / "plugin-discover.yaml")
    return CmpServer(tmp_path / "work", config, environment, grace=0.5)


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    return shop(tmp_path / "repository")


def built(kustomize: Path, directory: Path) -> list[Object]:
    printed = subprocess.run([kustomize, "build", directory], capture_output=True, check=True)
    return [one for one in yaml.safe_load_all(printed.stdout) if one is not None]


def refusal(ask: Callable[[], object]) -> str:
    with pytest.raises(Failed) as failed:
        ask()
    return str(failed.value).partition(": ")[2]


def slow(server: CmpServer, tmp_path: Path, text: str) -> CmpServer:
    """The same server with a kustomize that is this shell script."""
    program = tmp_path / "fake-kustomize"
    program.write_text(f"#!/bin/sh\nPATH=/usr/bin:/bin\n{text}", encoding="utf-8")
    program.chmod(0o755)
    environment = {**server.environment, "TOWLINE_KUSTOMIZE": str(program)}
    return replace(server, environment=environment)


def gone(server: CmpServer) -> bool:
    """Whether nothing of all that was started runs any more, or soon."""
    for _ in range(200):
        if not any(alive(group) for group in server.groups):
            return True
        time.sleep(0.05)
    return False


def test_a_stage_without_records_is_what_kustomize_makes_of_it(
    server: CmpServer, repository: Path, kustomize: Path
) -> None:
    assert server.generate(repository, APPLICATION) == built(kustomize, repository / "stages/prod")


@pytest.mark.parametrize(
    "application",
    [
        Application("stages/prod", plugin_section=False),
        Application("stages/prod", parameters=None),
        Application("stages/prod", parameters=[]),
        Application("./stages//prod/", parameters=[]),
    ],
    ids=["absent", "null", "empty", "a path as people write it"],
)
def test_parameters_may_be_absent_null_or_empty(
    server: CmpServer, repository: Path, application: Application
) -> None:
    assert server.generate(repository, application)[0]["metadata"]["name"] == "web-prod"


@pytest.mark.parametrize(
    "other",
    [
        replace(APPLICATION, target_revision="dev"),
        replace(APPLICATION, revision="streamed"),
        replace(APPLICATION, repo_url="https://github.example/acme/dev.git"),
        replace(APPLICATION, project="dev"),
        replace(APPLICATION, name="dev"),
    ],
    ids=["target revision", "revision", "repository", "project", "name"],
)
def test_what_argo_cd_leaves_out_of_its_cache_key_decides_nothing(
    server: CmpServer, repository: Path, other: Application
) -> None:
    put(repository, "stages/prod", record("prod"))
    assert server.generate(repository, other) == server.generate(repository, APPLICATION)


@pytest.mark.parametrize("sent", ["stages", "stages/prod"])
def test_the_repositorys_root_may_be_missing(
    server: CmpServer, repository: Path, sent: str
) -> None:
    put(repository, "stages/prod", record("prod"))
    write(repository, {"stages/prod/kustomization.yaml": "resources: [a.yaml]\n"})
    write(repository, {"stages/prod/a.yaml": "apiVersion: v1\nkind: Pod\nmetadata: {name: a}\n"})
    assert server.generate(repository, APPLICATION, sent=sent) == server.generate(
        repository, APPLICATION
    )


def test_a_base_that_was_not_sent_is_named_from_the_tree_not_from_the_work_directory(
    server: CmpServer, repository: Path
) -> None:
    said = refusal(lambda: server.generate(repository, APPLICATION, sent="stages"))
    assert said.startswith("prod/kustomization.yaml:1: '../../base' ")
    assert "_cmp_server" not in said


def test_modes_and_times_are_reset(server: CmpServer, repository: Path) -> None:
    before = server.generate(repository, APPLICATION)
    for path in repository.rglob("*.yaml"):
        path.chmod(0o600)
        os.utime(path, (0, 0))
    assert server.generate(repository, APPLICATION) == before


def test_a_link_inside_the_tree_is_followed(server: CmpServer, repository: Path) -> None:
    (repository / "now").symlink_to("stages/prod")
    assert server.generate(repository, Application("now")) == server.generate(
        repository, APPLICATION
    )


def test_a_link_out_of_the_tree_never_reaches_us(server: CmpServer, repository: Path) -> None:
    (repository / "out").symlink_to("/etc")
    assert server.generate(repository, APPLICATION), "an absolute link becomes one below"
    (repository / "stages" / "up").symlink_to("../../..")
    with pytest.raises(Failed, match="illegal filepath in symlink"):
        server.generate(repository, APPLICATION)


def test_success_without_manifests_happens_only_on_purpose(
    server: CmpServer, repository: Path
) -> None:
    file = "stages/prod/kustomization.yaml"
    write(repository, {file: "namePrefix: a-\n"})
    assert "delete" in refusal(lambda: server.generate(repository, APPLICATION))
    write(repository, {file: "resources: []\n"})
    assert server.generate(repository, APPLICATION) == []


def test_lists_are_taken_apart_and_documents_without_kind_are_refused_by_us(
    server: CmpServer, tmp_path: Path
) -> None:
    items = (
        "apiVersion: v1\nkind: List\nitems: [{apiVersion: v1, kind: Pod, metadata: {name: a}}]\n"
    )
    repository = write(tmp_path / "plain", {"prod/list.yaml": f"---\n# a\n--- # b\n{items}"})
    assert [one["kind"] for one in server.generate(repository, Application("prod"))] == ["Pod"]
    write(repository, {"prod/list.yaml": f"{items}---\na: 1\n"})
    said = refusal(lambda: server.generate(repository, Application("prod")))
    assert said.startswith("prod/list.yaml:5: is not a Kubernetes object")


def test_a_project_renders_the_stage_that_is_asked_for(server: CmpServer, repository: Path) -> None:
    by_parameter = Application(parameters=[{"name": "stage", "string": "dev"}])
    by_environment = Application(env={"TOWLINE_STAGE": "dev"})
    expected = server.generate(repository, Application("stages/dev"))
    assert expected[0]["metadata"]["name"] == "web-dev"
    assert server.generate(repository, by_parameter) == expected
    assert server.generate(repository, by_environment) == expected


def test_an_unknown_variable_becomes_nothing_and_we_say_so(
    server: CmpServer, repository: Path
) -> None:
    application = Application(env={"TOWLINE_STAGE": "$stage"})
    said = refusal(lambda: server.generate(repository, application))
    assert said.startswith("towline.yaml: 'shop' is a project with the stages dev, staging, prod")
    assert "TOWLINE_STAGE is there but empty" in said
    spared = Application(env={"TOWLINE_STAGE": "$ARGOCD_APP_NAME"}, name="dev")
    assert server.generate(repository, spared)[0]["metadata"]["name"] == "web-dev"


def test_a_parameter_whose_variable_collides_is_read_from_the_json(
    server: CmpServer, repository: Path
) -> None:
    artifacts = {"name": "artifacts", "map": {"ghcr.io/acme/web": "", "ghcr.io/acme-web": ""}}
    stage = {"name": "stage", "string": "dev"}
    assert "PARAM_STAGE" in Application(parameters=[stage]).generate_environment()
    said = refusal(lambda: server.generate(repository, Application(parameters=[stage, artifacts])))
    assert "'ghcr.io/acme-web'" in said or "'ghcr.io/acme/web'" in said
    again = [stage, {"name": "STAGE", "string": "prod"}]
    assert "'STAGE'" in refusal(lambda: server.generate(repository, Application(parameters=again)))


def test_the_application_cannot_change_what_the_operator_set(
    server: CmpServer, repository: Path, tmp_path: Path
) -> None:
    evil = tmp_path / "evil"
    evil.write_text(f"#!/bin/sh\n/bin/touch {tmp_path}/ran\n", encoding="utf-8")
    evil.chmod(0o755)
    env = {"TOWLINE_KUSTOMIZE": str(evil), "TOWLINE_REMOTE": "allow", "TOWLINE_TIMEOUT": "0"}
    application = replace(APPLICATION, env=env)
    assert server.generate(repository, application) == server.generate(repository, APPLICATION)
    assert not (tmp_path / "ran").exists()


def test_a_branch_is_a_stage_by_its_records_whatever_it_is_called(
    server: CmpServer, repository: Path
) -> None:
    write(repository, {"kustomization.yaml": "resources: [stages/prod]\n"})
    live = Application(target_revision="env/dev")
    plain = server.generate(repository, live)
    assert "annotations" not in plain[0]["metadata"]
    put(repository, "", record("live"))
    annotations = server.generate(repository, live)[0]["metadata"]["annotations"]
    assert annotations["towline.dev/stage"] == "live"


def test_a_remembered_answer_follows_the_pipeline_file_that_chose_it(
    server: CmpServer, repository: Path, tmp_path: Path
) -> None:
    (tmp_path / "cache").mkdir()
    server.environment = {**server.environment, "TOWLINE_CACHE": str(tmp_path / "cache")}
    application = Application(env={"TOWLINE_STAGE": "prod"})
    names = set()
    for _ in range(2):
        names.add(server.generate(repository, application)[0]["metadata"]["name"])
    assert names == {"web-prod"}
    swapped = (repository / "towline.yaml").read_text(encoding="utf-8")
    swapped = swapped.replace("stages/prod", "X").replace("stages/dev", "stages/prod")
    write(repository, {"towline.yaml": swapped.replace("X", "stages/dev")})
    assert server.generate(repository, application)[0]["metadata"]["name"] == "web-dev"


def test_waiting_for_a_slot_counts_against_the_deadline(
    server: CmpServer, repository: Path, tmp_path: Path
) -> None:
    hanging = slow(server, tmp_path, f"touch {tmp_path}/begun\nexec sleep 300\n")
    (tmp_path / "slots").mkdir()
    settings = {"TOWLINE_SLOTS": "1", "TMPDIR": str(tmp_path / "slots")}
    hanging.environment = {**hanging.environment, **settings, "TOWLINE_TIMEOUT": "6"}
    with ThreadPoolExecutor(1) as background:
        first = background.submit(refusal, lambda: hanging.generate(repository, APPLICATION))
        while not (tmp_path / "begun").exists() and not first.done():
            time.sleep(0.05)
        server.environment = {**server.environment, **settings, "TOWLINE_TIMEOUT": "0.5"}
        assert "TOWLINE_SLOTS" in refusal(lambda: server.generate(repository, APPLICATION))
        assert first.result().startswith("stages/prod: kustomize was stopped after ")
    assert server.generate(repository, APPLICATION)


def test_many_at_once_give_each_its_own_answer(server: CmpServer, repository: Path) -> None:
    stages = ["dev", "staging", "prod"] * 3
    with ThreadPoolExecutor(len(stages)) as pool:
        answers = pool.map(
            lambda stage: server.generate(repository, Application(f"stages/{stage}")), stages
        )
    assert [one[0]["metadata"]["name"] for one in answers] == [f"web-{stage}" for stage in stages]
    assert gone(server)


@pytest.mark.parametrize(
    "script_text",
    ["sleep 300\n", "trap '' TERM\nwhile :; do sleep 1; done\n", "sleep 300 & sleep 300\n"],
    ids=["slow", "deaf to SIGTERM", "with a child of its own"],
)
def test_argo_cds_deadline_leaves_no_process(
    server: CmpServer, repository: Path, tmp_path: Path, script_text: str
) -> None:
    hanging = slow(server, tmp_path, script_text)
    with pytest.raises(Failed, match="signal"):
        hanging.generate(repository, APPLICATION, deadline=1.5)
    assert gone(hanging)


def test_our_own_deadline_comes_first_and_says_why(
    server: CmpServer, repository: Path, tmp_path: Path
) -> None:
    hanging = slow(server, tmp_path, "exec sleep 300\n")
    hanging.environment = {**hanging.environment, "TOWLINE_TIMEOUT": "2"}
    said = refusal(lambda: hanging.generate(repository, APPLICATION))
    assert said.startswith("stages/prod: kustomize was stopped after ")
    assert gone(hanging)


def test_a_child_left_behind_does_not_hold_the_request(
    server: CmpServer, repository: Path, tmp_path: Path
) -> None:
    text = "printf 'apiVersion: v1\\nkind: Pod\\nmetadata:\\n  name: a\\n'\nsleep 300 &\n"
    leaving = slow(server, tmp_path, text)
    leaving.environment = {**leaving.environment, "TOWLINE_TIMEOUT": "5"}
    assert leaving.generate(repository, APPLICATION, deadline=30)[0]["kind"] == "Pod"
    assert gone(leaving)


def test_nothing_is_printed_unless_all_of_it_is_known(
    server: CmpServer, repository: Path, tmp_path: Path, script: Path
) -> None:
    half = slow(server, tmp_path, "echo 'kind: Pod'\necho no >&2\nexit 1\n")
    (repository / ".git").mkdir()
    done = subprocess.run(
        [script, "generate"],
        cwd=repository / "stages/prod",
        env=dict(half.environment),
        capture_output=True,
        check=False,
    )
    assert (done.returncode, done.stdout) == (1, b"")
    assert done.stderr == b"stages/prod: kustomize refused: no\n"


def test_an_error_is_short_and_holds_no_secret_and_no_place_of_ours(
    server: CmpServer, repository: Path, tmp_path: Path
) -> None:
    text = (
        'echo "Error: $2 in $PWD is broken" >&2\nenv >&2\n'
        "i=0; while [ $i -lt 2000 ]; do echo a line too many >&2; i=$((i+1)); done\nexit 1\n"
    )
    said = refusal(
        lambda: slow(server, tmp_path, text).generate(
            repository, replace(APPLICATION, env={"TOKEN": SECRET})
        )
    )
    assert said.startswith("stages/prod: kustomize refused: ")
    assert len(said.encode()) < 4096
    for hidden in (SECRET, "_cmp_server", "Traceback", str(tmp_path)):
        assert hidden not in said


def test_the_hydrators_empty_versions_change_nothing(
    server: CmpServer, repository: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = server.generate(repository, APPLICATION)
    monkeypatch.setattr(
        "tests.plugin.cmp_server.KUBE", {"KUBE_VERSION": "", "KUBE_API_VERSIONS": ""}
    )
    assert server.generate(repository, APPLICATION) == before


def test_the_order_stays_for_who_compares_texts(server: CmpServer, repository: Path) -> None:
    put(repository, "stages/prod", record("prod"))
    first, second = (str(server.generate(repository, APPLICATION)) for _ in range(2))
    assert first == second


def shown(server: CmpServer, repository: Path, application: Application) -> dict[str, object]:
    """What the screen shows: each parameter's value."""
    announced = server.parameters(repository, application)
    return {one["name"]: one[one["collectionType"]] for one in announced}


def test_the_screen_shows_stage_freight_and_versions(server: CmpServer, repository: Path) -> None:
    held = record("prod")
    put(repository, "stages/prod", held)
    assert shown(server, repository, APPLICATION) == {
        "stage": "prod",
        "freight": {"web": f"{held.freight.alias} {held.freight.id}"},
        "artifacts": {"ghcr.io/acme/web": f"2.3.0@{OLD.digest}"},
    }


def test_what_the_screen_shows_may_be_saved_whole(server: CmpServer, repository: Path) -> None:
    put(repository, "stages/prod", record("prod"), record("prod", DB, warehouse="db"))
    announced = server.parameters(repository, APPLICATION)
    kinds = ("name", "string", "map")
    saved = [{key: one[key] for key in kinds if key in one} for one in announced]
    application = replace(APPLICATION, parameters=saved)
    assert server.generate(repository, application) == server.generate(repository, APPLICATION)


def test_the_screen_of_a_project_offers_its_stages(server: CmpServer, repository: Path) -> None:
    announced = server.parameters(repository, Application())
    assert announced[0]["required"] is True
    assert announced[0]["tooltip"].endswith("one of dev, staging, prod")
    chosen = Application(parameters=[{"name": "stage", "string": "dev"}])
    put(repository, "stages/dev", record("dev", NEW))
    assert shown(server, repository, chosen)["artifacts"] == {
        "ghcr.io/acme/web": f"2.4.0@{NEW.digest}"
    }


@pytest.mark.parametrize(
    "parameters",
    [
        [{"name": "colour", "string": "red"}],
        [{"name": "stage", "string": "nowhere"}],
        [{"name": "stage", "array": ["dev"]}],
    ],
    ids=str,
)
def test_what_is_wrong_with_an_application_can_be_mended_on_its_screen(
    server: CmpServer, repository: Path, parameters: list[Object]
) -> None:
    put(repository, "stages/prod", record("prod"))
    wrong = replace(APPLICATION, parameters=parameters)
    with pytest.raises(Failed):
        server.generate(repository, wrong)
    assert shown(server, repository, wrong) == shown(server, repository, APPLICATION)


def test_a_broken_pipeline_file_above_spoils_no_stage(server: CmpServer, repository: Path) -> None:
    put(repository, "stages/prod", record("prod"))
    write(repository, {"towline.yaml": "project: [\n"})
    assert server.generate(repository, APPLICATION)
    assert shown(server, repository, APPLICATION)["stage"] == "prod"
    assert server.matches(repository, APPLICATION)
    assert not server.matches(repository, Application("stages/dev"))


@pytest.mark.parametrize(
    ("application", "matched"),
    [
        (Application("stages/prod"), True),
        (Application("base"), False),
        (Application("."), False),
        (Application(".", env={"TOWLINE_STAGE": "dev"}), True),
    ],
    ids=["a stage", "not a stage", "a project", "a project and a stage"],
)
def test_discovery_says_no_by_silence(
    server: CmpServer, repository: Path, application: Application, matched: bool
) -> None:
    assert server.matches(repository, application) is matched


def test_discovery_works_with_the_little_that_type_detection_gives(
    server: CmpServer, repository: Path
) -> None:
    put(repository, "stages/prod", record("prod"))
    (repository / "towline.yaml").unlink()
    assert server.matches(repository, APPLICATION, environment={})
    assert not server.matches(repository, Application("stages/dev"), environment={})


def test_a_tree_without_files_is_not_sent(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    with pytest.raises(Failed, match="no files to send"):
        packed(tmp_path)
