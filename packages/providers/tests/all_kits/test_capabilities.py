"""What a kit declares is true both ways: a feature works, or asking for it raises.

A request's feature arrives when its telling value stands in the body that the server received, or
when the body differs from that of the same request without it; a reply's feature arrives when the
response holds what the server said. Of the embedders only those are asked whose provider has no kit.
"""

from __future__ import annotations

import base64
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

import pytest
from pydantic import BaseModel

from racto.core import (
    ChatConfig,
    EmbeddingConfig,
    FinishReason,
    Message,
    MessageRole,
    RactoFile,
    ToolRegistry,
    UnsupportedFeatureError,
)
from racto.core.content import (
    DocumentPart,
    ImagePart,
    TextPart,
    ToolCallResult,
    ToolResultPart,
    UploadedFilePart,
)
from racto.core.logprobs import TokenLogprob
from racto.core.protocols import QueryEmbedder
from racto.providers.capabilities import Capabilities, Feature
from racto.providers.local import LocalEmbedder
from racto.providers.local.capabilities import CAPABILITIES as LOCAL_CAN
from racto.providers.voyage import VoyageEmbedder
from racto.providers.voyage.capabilities import CAPABILITIES as VOYAGE_CAN
from racto.testing import LoopbackServer, Reply, ToolCall, VoyageServer

Exercise = Callable[[Any, LoopbackServer], None]

_URL = "https://example.org/it"

PNG = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)
PDF = b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"
WAV = b"RIFF$\x00\x00\x00WAVEfmt \x10\x00\x00\x00\x01\x00\x01\x00@\x1f\x00\x00\x80>\x00\x00\x02\x00\x10\x00data\x00\x00\x00\x00"


class City(BaseModel):
    """A reply to ask for."""

    city: str


def weather(city: str) -> str:
    """Tell the weather of a city."""
    return f"sunny-in-{city}"


def _tools(*, strict: bool | None = None) -> ToolRegistry:
    registry = ToolRegistry()
    registry.register(weather, strict=strict)
    return registry


def body(server: LoopbackServer) -> str:
    """The latest request's body."""
    return server.last.body.decode()


def _ask(kit: Any, **fields: Any) -> Any:
    return kit.chat(ChatConfig(**{"user_message": "hi", **fields}))


def _sends(*telling: str, **fields: Any) -> Exercise:
    def exercise(kit: Any, server: LoopbackServer) -> None:
        _ask(kit, **fields)
        for value in telling:
            assert value in body(server)

    return exercise


def _changes(fields: dict[str, Any], without: dict[str, Any]) -> Exercise:
    def exercise(kit: Any, server: LoopbackServer) -> None:
        _ask(kit, **without)
        plain = body(server)
        _ask(kit, **fields)
        assert body(server) != plain

    return exercise


def _shows(*parts: Any, telling: str) -> Exercise:
    turn = Message(role=MessageRole.USER, content=(*parts, TextPart(text="What is it?")))
    return _sends(telling, history=(turn,), user_message="")


def _attaches(data: bytes, kind: str, name: str) -> Exercise:
    file = RactoFile.from_bytes(data, kind, name)
    return _sends(base64.b64encode(data).decode(), attachments=(file,))


def _uploaded_file(kit: Any, server: LoopbackServer) -> None:
    part = UploadedFilePart(file_id="file-77", provider=kit.provider, mime_type="application/pdf")
    _shows(part, telling="file-77")(kit, server)


def _tool_loop(kit: Any, server: LoopbackServer) -> None:
    call = ToolCall(name="weather", arguments={"city": "Kiel"})
    server.add(Reply(tool_calls=[call]), Reply(text="Sunny."))
    response = _ask(kit, tools=_tools(), auto_execute_tools=True)
    assert response.content == "Sunny."
    assert "sunny-in-Kiel" in body(server)


def _tool_images(kit: Any, server: LoopbackServer) -> None:
    call = ToolCallResult(id="call_1", name="weather", arguments={"city": "Kiel"})
    result = ToolResultPart(
        tool_call_id="call_1",
        name="weather",
        content=(TextPart(text="a map"), ImagePart(data=PNG)),
    )
    turns = (
        Message.user("How is it?"),
        Message.assistant(tool_calls=[call]),
        Message.tool([result]),
    )
    _ask(kit, history=turns, user_message="", tools=_tools())
    assert base64.b64encode(PNG).decode() in body(server)


def _structured(kit: Any, server: LoopbackServer) -> None:
    server.say('{"city": "Kiel"}')
    assert _ask(kit, response_model=City).parsed == {"city": "Kiel"}
    assert "city" in body(server)


def _logprobs(kit: Any, server: LoopbackServer) -> None:
    told = TokenLogprob(token="ok", logprob=-0.25)
    server.say("ok", logprobs=[told])
    response = _ask(kit, logprobs=2)
    assert [(each.token, each.logprob) for each in response.logprobs] == [("ok", -0.25)]


def _thinking(kit: Any, server: LoopbackServer) -> None:
    server.say("ok", thinking="I ponder.")
    assert _ask(kit, native_thinking=True, max_tokens=20_000).thinking == "I ponder."


def _replay(kit: Any, server: LoopbackServer) -> None:
    call = ToolCall(name="weather", arguments={"city": "Kiel"}, signature="c2lnbmVk")
    server.say("ok", thinking="I ponder.", signature="c2lnbmVk", tool_calls=[call])
    options = {"native_thinking": True, "max_tokens": 20_000, "tools": _tools()}
    first = _ask(kit, **options)
    # As it came: some protocols carry it in base64 once more.
    signatures: set[str] = {getattr(part, "signature", "") or "" for part in first.message.parts}
    signatures -= {""}
    assert signatures
    answers = [
        ToolResultPart(tool_call_id=call.id, name=call.name, content="sunny")
        for call in first.tool_calls
    ]
    turns = (Message.user("hi"), first.message, Message.tool(answers))
    _ask(kit, history=turns, user_message="", **options)
    assert all(signature in body(server) for signature in signatures)


def _refusal(kit: Any, server: LoopbackServer) -> None:
    server.say(refusal="I will not.")
    response = _ask(kit)
    assert response.finish_reason is FinishReason.REFUSAL


def _citations(kit: Any, server: LoopbackServer) -> None:
    source = {"type": "url_citation", "url": _URL}
    server.say("ok", citations=[source])
    texts = [part for part in _ask(kit).message.parts if isinstance(part, TextPart)]
    assert [part.citations for part in texts] == [(source,)]


def _stream_usage(kit: Any, server: LoopbackServer) -> None:
    server.say(["o", "k"])
    *_, final = kit.stream(ChatConfig(user_message="hi"))
    assert (final.usage.prompt_tokens, final.usage.output_tokens) == (10, 5)


def _embeds(kit: Any, server: LoopbackServer) -> None:
    made = kit.embed(EmbeddingConfig(texts=["one", "two"]))
    assert [vector.text for vector in made.vectors] == ["one", "two"]
    assert made.vectors[0].embedding != made.vectors[1].embedding


def _short_embeddings(kit: Any, server: LoopbackServer) -> None:
    made = kit.embed(EmbeddingConfig(texts=["one"], dimensions=8))
    assert len(made.vectors[0].embedding) == 8


def _typed_embeddings(kit: Any, server: LoopbackServer) -> None:
    kit.embed(EmbeddingConfig(texts=["one"], input_type="document"))
    plain = body(server)
    kit.embed(EmbeddingConfig(texts=["one"], input_type="query"))
    assert body(server) != plain


_MARKED = Message(role=MessageRole.USER, content=(TextPart(text="long", cache="5m"),))
_UNMARKED = Message(role=MessageRole.USER, content=(TextPart(text="long"),))
_THINKS = {"native_thinking": True, "max_tokens": 20_000}

REQUESTS: dict[Feature, Exercise] = {
    Feature.TEMPERATURE: _sends("0.37", temperature=0.37),
    Feature.TOP_P: _sends("0.41", top_p=0.41),
    Feature.TOP_K: _sends("173", top_k=173),
    Feature.SEED: _sends("987654321", seed=987654321),
    Feature.STOP: _sends("HALT-7", stop=("HALT-7",)),
    Feature.PENALTIES: _sends("0.73", "0.59", presence_penalty=0.73, frequency_penalty=0.59),
    Feature.LOGPROBS: _logprobs,
    Feature.TOOLS: _tool_loop,
    Feature.TOOL_CHOICE: _changes(
        {"tools": _tools(), "tool_choice": "weather"}, {"tools": _tools()}
    ),
    Feature.PARALLEL_TOOL_CONTROL: _changes(
        {"tools": _tools(), "parallel_tool_calls": False}, {"tools": _tools()}
    ),
    Feature.STRICT_TOOLS: _changes({"tools": _tools(strict=True)}, {"tools": _tools()}),
    Feature.TOOL_RESULT_IMAGES: _tool_images,
    Feature.STRUCTURED_OUTPUT: _structured,
    Feature.THINKING: _thinking,
    Feature.THINKING_BUDGET: _sends("2345", **_THINKS, thinking_budget=2345),
    Feature.REASONING_EFFORT: _changes({"reasoning_effort": "low"}, {}),
    Feature.IMAGES: _attaches(PNG, "image/png", "it.png"),
    Feature.IMAGE_URLS: _shows(ImagePart(url=f"{_URL}.png"), telling=f"{_URL}.png"),
    Feature.DOCUMENTS: _attaches(PDF, "application/pdf", "it.pdf"),
    Feature.DOCUMENT_URLS: _shows(DocumentPart(url=f"{_URL}.pdf"), telling=f"{_URL}.pdf"),
    Feature.AUDIO: _attaches(WAV, "audio/wav", "it.wav"),
    Feature.UPLOADED_FILES: _uploaded_file,
    Feature.CACHE: _changes({"cache": "1h"}, {}),
    Feature.CACHE_MARKS: _changes(
        {"history": (_MARKED,), "user_message": ""}, {"history": (_UNMARKED,), "user_message": ""}
    ),
}
"""Features of requests: where one is not declared, asking for it raises."""

REPLIES: dict[Feature, Exercise] = {
    Feature.REASONING_REPLAY: _replay,
    Feature.REFUSALS: _refusal,
    Feature.CITATIONS: _citations,
    Feature.STREAM_USAGE: _stream_usage,
}
"""Features of replies: where one is not declared, the response does not hold it."""

EMBEDDINGS: dict[Feature, Exercise] = {
    Feature.EMBEDDINGS: _embeds,
    Feature.EMBEDDING_DIMENSIONS: _short_embeddings,
    Feature.EMBEDDING_INPUT_TYPE: _typed_embeddings,
}
"""Features of kits that embed."""


def test_every_feature_is_exercised() -> None:
    assert sorted([*REQUESTS, *REPLIES, *EMBEDDINGS]) == sorted(Feature)


@pytest.mark.parametrize("feature", REQUESTS, ids=lambda each: each.name)
def test_a_feature_works_or_raises(
    feature: Feature, subject: Any, server: LoopbackServer, kit: Any
) -> None:
    if feature in subject.declared:
        REQUESTS[feature](kit, server)
        return
    with pytest.raises(UnsupportedFeatureError) as caught:
        REQUESTS[feature](kit, server)
    assert caught.value.feature


@pytest.mark.parametrize("feature", REPLIES, ids=lambda each: each.name)
def test_what_a_reply_holds_is_declared_and_read(
    feature: Feature, subject: Any, server: LoopbackServer, kit: Any
) -> None:
    if feature in subject.declared:
        REPLIES[feature](kit, server)
        return
    # Nobody can ask for it, so all that is left is not to find it: what is found must be declared.
    with pytest.raises((AssertionError, UnsupportedFeatureError)):
        REPLIES[feature](kit, server)


@pytest.mark.parametrize("feature", EMBEDDINGS, ids=lambda each: each.name)
def test_a_kit_embeds_or_has_no_such_method(
    feature: Feature, subject: Any, server: LoopbackServer, kit: Any
) -> None:
    if Feature.EMBEDDINGS not in subject.declared:
        assert not hasattr(kit, "embed")
    elif feature in subject.declared:
        EMBEDDINGS[feature](kit, server)
    else:
        with pytest.raises(UnsupportedFeatureError):
            EMBEDDINGS[feature](kit, server)


@dataclass(frozen=True, slots=True, kw_only=True)
class Embedding:
    """An embedder whose provider has no kit."""

    make: Callable[..., Any]
    short: int
    declared: Capabilities


@pytest.fixture(params=["voyage", "local"])
def embedding(request: pytest.FixtureRequest, voyage_server: VoyageServer) -> Embedding:
    if request.param == "local":
        return Embedding(make=LocalEmbedder, short=64, declared=LOCAL_CAN)
    make = partial(VoyageEmbedder, api_key=voyage_server.key, base_url=voyage_server.url)
    return Embedding(make=make, short=256, declared=VOYAGE_CAN)


def test_an_embedder_declares_what_it_can_do(
    embedding: Embedding, voyage_server: VoyageServer
) -> None:
    found = set()
    embedder = embedding.make()
    one, two = (list(row) for row in embedder.embed(["one", "two"]))
    if one != two:
        found.add(Feature.EMBEDDINGS)
    if isinstance(embedder, QueryEmbedder):
        embedder.embed_query("one")
        assert {each.json["input_type"] for each in voyage_server.requests} == {"document", "query"}
        found.add(Feature.EMBEDDING_INPUT_TYPE)
    short = embedding.make(dimensions=embedding.short).embed(["one"])[0]
    if len(short) == embedding.short < len(one):
        found.add(Feature.EMBEDDING_DIMENSIONS)
    assert found == embedding.declared.features
