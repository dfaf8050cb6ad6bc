"""Keys and tokens are checked as Google checks them, and both kinds of base URL work."""

from __future__ import annotations

from typing import Any

import pytest
from google import genai
from google.genai import errors, types

from racto.testing import Failure, GeminiServer

VERTEX = "projects/p/locations/l/publishers/google/models/m:generateContent"


def test_the_servers_url_and_its_host_both_work(gemini_server: GeminiServer, make: Any) -> None:
    host = gemini_server.url.removesuffix("/v1beta")
    for url in (gemini_server.url, host, f"{host}/"):
        client = make(url)
        for version in ("v1", "v1beta", "v1alpha"):
            config = {"http_options": {"api_version": version}}
            said = client.models.generate_content(model="m", contents="x", config=config)
            assert said.text == "ok"
            assert version in gemini_server.last.path.split("/")


def test_a_wrong_key_is_a_bad_argument(gemini_server: GeminiServer, make: Any) -> None:
    client = make(gemini_server.url, api_key="wrong")
    with pytest.raises(errors.ClientError) as caught:
        client.models.generate_content(model="m", contents="x")
    assert caught.value.code == 400
    assert "API key not valid" in str(caught.value)
    assert "wrong" not in str(caught.value)


def test_no_key_is_no_permission(gemini_server: GeminiServer, http: Any) -> None:
    answer = http.post(f"{gemini_server.url}/models/m:generateContent", json={})
    assert answer.status_code == 403
    assert "unregistered callers" in answer.json()["error"]["message"]


def test_a_key_may_stand_in_the_query(gemini_server: GeminiServer, http: Any, ask: Any) -> None:
    url = f"{gemini_server.url}/models/m:generateContent"
    assert http.post(url, params={"key": "test-key"}, json=ask).status_code == 200
    assert http.post(url, params={"key": "wrong"}, json=ask).status_code == 400


def test_vertex_takes_a_token(gemini_server: GeminiServer, http: Any, ask: Any) -> None:
    url = f"{gemini_server.url}/{VERTEX}"
    assert http.post(url, headers={"authorization": "Bearer test-key"}, json=ask).status_code == 200
    answer = http.post(url, headers={"authorization": "Bearer wrong"}, json=ask)
    assert answer.status_code == 401
    assert answer.json()["error"]["status"] == "UNAUTHENTICATED"


def test_the_client_of_vertex_works(vertex: genai.Client) -> None:
    config = types.GenerateContentConfig(labels={"a": "b"})
    assert vertex.models.generate_content(model="m", contents="x", config=config).text == "ok"
    assert vertex.models.count_tokens(model="m", contents="word").total_tokens == 1


def test_a_server_may_take_any_key(http: Any, ask: Any) -> None:
    with GeminiServer(key=None) as server:
        assert http.post(f"{server.url}/models/m:generateContent", json=ask).status_code == 200


@pytest.mark.parametrize(
    ("path", "method"),
    [
        ("nothing", "GET"),
        ("models", "POST"),
        ("models/m", "DELETE"),
        ("models/m:dance", "POST"),
        ("models/m:generateContent", "GET"),
        ("models/m:embedContent", "GET"),
        ("models/m:batchGenerateContent", "GET"),
        ("files", "POST"),
        ("files", "DELETE"),
        ("cachedContents", "DELETE"),
        ("cachedContents/c:cancel", "POST"),
        ("batches", "POST"),
        ("batches", "DELETE"),
        ("batches/b:cancel", "GET"),
        ("tunedModels", "DELETE"),
        ("tunedModels/t", "POST"),
        ("interactions", "GET"),
        ("interactions/i/cancel", "GET"),
        ("interactions/i", "POST"),
    ],
)
def test_a_path_that_leads_nowhere_is_not_found(path: str, method: str, post: Any) -> None:
    assert post(path, method=method).status_code == 404


@pytest.mark.parametrize("kind", ["files", "caches", "batches", "tunings", "interactions"])
def test_what_is_kept_fails_on_its_own(kind: str, gemini_server: GeminiServer, post: Any) -> None:
    paths = {"caches": "cachedContents", "tunings": "tunedModels", "interactions": "interactions/i"}
    path = paths.get(kind, kind)
    getattr(gemini_server, kind).add(Failure(kind="overloaded"))
    assert post(path, method="GET").status_code == 503
    assert post(path, method="GET").status_code == (404 if kind == "interactions" else 200)


@pytest.mark.parametrize(
    ("body", "told"),
    [
        (b'{"contents": ', "Invalid JSON payload received. Unexpected token.\n"),
        (b"[" * 100_000, "Invalid JSON payload received. Unexpected token."),
        (b"[]", "Root element must be a message."),
        (b"", "contents is not specified"),
    ],
)
def test_a_body_is_json(body: bytes, told: str, post: Any) -> None:
    answer = post("models/m:generateContent", body)
    assert answer.status_code == 400
    assert told in answer.json()["error"]["message"]


def test_faults_of_fields_are_in_the_details(post: Any, ask: Any) -> None:
    body = {**ask, "x": 1, "generation_config": {"topK": "many"}}
    error = post("models/m:generateContent", body).json()["error"]
    told = [
        'Invalid JSON payload received. Unknown name "x": Cannot find field.',
        "Invalid value at 'generation_config.top_k' (TYPE_INT32), \"many\"",
    ]
    assert error["message"] == "\n".join(told)
    (detail,) = error["details"]
    assert detail["@type"] == "type.googleapis.com/google.rpc.BadRequest"
    assert detail["fieldViolations"] == [
        {"description": told[0]},
        {"field": "generation_config.top_k", "description": told[1]},
    ]
