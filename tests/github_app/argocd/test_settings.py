"""Whether Argo CD can be asked."""

from __future__ import annotations

from pathlib import Path

import pytest

from github_app.argocd.settings import ArgocdSettings, ArgocdVariables
from github_app.signatures import Secret

URL, TOKEN = "TOWLINE_ARGOCD_URL", "TOWLINE_ARGOCD_TOKEN"


def test_usually_nobody_is_asked() -> None:
    variables = ArgocdVariables({})
    assert variables.value() is None
    assert not any(variables.mistakes)


def test_an_address_and_a_token(tmp_path: Path) -> None:
    held = tmp_path / "token"
    held.write_text("a-token\n")
    said = {URL: "https://argocd.example.com/argo/", f"{TOKEN}_FILE": str(held)}
    expected = ArgocdSettings("https://argocd.example.com/argo", Secret("a-token"))
    assert ArgocdVariables(said).value() == expected


@pytest.mark.parametrize("said", [{URL: "https://argocd.example.com"}, {TOKEN: "a-token"}])
def test_one_without_the_other_is_a_mistake(said: dict[str, str]) -> None:
    assert "set both, or neither" in " ".join(ArgocdVariables(said).mistakes)


@pytest.mark.parametrize(
    "url", ["argocd.example.com", "ftp://x", "https://a:b@x", "https://x/?a=b", "https://"]
)
def test_what_is_no_address_is_a_mistake(url: str) -> None:
    assert "is not an address" in " ".join(ArgocdVariables({URL: url, TOKEN: "t"}).mistakes)
