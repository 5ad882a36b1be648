"""What becomes of every resource between two manifests."""

from __future__ import annotations

from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from github_app.difference.compare import MOST_NAMED, MOST_TEXT, compared, of_new
from github_app.difference.values import Became, Changed, Counts
from tests.github_app.difference.printed import config, deployment, manifests, secret

_APPLIED = "kubectl.kubernetes.io/last-applied-configuration"


def only(before: bytes, after: bytes) -> Changed:
    """The one resource that differs."""
    (one,) = compared(before, after).resources
    return one


def test_an_image_that_changes_restarts_its_pods_and_nothing_else_is_touched() -> None:
    settings = config("settings", colour="blue")
    found = compared(
        manifests(settings, deployment(tag="1.0.0")), manifests(settings, deployment(tag="1.0.1"))
    )
    assert found.counts == Counts(changed=1, restarts=1)
    assert found.unchanged == 1
    (one,) = found.resources
    assert (one.became, one.name) == (Became.CHANGED, "Deployment shop/web")
    assert "-      - image: ghcr.io/acme/web:1.0.0\n" in one.text
    assert "+      - image: ghcr.io/acme/web:1.0.1\n" in one.text


def test_the_sums_are_of_the_manifests_to_the_byte() -> None:
    before, after = manifests(deployment()), manifests(deployment(tag="2"))
    found = compared(before, after)
    assert found.base_sha256 == sha256(before).hexdigest()
    assert found.sha256 == sha256(after).hexdigest()


def test_what_comes_goes_and_changes_is_told_the_gravest_first() -> None:
    before = manifests(config("gone", a="1"), config("kept", a="1"), deployment())
    after = manifests(config("come", a="1"), config("kept", a="2"), deployment(tag="2"))
    found = compared(before, after)
    assert found.counts == Counts(added=1, changed=2, removed=1, restarts=1)
    assert [one.name for one in found.resources] == [
        "ConfigMap shop/gone",
        "Deployment shop/web",
        "ConfigMap shop/kept",
        "ConfigMap shop/come",
    ]


@pytest.mark.parametrize(
    "spec", ["  replicas: 0\n", "  updateStrategy:\n    type: OnDelete\n"], ids=["none", "by hand"]
)
def test_pods_that_nothing_replaces_do_not_restart(spec: str) -> None:
    before, after = deployment(tag="1", more=spec), deployment(tag="2", more=spec)
    assert compared(manifests(before), manifests(after)).counts == Counts(changed=1)


def test_more_replicas_restart_nothing() -> None:
    before, after = deployment(more="  replicas: 1\n"), deployment(more="  replicas: 3\n")
    assert compared(manifests(before), manifests(after)).counts == Counts(changed=1)


def test_another_version_of_an_api_is_a_change_and_no_new_resource() -> None:
    before = deployment().replace("apps/v1", "apps/v1beta1")
    assert compared(manifests(before), manifests(deployment())).counts == Counts(changed=1)


def test_order_is_no_difference() -> None:
    one, other = config("one", a="1"), config("other", a="1")
    found = compared(manifests(one, other), manifests(other, one))
    assert found.counts == Counts()
    assert found.unchanged == 2


def test_what_kustomize_generated_anew_is_one_resource() -> None:
    one = only(
        manifests(config("settings-42bcdfg6hk", a="1")),
        manifests(config("settings-t2m4k6h8g9", a="2")),
    )
    assert one.became is Became.CHANGED
    assert one.name == "ConfigMap shop/settings-42bcdfg6hk → settings-t2m4k6h8g9"
    assert "-  a: 1" in one.text


def test_a_word_of_ten_letters_is_no_hash() -> None:
    found = compared(
        manifests(config("web-production", a="1")), manifests(config("web-deployment", a="1"))
    )
    assert found.counts == Counts(added=1, removed=1)


def test_files_by_hand_are_compared_document_by_document() -> None:
    before = "---\n# ours\n" + config("one", a="1") + "---\n" + config("two", a="1")
    after = before.replace("  a: 1", "  a: 2", 1)
    one = only(before.encode(), after.encode())
    assert one.name == "ConfigMap shop/one"


def test_two_of_one_name_are_both_told() -> None:
    before = b"---\n" + config("one", a="1").encode()
    after = before + b"---\n" + config("one", a="2").encode()
    found = compared(before, after)
    assert found.counts == Counts(added=1)


def test_line_ends_alone_are_no_change() -> None:
    before = b"---\n" + config("one", a="1").encode()
    found = compared(before, before + b"\n\n")
    assert found.counts == Counts()
    assert found.unchanged == 1


def test_a_base_that_cannot_be_rendered_makes_everything_new() -> None:
    found = of_new(manifests(deployment(), config("one", a="1")), "no such file")
    assert found.counts == Counts(added=2)
    assert (found.base_sha256, found.base_fails) == ("", "no such file")


def test_the_largest_texts_go_first_and_small_ones_stay_whole() -> None:
    large = config("large", **{f"key{n}": "x" * 90 for n in range(600)})
    found = compared(b"", manifests(large, config("small", a="1")))
    shown = {one.name: bool(one.text) for one in found.resources}
    assert shown == {"ConfigMap shop/large": False, "ConfigMap shop/small": True}
    assert found.counts == Counts(added=2)


def test_a_stage_of_thousands_is_counted_and_bounded() -> None:
    before = manifests(*(config(f"c{n}", a="1") for n in range(3000)))
    after = manifests(*(config(f"c{n}", a="2") for n in range(3000)))
    found = compared(before, after)
    assert found.counts == Counts(changed=3000)
    assert len(found.resources) == MOST_NAMED
    assert sum(len(one.text.encode()) for one in found.resources) <= MOST_TEXT


class TestSecrets:
    """Values of Secrets are never shown."""

    def test_a_changed_value_is_told_and_not_shown(self) -> None:
        one = only(
            manifests(secret("db", password="b2xk", user="c2FtZQ==")),
            manifests(secret("db", password="bmV3", user="c2FtZQ==")),
        )
        assert "-  password: (hidden)\n+  password: (hidden, changed)" in one.text
        assert "  user: (hidden)\n" in one.text
        assert not any(value in one.text for value in ("b2xk", "bmV3", "c2FtZQ=="))

    def test_a_new_one_and_one_that_goes_show_their_keys_only(self) -> None:
        for before, after in ((b"", secret("db", a="c2VjcmV0")), (secret("db", a="c2VjcmV0"), b"")):
            sides = [one if isinstance(one, bytes) else one.encode() for one in (before, after)]
            one = only(*sides)
            assert "a: (hidden)" in one.text
            assert "c2VjcmV0" not in one.text

    @pytest.mark.parametrize(
        "text",
        [
            "data:\n  a: |-\n    c2VjcmV0\n    c2VjcmV1\n",
            "data: {a: c2VjcmV0}\n",
            'stringData:\n  a: "c2VjcmV0"\n',
            "stringData:\n  a: &x c2VjcmV0\n",
            "x: &x {a: c2VjcmV0}\ndata: *x\n",
            "stringData:\n  a: [c2VjcmV0]\n",
            "data:\n  <<: {a: c2VjcmV0}\n",
            "<<: {data: {a: c2VjcmV0}}\n",
            f"metadata: {{annotations: {{{_APPLIED}: c2VjcmV0}}}}\n",
        ],
    )
    def test_however_it_is_written(self, text: str) -> None:
        written = f"---\napiVersion: v1\nkind: Secret\n{text}"
        one = only(b"", written.encode())
        assert "c2VjcmV" not in one.text

    def test_in_a_list(self) -> None:
        item = "\n".join(f"  {line}" for line in secret("db", a="c2VjcmV0").splitlines())
        written = f"---\napiVersion: v1\nkind: List\nitems:\n-{item[1:]}\n"
        assert "c2VjcmV0" not in only(b"", written.encode()).text

    def test_what_nobody_can_read_is_not_shown(self) -> None:
        strange = secret("db", a="c2VjcmV0\u2028").encode()
        one = only(b"", strange)
        assert (one.name, one.text, one.unread) == ("Secret shop/db", "", True)


_STAGES = st.dictionaries(st.sampled_from("abcdef"), st.sampled_from("123"))


@given(_STAGES, _STAGES)
def test_every_resource_is_counted_once(old: dict[str, str], new: dict[str, str]) -> None:
    found = compared(
        manifests(*(config(name, a=value) for name, value in old.items())),
        manifests(*(config(name, a=value) for name, value in new.items())),
    )
    both = old.keys() & new.keys()
    assert found.counts == Counts(
        added=len(new.keys() - old.keys()),
        removed=len(old.keys() - new.keys()),
        changed=sum(old[name] != new[name] for name in both),
    )
    assert found.unchanged == sum(old[name] == new[name] for name in both)
