"""A departure from GitHub's description of a webhook is caught: body, headers, signature."""

from __future__ import annotations

import hashlib
import hmac
import json
from dataclasses import replace
from typing import Any

import pytest

from tests.contracts.deliveries import Sent, signature_fault
from tests.contracts.recording import contracts

pytestmark = pytest.mark.usefixtures("published")

SECRET = "it is a secret"


def sent(event: str, payload: dict[str, Any], **headers: str) -> Sent:
    body = json.dumps(payload).encode()
    signature = "sha256=" + hmac.new(SECRET.encode(), body, hashlib.sha256).hexdigest()
    usual = {
        "Content-Type": "application/json",
        "User-Agent": "GitHub-Hookshot/044aadd",
        "X-GitHub-Delivery": "72d3162e-cc78-11e3-81ab-4c9367dc0958",
        "X-GitHub-Event": event,
        "X-GitHub-Hook-ID": "1",
        "X-GitHub-Hook-Installation-Target-ID": "2",
        "X-GitHub-Hook-Installation-Target-Type": "integration",
        "X-Hub-Signature-256": signature,
    }
    return Sent(usual | headers, body)


def renamed(**more: object) -> Sent:
    return sent("installation_target", {"action": "renamed", **RENAMED, **more})


RENAMED: dict[str, Any] = {
    "account": {
        "id": 1,
        "node_id": "U_1",
        "login": "octocat",
        "avatar_url": "https://github.com/images/error/octocat_happy.gif",
        "html_url": "https://github.com/octocat",
    },
    "changes": {"login": {"from": "old"}},
    "installation": {"id": 1, "node_id": "x"},
    "target_type": "User",
}


def faults(judged: Sent) -> str:
    return "\n".join(contracts().webhooks.faults(judged))


def test_a_good_webhook_has_no_fault() -> None:
    assert faults(renamed()) == ""
    assert signature_fault(renamed(), SECRET) is None


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"target_type": None}, 'target_type: null is not of type "string"'),
        ({"installation": {"id": 1}}, '"node_id" is a required property'),
        ({"colour": "red"}, "'colour' was unexpected"),
        ({"action": "moved"}, "not an event of GitHub's"),
    ],
)
def test_a_mutated_payload_is_caught(more: dict[str, Any], said: str) -> None:
    assert said in faults(renamed(**more))


@pytest.mark.parametrize(
    ("header", "value", "said"),
    [
        ("X-GitHub-Delivery", "1700000000000", "not a GUID"),
        ("X-GitHub-Hook-ID", "", "X-Github-Hook-Id is missing"),
        ("User-Agent", "curl", "User-Agent is not GitHub-Hookshot"),
        ("Content-Type", "application/x-www-form-urlencoded", "not application/json"),
    ],
)
def test_a_mutated_header_is_caught(header: str, value: str, said: str) -> None:
    good = renamed()
    assert said in faults(replace(good, headers={**good.headers, header: value}))


def test_a_signature_of_other_bytes_or_another_secret_is_caught() -> None:
    good = renamed()
    assert signature_fault(replace(good, body=good.body + b" "), SECRET) is not None
    assert signature_fault(good, "another") is not None
