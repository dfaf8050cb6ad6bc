"""Keys in any known shape are masked, prose is not, and no text makes the search slow."""

from __future__ import annotations

import json
import string

import pytest
from hypothesis import given, strategies as st
from pydantic import SecretStr

from racto.core import redact, resolve_secret
from racto.core.secrets import MASK

KEYS = [
    "sk-abcdefgh12345678",
    "sk-proj-AbC_dEf-123456",
    "sk-ant-api03-AbC_d-ef012345",
    "AIzaSyA1234567890abcdefghijk",
    "gsk_abcdefgh12345678",
    "hf_abcdefghijklmnopqrstuvwxyz",
    "xai-abcdefgh12345678",
    "pa-abcdefgh12345678",
    "pcsk_abc12_defgh345678",
    "ghp_abcdefgh1234567890",
    "AKIAIOSFODNN7EXAMPLE",
    "pk-lf-01234567-89ab",
    "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.abc-def_123",
]


@pytest.mark.parametrize("key", KEYS)
@pytest.mark.parametrize("frame", ["{}", "401: invalid key {}.", "('{}',)", "https://h/?k={}&x=1"])
def test_keys_are_masked_wherever_they_stand(key: str, frame: str) -> None:
    assert redact(frame.format(key)) == frame.format(MASK)


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("Authorization: Bearer abc.def-ghi", "Authorization: Bearer ***"),
        ("authorization: Basic dXNlcjpwYXNz", "authorization: Basic ***"),
        ("sent Bearer abcdef0123456789", "sent Bearer ***"),
        ("x-api-key: abcdefgh", "x-api-key: ***"),
        ("OPENAI_API_KEY=abcdefgh retry", "OPENAI_API_KEY=*** retry"),
        ('{"api_key": "se,cret", "n": 1}', '{"api_key": "***", "n": 1}'),
        ("{'password': 'p'}", "{'password': '***'}"),
        ("?access_token=abcdef&x=1", "?access_token=***&x=1"),
        ("client_secret=abcdef;", "client_secret=***;"),
        ("postgresql://me:p@ss/w@host:5432/db", "postgresql://me:***@host:5432/db"),
        ("redis://:pw@h/0", "redis://:***@h/0"),
        ("redis://:pw@h1,redis://:pw@h2", "redis://:***@h2"),
        ('{"url": "amqp://u:p@h", "to": "x@y.z"}', '{"url": "amqp://u:***@h", "to": "x@y.z"}'),
    ],
)
def test_headers_fields_and_urls(text: str, masked: str) -> None:
    assert redact(text) == masked


@pytest.mark.parametrize(
    "prose",
    [
        "",
        "a risk-averse, task-based desk-organizer that uses sk-learn",
        "a basic understanding of bearer instruments",
        "Basic authentication failed",
        "call hf_hub_download, or set HF_HUB_OFFLINE",
        "constraint pk_orders_customer is violated",
        "the secret of success is patience; the password is wrong",
        "api_key=None",
        "ask at mail@example.org or see https://example.org:8080/path",
        "page 3 of /data/sk/notes.txt",
    ],
)
def test_prose_is_left_alone(prose: str) -> None:
    assert redact(prose) == prose


passwords = st.text(string.ascii_letters + string.digits + "@:/?#!$%^*()+=,.[]{}|~-_", min_size=1)


@given(passwords)
def test_no_password_of_a_url_survives(password: str) -> None:
    masked = redact(f"cannot reach postgresql://user:{password}@db.example/app today")
    assert masked == "cannot reach postgresql://user:***@db.example/app today"


@given(st.text(min_size=4))
def test_no_password_in_json_survives(password: str) -> None:
    assert json.loads(redact(json.dumps({"password": password}))) == {"password": MASK}


SCRAPS = [*KEYS, "password=", '"', "'", "://", "@", ":", "Bearer"]


@given(st.lists(st.sampled_from(SCRAPS)).map(" ".join))
def test_redacting_twice_changes_nothing_more(text: str) -> None:
    once = redact(text)
    assert redact(once) == once


@pytest.mark.parametrize(
    "hostile",
    [
        "://a:",
        "password= ",
        "password",
        "bearer ",
        "sk-",
        "hf_a-",
        "eyJaaaaaaaa.",
        'secret="',
        "@:",
        "api_key:\t\n",
        "Bearer a-",
    ],
)
def test_hostile_text_of_a_megabyte_ends(hostile: str) -> None:
    """A quadratic search would take hours here; a linear one takes about a second."""
    assert len(redact(hostile * (200_000 // len(hostile)))) > 0
    assert len(redact(hostile.strip() + " " * 200_000)) > 0


def test_a_secret_given_is_wrapped_and_does_not_print() -> None:
    secret = resolve_secret("sk-123", "RACTO_TEST_KEY")
    assert secret is not None
    assert secret.get_secret_value() == "sk-123"
    assert "123" not in f"{secret} {secret!r}"
    wrapped = SecretStr("x")
    assert resolve_secret(wrapped) is wrapped


def test_the_first_variable_that_is_set_is_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RACTO_TEST_EMPTY", " ")
    monkeypatch.setenv("RACTO_TEST_KEY", "sk-from-env\n")
    monkeypatch.setenv("RACTO_TEST_LATER", "later")
    names = ("RACTO_TEST_UNSET", "RACTO_TEST_EMPTY", "RACTO_TEST_KEY", "RACTO_TEST_LATER")
    for nothing in (None, ""):
        found = resolve_secret(nothing, *names)
        assert found is not None
        assert found.get_secret_value() == "sk-from-env"
    assert resolve_secret(None, "RACTO_TEST_UNSET") is None
    assert resolve_secret(None) is None
