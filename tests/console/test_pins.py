"""What `towline pins` lists."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from github_app.cli import main

POD = "apiVersion: v1\nkind: Pod\nspec: {containers: [{name: a, image: 'nginx:1.25'}]}\n"
DIGEST = "sha256:" + "ab" * 32
IMAGES = (
    "images:\n- name: web\n  newName: ghcr.io/acme/web\n  newTag: v1\n"
    f"- name: nginx\n  digest: {DIGEST}\n"
)
KEYS = ["file", "line", "column", "kind", "repository", "tag", "digest", "value"]


def tree(root: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)
    return root


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "repo" / ".git").mkdir(parents=True)
    monkeypatch.chdir(tmp_path / "repo")
    return tmp_path / "repo"


def test_pins_stand_in_columns_with_short_digests(
    here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    tree(here, {"b/kustomization.yaml": IMAGES, "a.yaml": POD})
    assert main(["pins"]) == 0
    assert capsys.readouterr().out == (
        "a.yaml:3:38: image docker.io/library/nginx 1.25\n"
        "b/kustomization.yaml:4:11: kustomize-image ghcr.io/acme/web        v1\n"
        "b/kustomization.yaml:6:11: kustomize-image docker.io/library/nginx sha256:abababababab\n"
        "3 pins in 2 of 2 files, 0 look-alikes not taken\n"
    )


def test_look_alikes_follow_with_their_reasons(
    here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    template = "{{- if .Values.image }}\nimage: nginx:1\n{{- end }}\n"
    sops = POD + "sops: {mac: x}\n"
    many = POD + "---\n" + POD.replace("nginx:1.25", "${IMAGE}")
    tree(here, {"a.yaml": template, "b.yaml": sops, "c.yaml": many})
    assert main(["pins"]) == 0
    out = capsys.readouterr().out.splitlines()
    assert out[0].startswith("c.yaml:3:38: image")
    assert out[1].startswith("a.yaml:1:")
    assert "not taken: is not YAML but a template" in out[1]
    assert "b.yaml:4:7: not taken: is encrypted with SOPS" in out[2]
    assert "c.yaml:7:38: not taken: '${IMAGE}' is filled in by a template" in out[3]
    assert out[-1] == "1 pin in 1 of 3 files, 3 look-alikes not taken"
    assert main(["pins", "--quiet"]) == 0
    assert len(capsys.readouterr().out.splitlines()) == 2


def test_one_reason_in_one_file_is_one_line(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    tree(here, {"a.yaml": "---\n".join([POD.replace("nginx:1.25", "${IMAGE}")] * 9)})
    assert main(["pins"]) == 0
    line, summary = capsys.readouterr().out.splitlines()
    assert line.startswith("a.yaml:3:38: not taken: ")
    assert line.endswith(" (also in lines 7, 11, 15, 19, 23, ...)")
    assert summary == "0 pins in 0 of 1 file, 9 look-alikes not taken"


def test_json_is_a_list_of_pins_and_nothing_else(
    here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    tree(here, {"a.yaml": POD, "kustomization.yaml": IMAGES, "z.yaml": "{{ no }} {{ yaml }}"})
    assert main(["pins", "--json", "."]) == 0
    told = capsys.readouterr()
    found = json.loads(told.out)
    assert [list(one) for one in found] == [KEYS] * 3
    first, second, third = (list(one.values()) for one in found)
    assert first[:4] == ["a.yaml", 3, 38, "image"]
    assert first[4:] == ["docker.io/library/nginx", "1.25", None, "'nginx:1.25'"]
    assert second[5:] == ["v1", None, "v1"]
    assert third[5:] == [None, DIGEST, DIGEST]
    assert "z.yaml:1:" in told.err
    assert told.err.endswith("3 pins in 2 of 3 files, 1 look-alike not taken\n")


def test_json_of_nothing_is_an_empty_list(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["pins", "--json", str(here)]) == 0
    assert json.loads(capsys.readouterr().out) == []


def test_only_files_that_may_hold_pins_are_looked_at(
    here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    names = ("a.yaml", "b.yml", "c.json", "d/Kustomization", "e.yaml/in.yaml")
    others = ("README.md", "a.txt", ".git/a.yaml", "node_modules/a/a.yaml", "x/.freight/web.yaml")
    env = {"env/pyvenv.cfg": "", "env/a.yaml": POD}
    tree(here, dict.fromkeys((*names, *others), POD) | env | {"d/Kustomization": IMAGES})
    assert main(["pins", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert list(dict.fromkeys(one["file"] for one in found)) == list(names)


def test_a_file_that_is_named_counts_whatever_its_suffix(
    here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    tree(here, {"a.yaml.tmpl": POD, "b.yaml": POD})
    assert main(["pins", "a.yaml.tmpl", "./b.yaml", "b.yaml", "."]) == 0
    out = capsys.readouterr().out
    assert out.count("a.yaml.tmpl:3") == out.count("\nb.yaml:3") == 1


def test_links_are_followed_inside_and_never_twice(
    here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    tree(here, {"base/a.yaml": POD, "dev/b.yaml": POD})
    (here / "a-link.yaml").symlink_to("base/a.yaml")
    (here / "dev" / "up").symlink_to("..")
    (here / "dev" / "base").symlink_to("../base")
    assert main(["pins", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert [one["file"] for one in found] == ["base/a.yaml", "dev/b.yaml"]
    assert main(["pins", "--json", "dev"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert [one["file"] for one in found] == ["dev/b.yaml", "dev/base/a.yaml"]


@pytest.mark.parametrize(
    "named", ["../other", "../other/a.yaml", "dev/../../other", "out", "out/a.yaml"]
)
def test_no_path_leads_out_of_the_repository(
    here: Path, capsys: pytest.CaptureFixture[str], named: str
) -> None:
    tree(here.parent, {"other/a.yaml": POD})
    tree(here, {"dev/a.yaml": POD})
    (here / "out").symlink_to("../other")
    assert main(["pins", named, "dev"]) == 1
    out = capsys.readouterr().out
    assert f"{named}: not looked at: leads out of the repository {here}" in out
    assert "dev/a.yaml:3:38: image" in out
    assert "1 pin in 1 of 1 file" in out


def test_links_that_lead_out_or_nowhere_are_said(
    here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    tree(here.parent, {"other/a.yaml": POD})
    (here / "out").symlink_to("../other")
    (here / "file.yaml").symlink_to("/etc/hostname")
    (here / "broken.yaml").symlink_to("nowhere")
    (here / "loop.yaml").symlink_to("loop.yaml")
    assert main(["pins"]) == 0
    out = capsys.readouterr().out.splitlines()
    assert [line.partition(":")[0] for line in out[:-1]] == [
        "broken.yaml",
        "file.yaml",
        "loop.yaml",
        "out",
    ]
    assert out[1].endswith(f"is a link that leads out of {here}; copy what it shows")
    assert out[2].endswith("is a link that leads nowhere; remove it")


def test_a_path_that_is_not_there_does_not_stop_the_others(
    here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    tree(here, {"a.yaml": POD})
    assert main(["pins", "nowhere", "a.yaml"]) == 1
    out = capsys.readouterr().out
    assert "nowhere: not looked at: is not there; name a file or a directory" in out
    assert out.endswith("1 pin in 1 of 1 file, 0 look-alikes not taken, 1 not looked at\n")
    assert "a.yaml:3:38" in out


def test_what_a_file_says_cannot_steer_the_terminal(
    here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    tree(here, {"a\x1b[2J\nb.yaml": POD})
    (here / os.fsdecode(b"\xff.yaml")).write_text(POD)
    assert main(["pins"]) == 0
    out = capsys.readouterr().out
    assert "\x1b" not in out
    assert "a\\x1b[2J\\nb.yaml:3:38: image" in out
    assert len(out.splitlines()) == 3
    assert main(["pins", "--json"]) == 0
    assert len(json.loads(capsys.readouterr().out)) == 2
