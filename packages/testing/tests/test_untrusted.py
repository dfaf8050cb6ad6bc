"""No body, however odd, breaks a server: it is answered or refused."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given, settings, strategies as st

from racto.testing import Incoming, Provider
from racto.testing.gemini import GeminiProtocol
from racto.testing.huggingface import HuggingFaceProtocol
from racto.testing.ollama import OllamaProtocol
from racto.testing.scripts import ScriptedAnswers
from racto.testing.voyage import VoyageProtocol

SCHEMA = {
    "type": "OBJECT",
    "properties": {"a": {"type": "ARRAY", "items": {"type": "STRING", "enum": ["x"]}}},
    "required": ["a"],
}
GENERATE: dict[str, Any] = {
    "contents": [
        {
            "role": "user",
            "parts": [{"text": "hi"}, {"inlineData": {"mimeType": "a/b", "data": "YQ=="}}],
        },
        {"role": "model", "parts": [{"functionCall": {"id": "1", "name": "f", "args": {"a": 1}}}]},
        {"role": "user", "parts": [{"functionResponse": {"id": "1", "name": "f", "response": {}}}]},
    ],
    "systemInstruction": {"parts": [{"text": "x"}]},
    "tools": [{"functionDeclarations": [{"name": "f", "parameters": SCHEMA}]}],
    "toolConfig": {"functionCallingConfig": {"mode": "ANY", "allowedFunctionNames": ["f"]}},
    "generationConfig": {
        "temperature": 1,
        "stopSequences": ["x"],
        "responseMimeType": "application/json",
        "responseSchema": SCHEMA,
        "thinkingConfig": {"thinkingBudget": 1},
    },
    "cachedContent": None,
}
CONTENT = {"parts": [{"text": "x"}]}
EMBED = {"model": "models/m", "content": CONTENT, "outputDimensionality": 4}
BATCH = {"inputConfig": {"requests": {"requests": [{"request": GENERATE, "metadata": {"a": 1}}]}}}
CALL = {"id": "1", "type": "function", "function": {"name": "f", "arguments": "{}"}}
CHAT: dict[str, Any] = {
    "model": "m",
    "messages": [
        {"role": "user", "content": [{"type": "text", "text": "x"}]},
        {"role": "assistant", "tool_calls": [CALL]},
        {"role": "tool", "tool_call_id": "1", "content": "x"},
    ],
    "tools": [{"type": "function", "function": {"name": "f", "parameters": {"type": "object"}}}],
    "response_format": {"type": "json_object", "value": {}},
    "logit_bias": [1.0],
}
OLLAMA: dict[str, Any] = {
    "model": "m",
    "messages": [
        {"role": "user", "content": "x", "images": ["YWJj"]},
        {"role": "assistant", "tool_calls": [{"function": {"name": "f", "arguments": {}}}]},
        {"role": "tool", "content": "x", "tool_name": "f"},
    ],
    "tools": [{"type": "function", "function": {"name": "f", "parameters": {}}}],
    "options": {"stop": ["x"], "seed": 1},
    "format": {"type": "object"},
    "think": "low",
    "keep_alive": "5m",
}
INTERACTION: dict[str, Any] = {
    "model": "m",
    "input": [
        {"type": "user_input", "content": [{"type": "text", "text": "x"}]},
        {"type": "function_call", "id": "1", "name": "f", "arguments": {}},
        {"type": "function_result", "call_id": "1", "result": [1]},
    ],
    "tools": [{"type": "function", "name": "f"}],
    "generation_config": {"thinking_level": "low", "tool_choice": {"mode": "any"}},
    "stream": True,
}
VERTEX = "/v1/projects/p/locations/l"
MIXED = {"model": "m", "inputs": [{"content": [{"type": "text", "text": "x"}]}]}
GOOD: list[tuple[type[Any], str, Any]] = [
    (GeminiProtocol, "/v1beta/models/m:generateContent", GENERATE),
    (GeminiProtocol, "/v1beta/models/m:streamGenerateContent", GENERATE),
    (GeminiProtocol, f"{VERTEX}/publishers/google/models/m:generateContent", GENERATE),
    (GeminiProtocol, "/v1beta/models/m:countTokens", {"generateContentRequest": GENERATE}),
    (GeminiProtocol, "/v1beta/models/m:embedContent", EMBED),
    (GeminiProtocol, "/v1beta/models/m:batchEmbedContents", {"requests": [EMBED]}),
    (GeminiProtocol, "/v1beta/models/m:batchGenerateContent", {"batch": BATCH}),
    (GeminiProtocol, f"{VERTEX}/publishers/google/models/m:embedContent", {"content": CONTENT, "embedContentConfig": {"outputDimensionality": 3}}),
    (GeminiProtocol, f"{VERTEX}/publishers/google/models/m:predict", {"instances": [{"content": "x"}], "parameters": {"outputDimensionality": 3}}),
    (GeminiProtocol, "/v1beta/cachedContents", {"model": "models/m", "contents": [CONTENT], "ttl": "5s"}),
    (GeminiProtocol, "/v1beta/tunedModels", {"baseModel": "m", "tuningTask": {}}),
    (GeminiProtocol, f"{VERTEX}/tuningJobs", {"baseModel": "m", "distillationSpec": {"trainingDatasetUri": "gs://a"}}),
    (GeminiProtocol, "/v1beta/interactions", INTERACTION),
    (OllamaProtocol, "/api/chat", OLLAMA),
    (OllamaProtocol, "/api/generate", {"model": "m", "prompt": "x", "images": ["YWJj"]}),
    (OllamaProtocol, "/api/embed", {"model": "m", "input": ["x"], "dimensions": 4}),
    (OllamaProtocol, "/api/pull", {"model": "m"}),
    (HuggingFaceProtocol, "/v1/chat/completions", CHAT),
    (HuggingFaceProtocol, "/embed", {"inputs": ["x"], "dimensions": 4}),
    (HuggingFaceProtocol, "/v1/embeddings", {"model": "m", "input": ["x"], "dimensions": 4}),
    (VoyageProtocol, "/v1/embeddings", {"model": "m", "input": ["x"], "output_dtype": "int8"}),
    (VoyageProtocol, "/v1/rerank", {"model": "m", "query": "x", "documents": ["x"], "top_k": 1}),
    (VoyageProtocol, "/v1/multimodalembeddings", MIXED),
]  # fmt: skip
IDS = [f"{kind.name}:{path}" for kind, path, _ in GOOD]

ODD = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-3, 5000)
    | st.floats()
    | st.sampled_from(["", "x", "5", "NaN", "é\ud800", "text", "OBJECT", "model"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["a", "text", "type", "parts", "name", ""]), inner)
    ),
    max_leaves=6,
)


def places(value: Any, at: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The place of every value within a value."""
    yield at
    if isinstance(value, dict | list):
        items = value.items() if isinstance(value, dict) else enumerate(value)
        for key, inner in items:
            yield from places(inner, (*at, key))


def spoilt(body: Any, place: tuple[Any, ...], odd: Any) -> Any:
    """A body with something odd in one place."""
    if not place:
        return odd
    copied = copy.deepcopy(body)
    holder = copied
    for key in place[:-1]:
        holder = holder[key]
    holder[place[-1]] = odd
    return copied


@pytest.mark.parametrize(("protocol", "path", "body"), GOOD, ids=IDS)
def test_a_good_body_is_answered(protocol: type[Any], path: str, body: Any) -> None:
    provider: Provider = protocol()
    request = Incoming(method="POST", path=path, body=json.dumps(body).encode())
    answer = provider.answer(request, ScriptedAnswers())
    assert answer.status == 200, answer.body


@pytest.mark.parametrize(("protocol", "path", "body"), GOOD, ids=IDS)
@settings(max_examples=40, deadline=None)
@given(data=st.data())
def test_a_spoilt_body_is_answered_or_refused(
    protocol: type[Any], path: str, body: Any, data: st.DataObject
) -> None:
    provider: Provider = protocol()
    place = data.draw(st.sampled_from(list(places(body))))
    sent = json.dumps(spoilt(body, place, data.draw(ODD))).encode()
    answer = provider.answer(Incoming(method="POST", path=path, body=sent), ScriptedAnswers())
    assert answer.status < 500
    assert list(answer.events or ()) or answer.body


@pytest.mark.parametrize("protocol", sorted({kind for kind, _, _ in GOOD}, key=str))
@settings(max_examples=100, deadline=None)
@given(
    path=st.text(max_size=30) | st.sampled_from([path for _, path, _ in GOOD]),
    body=st.binary(max_size=30),
    method=st.sampled_from(["GET", "POST", "PATCH", "DELETE", "HEAD"]),
)
def test_any_bytes_on_any_path_are_answered_or_refused(
    protocol: type[Any], path: str, body: bytes, method: str
) -> None:
    provider: Provider = protocol()
    request = Incoming(method=method, path=f"/{path}", body=body)
    assert provider.answer(request, ScriptedAnswers()).status < 500
