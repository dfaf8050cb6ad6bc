"""Keys and routes, and a batch that is answered by the server's own endpoints."""

from __future__ import annotations

import copy
import json
from typing import Any

import httpx2
import openai
import pytest
from hypothesis import given, settings, strategies as st

from racto.testing import Incoming, OpenAIServer, Reply
from racto.testing.openai import OpenAIProtocol
from racto.testing.scripts import ScriptedAnswers

HELLO: Any = [{"role": "user", "content": "hello"}]


def test_a_wrong_key_is_refused_and_not_repeated_whole(openai_server: OpenAIServer) -> None:
    key = "sk-proj-0123456789abcdef"
    with (
        openai.OpenAI(base_url=openai_server.url, api_key=key, max_retries=0) as client,
        pytest.raises(openai.AuthenticationError) as caught,
    ):
        client.chat.completions.create(model="m", messages=HELLO)
    assert caught.value.code == "invalid_api_key"
    assert "sk-proj-" in caught.value.message
    assert key not in caught.value.message


@pytest.mark.parametrize("header", ["", "Basic dGVzdA==", "Bearer", "Bearer "])
def test_a_missing_key_is_refused(openai_server: OpenAIServer, raw: Any, header: str) -> None:
    answer = raw.ask(openai_server, raw.message(authorization=header, connection="close"))
    assert answer.startswith(b"HTTP/1.1 401 Unauthorized")
    assert b"You didn't provide an API key" in answer


def test_a_short_key_is_masked_too(openai_server: OpenAIServer, raw: Any) -> None:
    answer = raw.ask(openai_server, raw.message(authorization="Bearer secret", connection="close"))
    assert b"provided: se****." in answer


def test_a_server_without_a_key_takes_any(raw: Any) -> None:
    with OpenAIServer(key=None) as server:
        assert server.key is None
        assert b"200 OK" in raw.ask(server, raw.message(authorization="", connection="close"))


def test_unknown_paths_and_methods_are_refused(
    openai_server: OpenAIServer, client: openai.OpenAI
) -> None:
    with pytest.raises(openai.NotFoundError, match=r"Invalid URL \(POST /v1/completions\)"):
        client.post("/completions", body={}, cast_to=object)
    for path in ("/chat/completions", "/embeddings", "/responses"):
        with pytest.raises(openai.APIStatusError, match="Only POST requests") as caught:
            client.get(path, cast_to=object)
        assert caught.value.status_code == 405


def test_every_answer_has_an_id_of_its_own(
    openai_server: OpenAIServer, client: openai.OpenAI
) -> None:
    ids = {client.models.list()._request_id for _ in range(3)}
    assert len(ids) == 3


def test_a_batch_is_answered_by_the_script_of_the_server(
    openai_server: OpenAIServer, client: openai.OpenAI
) -> None:
    def echo(request: Incoming) -> Reply:
        return Reply(text=request.json["messages"][0]["content"].upper())

    openai_server.when(echo)
    body = {"model": "m", "messages": HELLO}
    lines = [
        {"custom_id": "good", "method": "POST", "url": "/v1/chat/completions", "body": body},
        {
            "custom_id": "bad",
            "method": "POST",
            "url": "/v1/chat/completions",
            "body": {**body, "temperature": 9},
        },
    ]
    data = "\n".join(map(json.dumps, lines)).encode()
    file = client.files.create(file=("in.jsonl", data), purpose="batch")
    batch = client.batches.create(
        input_file_id=file.id, endpoint="/v1/chat/completions", completion_window="24h"
    )
    while batch.status not in ("completed", "failed", "expired"):
        batch = client.batches.retrieve(batch.id)
    assert batch.output_file_id is not None
    assert batch.error_file_id is not None
    good = json.loads(client.files.content(batch.output_file_id).text)
    bad = json.loads(client.files.content(batch.error_file_id).text)
    assert good["response"]["body"]["choices"][0]["message"]["content"] == "HELLO"
    assert bad["response"]["body"]["error"]["param"] == "temperature"


def test_jobs_can_be_moved_on_by_hand(openai_server: OpenAIServer) -> None:
    for jobs in (openai_server.batches, openai_server.fine_tuning):
        jobs.advance()
        assert jobs.polls_per_step == 1


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=3), inner),
    max_leaves=4,
)
FUNCTION = {"name": "f", "parameters": {"type": "object", "properties": {"x": {"enum": ["y"]}}}}
CALL = {"id": "call_1", "type": "function", "function": {"name": "f", "arguments": "{}"}}
BODIES = {
    "/v1/chat/completions": {
        "model": "o3",
        "messages": [
            {"role": "user", "content": [{"type": "text", "text": "x"}]},
            {"role": "assistant", "content": None, "tool_calls": [CALL]},
            {"role": "tool", "tool_call_id": "call_1", "content": "1"},
        ],
        "tools": [{"type": "function", "function": FUNCTION | {"strict": True}}],
        "tool_choice": {"type": "function", "function": {"name": "f"}},
        "response_format": {
            "type": "json_schema",
            "json_schema": {"name": "x", "schema": FUNCTION["parameters"], "strict": True},
        },
        "stream": True,
        "stream_options": {"include_usage": True},
    },
    "/v1/responses": {
        "model": "m",
        "input": [
            {"role": "user", "content": [{"type": "input_image", "image_url": "https://x"}]},
            {"type": "function_call", "call_id": "1", "name": "f", "arguments": "{}", "id": "fc_1"},
            {"type": "function_call_output", "call_id": "1", "output": "2"},
            {"type": "reasoning", "id": "rs_1", "summary": [], "encrypted_content": "gAAA"},
            {"type": "web_search_call", "id": "ws_1", "action": {}, "status": "completed"},
        ],
        "tools": [{"type": "function", "strict": True, **FUNCTION}, {"type": "web_search"}],
        "tool_choice": {"type": "function", "name": "f"},
        "text": {"format": {"type": "json_schema", "name": "x", "schema": {}, "strict": True}},
        "reasoning": {"effort": "low", "summary": "auto"},
        "include": ["reasoning.encrypted_content"],
        "previous_response_id": None,
    },
    "/v1/embeddings": {"model": "m", "input": ["a", "b"], "dimensions": 4},
}


def _places(value: Any) -> list[list[Any]]:
    """All places inside a value, and the value itself."""
    inside = (
        value.items()
        if isinstance(value, dict)
        else enumerate(value if isinstance(value, list) else ())
    )
    return [[], *([step, *rest] for step, each in inside for rest in _places(each))]


@settings(max_examples=300)
@given(data=st.data(), path=st.sampled_from(sorted(BODIES)), wrong=JSON)
def test_no_body_is_too_wrong_to_be_refused(data: st.DataObject, path: str, wrong: Any) -> None:
    body = copy.deepcopy(BODIES[path])
    place = data.draw(st.sampled_from(_places(body)[1:]))
    holder: Any = body
    for step in place[:-1]:
        holder = holder[step]
    holder[place[-1]] = wrong
    request = Incoming(method="POST", path=path, body=json.dumps(body).encode())
    answer = OpenAIProtocol().answer(request, ScriptedAnswers())
    assert answer.status in (200, 400, 404)
    assert answer.body or list(answer.events or ())


def test_clients_of_azure_send_their_key_in_a_header_of_its_own(
    openai_server: OpenAIServer,
) -> None:
    url = f"{openai_server.url}/models"
    statuses = [httpx2.get(url, headers={"api-key": k}).status_code for k in ("test-key", "other")]
    assert statuses == [200, 401]
