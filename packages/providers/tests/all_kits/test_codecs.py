"""What a kit says, taken from its codec, carried by somebody else, and read by the codec again."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import httpx2
import pytest
from pydantic import BaseModel

from racto.core import (
    ChatConfig,
    EmbeddingConfig,
    InvalidResponseError,
    RateLimitError,
    ResponseModelValidationError,
    ToolRegistry,
    UnsupportedFeatureError,
)
from racto.core.protocols import Encoding, RequestCodec
from racto.core.requests import EncodedRequest
from racto.providers.pricing import PriceTable
from racto.testing import LoopbackServer, Reply

Make = Callable[..., Any]
HI = ChatConfig(user_message="hi", system="Be brief.", max_tokens=77)


class Town(BaseModel):
    """A structured reply."""

    name: str
    people: int


def _carried(server: LoopbackServer, request: EncodedRequest) -> bytes:
    """Post an encoded request as the kit's last one was posted; the reply's bytes."""
    last = server.requests[-1]
    kept = {"authorization", "x-api-key", "anthropic-version", "x-goog-api-key"}
    headers = {name: value for name, value in last.headers.items() if name.lower() in kept}
    headers |= {"content-type": "application/json", **request.headers}
    url = str(httpx2.URL(server.url).join("/")).rstrip("/") + last.path
    reply = httpx2.post(url, content=json.dumps(dict(request.body)), headers=headers)
    assert reply.status_code == 200, reply.text
    return reply.content


def test_a_codec_says_what_its_kit_says(server: LoopbackServer, kit: Any) -> None:
    assert isinstance(kit, Encoding)
    codec = kit.codec
    assert isinstance(codec, RequestCodec)
    assert (codec.provider, codec.model) == (kit.provider, kit.model)
    told = kit.chat(HI)
    request = codec.encode(HI)
    assert dict(request.body) == server.requests[-1].json
    assert server.requests[-1].path.endswith(request.path)
    read = codec.decode(request, _carried(server, request), request_id="r-1")
    assert (read.content, read.model, read.provider) == (told.content, told.model, told.provider)
    assert read.usage.total_tokens == told.usage.total_tokens > 0
    assert read.request_id == "r-1"


def test_only_the_model_of_a_request_is_needed_to_read_its_reply(
    server: LoopbackServer, kit: Any
) -> None:
    kit.chat(HI)
    body = _carried(server, kit.codec.encode(HI))
    known = EncodedRequest(path="", body={}, model="m", dropped=("seed",))
    read = kit.codec.decode(known, body)
    assert (read.content, read.dropped) == ("ok", ("seed",))


def test_a_structured_reply_is_judged_as_the_kit_would(server: LoopbackServer, kit: Any) -> None:
    config = ChatConfig(user_message="Which town?", response_model=Town)
    kit.chat(HI)
    codec, request = kit.codec, kit.codec.encode(config)
    server.add(Reply(text='{"name": "Ulm", "people": 130000}'))
    read = codec.decode(request, _carried(server, request), config=config)
    assert read.parsed == {"name": "Ulm", "people": 130000}
    server.add(Reply(text='{"name": "Ulm"}'))
    with pytest.raises(ResponseModelValidationError) as caught:
        codec.decode(request, _carried(server, request), config=config)
    assert caught.value.partial.content == '{"name": "Ulm"}'
    assert caught.value.usage is not None
    assert caught.value.usage.total_tokens > 0


def test_a_batch_is_paid_at_the_price_of_batches(server: LoopbackServer, make_kit: Make) -> None:
    probe = make_kit()
    prices = PriceTable({probe.provider: {"m": {"input": 10.0, "output": 10.0, "batch": 0.5}}})
    kit = make_kit(prices=prices)
    kit.chat(HI)
    body = _carried(server, kit.codec.encode(HI))
    request = EncodedRequest(path="", body={}, model="m")
    once = kit.codec.decode(request, body).usage.cost
    assert once > 0
    assert kit.codec.decode(request, body, is_batch=True).usage.cost == pytest.approx(once / 2)


def test_tools_that_nobody_would_run_are_refused(kit: Any) -> None:
    tools = ToolRegistry()

    @tools.register
    def weather(town: str) -> str:
        """The weather in a town."""
        return town

    with pytest.raises(UnsupportedFeatureError, match="auto_execute_tools"):
        kit.codec.encode(ChatConfig(user_message="hi", tools=tools, auto_execute_tools=True))
    assert kit.codec.encode(ChatConfig(user_message="hi", tools=tools)).body["tools"]


def test_refusals_and_rubbish_are_racto_errors(kit: Any) -> None:
    refused = kit.codec.refused(429, b'{"error": {"message": "slow down"}}')
    assert isinstance(refused, RateLimitError)
    assert "slow down" in str(refused)
    assert "too long" in str(kit.codec.refused(None, b'{"error": {"message": "too long"}}'))
    with pytest.raises(InvalidResponseError):
        kit.codec.decode(EncodedRequest(path="", body={}, model="m"), b"<html>")


def test_texts_are_embedded_by_whoever_carries_them(server: LoopbackServer, kit: Any) -> None:
    config = EmbeddingConfig(texts=["one", "two"])
    if not hasattr(kit, "embed"):
        with pytest.raises(UnsupportedFeatureError, match="embeddings"):
            kit.codec.encode_embedding(config)
        return
    told = kit.embed(config)
    request = kit.codec.encode_embedding(config)
    read = kit.codec.decode_embedding(request, _carried(server, request), texts=config.texts)
    assert [item.text for item in read.vectors] == ["one", "two"]
    assert [item.embedding for item in read.vectors] == [item.embedding for item in told.vectors]
    assert read.usage == told.usage
