"""Models are pulled, listed, shown, copied and deleted."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import ollama
import pytest

from racto.testing import OllamaServer


def test_a_pull_tells_its_progress(client: ollama.Client) -> None:
    steps = list(client.pull("m", stream=True))
    assert (steps[0].status, steps[-1].status) == ("pulling manifest", "success")
    done = [(step.completed, step.total) for step in steps if step.digest]
    assert done[0][0] == 0
    assert done[-1][0] == done[-1][1]
    assert client.pull("n").status == "success"
    assert {model.model for model in client.list().models} == {"m:latest", "n:latest"}


async def test_async_clients_pull_too(async_client: ollama.AsyncClient) -> None:
    steps = [step.status async for step in await async_client.pull("m", stream=True)]
    assert steps[-1] == "success"


def test_a_model_that_is_nowhere_cannot_be_pulled(
    ollama_server: OllamaServer, client: ollama.Client
) -> None:
    ollama_server.fail("not_found")
    ollama_server.fail("not_found")
    ollama_server.fail("server_error")
    stream = client.pull("m", stream=True)
    assert next(stream).status == "pulling manifest"
    with pytest.raises(ollama.ResponseError, match="file does not exist"):
        next(stream)
    for _ in range(2):
        with pytest.raises(ollama.ResponseError) as caught:
            client.pull("m")
        assert caught.value.status_code == 500
    assert client.list().models == []


def test_every_model_is_there_until_it_is_deleted(client: ollama.Client) -> None:
    assert "tools" in (client.show("m").capabilities or ())
    assert client.generate("m", "x").response == "ok"
    assert [model.model for model in client.list().models] == ["m:latest"]
    client.delete("m")
    assert client.list().models == []
    assert client.ps().models == []
    uses: list[Callable[[], Any]] = [
        lambda: client.generate("m:latest", "x"),
        lambda: client.show("m"),
        lambda: client.delete("m"),
        lambda: client.copy("m", "n"),
        lambda: client.embed("m", "x"),
    ]
    for use in uses:
        with pytest.raises(ollama.ResponseError, match="not found") as caught:
            use()
        assert caught.value.status_code == 404
    client.pull("m")
    assert client.generate("m", "x").response == "ok"


def test_a_model_is_copied(client: ollama.Client) -> None:
    client.copy("m", "mine:v2")
    assert [model.model for model in client.list().models] == ["mine:v2"]


def test_a_model_stays_for_a_while(client: ollama.Client) -> None:
    client.generate("soon", "x")
    client.generate("late", "x", keep_alive=-1)
    soon, late = client.ps().models
    assert soon.expires_at is not None
    assert late.expires_at is not None
    assert (late.expires_at - soon.expires_at).days > 1000


def test_a_model_is_named(post: Callable[..., Any]) -> None:
    for path in ("/api/show", "/api/pull", "/api/copy"):
        assert post(path, {}).json() == {"error": "model is required"}
    assert post("/api/delete", {}, method="DELETE").status_code == 400
