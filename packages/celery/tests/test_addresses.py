"""Hosts for errors: whatever a URL holds, no password gets out."""

from __future__ import annotations

from typing import Any

import pytest
from celery import Celery  # type: ignore[import-untyped]
from hypothesis import given, strategies as st

from racto.celery.addresses import broker_of, hosts_of, result_host_of


@pytest.mark.parametrize(
    ("urls", "hosts"),
    [
        (["redis://:hunter2@cache.example:6379/0"], "cache.example:6379"),
        (["amqp://guest:gu/est@rabbit//"], ""),
        (["amqp://user:hunter2@rabbit//"], "rabbit"),
        (["sentinel://:pw@a:1;sentinel://:pw@b:2"], "a:1, b:2"),
        (["redis://a:1", None, "redis://a:1"], "a:1"),
        (["redis://:pw@[::1]:6379/0?password=hunter2"], "[::1]:6379"),
        (["rpc://", "cache+memory://", "rpc"], "rpc, cache+memory"),
        ([], ""),
        (["redis://[broken"], ""),
    ],
)
def test_host_and_port_alone(urls: list[Any], hosts: str) -> None:
    assert hosts_of(urls) == hosts


@given(st.text(alphabet="ab1/@:?#;%[] ", max_size=12))
def test_no_password_gets_out(noise: str) -> None:
    for password in (f"SECRET{noise}", f"{noise}SECRET"):
        found = hosts_of([f"redis://user:{password.replace(';', '')}@host:6379/0"])
        # What stands after an "@" in a raw password looks like the host to everybody.
        assert "SECRET" not in found.upper() or "@" in noise


def test_of_an_app() -> None:
    app = Celery(
        "a", broker=["amqp://u:pw@one//", "amqp://u:pw@two//"], backend="redis://:pw@three:1/0"
    )
    assert broker_of(app) == "one, two"
    assert result_host_of(app) == "three:1"
