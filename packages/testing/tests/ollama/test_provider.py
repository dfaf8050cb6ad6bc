"""Keys, paths, and what a server says of itself."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import ollama
import pytest

from racto.testing import OllamaServer
from racto.testing.ollama.provider import VERSION

USER = {"role": "user", "content": "hi"}


def test_a_server_says_that_it_runs(post: Callable[..., Any]) -> None:
    assert post("/", method="GET").text == "Ollama is running"
    assert post("/", method="HEAD").status_code == 200
    assert post("/api/version", method="GET").json() == {"version": VERSION}


@pytest.mark.parametrize(("path", "method"), [("/api/dance", "POST"), ("/api/chat", "GET")])
def test_a_path_that_leads_nowhere_is_not_found(
    path: str, method: str, post: Callable[..., Any]
) -> None:
    answer = post(path, method=method)
    assert (answer.status_code, answer.text) == (404, "404 page not found")


def test_a_server_may_want_a_token() -> None:
    with OllamaServer(key="secret") as server:
        good = {"authorization": "Bearer secret"}
        with ollama.Client(server.url, verify=False, headers=good) as client:
            assert client.generate("m", "x").response == "ok"
        with (
            ollama.Client(server.url, verify=False) as client,
            pytest.raises(ollama.ResponseError, match="unauthorized") as caught,
        ):
            client.generate("m", "x")
        assert caught.value.status_code == 401
