"""What is not declared raises before anything is sent, and with leave is dropped and listed."""

from __future__ import annotations

from typing import Any

import pytest

from racto.core import (
    AudioPart,
    ChatConfig,
    DocumentPart,
    ImagePart,
    Message,
    MessageRole,
    TextPart,
    ToolCallResult,
    ToolRegistry,
    ToolResultPart,
    UnsupportedFeatureError,
    UploadedFilePart,
)
from racto.core.embeddings import EmbeddingConfig
from racto.providers.capabilities import Feature
from racto.providers.huggingface import CAPABILITIES, HuggingFaceDeveloperKit
from racto.testing import HuggingFaceServer

TOOLS = ToolRegistry([len])
STRICT = ToolRegistry()
STRICT.register(len, strict=True)
CALL = ToolCallResult(id="c", name="len")
IMAGE = ToolResultPart(tool_call_id="c", content=(ImagePart(data=b"x"), TextPart(text="y")))


def said(part: Any) -> dict[str, Any]:
    content = (part, TextPart(text="and this"))
    return {"history": (Message(role=MessageRole.USER, content=content),)}


ASKED: dict[Feature, dict[str, Any]] = {
    Feature.TOP_K: {"top_k": 3},
    Feature.PARALLEL_TOOL_CONTROL: {"tools": TOOLS, "parallel_tool_calls": False},
    Feature.STRICT_TOOLS: {"tools": STRICT},
    Feature.TOOL_RESULT_IMAGES: {
        "history": (Message.user("?"), Message.assistant(tool_calls=[CALL]), Message.tool([IMAGE]))
    },
    Feature.THINKING_BUDGET: {"native_thinking": True, "thinking_budget": 100},
    Feature.DOCUMENTS: said(DocumentPart(data=b"%PDF")),
    Feature.DOCUMENT_URLS: said(DocumentPart(url="https://example.com/a.pdf")),
    Feature.AUDIO: said(AudioPart(data=b"RIFF")),
    Feature.UPLOADED_FILES: said(UploadedFilePart(file_id="f", provider="huggingface")),
    Feature.CACHE: {"cache": "5m"},
    Feature.CACHE_MARKS: said(TextPart(text="x", cache="5m")),
}


@pytest.mark.parametrize("feature", ASKED)
def test_what_is_not_declared_raises_or_is_listed(
    huggingface_server: HuggingFaceServer, kit: HuggingFaceDeveloperKit, feature: Feature
) -> None:
    assert feature not in CAPABILITIES
    with pytest.raises(UnsupportedFeatureError):
        kit.chat(ChatConfig(user_message="hi", **ASKED[feature]))
    assert not huggingface_server.requests
    lenient = ChatConfig(user_message="hi", on_unsupported="drop", **ASKED[feature])
    assert kit.chat(lenient).dropped


def test_the_router_does_not_shorten_vectors() -> None:
    with (
        HuggingFaceDeveloperKit(token="t") as kit,
        pytest.raises(UnsupportedFeatureError, match="dimensions"),
    ):
        kit.embed(EmbeddingConfig(texts=["a"], dimensions=8))
