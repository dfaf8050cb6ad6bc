"""Caches are made, found, prolonged and deleted, and a generation may begin with one."""

from __future__ import annotations

from typing import Any

import pytest
from google import genai
from google.genai import errors, types


def made(client: genai.Client, **config: Any) -> types.CachedContent:
    config = {"contents": ["a long beginning"], **config}
    return client.caches.create(model="m", config=types.CreateCachedContentConfig(**config))


def test_a_cache_is_made_found_and_deleted(client: genai.Client) -> None:
    cache = made(client, ttl="60s", display_name="mine", system_instruction="Be brief.")
    assert cache.name is not None
    assert cache.expire_time is not None
    assert cache.create_time is not None
    assert 59 < (cache.expire_time - cache.create_time).total_seconds() <= 61
    assert cache.usage_metadata is not None
    assert client.caches.get(name=cache.name) == cache
    assert [each.name for each in client.caches.list()] == [cache.name]
    client.caches.delete(name=cache.name)
    with pytest.raises(errors.ClientError, match="CachedContent not found") as caught:
        client.caches.get(name=cache.name)
    assert caught.value.code == 403


async def test_async_clients_have_the_same(aio: Any) -> None:
    config = {"contents": ["x"], "ttl": "60s"}
    cache = await aio.caches.create(model="m", config=config)
    longer = await aio.caches.update(name=cache.name, config={"ttl": "600s"})
    assert longer.expire_time > cache.expire_time


def test_a_generation_may_begin_with_a_cache(client: genai.Client) -> None:
    name = made(client).name
    config = types.GenerateContentConfig(cached_content=name)
    assert client.models.generate_content(model="m", contents="x", config=config).text == "ok"


def test_a_cache_of_another_model_is_refused(client: genai.Client) -> None:
    config = types.GenerateContentConfig(cached_content=made(client).name)
    with pytest.raises(errors.ClientError, match="has to be the same"):
        client.models.generate_content(model="other", contents="x", config=config)


def test_what_a_cache_fixes_cannot_be_given_again(client: genai.Client) -> None:
    config = types.GenerateContentConfig(cached_content=made(client).name, system_instruction="x")
    with pytest.raises(errors.ClientError, match="CachedContent can not be used with"):
        client.models.generate_content(model="m", contents="x", config=config)


def test_a_cache_that_is_over_is_gone(client: genai.Client) -> None:
    cache = made(client, expire_time="2020-01-01T00:00:00Z")
    config = types.GenerateContentConfig(cached_content=cache.name)
    with pytest.raises(errors.ClientError, match="CachedContent not found"):
        client.models.generate_content(model="m", contents="x", config=config)


@pytest.mark.parametrize(
    ("body", "told"),
    [
        ({"contents": [{"parts": [{"text": "x"}]}]}, "model: model is not specified"),
        ({"model": "models/m"}, "CachedContent must have contents"),
        ({"model": "models/m", "contents": [{}]}, "contents.parts must not be empty"),
        (
            {"model": "models/m", "contents": [{"parts": [{"text": "x"}]}], "ttl": "0s"},
            "ttl must be positive",
        ),
        (
            {"model": "models/m", "contents": [{"parts": [{"text": "x"}]}], "ttl": "999999999999s"},
            "at most a hundred years",
        ),
        ({"ttl": "1s", "expireTime": "2030-01-01T00:00:00Z"}, "oneof field 'expiration'"),
    ],
)
def test_wrong_caches_are_refused(body: dict[str, Any], told: str, post: Any) -> None:
    answer = post("cachedContents", body)
    assert answer.status_code == 400
    assert told in answer.json()["error"]["message"]


def test_only_the_term_can_be_changed(client: genai.Client, post: Any) -> None:
    name = made(client).name
    answer = post(name, {"displayName": "x", "ttl": "5s"}, method="PATCH")
    assert answer.status_code == 400
    assert "Only the expiration" in answer.json()["error"]["message"]


def test_caches_of_vertex_have_long_names(post: Any) -> None:
    parent = "projects/p/locations/l"
    model = f"{parent}/publishers/google/models/m"
    body = {"model": model, "contents": [{"parts": [{"text": "x"}]}]}
    cache = post(f"{parent}/cachedContents", body).json()
    assert cache["name"].startswith(f"{parent}/cachedContents/")
    asked = {"contents": [{"parts": [{"text": "x"}]}], "cachedContent": cache["name"]}
    assert post(f"{model}:generateContent", asked).status_code == 200
