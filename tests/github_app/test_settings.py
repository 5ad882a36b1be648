"""What the environment says, and every mistake in it at once."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from github_app.github.host import Host
from github_app.senders import Senders
from github_app.settings import Listen, Settings
from github_app.signatures import Secret
from github_app.source_settings import SourceSettings
from github_app.webhooks import DIALECTS
from plugin.errors import Refusal


def pem(key: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey) -> str:
    form = PrivateFormat.TraditionalOpenSSL
    return key.private_bytes(Encoding.PEM, form, NoEncryption()).decode()


KEY = pem(rsa.generate_private_key(public_exponent=65537, key_size=2048))
MISSING = (
    "TOWLINE_WEBHOOK_SECRET: is missing: set it, "
    "or set TOWLINE_WEBHOOK_SECRET_FILE to a file that holds it"
)
UNREADABLE = (
    "TOWLINE_PRIVATE_KEY: the file /nowhere/key.pem cannot be read:"
    " [Errno 2] No such file or directory: '/nowhere/key.pem'"
)
NEW, OLD = "the new secret of the hook", "the old secret of the hook"
HOOK = "the secret of GitHub's hook"
NO_HOST = (
    "TOWLINE_INSECURE_REGISTRIES: 'http://registry.lan' is not a registry's host,"
    " such as registry.lan:5000"
)
LEAST = {
    "TOWLINE_APP_ID": "424242",
    "TOWLINE_PRIVATE_KEY": KEY,
    "TOWLINE_WEBHOOK_SECRET": HOOK,
}


def test_the_least_that_must_be_said_is_enough() -> None:
    settings = Settings.from_env(LEAST)
    assert settings == Settings(
        app_id=424242,
        private_key=Secret(KEY.strip()),
        senders=Senders(dict.fromkeys(DIALECTS, ()) | {"github": (Secret(HOOK),)}),
        github=Host("https://github.com"),
        data=Path("/var/lib/towline"),
        listen=Listen("127.0.0.1", 8080),
        sweep=timedelta(minutes=2),
        sources=SourceSettings(),
        log_level="info",
    )


def test_everything_can_be_said() -> None:
    settings = Settings.from_env(
        {
            **LEAST,
            "TOWLINE_WEBHOOK_SECRET": f"{NEW}, {OLD}",
            "TOWLINE_REGISTRY_SECRET": "the secret of the registry",
            "TOWLINE_GITHUB_URL": "https://github.example.com/",
            "TOWLINE_DATA": "/data",
            "TOWLINE_LISTEN": "[::1]:0",
            "TOWLINE_SWEEP": "1h30m",
            "TOWLINE_INSECURE_REGISTRIES": "Registry.lan:5000, 127.0.0.1:5001",
            "TOWLINE_LOG_LEVEL": "DEBUG",
        }
    )
    assert settings.senders.secrets["github"] == (Secret(NEW), Secret(OLD))
    assert settings.github == Host("https://github.example.com")
    assert (settings.data, settings.listen) == (Path("/data"), Listen("::1", 0))
    assert settings.sweep == timedelta(minutes=90)
    assert settings.sources.insecure == {"registry.lan:5000", "127.0.0.1:5001"}
    assert settings.log_level == "debug"
    assert len(settings.secrets()) == 4


def test_secrets_may_stand_in_files(tmp_path: Path) -> None:
    (tmp_path / "key").write_text(KEY)
    (tmp_path / "hook").write_text(f"{NEW}\n{OLD}\n")
    environ = {
        "TOWLINE_APP_ID": "1",
        "TOWLINE_PRIVATE_KEY_FILE": str(tmp_path / "key"),
        "TOWLINE_WEBHOOK_SECRET_FILE": str(tmp_path / "hook"),
    }
    settings = Settings.from_env(environ)
    assert settings.private_key == Secret(KEY.strip())
    assert settings.senders.secrets["github"] == (Secret(NEW), Secret(OLD))


def test_credentials_for_registries_and_git_are_places(tmp_path: Path) -> None:
    for name in ("one.json", "ca.pem", "git"):
        (tmp_path / name).touch()
    settings = Settings.from_env(
        {
            **LEAST,
            "TOWLINE_REGISTRY_CREDENTIALS": f"{tmp_path}/one.json, {tmp_path}",
            "TOWLINE_REGISTRY_CA": f"{tmp_path}/ca.pem",
            "TOWLINE_GIT_CREDENTIALS": f"{tmp_path}/git",
        }
    )
    assert settings.sources.credentials == (tmp_path / "one.json", tmp_path)
    assert settings.sources.authorities == tmp_path / "ca.pem"
    assert settings.sources.git_credentials == tmp_path / "git"


def test_a_key_may_carry_its_line_ends_spelled_out() -> None:
    settings = Settings.from_env({**LEAST, "TOWLINE_PRIVATE_KEY": KEY.replace("\n", "\\n")})
    assert settings.private_key.reveal().strip() == KEY.strip()


def test_every_mistake_is_said_at_once() -> None:
    with pytest.raises(Refusal) as refused:
        Settings.from_env(
            {
                "TOWLINE_APP_ID": "towline",
                "TOWLINE_PRIVATE_KEY_FILE": "/nowhere/key.pem",
                "TOWLINE_GITHUB_URL": "http://github.example.com",
                "TOWLINE_LISTEN": "8080",
                "TOWLINE_SWEEP": "soon",
                "TOWLINE_INSECURE_REGISTRIES": "http://registry.lan",
                "TOWLINE_LOG_LEVEL": "loud",
            }
        )
    assert str(refused.value).splitlines() == [
        "the environment is not right:",
        "TOWLINE_APP_ID: 'towline' is not the number of a GitHub App",
        UNREADABLE,
        MISSING,
        NO_HOST,
        "TOWLINE_GITHUB_URL: 'http://github.example.com' would send tokens unencrypted: use https",
        "TOWLINE_LISTEN: '8080' is not host:port",
        "TOWLINE_SWEEP: 'soon' is not a time from 1s to 24h, such as 90s, 2m or 1h30m",
        "TOWLINE_LOG_LEVEL: 'loud' is none of debug, error, info, warning",
    ]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("APP_ID", "0"),
        ("APP_ID", "-1"),
        ("APP_ID", "٣"),
        ("PRIVATE_KEY", "not a key"),
        ("PRIVATE_KEY", pem(ec.generate_private_key(ec.SECP256R1()))),
        ("WEBHOOK_SECRET", " "),
        ("WEBHOOK_SECRET", ","),
        ("WEBHOOK_SECRET", "x" * 19),
        ("GITHUB_URL", "github.com"),
        ("GITHUB_URL", "https://me:pass@github.com"),
        ("GITHUB_URL", "https://[::1"),
        ("LISTEN", "127.0.0.1:99999"),
        ("SWEEP", "0s"),
        ("SWEEP", "25h"),
        ("SWEEP", "999999h"),
        ("REGISTRY_CREDENTIALS", "/nowhere/config.json"),
        ("REGISTRY_CREDENTIALS", "/, /nowhere"),
        ("REGISTRY_CA", "/"),
        ("REGISTRY_CA", "/nowhere/ca.pem"),
        ("GIT_CREDENTIALS", "/nowhere/credentials"),
    ],
)
def test_what_is_wrong_is_named_and_no_secret_repeated(name: str, value: str) -> None:
    with pytest.raises(Refusal, match=f"TOWLINE_{name}: ") as refused:
        Settings.from_env({**LEAST, f"TOWLINE_{name}": value})
    assert HOOK not in str(refused.value)
    assert "pass@" not in str(refused.value)


def test_a_stand_in_on_this_machine_may_be_spoken_to_in_the_clear() -> None:
    settings = Settings.from_env({**LEAST, "TOWLINE_GITHUB_URL": "http://127.0.0.1:8081"})
    assert settings.github.api == "http://127.0.0.1:8081/api/v3"


def test_settings_do_not_show_their_secrets() -> None:
    shown = repr(
        Settings.from_env({**LEAST, "TOWLINE_REGISTRY_SECRET": "the registry-secret of ours"})
    )
    assert "424242" in shown
    for secret in (HOOK, "registry-secret", "PRIVATE KEY"):
        assert secret not in shown


@pytest.mark.parametrize(
    ("text", "listen"),
    [
        (":8080", Listen("0.0.0.0", 8080)),  # noqa: S104 nothing is bound
        ("localhost:80", Listen("localhost", 80)),
        ("[::]:8080", Listen("::", 8080)),
    ],
)
def test_addresses_to_listen_on(text: str, listen: Listen) -> None:
    assert Listen.parse(text) == listen
